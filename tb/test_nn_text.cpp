// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "catch.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <numeric>
#include <set>

#include "data/text.h"
#include "data/text_examples.h"
#include "device/input_error.h"
#include "temp_folder.h"

using namespace cuatro;
using namespace cuatro::nn;

namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

Text text_of(const std::string& content) {
  TempFolder dir;
  write_file(dir / "text", {content.begin(), content.end()});
  return load_text(dir / "text");
}

std::vector<std::uint8_t> counting(std::size_t size) {
  std::vector<std::uint8_t> symbols(size);
  for (std::size_t i = 0; i < size; ++i) symbols[i] = static_cast<std::uint8_t>(i);
  return symbols;
}

}  // namespace

TEST_CASE("text: the vocabulary is the distinct bytes in order; encode and decode are inverse") {
  const Text text = text_of("bad cab\n");
  CHECK(text.vocabulary == "\n abcd");
  CHECK(text.symbols == std::vector<std::uint8_t>{3, 2, 5, 1, 4, 2, 3, 0});
  CHECK(text.decode(text.symbols) == "bad cab\n");
  CHECK(text.encode("dab") == std::vector<std::uint8_t>{5, 2, 3});
  CHECK(has(message_of<InputError>([&] { text.encode("dax"); }), "byte 0x78 is not among the text's 6 symbols"));
}

TEST_CASE("text: all 256 bytes may occur") {
  std::string bytes;
  for (int i = 255; i >= 0; --i) bytes += static_cast<char>(i);
  const Text text = text_of(bytes);
  CHECK(text.vocabulary.size() == 256);
  CHECK(text.symbols.front() == 255);
  CHECK(text.decode(text.symbols) == bytes);
}

TEST_CASE("text: errors name the file, and how to get it") {
  TempFolder dir;
  write_file(dir / "short", {'a'});
  const auto error = [&](const char* name) { return message_of<InputError>([&] { load_text(dir / name); }); };
  CHECK(has(error("absent"), (dir / "absent").string() + ": cannot be read"));
  CHECK(has(error("short"), (dir / "short").string() + ": 1 characters, expected at least 2"));

  const char* before = std::getenv("CUATRO_DATA");
  const auto kept = before != nullptr ? std::optional<std::string>(before) : std::nullopt;
  ::setenv("CUATRO_DATA", dir.path().c_str(), 1);
  const auto here = std::filesystem::current_path();
  std::filesystem::current_path(dir.path());  // no build/data here
  const std::string missing = message_of<InputError>([] { find_tinyshakespeare(); });
  write_file(dir / "tinyshakespeare.txt", {'a', 'b'});
  const auto found = find_tinyshakespeare();
  std::filesystem::current_path(here);
  kept ? ::setenv("CUATRO_DATA", kept->c_str(), 1) : ::unsetenv("CUATRO_DATA");
  CHECK(has(missing, "scripts/get-data tinyshakespeare"));
  CHECK(has(missing, dir.path().string()));
  CHECK(found == dir / "tinyshakespeare.txt");
}

TEST_CASE("text: a label is the symbol that follows") {
  const auto symbols = counting(50);
  const std::vector<std::uint32_t> starts{20, 3};
  const Batch batch = text_batch(symbols, starts, 4);
  CHECK(batch.context == 4);
  CHECK(batch.tokens == std::vector<std::uint8_t>{20, 21, 22, 23, 3, 4, 5, 6});
  CHECK(batch.labels == std::vector<std::uint8_t>{21, 22, 23, 24, 4, 5, 6, 7});
}

TEST_CASE("text examples: windows side by side; training windows begin earlier, differently every step, inside the text") {
  for (const std::size_t size : {11U, 20U, 21U, 109U}) {
    const TextExamples examples(counting(size), 10, 1);
    CHECK(examples.count() == (size - 1) / 10);
    std::vector<std::uint32_t> rows(examples.count());
    std::iota(rows.begin(), rows.end(), 0U);
    const Batch plain = examples.batch(rows, 5, false);
    REQUIRE(plain.tokens.size() == rows.size() * 10);
    for (std::size_t i = 0; i < plain.tokens.size(); ++i) CHECK(plain.tokens[i] == i);
    std::set<std::uint32_t> offsets;
    for (std::uint64_t step = 0; step < 200; ++step) {
      const Batch moved = examples.batch(rows, step, true);
      CHECK(moved.tokens == examples.batch(rows, step, true).tokens);
      for (const std::uint32_t row : rows) {
        const std::uint32_t start = moved.tokens[row * 10];
        CHECK(start <= row * 10);
        if (row == 1) offsets.insert(10 - start);
        for (std::uint32_t i = 0; i < 10; ++i) {
          CHECK(moved.tokens[row * 10 + i] == start + i);
          CHECK(moved.labels[row * 10 + i] == start + i + 1);
        }
      }
    }
    if (rows.size() > 1) CHECK(offsets.size() == 10);
  }
  CHECK(has(message_of<InputError>([] { TextExamples(counting(10), 10, 1); }), "10 characters is too short"));
}
