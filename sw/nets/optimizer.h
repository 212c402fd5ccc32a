// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <span>

#include "layers/layer.h"

namespace cuatro::nn {

struct OptimizerConfig {
  enum class Rule { sgd, adamw } rule = Rule::sgd;
  float momentum = 0.9F;           // sgd: v = momentum·v + g, w -= lr·v
  float beta1 = 0.9F, beta2 = 0.99F, epsilon = 1e-8F;  // adamw (Loshchilov and Hutter)
  float weight_decay = 0.0F;       // sgd: added to the gradient; adamw: decoupled
  float clip_norm = 0.0F;          // gradients of all weights scaled to this L2 norm at most; 0 = off
};

// One update of all weights from their gradients; `step` counts from 0. Sums run in a fixed order.
void optimizer_step(std::span<Weights* const> weights, const OptimizerConfig& config, float learning_rate,
                    std::uint64_t step);

}  // namespace cuatro::nn
