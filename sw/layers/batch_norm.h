// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include "layers/layer.h"
#include "layers/net_builder.h"

namespace cuatro::nn {

// Batch normalisation (Ioffe and Szegedy, 2015) of the last dimension over all others:
// y = gamma · (x - mean) / sqrt(variance + epsilon) + beta. Training takes mean and variance (divided by the count)
// from the batch and moves the running ones towards them, the variance as if divided by count - 1; otherwise
// the running ones serve. Sums are of doubles, rows in order.
class BatchNorm final : public Layer {
 public:
  static constexpr float kEpsilon = 1e-5F, kMomentum = 0.1F;  // running += kMomentum · (batch - running)

  // `gain` is gamma's first value: 0 on the last norm of a residual branch starts the block as identity.
  BatchNorm(const std::string& name, std::uint32_t channels, NetBuilder& builder, float gain = 1.0F);

  // Throws InputError if x has other channels, or in training fewer than two rows.
  Array forward(MatmulEngine& engine, Array x, bool training) override;
  Array backward(MatmulEngine& engine, Array dy) override;
  void collect(LayerState& state) override;

 private:
  void batch_statistics(const Array& x);
  void move_running(std::uint32_t rows);

  std::uint32_t channels_;
  Weights gamma_, beta_;
  std::vector<float> running_mean_, running_variance_;
  std::vector<double> batch_mean_, batch_variance_;
  std::vector<float> mean_, inverse_;  // of the last forward pass; inverse = 1 / sqrt(variance + epsilon)
  Array x_;
};

}  // namespace cuatro::nn
