// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "golden/update.h"

#include <algorithm>

#include "golden/chunk.h"
#include "golden/range.h"

namespace cuatro::golden {
namespace {

// floor(value · 2^-shift + u), u = (2R + 1) / 512, clamped to ±32767. |value| < 2^32, shift -4..27.
std::int32_t round_stochastic(std::int64_t value, int shift, std::uint8_t random) {
  const int scale = std::max(shift, 0);
  const std::int64_t raised = value * (std::int64_t{512} << std::max(-shift, 0));  // of 2^-9 · 2^-scale
  const std::int64_t u = (2 * std::int64_t{random} + 1) << scale;
  return static_cast<std::int32_t>(
      std::clamp<std::int64_t>((raised + u) >> (9 + scale), -kStateMax, kStateMax));
}

std::int32_t round_half_even(std::int32_t value, int shift) {
  if (shift == 0) return value;
  const std::int32_t odd = (value >> shift) & 1;
  return (value + (1 << (shift - 1)) - 1 + odd) >> shift;
}

// u has nine fraction bits, its lowest always set: floor(x + u) does not change when x is cut down to nine.
// So words of 32 bits do: x here is of 2^-9, and the clamp keeps |x| at 2^25.
struct Gradient {
  explicit Gradient(int n) : left(std::max(9 - n, 0)), right(std::max(n - 9, 0)), limit(n < 9 ? 1 << (16 + n) : 1 << 25) {}
  int left, right;
  std::int32_t limit;  // 2^16 and more: the clamp's business
  std::int32_t operator()(std::int32_t a, std::int32_t u) const {
    const std::int32_t x = std::clamp(a >> right, -limit, limit) << left;
    return std::clamp((x + u) >> 9, -kStateMax, kStateMax);
  }
};

}  // namespace

UpdatedElement update_element(std::int32_t a, WeightState state, const UpdateShifts& shifts, RandomBytes random) {
  const std::int32_t g = round_stochastic(a, shifts.gradient, random.r0);
  const std::int32_t decay = round_stochastic(state.v, 3, random.r1);
  const std::int32_t v = std::clamp(state.v - decay + g, -kStateMax, kStateMax);
  const std::int32_t w =
      std::clamp(state.w - round_stochastic(v, shifts.rate, random.r2), -kStateMax, kStateMax);
  const std::int32_t q = round_half_even(w, shifts.code);
  const std::int32_t clamped = std::clamp(q, -7, 7);
  return {{v, w}, static_cast<std::uint8_t>(clamped & 15), q != clamped};
}

OutputData update_plain(std::span<const std::int32_t> a, std::span<const std::int32_t> state, std::size_t cols,
                        const UpdateShifts& shifts, std::uint64_t key) {
  OutputData data;
  Range range(OutFormat::update);
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto row = static_cast<std::uint32_t>(i / cols), col = static_cast<std::uint32_t>(i % cols);
    const UpdatedElement next =
        update_element(a[i], WeightState::from_word(state[i]), shifts, random_bytes(key, row, col));
    data.raw.push_back(next.state.word());
    data.codes.push_back(next.code);
    range.add(next.state.w, next.saturated);
  }
  data.stats = range.stats();
  return data;
}

OutputData update_fast(std::span<const std::int32_t> a, std::span<const std::int32_t> state, std::size_t cols,
                       const UpdateShifts& shifts, std::uint64_t key) {
  OutputData data;
  data.raw.resize(a.size());
  data.codes.resize(a.size());
  const Gradient gradient(shifts.gradient);
  const int rate = shifts.rate, code = shifts.code;
  const std::int32_t half = code == 0 ? 0 : (1 << (code - 1)) - 1, odd = code == 0 ? 0 : 1;

  alignas(64) std::int32_t sums[kChunk], words[kChunk], weights[kChunk];
  alignas(64) std::uint8_t codes[kChunk];
  for (std::size_t first = 0; first < a.size(); first += kChunk) {
    const std::size_t count = std::min(kChunk, a.size() - first);
    std::copy_n(&a[first], count, sums);
    std::copy_n(&state[first], count, words);
    std::fill(sums + count, sums + kChunk, 0);  // a zero gradient of a zero state leaves zeros
    std::fill(words + count, words + kChunk, 0);
    const RandomChunk random(key, first, count, cols);
    for (std::size_t i = 0; i < kChunk; ++i) sums[i] = gradient(sums[i], random.x[i] >> 8 << 1 | 1);
    for (std::size_t i = 0; i < kChunk; ++i) {
      const std::int32_t old_v = words[i] >> 16, u = (random.x[i] & 255) << 1 | 1;
      sums[i] = std::clamp(old_v - (((old_v << 6) + u) >> 9) + sums[i], -kStateMax, kStateMax);
    }
    for (std::size_t i = 0; i < kChunk; ++i) {
      const std::int32_t old_w = words[i] << 16 >> 16, u = random.y[i] >> 8 << 1 | 1;
      weights[i] = std::clamp(old_w - (((sums[i] << 9 >> rate) + u) >> 9), -kStateMax, kStateMax);
      words[i] = sums[i] << 16 | (weights[i] & 0xFFFF);
    }
    std::uint32_t saturated = 0;
    for (std::size_t i = 0; i < kChunk; ++i) {
      const std::int32_t q = (weights[i] + half + (weights[i] >> code & odd)) >> code;
      const std::int32_t clamped = std::clamp(q, -7, 7);
      saturated += q != clamped ? 1 : 0;
      codes[i] = static_cast<std::uint8_t>(clamped & 15);
    }
    data.stats.saturated += saturated;
    add_range(data.stats, weights, false);
    std::copy_n(words, count, &data.raw[first]);
    std::copy_n(codes, count, &data.codes[first]);
  }
  return data;
}

}  // namespace cuatro::golden
