// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "data/text.h"

#include <array>
#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <iterator>

#include "device/input_error.h"
#include "golden/random.h"
#include "nn/join.h"
#include "nn/random_bits.h"
#include "nn/shuffle.h"
#include "nn/streams.h"

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

TextSplit split_text(const Text& text, HeldOut held_out) {
  const auto rest = std::span(text.symbols).first(text.symbols.size() - text.symbols.size() / 10);
  if (held_out == HeldOut::test) return {rest, std::span(text.symbols).subspan(rest.size())};
  const std::size_t train = rest.size() - rest.size() / 10;
  return {rest.first(train), rest.subspan(train)};
}

std::vector<std::uint32_t> training_windows(std::size_t symbols, std::uint32_t context, std::uint64_t seed,
                                            std::uint64_t epoch) {
  // One window fewer than offset 0 may have, so that the last one ends inside from any offset.
  const auto count = symbols < context ? 0 : static_cast<std::uint32_t>((symbols - context) / context);
  if (count == 0) {
    throw InputError(fmt::format("a text of {} characters is too short for windows of {}, expected at least {}",
                                 symbols, context, 2 * std::size_t{context}));
  }
  const std::uint64_t key = golden::stream_key(seed, epoch, stream_tensor(0, TensorRole::order), kDrawAugment);
  const auto offset = static_cast<std::uint32_t>((std::uint64_t{random_bits(key, 0)} * context) >> 32);
  std::vector<std::uint32_t> starts = epoch_order(seed, epoch, count);
  for (std::uint32_t& start : starts) start = offset + start * context;
  return starts;
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

std::vector<Batch> evaluation_batches(std::span<const std::uint8_t> symbols, std::uint32_t context,
                                      std::uint32_t batch) {
  std::vector<Batch> batches;
  std::vector<std::uint32_t> starts;
  std::uint32_t at = 0;
  for (; at + std::size_t{context} < symbols.size(); at += context) {
    starts.push_back(at);
    if (starts.size() == batch) {
      batches.push_back(text_batch(symbols, starts, context));
      starts.clear();
    }
  }
  if (!starts.empty()) batches.push_back(text_batch(symbols, starts, context));
  if (at + std::size_t{1} < symbols.size()) {
    const auto left = static_cast<std::uint32_t>(symbols.size() - 1 - at);
    batches.push_back(text_batch(symbols, {&at, 1}, left));
  }
  return batches;
}

}  // namespace cuatro::nn
