// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace cuatro::nn {

// Fixed-point formats of master weights and momentum: real = integer · 2^-frac.
struct MasterFormat {
  int weight_frac, momentum_frac;
  std::int32_t weight_max, momentum_max;  // saturation, symmetric
};

// 32 bits: weights up to ±64, momentum up to ±64, a batch-mean gradient up to ±8, all with lsb 2^-24.
inline constexpr MasterFormat kMaster32{24, 24, (1 << 30) - 1, (1 << 30) - 1};
// 16 bits: weights up to ±2 (lsb 2^-14), momentum up to ±1 (lsb 2^-15).
inline constexpr MasterFormat kMaster16{14, 15, 32767, 32767};

// One parameter tensor as the optimiser holds it, logical row-major.
struct Parameter {
  std::vector<std::int32_t> weight, momentum;
};

// Real batch-mean gradient = accumulator · 2^exponent / batch.
struct MeanGradient {
  int exponent;
  std::uint32_t batch;
};

// SGD with momentum 7/8, learning rate 2^-lr_shift (0..24):
//   g = mean gradient,  v ← v − v/8 + g,  w ← w − lr·v.
// g, v/8 and lr·v are each rounded stochastically to their lsb with 8 random bits R of
// random_bits(key, element): floor(x + (2R + 1)/512), exactly unbiased for up to 8 dropped bits,
// within 2^-9 lsb beyond. The mean divides by a power of two exactly, by any other batch with
// a 16-bit reciprocal (relative error < 2^-16). Returns Σ|w| after the update, in weight lsbs.
std::uint64_t sgd_update(Parameter& parameter, std::span<const std::int32_t> accumulators, MeanGradient mean,
                         int lr_shift, std::uint64_t key, const MasterFormat& format);

std::uint64_t sum_abs(std::span<const std::int32_t> values);

}  // namespace cuatro::nn
