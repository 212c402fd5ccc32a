// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "matmul/float_source.h"

#include <algorithm>
#include <bit>

namespace cuatro::nn {
namespace {

constexpr std::uint32_t kMagnitudeBits = 0x7fffffff;

float power_of_two(int exponent) { return std::bit_cast<float>(static_cast<std::uint32_t>(exponent + 127) << 23); }

template <class Word>
void to_odd(std::span<const float> values, int exponent, float offset, float limit, Word* to) {
  const float factor = power_of_two(exponent);
  const float* from = values.data();
  const std::size_t count = values.size();
  for (std::size_t i = 0; i < count; ++i) {
    float v = from[i] * factor + offset;
    v = v < limit ? v : limit;
    v = v > -limit ? v : -limit;
    const auto toward_zero = static_cast<std::int32_t>(v);
    const auto back = static_cast<float>(toward_zero);
    // Of a floor and the integer above it, the odd one is floor | 1.
    const std::int32_t floor = toward_zero - (back > v ? 1 : 0);
    to[i] = static_cast<Word>(floor | (back != v ? 1 : 0));
  }
}

}  // namespace

float largest_magnitude(std::span<const float> values) {
  std::uint32_t largest = 0;  // magnitudes compare as their bits do, and NaN above infinity
  for (const float v : values) largest = std::max(largest, std::bit_cast<std::uint32_t>(v) & kMagnitudeBits);
  return std::bit_cast<float>(largest);
}

float mean_magnitude(std::span<const float> values) {
  constexpr std::size_t lanes = 16, block = 4096;
  double total = 0;
  std::size_t first = 0;
  for (; first + block <= values.size(); first += block) {
    std::array<float, lanes> sums{};
    for (std::size_t i = first; i < first + block; i += lanes) {
      for (std::size_t j = 0; j < lanes; ++j) {
        sums[j] += std::bit_cast<float>(std::bit_cast<std::uint32_t>(values[i + j]) & kMagnitudeBits);
      }
    }
    for (const float sum : sums) total += sum;
  }
  for (; first < values.size(); ++first) total += values[first] < 0 ? -values[first] : values[first];
  return static_cast<float>(total / static_cast<double>(values.size()));
}

Extremes extremes(std::span<const float> values) {
  constexpr std::size_t lanes = 16;
  std::array<float, lanes> low{}, high{};
  std::size_t first = 0;
  for (; first + lanes <= values.size(); first += lanes) {
    for (std::size_t j = 0; j < lanes; ++j) {
      low[j] = std::min(low[j], values[first + j]);
      high[j] = std::max(high[j], values[first + j]);
    }
  }
  for (; first < values.size(); ++first) {
    low[0] = std::min(low[0], values[first]);
    high[0] = std::max(high[0], values[first]);
  }
  return {*std::min_element(low.begin(), low.end()), *std::max_element(high.begin(), high.end())};
}

void to_odd_s16(std::span<const float> values, int exponent, float offset, std::int16_t* to) {
  to_odd(values, exponent, offset, 32767.0F, to);
}

void to_odd_s32(std::span<const float> values, int exponent, float offset, std::int32_t* to) {
  to_odd(values, exponent, offset, 2147483520.0F, to);
}

void digit_remainders(std::span<const float> values, const std::int16_t* source, int shift, int mult, float step,
                      DigitRange range, float* rest) {
  const int fraction = shift + 7;  // of source · mult
  const std::int32_t below_half = (1 << (fraction - 1)) - 1;
  const float* from = values.data();
  const std::size_t count = values.size();
  for (std::size_t i = 0; i < count; ++i) {
    const std::int32_t product = source[i] * mult;
    std::int32_t q = (product + below_half + ((product >> fraction) & 1)) >> fraction;  // halves to even
    q = q < range.high ? q : range.high;
    q = q > range.low ? q : range.low;
    rest[i] = from[i] - static_cast<float>(q) * step;
  }
}

std::uint64_t count_exponents(std::span<const float> values, float factor, std::array<std::uint64_t, 40>& bins) {
  std::array<std::uint64_t, 256> fields{};
  for (const float v : values) ++fields[(std::bit_cast<std::uint32_t>(v * factor) & kMagnitudeBits) >> 23];
  // Field 0 holds the zeros, and magnitudes so small that they may count as zeros.
  for (int field = 1; field < 256; ++field) {
    bins[static_cast<std::size_t>(std::clamp(field - 127 + 24, 0, 39))] += fields[static_cast<std::size_t>(field)];
  }
  return values.size() - fields[0];
}

}  // namespace cuatro::nn
