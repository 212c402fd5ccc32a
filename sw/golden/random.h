// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <bit>
#include <cstdint>

// Counter-based random bytes: a pure function of key and element, no state, so the bytes do not
// depend on array shape, tile order or how a driver splits its work.
// Source: sw/golden/README.md, "Random bytes"; splitmix64 is Steele, Lea and Flood, OOPSLA 2014.
namespace cuatro::golden {

constexpr std::uint64_t splitmix64(std::uint64_t z) {
  z += 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

// The key of one tensor in one step. `digit` (0..255) separates draws for the same tensor.
constexpr std::uint64_t stream_key(std::uint64_t seed, std::uint64_t step, std::uint64_t tensor,
                                   std::uint64_t digit) {
  return splitmix64(splitmix64(splitmix64(seed) ^ step) ^ (tensor * 256 + digit));
}

// Rounds of random_bytes().
inline constexpr int kRandomRounds = 7;

struct RandomBytes {
  std::uint8_t r0 = 0, r1 = 0, r2 = 0;
  bool operator==(const RandomBytes&) const = default;
};

// R0, R1, R2, 0..255 each, of element (row, col). Rows and columns count modulo 2^16.
constexpr RandomBytes random_bytes(std::uint64_t key, std::uint32_t row, std::uint32_t col) {
  auto x = static_cast<std::uint16_t>(row);
  auto y = static_cast<std::uint16_t>(col);
  for (int i = 0; i < kRandomRounds; ++i) {
    const auto k = static_cast<std::uint16_t>(key >> (16 * (i % 4)));
    x = static_cast<std::uint16_t>(static_cast<std::uint16_t>(std::rotr(x, 7) + y) ^ k ^ i);
    y = static_cast<std::uint16_t>(std::rotl(y, 2) ^ x);
  }
  return {static_cast<std::uint8_t>(x >> 8), static_cast<std::uint8_t>(x), static_cast<std::uint8_t>(y >> 8)};
}

// R = R0: the one byte that everything but an update draws.
constexpr std::uint8_t random_byte(std::uint64_t key, std::uint32_t row, std::uint32_t col) {
  return random_bytes(key, row, col).r0;
}

}  // namespace cuatro::golden
