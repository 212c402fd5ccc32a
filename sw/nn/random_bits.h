// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>

namespace cuatro::nn {

// 32 random bits of element `index` in the stream `key`: counter-based, so results depend
// neither on loop order nor on vector width. For the host's own draws only; the device has its
// own (golden/random.h). Two rounds of multiply-xorshift (C. Wellons, "lowbias32"), keyed
// before and between them; branch-free 32-bit code, so loops over it vectorise.
inline std::uint32_t random_bits(std::uint64_t key, std::uint32_t index) {
  std::uint32_t x = index ^ static_cast<std::uint32_t>(key);
  x ^= x >> 16;
  x *= 0x7feb352dU;
  x ^= (x >> 15) ^ static_cast<std::uint32_t>(key >> 32);
  x *= 0x846ca68bU;
  x ^= x >> 16;
  return x;
}

}  // namespace cuatro::nn
