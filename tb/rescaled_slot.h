// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>

#include "golden/rescale.h"

// The 32-bit slot in which a rescaled value travels between modules:
// {negative, 6'b0, sticky, magnitude[23:0]}.
namespace cuatro::tb {

inline std::uint32_t to_slot(const golden::Rescaled& v) {
  return (v.negative ? 1u << 31 : 0u) | (v.sticky ? 1u << 24 : 0u) | v.magnitude;
}

}  // namespace cuatro::tb
