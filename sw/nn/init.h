// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <vector>

namespace cuatro::nn {

// Initial weights of layer `layer`, in × out row-major, integer · 2^-24: uniform in
// ±sqrt(6 / in) (He et al. 2015), from the seed by integer arithmetic only, so every engine and
// every machine starts from the same real values. Biases start at zero.
std::vector<std::int32_t> initial_weights(std::uint64_t seed, std::uint32_t layer, std::uint32_t in, std::uint32_t out);

inline constexpr int kInitFrac = 24;

}  // namespace cuatro::nn
