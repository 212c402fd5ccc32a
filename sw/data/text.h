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

// Windows of `context` symbols as one batch; the labels are the symbols that follow.
Batch text_batch(std::span<const std::uint8_t> symbols, std::span<const std::uint32_t> starts, std::uint32_t context);

}  // namespace cuatro::nn
