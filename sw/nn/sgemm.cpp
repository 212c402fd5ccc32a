// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "nn/sgemm.h"

#include <algorithm>
#include <cstring>
#include <vector>

namespace cuatro::nn {
namespace {

// A block of kRows × kCols outputs stays in registers over kDepth steps of k. A panel of B, kDepth × kCols, is
// packed: it fits the first-level cache and all of A runs past it.
constexpr std::uint32_t kRows = 6, kVector = 8, kCols = 2 * kVector, kDepth = 256;
using Vector = float __attribute__((vector_size(kVector * sizeof(float))));

Vector load(const float* p) {
  Vector v;
  std::memcpy(&v, p, sizeof v);
  return v;
}

// c[R × kCols] += a[R × k] · panel[k × kCols]
template <std::uint32_t R>
void block(const float* a, std::size_t a_row, std::size_t a_col, const float* panel, float* c, std::size_t c_row,
           std::uint32_t k) {
  Vector sum[R][2];
  for (std::uint32_t r = 0; r < R; ++r) std::memcpy(sum[r], c + r * c_row, sizeof sum[r]);
  for (std::uint32_t i = 0; i < k; ++i, a += a_col, panel += kCols) {
    const Vector b0 = load(panel), b1 = load(panel + kVector);
    for (std::uint32_t r = 0; r < R; ++r) {
      sum[r][0] += a[r * a_row] * b0;
      sum[r][1] += a[r * a_row] * b1;
    }
  }
  for (std::uint32_t r = 0; r < R; ++r) std::memcpy(c + r * c_row, sum[r], sizeof sum[r]);
}

using Block = void (*)(const float*, std::size_t, std::size_t, const float*, float*, std::size_t, std::uint32_t);
constexpr Block kBlocks[kRows] = {block<1>, block<2>, block<3>, block<4>, block<5>, block<6>};

// Columns beyond `cols` become zero.
void pack(const float* b, std::size_t b_row, std::size_t b_col, std::uint32_t cols, std::uint32_t depth, float* panel) {
  if (cols < kCols) std::fill_n(panel, depth * kCols, 0.0F);
  if (b_col == 1 && cols == kCols) {  // of fixed size: no calls
    for (std::uint32_t i = 0; i < depth; ++i) std::memcpy(panel + i * kCols, b + i * b_row, kCols * sizeof(float));
  } else if (b_col == 1) {
    for (std::uint32_t i = 0; i < depth; ++i) std::copy_n(b + i * b_row, cols, panel + i * kCols);
  } else {
    for (std::uint32_t j = 0; j < cols; ++j) {
      for (std::uint32_t i = 0; i < depth; ++i) panel[i * kCols + j] = b[i * b_row + j * b_col];
    }
  }
}

}  // namespace

void sgemm(const float* a, std::size_t a_row, std::size_t a_col, const float* b, std::size_t b_row, std::size_t b_col,
           float* c, std::uint32_t m, std::uint32_t n, std::uint32_t k, bool add) {
  if (!add) std::fill_n(c, std::size_t{m} * n, 0.0F);
  std::vector<float> panel(kDepth * kCols);
  for (std::uint32_t l = 0; l < k; l += kDepth) {
    const std::uint32_t depth = std::min(kDepth, k - l);
    for (std::uint32_t j = 0; j < n; j += kCols) {
      const std::uint32_t cols = std::min(kCols, n - j);
      pack(b + l * b_row + j * b_col, b_row, b_col, cols, depth, panel.data());
      for (std::uint32_t i = 0; i < m; i += kRows) {
        const std::uint32_t rows = std::min(kRows, m - i);
        const float* strip = a + i * a_row + l * a_col;
        float* out = c + std::size_t{i} * n + j;
        if (cols == kCols) {
          kBlocks[rows - 1](strip, a_row, a_col, panel.data(), out, n, depth);
        } else {
          float edge[kRows * kCols] = {};
          for (std::uint32_t r = 0; r < rows; ++r) std::copy_n(out + r * n, cols, edge + r * kCols);
          kBlocks[rows - 1](strip, a_row, a_col, panel.data(), edge, kCols, depth);
          for (std::uint32_t r = 0; r < rows; ++r) std::copy_n(edge + r * kCols, cols, out + r * n);
        }
      }
    }
  }
}

}  // namespace cuatro::nn
