// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "nn/sgemm.h"

#include <algorithm>
#include <cstring>
#include <vector>

namespace cuatro::nn {
namespace {

constexpr std::uint32_t kRows = 6, kVector = 8, kCols = 2 * kVector;
using Vector = float __attribute__((vector_size(kVector * sizeof(float))));

Vector load(const float* p) {
  Vector v;
  std::memcpy(&v, p, sizeof v);
  return v;
}

// R × 16 outputs held in registers over all of K; B is a panel of 16 columns, C has n.
template <std::uint32_t R>
void block(const float* a, std::uint32_t a_row, std::uint32_t a_col, const float* b, float* c, std::uint32_t n,
           std::uint32_t k) {
  Vector sum[R][2] = {};
  for (std::uint32_t i = 0; i < k; ++i, a += a_col, b += kCols) {
    const Vector b0 = load(b), b1 = load(b + kVector);
    for (std::uint32_t r = 0; r < R; ++r) {
      sum[r][0] += a[r * a_row] * b0;
      sum[r][1] += a[r * a_row] * b1;
    }
  }
  for (std::uint32_t r = 0; r < R; ++r) std::memcpy(c + r * n, sum[r], sizeof sum[r]);
}

void narrow(const float* a, std::uint32_t a_row, std::uint32_t a_col, const float* b, std::uint32_t n, float* c,
            std::uint32_t rows, std::uint32_t cols, std::uint32_t k) {
  for (std::uint32_t r = 0; r < rows; ++r) {
    float sum[kCols] = {};
    for (std::uint32_t i = 0; i < k; ++i) {
      const float x = a[r * a_row + i * a_col];
      for (std::uint32_t j = 0; j < cols; ++j) sum[j] += x * b[i * n + j];
    }
    std::copy_n(sum, cols, c + r * n);
  }
}

}  // namespace

void sgemm(const float* a, std::uint32_t a_row, std::uint32_t a_col, const float* b, float* c, std::uint32_t m,
           std::uint32_t n, std::uint32_t k) {
  // 16 columns of B side by side: rows a power of two apart would share few sets of the cache.
  std::vector<float> panel(n < kCols ? 0 : std::size_t{k} * kCols);
  for (std::uint32_t j = 0; j < n; j += kCols) {
    const std::uint32_t cols = std::min(kCols, n - j);
    std::uint32_t i = 0;
    if (cols == kCols) {
      for (std::uint32_t l = 0; l < k; ++l) std::copy_n(b + std::size_t{l} * n + j, kCols, &panel[l * kCols]);
      for (; i + kRows <= m; i += kRows) block<kRows>(a + i * a_row, a_row, a_col, panel.data(), c + i * n + j, n, k);
      for (; i < m; ++i) block<1>(a + i * a_row, a_row, a_col, panel.data(), c + i * n + j, n, k);
    } else {
      narrow(a, a_row, a_col, b + j, n, c + j, m, cols, k);
    }
  }
}

}  // namespace cuatro::nn
