// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <vector>

namespace cuatro::nn {

// The order of 0 .. count-1 in one epoch: Fisher-Yates with counter-based draws, own integer
// code because std::shuffle differs between libraries. A function of its arguments only, so a
// resumed run needs no generator state.
std::vector<std::uint32_t> epoch_order(std::uint64_t seed, std::uint64_t epoch, std::uint32_t count);

}  // namespace cuatro::nn
