// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

namespace cuatro::nn {

// SHA-256 (FIPS 180-4). Digests of weights: equal on any engine, machine and compiler.
class Sha256 {
 public:
  void update(std::span<const std::uint8_t> bytes);
  // 32-bit words, as little-endian bytes whatever the machine.
  void update(std::span<const std::int32_t> words);
  // 64 hexadecimal digits; the object is done with.
  std::string finish();

 private:
  void block(const std::uint8_t* bytes);
  std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<std::uint8_t, 64> buffer_{};
  std::uint64_t length_ = 0;
};

}  // namespace cuatro::nn
