// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "matmul/quant_step.h"

#include <bit>
#include <cmath>
#include <cstdint>

namespace cuatro::nn {
namespace {

// With steps in this range no scaling of a float by them is subnormal or infinite.
constexpr int kMostExponent = 100;

QuantStep make_step(int exponent, int mult) {
  return {exponent, mult, std::ldexp(128.0F / static_cast<float>(mult), exponent)};
}

}  // namespace

QuantStep choose_step(float ideal, Rescale rescale, ToPowerOfTwo rule) {
  const auto bits = std::bit_cast<std::uint32_t>(ideal);
  const int exponent = static_cast<int>(bits >> 23) - 127;
  const std::uint32_t fraction = bits & 0x7fffff;
  if (exponent < -kMostExponent) return make_step(-kMostExponent, 128);
  if (exponent >= kMostExponent) return make_step(kMostExponent, 128);
  if (rescale == Rescale::stretch && fraction != 0) {
    // 2^(exponent + 1) · 128/mult >= ideal = 2^(exponent - 23) · significand.
    const std::uint32_t significand = fraction | 0x800000;
    return make_step(exponent + 1, static_cast<int>((std::uint64_t{256} << 23) / significand));
  }
  constexpr std::uint32_t sqrt_half = 0x3504f3;  // fraction of sqrt(2), rounded down
  const bool up = rule == ToPowerOfTwo::up ? fraction != 0 : rule == ToPowerOfTwo::nearest && fraction > sqrt_half;
  return make_step(exponent + (up ? 1 : 0), 128);
}

}  // namespace cuatro::nn
