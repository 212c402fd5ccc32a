// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "nets/optimizer.h"

#include <cmath>

namespace cuatro::nn {
namespace {

// beta^n by squaring: the same bits everywhere.
double power(double beta, std::uint64_t n) {
  double result = 1;
  for (; n != 0; n >>= 1, beta *= beta) {
    if (n & 1) result *= beta;
  }
  return result;
}

// What gradients are multiplied with so that their norm is at most `most`.
float clip_factor(std::span<Weights* const> weights, float most) {
  if (most <= 0) return 1.0F;
  double sum = 0;
  for (const Weights* w : weights) {
    for (const float g : w->gradient) sum += static_cast<double>(g) * static_cast<double>(g);
  }
  const double norm = std::sqrt(sum);
  return norm > static_cast<double>(most) ? static_cast<float>(static_cast<double>(most) / norm) : 1.0F;
}

void sgd(Weights& w, const OptimizerConfig& c, float factor, float lr) {
  w.moment1.resize(w.value.size());
  const float decay = w.decay ? c.weight_decay : 0.0F;
  for (std::size_t i = 0; i < w.value.size(); ++i) {
    const float g = w.gradient[i] * factor + decay * w.value[i];
    w.moment1[i] = c.momentum * w.moment1[i] + g;
    w.value[i] -= lr * w.moment1[i];
  }
}

void adamw(Weights& w, const OptimizerConfig& c, float factor, float lr, std::uint64_t step) {
  w.moment1.resize(w.value.size());
  w.moment2.resize(w.value.size());
  const float keep = 1.0F - lr * (w.decay ? c.weight_decay : 0.0F);
  const auto correct1 = static_cast<float>(1.0 / (1.0 - power(static_cast<double>(c.beta1), step + 1)));
  const auto correct2 = static_cast<float>(1.0 / (1.0 - power(static_cast<double>(c.beta2), step + 1)));
  for (std::size_t i = 0; i < w.value.size(); ++i) {
    const float g = w.gradient[i] * factor;
    w.moment1[i] = c.beta1 * w.moment1[i] + (1.0F - c.beta1) * g;
    w.moment2[i] = c.beta2 * w.moment2[i] + (1.0F - c.beta2) * (g * g);
    w.value[i] = keep * w.value[i] - lr * (w.moment1[i] * correct1) / (std::sqrt(w.moment2[i] * correct2) + c.epsilon);
  }
}

}  // namespace

void optimizer_step(std::span<Weights* const> weights, const OptimizerConfig& config, float learning_rate,
                    std::uint64_t step) {
  const float factor = clip_factor(weights, config.clip_norm);
  for (Weights* w : weights) {
    if (config.rule == OptimizerConfig::Rule::sgd) {
      sgd(*w, config, factor, learning_rate);
    } else {
      adamw(*w, config, factor, learning_rate, step);
    }
  }
}

}  // namespace cuatro::nn
