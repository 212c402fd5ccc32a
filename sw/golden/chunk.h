// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "device/device.h"
#include "golden/random.h"

// What the vector loops over a tensor have in common: chunks of fixed length.
namespace cuatro::golden {

inline constexpr std::size_t kChunk = 256;

// The rounds of random_bytes() for `count` elements from flat index `first` on: R0, R1 and R2 are
// bits 15..8 and 7..0 of x and bits 15..8 of y.
struct RandomChunk {
  alignas(64) std::uint16_t x[kChunk] = {};
  alignas(64) std::uint16_t y[kChunk] = {};

  RandomChunk(std::uint64_t key, std::size_t first, std::size_t count, std::size_t cols) {
    for (std::size_t i = 0; i < count;) {
      const std::size_t row = (first + i) / cols, col = (first + i) % cols;
      const std::size_t run = std::min(count - i, cols - col);
      for (std::size_t j = 0; j < run; ++j) {
        x[i + j] = static_cast<std::uint16_t>(row);
        y[i + j] = static_cast<std::uint16_t>(col + j);
      }
      i += run;
    }
    for (int round = 0; round < kRandomRounds; ++round) {
      const auto k = static_cast<std::uint16_t>((key >> (16 * (round % 4))) ^ static_cast<unsigned>(round));
      for (std::size_t i = 0; i < kChunk; ++i) {
        const auto turned = static_cast<std::uint16_t>(x[i] >> 7 | x[i] << 9);
        x[i] = static_cast<std::uint16_t>(static_cast<std::uint16_t>(turned + y[i]) ^ k);
        y[i] = static_cast<std::uint16_t>(static_cast<std::uint16_t>(y[i] << 2 | y[i] >> 14) ^ x[i]);
      }
    }
  }
};

// Step 3 of the output stage for one chunk, saturation apart; zeros leave it as it is.
inline void add_range(Stats& stats, const std::int32_t* a, bool relu) {
  std::uint32_t absmax = 0;
  std::uint64_t sum = 0;
  const std::int32_t drop_negative = relu ? -1 : 0;
  for (std::size_t i = 0; i < kChunk; ++i) {
    const std::int32_t t = a[i] & ~(a[i] >> 31 & drop_negative);
    const std::int32_t sign = t >> 31;
    const auto magnitude = static_cast<std::uint32_t>(t ^ sign) - static_cast<std::uint32_t>(sign);
    absmax = std::max(absmax, magnitude);
    sum += magnitude;
  }
  stats.absmax = std::max(stats.absmax, absmax);
  stats.sumabs += sum;
}

}  // namespace cuatro::golden
