// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>

namespace cuatro::nn {

// Who draws from which random stream: stream_key(seed, step, stream_tensor(layer, role), draw).
enum class TensorRole : std::uint64_t { weight = 0, bias = 1, gradient = 2, order = 3 };

constexpr std::uint64_t stream_tensor(std::uint64_t layer, TensorRole role) {
  return layer * 4 + static_cast<std::uint64_t>(role);
}

// Digit 0 is the device's; these are the host's.
inline constexpr std::uint64_t kDrawDevice = 0, kDrawUpdate = 1, kDrawInit = 2, kDrawOrder = 3, kDrawAugment = 4;

}  // namespace cuatro::nn
