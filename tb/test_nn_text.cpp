// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "catch.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <set>

#include "data/text.h"
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

TEST_CASE("text: nine tenths train and one is held out; tuning leaves the last tenth unread") {
  const Text text{std::string(256, 'x'), counting(100)};
  const TextSplit test = split_text(text, HeldOut::test), tuning = split_text(text, HeldOut::tuning);
  CHECK(test.train.size() == 90);
  CHECK(test.held_out.front() == 90);
  CHECK(test.held_out.size() == 10);
  CHECK(tuning.train.size() == 81);
  CHECK(tuning.held_out.front() == 81);
  CHECK(tuning.held_out.back() == 89);
}

TEST_CASE("text: an epoch's windows stand side by side, once each, inside the text, from an offset of its own") {
  for (const std::size_t size : {20U, 21U, 29U, 100U, 109U, 110U}) {
    std::set<std::uint32_t> offsets;
    for (std::uint64_t epoch = 0; epoch < 200; ++epoch) {
      auto starts = training_windows(size, 10, 1, epoch);
      CHECK(starts == training_windows(size, 10, 1, epoch));
      CHECK(starts.size() == size / 10 - 1);
      std::sort(starts.begin(), starts.end());
      CHECK(starts.front() < 10);
      CHECK(starts.back() + 10 < size);
      for (std::size_t i = 1; i < starts.size(); ++i) CHECK(starts[i] == starts[i - 1] + 10);
      offsets.insert(starts.front());
    }
    CHECK(offsets.size() == 10);
  }
  CHECK(training_windows(1000, 10, 1, 0) != training_windows(1000, 10, 2, 0));
  CHECK(has(message_of<InputError>([] { training_windows(19, 10, 1, 0); }), "19 characters is too short"));
  CHECK(has(message_of<InputError>([] { training_windows(5, 10, 1, 0); }), "5 characters is too short"));
}

TEST_CASE("text: a label is the symbol that follows") {
  const auto symbols = counting(50);
  const std::vector<std::uint32_t> starts{20, 3};
  const Batch batch = text_batch(symbols, starts, 4);
  CHECK(batch.context == 4);
  CHECK(batch.tokens == std::vector<std::uint8_t>{20, 21, 22, 23, 3, 4, 5, 6});
  CHECK(batch.labels == std::vector<std::uint8_t>{21, 22, 23, 24, 4, 5, 6, 7});
}

TEST_CASE("text: evaluation predicts every symbol but the first exactly once") {
  for (std::size_t size = 2; size < 60; ++size) {
    const auto symbols = counting(size);
    std::vector<std::uint8_t> labels;
    for (const Batch& batch : evaluation_batches(symbols, 7, 3)) {
      CHECK(batch.tokens.size() == batch.labels.size());
      CHECK(batch.tokens.size() % batch.context == 0);
      CHECK(batch.tokens.size() / batch.context <= 3);
      for (std::size_t i = 0; i < batch.tokens.size(); ++i) CHECK(batch.labels[i] == batch.tokens[i] + 1);
      labels.insert(labels.end(), batch.labels.begin(), batch.labels.end());
    }
    CHECK(labels == std::vector<std::uint8_t>(symbols.begin() + 1, symbols.end()));
  }
}
