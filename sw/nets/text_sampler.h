// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "nets/network.h"

namespace cuatro::nn {

struct SampleOptions {
  std::uint32_t count = 0;      // symbols to draw
  std::uint32_t context = 0;    // the net sees the last `context` symbols
  float temperature = 1.0F;     // logits are divided by it; 0 = always the likeliest symbol
  std::uint32_t top_k = 0;      // draws from the k likeliest symbols; 0 = from all
  std::uint64_t seed = 0;
};

// The symbols that follow `prompt` (at least one symbol), drawn one by one from what the net predicts. The draws
// are counter-based: equal nets, prompts and options give equal text. Throws InputError for an empty prompt or a
// negative temperature.
std::vector<std::uint8_t> generate(Network& network, MatmulEngine& engine, std::span<const std::uint8_t> prompt,
                                   const SampleOptions& options);

}  // namespace cuatro::nn
