// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>

namespace cuatro::nn {

// C[M × N] = A[M × K] · B[K × N] in float. B and C are row-major and dense; element (m, k) of A is
// a[m · a_row + k · a_col], so a transposed A needs no copy. Sums in order of k.
void sgemm(const float* a, std::uint32_t a_row, std::uint32_t a_col, const float* b, float* c, std::uint32_t m,
           std::uint32_t n, std::uint32_t k);

}  // namespace cuatro::nn
