// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "device/buffer.h"
#include "device/device.h"
#include "golden/unfold.h"

// acc = A · B in 32-bit wrapping arithmetic. Source: sw/golden/README.md, "GEMM".
namespace cuatro::golden {

// Codes are row-major, one a byte (the high four bits zero), of exactly the sizes named.
struct GemmOperands {
  std::size_t m = 0, n = 0, k = 0;
  std::span<const std::uint8_t> a;  // [M × K], or [K × M] with a_transposed
  bool a_transposed = false;
  AFormat a_format = AFormat::int4;
  int zero_point = 0;                // 0..15, affine only
  std::span<const std::uint8_t> b;   // [K × N], or [N × K] with b_transposed
  std::span<const std::uint8_t> b2;  // second term: as b, or empty
  bool b_transposed = false;
  Format b_format = Format::int4;
  int term_shift = 0;             // 0..2, two terms only
  const Unfolded* a_unfolded = nullptr;  // not null: `a` are images, and the operand is rows of their unfold()
  const Unfolded* b_unfolded = nullptr;  // `b` and `b2` likewise
  bool transpose_result = false;  // return [N × M] instead of [M × N]
};

// The definition: three loops, one decode an operand.
Buffer<std::int32_t> gemm_plain(const GemmOperands& op);

// The same words for any K, faster: int16 operands in panels, a register-blocked kernel.
Buffer<std::int32_t> gemm_fast(const GemmOperands& op);

}  // namespace cuatro::golden
