// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <string_view>

#include "sim/core_model.h"

namespace cuatro::sim {

enum class Op : std::uint8_t { nop = 0, gemm = 1, quantize = 2 };
enum class Addend : std::uint8_t { none = 0, bias = 1, matrix = 2 };

// rtl/cuatro_pkg.sv descriptor_t, member by member from the lowest bit. Bases are word
// addresses in the scratchpads; encodings are the package's.
struct Descriptor {
  std::uint8_t op = 0;             // 4 bits
  std::uint8_t a_format = 0;       // 2
  std::uint8_t b_format = 0;       // 2
  std::uint8_t out_format = 0;     // 3
  std::uint8_t rounding = 0;       // 3
  std::uint8_t addend = 0;         // 2
  std::uint8_t source = 0;         // 2
  bool two_terms = false;
  bool transpose = false;
  bool mask_in = false;
  bool mask_out = false;
  std::uint8_t term_shift = 0;     // 2
  std::uint8_t addend_shift = 0;   // 2
  std::uint8_t zero_point = 0;     // 4
  std::int8_t shift = 0;           // 6, signed
  std::uint8_t mult = 128;         // 8
  std::uint16_t tag = 0;
  std::uint16_t m = 0, n = 0, k = 0;
  std::uint16_t a_base = 0, b_base = 0, b2_base = 0, c_base = 0;
  std::uint16_t mask_in_base = 0, r_base = 0, r2_base = 0, mask_out_base = 0;
  std::uint16_t row0 = 0, col0 = 0;
  std::uint64_t key = 0;

  DescriptorBits bits() const;
};

// Name of a response's refused field, as the descriptor spells it ("" for 0).
std::string_view field_name(std::uint8_t field);

}  // namespace cuatro::sim
