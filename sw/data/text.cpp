// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "data/text.h"

#include <array>
#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <iterator>

#include "device/input_error.h"
#include "nn/join.h"

namespace cuatro::nn {

std::vector<std::uint8_t> Text::encode(std::string_view bytes) const {
  std::vector<std::uint8_t> ids;
  for (const char c : bytes) {
    const auto at = vocabulary.find(c);
    if (at == std::string::npos) {
      throw InputError(fmt::format("byte 0x{:02x} is not among the text's {} symbols", static_cast<std::uint8_t>(c),
                                   vocabulary.size()));
    }
    ids.push_back(static_cast<std::uint8_t>(at));
  }
  return ids;
}

std::string Text::decode(std::span<const std::uint8_t> ids) const {
  std::string bytes;
  for (const std::uint8_t id : ids) bytes += vocabulary.at(id);
  return bytes;
}

std::filesystem::path find_tinyshakespeare() {
  constexpr std::string_view kName = "tinyshakespeare.txt";
  std::vector<std::filesystem::path> folders;
  if (const char* given = std::getenv("CUATRO_DATA"); given != nullptr && *given != '\0') {
    folders.push_back(std::filesystem::path(given) / "tinyshakespeare");
    folders.emplace_back(given);
  }
  folders.emplace_back("build/data/tinyshakespeare");
  std::vector<std::string> looked;
  for (const auto& folder : folders) {
    std::error_code ignored;
    if (std::filesystem::is_regular_file(folder / kName, ignored)) return folder / kName;
    looked.push_back(folder.string());
  }
  throw InputError(fmt::format("--data tinyshakespeare: {} not found in {}; get it with `scripts/get-data "
                               "tinyshakespeare`, or set CUATRO_DATA to its folder",
                               kName, join(looked, ", ")));
}

Text load_text(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  if (!in.is_open() || in.bad()) throw InputError(fmt::format("{}: cannot be read", file.string()));
  if (bytes.size() < 2) {
    throw InputError(fmt::format("{}: {} characters, expected at least 2", file.string(), bytes.size()));
  }
  std::array<bool, 256> used{};
  for (const char c : bytes) used[static_cast<std::uint8_t>(c)] = true;
  Text text;
  std::array<std::uint8_t, 256> id{};
  for (std::uint32_t byte = 0; byte < used.size(); ++byte) {
    if (!used[byte]) continue;
    id[byte] = static_cast<std::uint8_t>(text.vocabulary.size());
    text.vocabulary += static_cast<char>(byte);
  }
  text.symbols.reserve(bytes.size());
  for (const char c : bytes) text.symbols.push_back(id[static_cast<std::uint8_t>(c)]);
  return text;
}

Batch text_batch(std::span<const std::uint8_t> symbols, std::span<const std::uint32_t> starts, std::uint32_t context) {
  Batch batch;
  batch.context = context;
  for (const std::uint32_t start : starts) {
    const auto window = symbols.subspan(start, std::size_t{context} + 1);
    batch.tokens.insert(batch.tokens.end(), window.begin(), window.end() - 1);
    batch.labels.insert(batch.labels.end(), window.begin() + 1, window.end());
  }
  return batch;
}

}  // namespace cuatro::nn
