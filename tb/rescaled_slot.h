// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <vector>

#include "golden/rescale.h"

// The 32-bit slot in which a rescaled value travels between modules:
// {negative, 6'b0, sticky, magnitude[23:0]}.
namespace cuatro::tb {

inline std::uint32_t to_slot(const golden::Rescaled& v) {
  return (v.negative ? 1u << 31 : 0u) | (v.sticky ? 1u << 24 : 0u) | v.magnitude;
}

// Magnitudes of at most three bits, and those of one run of ones: around them is where one bit decides.
inline std::vector<std::uint32_t> sparse_magnitudes() {
  std::vector<std::uint32_t> found{0};
  for (unsigned i = 0; i < 24; ++i) {
    for (unsigned j = 0; j <= i; ++j) {
      found.push_back((2u << i) - (1u << j));
      for (unsigned k = 0; k <= j; ++k) found.push_back(1u << i | 1u << j | 1u << k);
    }
  }
  return found;
}

}  // namespace cuatro::tb
