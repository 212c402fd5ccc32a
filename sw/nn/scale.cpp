// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "nn/scale.h"

#include <algorithm>
#include <bit>
#include <cassert>

namespace cuatro::nn {
namespace {

__extension__ using Wide = unsigned __int128;

int bit_width(Wide v) {
  const auto high = static_cast<std::uint64_t>(v >> 64);
  return high != 0 ? 64 + std::bit_width(high) : std::bit_width(static_cast<std::uint64_t>(v));
}

int floor_log2(Wide num, Wide den) { return num >= den ? bit_width(num / den) - 1 : -bit_width((den - 1) / num); }

}  // namespace

int floor_log2_ratio(std::uint64_t num, std::uint64_t den) {
  assert(num > 0 && den > 0);
  return floor_log2(num, den);
}

int ceil_log2_ratio(std::uint64_t num, std::uint64_t den) { return -floor_log2_ratio(den, num); }

int weight_exponent(std::uint64_t sum_abs, std::uint64_t count) {
  assert(sum_abs > 0 && count > 0 && count < (std::uint64_t{1} << 26));
  // α/7 = r = 16·Σ|w| / (35·count); round(log2 r) = floor((log2(2·r²)) / 2).
  const Wide num = Wide{16} * sum_abs, den = Wide{35} * count;
  const int twice = floor_log2(2 * num * num, den * den);
  return twice >> 1;  // arithmetic: floor for negatives too
}

int activation_exponent(std::uint64_t absmax, std::uint32_t top) { return floor_log2_ratio(absmax, top); }

int gradient_exponent(std::uint64_t absmax, std::uint32_t top, int headroom) {
  return ceil_log2_ratio(absmax, top) + headroom;
}

int gradscale_change(std::uint64_t absmax, int unit, std::uint32_t top) {
  const int fit = ceil_log2_ratio(absmax, top) + unit;  // smallest exponent that does not clip
  return fit > 0 ? 1 : fit < 0 ? -1 : 0;
}

Shift shift_between(int source_exponent, int wished_exponent) {
  const int shift = std::clamp(wished_exponent - source_exponent, -16, 31);
  return {shift, source_exponent + shift};
}

}  // namespace cuatro::nn
