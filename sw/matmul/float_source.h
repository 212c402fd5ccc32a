// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

// Host floats on their way to a quantize command: their range, and the integers that the command takes. Vector
// loops; the same bits on every machine.
namespace cuatro::nn {

// max |x|, from the bits: infinite or NaN if any element is.
float largest_magnitude(std::span<const float> values);

// mean |x|, summed in a fixed order. `values` not empty.
float mean_magnitude(std::span<const float> values);

struct Extremes {
  float low = 0, high = 0;  // of the values and zero
};
Extremes extremes(std::span<const float> values);

// to[i] = values[i] · 2^exponent + offset, clamped to ±(2^15 - 1) or ±(2^31 - 128), rounded to odd: an integer
// stays, anything else becomes the odd one of its two neighbours. Whatever rounding to at least one bit
// fewer follows, its result is that of the float itself. Finite values; exponent in -126..126.
void to_odd_s16(std::span<const float> values, int exponent, float offset, std::int16_t* to);
void to_odd_s32(std::span<const float> values, int exponent, float offset, std::int32_t* to);

struct DigitRange {
  std::int32_t low, high;  // INT4 -7, 7; UINT4 0, 15
};
// What 4-bit digits leave over: rest[i] = values[i] - q·step, where q is what a quantize command to nearest with
// `shift` 1.. and `mult` makes of source[i] in that range. For the second digit of an operand.
void digit_remainders(std::span<const float> values, const std::int16_t* source, int shift, int mult, float step,
                      DigitRange range, float* rest);

// Adds |values[i] · factor| to bins: bin i counts 2^(i-24) <= |v| < 2^(i-23), the outer bins what lies beyond;
// zeros are in none. Returns the number of values that are not zero.
std::uint64_t count_exponents(std::span<const float> values, float factor, std::array<std::uint64_t, 40>& bins);

}  // namespace cuatro::nn
