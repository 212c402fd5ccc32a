// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstddef>
#include <cstdint>

namespace cuatro::nn {

// C[M × N] = A[M × K] · B[K × N] in float. C is row-major and dense; element (m, k) of A is
// a[m · a_row + k · a_col], (k, n) of B is b[k · b_row + n · b_col], so a transposed operand needs no copy.
// Every element of C is summed in order of k, whatever the shape. With `add`, C's own values come first: a K given
// in parts sums as one.
void sgemm(const float* a, std::size_t a_row, std::size_t a_col, const float* b, std::size_t b_row, std::size_t b_col,
           float* c, std::uint32_t m, std::uint32_t n, std::uint32_t k, bool add = false);

}  // namespace cuatro::nn
