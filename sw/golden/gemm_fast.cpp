// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include <algorithm>
#include <cstring>
#include <utility>

#include "golden/gemm.h"
#include "golden/gemm_pack.h"
#include "golden/gemm_vector.h"

namespace cuatro::golden {
namespace {

constexpr std::size_t kVectors = 2;  // of one tile row
constexpr std::size_t kTileCols = kVectors * vector::kLanes;
constexpr std::size_t kTileRows = vector::kLanes == 16 ? 8 : 4;  // 32 or 16 vector registers
constexpr std::size_t kBlockPairs = 256;                         // a panel block of 32 KiB stays in L1

// tile[kTileRows][kTileCols] += left · right over `pairs` pairs of K, wrapping.
void multiply_tile(const std::int16_t* left, std::size_t left_stride, const std::int16_t* right,
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
      vector::store(to, vector::add(vector::load(to), sum[r][v]));
    }
  }
}

}  // namespace

std::vector<std::int32_t> gemm_fast(const GemmOperands& op) {
  PackSource left_source = pack_source_a(op), right_source = pack_source_b(op);
  if (op.transpose_result) std::swap(left_source, right_source);
  const std::vector<std::int16_t> left = pack_left(left_source, kTileRows);
  const std::vector<std::int16_t> right = pack_right(right_source, kTileCols);

  const std::size_t rows = left_source.lines, cols = right_source.lines;
  const std::size_t pairs = (op.k + 1) / 2;
  std::vector<std::int32_t> result(rows * cols);
  for (std::size_t pair = 0; pair < pairs; pair += kBlockPairs) {
    const std::size_t count = std::min(kBlockPairs, pairs - pair);
    for (std::size_t c = 0; c < cols; c += kTileCols) {
      const std::int16_t* panel = &right[(c * pairs + pair * kTileCols) * 2];
      for (std::size_t r = 0; r < rows; r += kTileRows) {
        const std::int16_t* strip = &left[(r * pairs + pair) * 2];
        if (r + kTileRows <= rows && c + kTileCols <= cols) {
          multiply_tile(strip, pairs * 2, panel, count, &result[r * cols + c], cols);
          continue;
        }
        std::int32_t edge[kTileRows * kTileCols] = {};
        multiply_tile(strip, pairs * 2, panel, count, edge, kTileCols);
        for (std::size_t i = 0; i < std::min(kTileRows, rows - r); ++i) {
          for (std::size_t j = 0; j < std::min(kTileCols, cols - c); ++j) {
            auto& word = result[(r + i) * cols + c + j];
            word = static_cast<std::int32_t>(static_cast<std::uint32_t>(word) +
                                             static_cast<std::uint32_t>(edge[i * kTileCols + j]));
          }
        }
      }
    }
  }
  return result;
}

}  // namespace cuatro::golden
