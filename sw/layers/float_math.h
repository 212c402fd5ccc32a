// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

// Elementary functions for the host's share of a step, from IEEE-754 single operations only: no libm,
// whose last bit differs between versions, no contraction (-ffp-contract=off), no reordering. The same
// bits on every machine and compiler; branch-free, so loops over them vectorise. Square roots and
// divisions are IEEE's own, correctly rounded.
namespace cuatro::nn {

// e^x, within 2 ulp for x in -87..88; clamped outside.
inline float exp_fixed(float x) {
  x = x < -87.0F ? -87.0F : x > 88.0F ? 88.0F : x;
  // x = k·ln 2 + r, |r| <= ln(2)/2; the big constant rounds to an integer.
  const float shifted = x * 1.44269504F + 12582912.0F;
  const float k = shifted - 12582912.0F;
  const float r = (x - k * 0.693359375F) + k * 2.12194440e-4F;
  float p = 1.9875691500e-4F;
  p = p * r + 1.3981999507e-3F;
  p = p * r + 8.3334519073e-3F;
  p = p * r + 4.1665795894e-2F;
  p = p * r + 1.6666665459e-1F;
  p = p * r + 5.0000001201e-1F;
  const float e = (p * r) * r + r + 1.0F;
  const auto exponent = static_cast<std::int32_t>(k);
  return e * std::bit_cast<float>((exponent + 127) << 23);
}

// ln x for normal x > 0, within 2 ulp.
inline float log_fixed(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  // x = m·2^k with m in sqrt(1/2)..sqrt(2).
  const std::uint32_t offset = bits - 0x3f3504f3U;
  const auto k = static_cast<float>(static_cast<std::int32_t>(offset) >> 23);
  const float m = std::bit_cast<float>((offset & 0x007fffffU) + 0x3f3504f3U) - 1.0F;
  float p = 7.0376836292e-2F;
  p = p * m - 1.1514610310e-1F;
  p = p * m + 1.1676998740e-1F;
  p = p * m - 1.2420140846e-1F;
  p = p * m + 1.4249322787e-1F;
  p = p * m - 1.6668057665e-1F;
  p = p * m + 2.0000714765e-1F;
  p = p * m - 2.4999993993e-1F;
  p = p * m + 3.3333331174e-1F;
  const float z = m * m;
  float y = (p * m) * z + k * -2.12194440e-4F;
  y = y - 0.5F * z;
  return (m + y) + k * 0.693359375F;
}

inline float sigmoid_fixed(float x) { return 1.0F / (1.0F + exp_fixed(-x)); }

// tanh x = 1 - 2 / (e^2x + 1); near zero by its series, whose terms do not cancel.
inline float tanh_fixed(float x) {
  const float z = x * x;
  float p = -5.70498872745e-3F;
  p = p * z + 2.06390887954e-2F;
  p = p * z - 5.37397155531e-2F;
  p = p * z + 1.33314422036e-1F;
  p = p * z - 3.33332819422e-1F;
  const float small = (p * z) * x + x;
  const float large = 1.0F - 2.0F / (exp_fixed(2.0F * x) + 1.0F);
  return (x < 0.625F && x > -0.625F) ? small : large;
}

}  // namespace cuatro::nn
