// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "golden/codes.h"

// How a lane of the structural tile is told what to multiply by, for the benches of its parts: a
// select for each shift, and an inversion. A sum of products has two fields, which INT4 weighs 1
// and -7.
namespace cuatro::tb {

constexpr unsigned shifts[] = {0, 1, 2, 3, 4, 5, 6, 8, 10, 12};
constexpr unsigned selects = std::size(shifts);
constexpr unsigned high_field = 12;

constexpr Format b_formats[] = {Format::int4, Format::log4, Format::log2};

// What a sum stands for.
constexpr int fold(std::uint32_t sum, Format format) {
  if (format != Format::int4) return static_cast<int>(sum);
  return static_cast<int>(sum % (1u << high_field)) - 7 * static_cast<int>(sum >> high_field);
}

constexpr std::uint32_t select_of(unsigned shift) {
  return std::uint32_t{1} << (std::find(std::begin(shifts), std::end(shifts), shift) - std::begin(shifts));
}

// The digits of |INT4| = ±(low - 7 * high).
constexpr unsigned low_digit[] = {0, 1, 2, 4, 4, 2, 1, 0, 8}, high_digit[] = {0, 0, 0, 1, 0, 1, 1, 1, 0};

// A column operand: what the selects stand for, |factor| = |value|, and whether that is -value.
struct ColumnOperand {
  int factor = 0;
  bool negative = false;
  std::uint32_t select = 0;
};

inline ColumnOperand column_operand(Format format, std::uint8_t code) {
  const int value = golden::decode(format, code), magnitude = std::abs(value);
  std::uint32_t powers = static_cast<std::uint32_t>(magnitude);
  if (format == Format::int4) powers = low_digit[magnitude] | high_digit[magnitude] << high_field;
  ColumnOperand result;
  result.factor = fold(powers, format);
  result.negative = result.factor != value;
  for (unsigned shift = 0; shift <= high_field; ++shift) {
    if (powers >> shift & 1) result.select |= select_of(shift);
  }
  return result;
}

}  // namespace cuatro::tb
