// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "nn/fixed_sgd.h"

#include <algorithm>
#include <bit>
#include <cassert>

#include "nn/random_bits.h"

namespace cuatro::nn {
namespace {

// |g| < 2^27 keeps |v| ≤ 2^30 (v's fixed point is 8·g) and w − lr·v inside 32 bits, so the loop
// needs no wider arithmetic.
constexpr std::int32_t kGradientMax = (1 << 27) - 1;

// floor(x / 2^shift + (2R + 1)/512): drop what 9 fraction bits cannot hold, add, drop the rest.
// Uniform shift counts, no branch, so a loop over it vectorises.
struct StochasticShift {
  int before, random, after;
  explicit StochasticShift(int shift)
      : before(std::clamp(shift - 9, 0, 31)), random(std::clamp(9 - shift, 0, 9)), after(std::clamp(shift, 0, 9)) {}
  std::int32_t operator()(std::int32_t x, std::uint32_t byte) const {
    const auto u = static_cast<std::int32_t>((2 * byte + 1) >> random);
    return ((x >> before) + u) >> after;
  }
};

// Batch mean by shift: acc · 2^exponent, exponent ≥ 0 exact and saturating.
class ShiftedGradient {
 public:
  explicit ShiftedGradient(int exponent)
      : left_(std::clamp(exponent, 0, 27)), top_((kGradientMax >> left_) + 1), right_(std::max(-exponent, 0)) {}
  std::int32_t operator()(std::int32_t acc, std::uint32_t byte) const {
    // Clamped first, so that the shift cannot overflow; else room for the 511/512 that rounding adds.
    const std::int32_t in = left_ > 0 ? std::clamp(acc, -top_, top_) : std::min(acc, INT32_MAX - 512);
    return std::clamp(right_(in, byte) << left_, -kGradientMax, kGradientMax);
  }

 private:
  int left_;
  std::int32_t top_;
  StochasticShift right_;
};

// Batch mean by a reciprocal: acc · recip · 2^-shift in 64 bits, |acc · recip| < 2^47.
class ScaledGradient {
 public:
  ScaledGradient(std::int64_t recip, int exponent)
      : recip_(recip), left_(std::clamp(exponent, 0, 16)), shift_(std::clamp(-exponent, 0, 62)) {}
  std::int32_t operator()(std::int32_t acc, std::uint32_t byte) const {
    const std::int64_t u = shift_ >= 9 ? std::int64_t{2 * byte + 1} << (shift_ - 9) : (2 * byte + 1) >> (9 - shift_);
    const std::int64_t g = ((acc * recip_ + u) >> shift_) << left_;
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(g, -kGradientMax, kGradientMax));
  }

 private:
  std::int64_t recip_;
  int left_, shift_;
};

template <class Gradient>
void update(std::int32_t* __restrict w, std::int32_t* __restrict v, const std::int32_t* __restrict acc,
            std::uint32_t count, Gradient gradient, int lr_shift, std::uint64_t key, const MasterFormat& format) {
  const StochasticShift eighth(3), step(lr_shift + format.momentum_frac - format.weight_frac);
  const std::int32_t vmax = format.momentum_max, wmax = format.weight_max;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t r = random_bits(key, i);
    const std::int32_t g = gradient(acc[i], r & 0xff);
    const std::int32_t vi = std::clamp(v[i] - eighth(v[i], (r >> 8) & 0xff) + g, -vmax, vmax);
    v[i] = vi;
    w[i] = std::clamp(w[i] - step(vi, (r >> 16) & 0xff), -wmax, wmax);
  }
}

}  // namespace

std::uint64_t sum_abs(std::span<const std::int32_t> values) {
  std::uint64_t sum = 0;
  for (const std::int32_t v : values) sum += v < 0 ? 0U - static_cast<std::uint32_t>(v) : static_cast<std::uint32_t>(v);
  return sum;
}

std::uint64_t sgd_update(Parameter& parameter, std::span<const std::int32_t> accumulators, MeanGradient mean,
                         int lr_shift, std::uint64_t key, const MasterFormat& format) {
  assert(parameter.weight.size() == accumulators.size() && parameter.momentum.size() == accumulators.size());
  assert(mean.batch > 0 && lr_shift >= 0 && lr_shift <= 24);
  const auto count = static_cast<std::uint32_t>(accumulators.size());
  const int exponent = mean.exponent + format.momentum_frac;
  const auto run = [&](auto gradient) {
    update(parameter.weight.data(), parameter.momentum.data(), accumulators.data(), count, gradient, lr_shift, key,
           format);
  };
  const int log2 = std::bit_width(mean.batch - 1);  // ceil(log2(batch))
  if (std::has_single_bit(mean.batch)) {
    run(ShiftedGradient(exponent - log2));
  } else {
    const std::int64_t recip = ((std::int64_t{1} << (15 + log2)) + mean.batch / 2) / mean.batch;  // 2^15 .. 2^16
    run(ScaledGradient(recip, exponent - log2 - 15));
  }
  return sum_abs(parameter.weight);
}

}  // namespace cuatro::nn
