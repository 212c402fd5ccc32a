// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>

#include "golden/gemm.h"
#include "golden/gemm_pack.h"
#include "golden/gemm_vector.h"

namespace cuatro::golden {
namespace {

using Words = Buffer<std::int32_t>;

constexpr std::size_t kVectors = 2;  // of one tile row
constexpr std::size_t kTileCols = kVectors * vector::kLanes;
constexpr std::size_t kTileRows = vector::kLanes == 16 ? 8 : 4;  // 32 or 16 vector registers
// Blocks: of K, so that a panel of 32 KiB stays in L1; of rows and columns, so that their packed values stay in L2.
constexpr std::size_t kBlockK = 512, kBlockRows = 64, kBlockCols = 512;
static_assert(kBlockRows % kTileRows == 0 && kBlockCols % kTileCols == 0);

// tile[kTileRows][kTileCols] = or += left · right over `pairs` pairs of K, wrapping.
void multiply_tile(bool add, const std::int16_t* left, std::size_t left_stride, const std::int16_t* right,
                   std::size_t pairs, std::int32_t* tile, std::size_t tile_stride) {
  vector::Words sum[kTileRows][kVectors];
  for (auto& row : sum) {
    for (auto& words : row) words = vector::zero();
  }
  for (std::size_t pair = 0; pair < pairs; ++pair) {
    vector::Words columns[kVectors];
    for (std::size_t v = 0; v < kVectors; ++v) {
      columns[v] = vector::load(right + (pair * kTileCols + v * vector::kLanes) * 2);
    }
    for (std::size_t r = 0; r < kTileRows; ++r) {
      std::int32_t two_values;
      std::memcpy(&two_values, left + r * left_stride + 2 * pair, sizeof two_values);
      const vector::Words row = vector::broadcast(two_values);
      for (std::size_t v = 0; v < kVectors; ++v) sum[r][v] = vector::multiply_add(sum[r][v], row, columns[v]);
    }
  }
  for (std::size_t r = 0; r < kTileRows; ++r) {
    for (std::size_t v = 0; v < kVectors; ++v) {
      std::int32_t* to = tile + r * tile_stride + v * vector::kLanes;
      vector::store(to, add ? vector::add(vector::load(to), sum[r][v]) : sum[r][v]);
    }
  }
}

// The product of two packed blocks, stored as or added to the result's rows and columns of these ranges, wrapping.
void multiply_block(bool add, const std::int16_t* left, const std::int16_t* right, std::size_t pairs, Range rows, Range cols,
                    std::size_t result_stride, std::int32_t* result) {
  for (std::size_t c = 0; c < cols.count; c += kTileCols) {
    const std::int16_t* panel = right + c * pairs * 2;
    for (std::size_t r = 0; r < rows.count; r += kTileRows) {
      const std::int16_t* strip = left + r * pairs * 2;
      std::int32_t* to = result + (rows.begin + r) * result_stride + cols.begin + c;
      if (r + kTileRows <= rows.count && c + kTileCols <= cols.count) {
        multiply_tile(add, strip, pairs * 2, panel, pairs, to, result_stride);
        continue;
      }
      std::int32_t edge[kTileRows * kTileCols];
      multiply_tile(false, strip, pairs * 2, panel, pairs, edge, kTileCols);
      for (std::size_t i = 0; i < std::min(kTileRows, rows.count - r); ++i) {
        for (std::size_t j = 0; j < std::min(kTileCols, cols.count - c); ++j) {
          auto& word = to[i * result_stride + j];
          word = static_cast<std::int32_t>((add ? static_cast<std::uint32_t>(word) : 0U) +
                                           static_cast<std::uint32_t>(edge[i * kTileCols + j]));
        }
      }
    }
  }
}

// Room for a block of at most `most` of `count` lines, whole tiles of `tile`, and of K.
std::unique_ptr<std::int16_t[]> block_of(std::size_t count, std::size_t most, std::size_t tile, std::size_t k) {
  const std::size_t lines = std::min(most, (count + tile - 1) / tile * tile);
  return std::make_unique_for_overwrite<std::int16_t[]>(lines * (std::min(kBlockK, k) + 1) + Packer::kSlack);
}

// [left.lines × right.lines]
Words multiply(const PackSource& left, const PackSource& right) {
  const std::size_t rows = left.lines, cols = right.lines, k = left.k;
  Words result(rows * cols);
  Packer lefts(left, true), rights(right, false);
  const auto left_block = block_of(rows, kBlockRows, kTileRows, k), right_block = block_of(cols, kBlockCols, kTileCols, k);
  for (std::size_t c = 0; c < cols; c += kBlockCols) {
    const Range block_cols{c, std::min(kBlockCols, cols - c)};
    for (std::size_t step = 0; step < k; step += kBlockK) {
      const Range block_k{step, std::min(kBlockK, k - step)};
      rights.pack_right(block_cols, block_k, kTileCols, right_block.get());
      for (std::size_t r = 0; r < rows; r += kBlockRows) {
        const Range block_rows{r, std::min(kBlockRows, rows - r)};
        lefts.pack_left(block_rows, block_k, left_block.get());
        multiply_block(step > 0, left_block.get(), right_block.get(), (block_k.count + 1) / 2, block_rows, block_cols,
                       cols, result.data());
      }
    }
  }
  return result;
}

Words transposed(const Words& words, std::size_t rows, std::size_t cols) {
  constexpr std::size_t edge = 16;
  Words to(words.size());
  for (std::size_t r0 = 0; r0 < rows; r0 += edge) {
    for (std::size_t c0 = 0; c0 < cols; c0 += edge) {
      for (std::size_t r = r0; r < std::min(rows, r0 + edge); ++r) {
        for (std::size_t c = c0; c < std::min(cols, c0 + edge); ++c) to[c * rows + r] = words[r * cols + c];
      }
    }
  }
  return to;
}

// Elements that have to be turned on the way to the kernel, which reads a left operand along K and a right one across.
std::size_t turned_elements(const PackSource& left, const PackSource& right) {
  return ((left.k_major ? left.lines : 0) + (right.k_major ? 0 : right.lines)) * left.k;
}

// Makes the rows of images that the kernel would read across, or that no view is good for.
struct Dense {
  Dense(PackSource& source, bool left) {
    if (source.unfolded == nullptr) return;
    const Unfolded& u = *source.unfolded;
    if (source.k_major == !left && WindowView<std::int16_t>::pays(u.window)) return;
    const std::size_t count = source.k_major ? source.k : source.lines;
    make(source.codes, u, count, rows);
    make(source.codes2, u, count, rows2);
    source.unfolded = nullptr;
  }
  static void make(std::span<const std::uint8_t>& codes, const Unfolded& u, std::size_t count,
                   Buffer<std::uint8_t>& to) {
    if (codes.empty()) return;
    to = unfold_rows(codes, u, count);
    codes = to;
  }
  Buffer<std::uint8_t> rows, rows2;
};

}  // namespace

Buffer<std::int32_t> gemm_fast(const GemmOperands& op) {
  PackSource left = pack_source_a(op), right = pack_source_b(op);
  if (op.transpose_result) std::swap(left, right);
  const bool turn = turned_elements(right, left) + left.lines * right.lines < turned_elements(left, right);
  if (turn) std::swap(left, right);
  const Dense lefts(left, true), rights(right, false);
  Words product = multiply(left, right);
  return turn ? transposed(product, left.lines, right.lines) : product;
}

}  // namespace cuatro::golden
