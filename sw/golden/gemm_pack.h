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

// `count` lines, or steps of K, from `begin` on.
struct Range {
  std::size_t begin, count;
};

// A rectangle of an operand, as [line][k]: rows of round_up(k.count, 2) values, zero at an odd end.
void pack_left(const PackSource& source, Range lines, Range k, std::int16_t* to);

// The same in panels of `block` lines: [panel][K pair][line][2], zero at an odd end. Lines past the last of a
// panel are left as they are.
void pack_right(const PackSource& source, Range lines, Range k, std::size_t block, std::int16_t* to);

// [rows × cols] bytes, their rows `stride` apart, to dense [cols × rows].
void transpose_codes(const std::uint8_t* codes, std::size_t stride, std::size_t rows, std::size_t cols,
                     std::uint8_t* to);

}  // namespace cuatro::golden
