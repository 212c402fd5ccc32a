// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include "layers/layer.h"
#include "layers/net_builder.h"

namespace cuatro::nn {

// y = (x - mean) / sqrt(variance + 1e-5) · scale + shift over the last dimension, each row for itself
// (Ba, Kiros and Hinton 2016). Float on the host.
class LayerNorm final : public Layer {
 public:
  LayerNorm(const std::string& name, std::uint32_t width, NetBuilder& builder);

  Array forward(MatmulEngine& engine, Array x, bool training) override;
  Array backward(MatmulEngine& engine, Array dy) override;
  void collect(LayerState& state) override;

 private:
  std::uint32_t width_;
  Weights scale_, shift_;
  std::vector<float> normal_;  // (x - mean) / deviation, every element
  std::vector<float> inverse_; // 1 / deviation, every row
};

}  // namespace cuatro::nn
