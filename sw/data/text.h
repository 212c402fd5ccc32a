// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "nets/network.h"

namespace cuatro::nn {

// A text as symbols: each of its distinct bytes, in byte order, is one.
struct Text {
  std::string vocabulary;             // vocabulary[id] is the byte; at most 256
  std::vector<std::uint8_t> symbols;  // ids, 0 .. vocabulary.size()-1

  // Throws InputError for a byte that the vocabulary has not.
  std::vector<std::uint8_t> encode(std::string_view bytes) const;
  std::string decode(std::span<const std::uint8_t> ids) const;
};

// The file of tinyshakespeare. Looked for in $CUATRO_DATA/tinyshakespeare, $CUATRO_DATA, then
// build/data/tinyshakespeare. Throws InputError that gives the command which gets it.
std::filesystem::path find_tinyshakespeare();

// Throws InputError if the file cannot be read or has fewer than two characters.
Text load_text(const std::filesystem::path& file);

// The last tenth of a text is for the published figure and the rest trains. While hyper-parameters are chosen,
// the last tenth of that rest is held out instead and the text's last tenth stays unread.
enum class HeldOut { tuning, test };
struct TextSplit {
  std::span<const std::uint8_t> train, held_out;  // into Text::symbols
};
TextSplit split_text(const Text& text, HeldOut held_out);

// Where the training windows of one epoch begin, in the order of training: every window of context + 1 symbols
// that starts `context` after another, from an offset of the epoch's own (0 .. context-1). As many windows in
// every epoch. Throws InputError for a text too short to have one.
std::vector<std::uint32_t> training_windows(std::size_t symbols, std::uint32_t context, std::uint64_t seed,
                                            std::uint64_t epoch);

// Windows of `context` symbols as one batch; the labels are the symbols that follow.
Batch text_batch(std::span<const std::uint8_t> symbols, std::span<const std::uint32_t> starts, std::uint32_t context);

// Batches that predict every symbol but the first exactly once: windows side by side, at most `batch` at a time; the
// last batch is one shorter window if any symbols are left over.
std::vector<Batch> evaluation_batches(std::span<const std::uint8_t> symbols, std::uint32_t context,
                                      std::uint32_t batch);

}  // namespace cuatro::nn
