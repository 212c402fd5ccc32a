// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "golden/gemm.h"

// Operands of the fast GEMM as int16 values, in the two layouts its kernel reads.
// Values of a pair of terms are added here, since A·B1·2^s + A·B2 = A·(B1·2^s + B2) modulo 2^32;
// |value| ≤ 4096·2^2 + 4096 fits int16, and a pair of products |15·20480·2| fits int32.
namespace cuatro::golden {

// One operand seen as a matrix of `lines` (rows of a left operand, columns of a right one) by K.
struct PackSource {
  std::span<const std::uint8_t> codes;
  std::span<const std::uint8_t> codes2;  // second term or empty
  bool k_major;                          // stored [K × lines], else [lines × K]
  Format format;
  int zero_point;  // subtracted from UINT4 values
  int term_shift;
  std::size_t lines, k;
};

PackSource pack_source_a(const GemmOperands& op);
PackSource pack_source_b(const GemmOperands& op);

// [padded lines × padded K], K to even and lines to a multiple of `block`, zeros as padding.
std::vector<std::int16_t> pack_left(const PackSource& source, std::size_t block);

// Panels of `block` columns: [panel][K pair][column][2], zeros as padding.
std::vector<std::int16_t> pack_right(const PackSource& source, std::size_t block);

// [rows × cols] bytes to [cols × rows].
std::vector<std::uint8_t> transpose_codes(std::span<const std::uint8_t> codes, std::size_t rows,
                                          std::size_t cols);

}  // namespace cuatro::golden
