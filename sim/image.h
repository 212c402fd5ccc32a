// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "device/device.h"
#include "sim/device_memory.h"

namespace cuatro::sim {

// A tensor as it lies in device memory: T × T blocks, row by row of blocks, element (i, j) of a
// block at i·T + j (rtl/README.md). Codes take 4 bits, mask bits 1, words 8, 16 or 32.
// Padding is zero.
struct Unfolding;
struct Image {
  std::uint32_t rows = 0, cols = 0, edge = 16;   // edge = T
  std::uint32_t element_bits = 4;
  Buffer data;
  // For every block the store job that writes it, 0 = none (the scheduler's numbering).
  std::vector<std::uint32_t> producer;
  std::uint32_t last_producer[2] = {0, 0};       // the latest of each lane
  bool dropped = false;                          // by an error, before all of its producers were pushed
  // Not null: a matrix that lies nowhere, and has no blocks (window.h).
  std::shared_ptr<const Unfolding> unfolding;

  Image(std::shared_ptr<DeviceMemory> memory, std::uint32_t rows, std::uint32_t cols, std::uint32_t edge,
        std::uint32_t element_bits);
  Image(std::uint32_t rows, std::uint32_t cols, std::shared_ptr<const Unfolding> unfolding);
  std::uint32_t block_rows() const { return (rows + edge - 1) / edge; }
  std::uint32_t block_cols() const { return (cols + edge - 1) / edge; }
  std::uint32_t block_bytes() const { return edge * edge * element_bits / 8; }
  std::size_t block_index(std::uint32_t i, std::uint32_t j) const { return std::size_t{i} * block_cols() + j; }
  std::uint8_t* block(std::uint32_t i, std::uint32_t j) { return data.data() + block_index(i, j) * block_bytes(); }
  const std::uint8_t* block(std::uint32_t i, std::uint32_t j) const {
    return data.data() + block_index(i, j) * block_bytes();
  }
};

// Row-major host arrays to and from images. Sizes are those of the image.
void pack_codes(Image&, std::span<const std::uint8_t> codes);        // one code (0..15) a byte
std::vector<std::uint8_t> unpack_codes(const Image&);
void pack_bits(Image&, std::span<const std::uint8_t> bits);          // 0 or 1 a byte
std::vector<std::uint8_t> unpack_bits(const Image&);
void pack_words(Image&, const void* words);                          // element_bits 8, 16 or 32
std::vector<std::int32_t> unpack_words(const Image&);                // element_bits 16 or 32
// Rows of a codes image, in the given order.
void gather_rows(Image& to, const Image& from, std::span<const std::uint32_t> rows);
// The codes under a window; the sizes are right (validate_unfold).
void unfold(Image& to, const Image& from, const Window& window, std::uint8_t pad_code);

}  // namespace cuatro::sim
