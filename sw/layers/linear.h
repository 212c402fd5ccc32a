// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include "layers/layer.h"
#include "layers/net_builder.h"

namespace cuatro::nn {

// y = x·W + b on the last dimension: [..., in] to [..., out].
class Linear final : public Layer {
 public:
  struct Config {
    std::string name;
    std::uint32_t in = 0, out = 0;
    OperandKind input = OperandKind::signed_values;  // positive after a ReLU
    bool bias = true;
    bool input_gradient = true;                      // false for the first layer of a net
    float init_gain = 1.0F;                          // on the uniform ±sqrt(6 / in)
  };
  Linear(const Config& config, NetBuilder& builder);

  Array forward(MatmulEngine& engine, Array x, bool training) override;
  Array backward(MatmulEngine& engine, Array dy) override;
  void collect(LayerState& state) override;

 private:
  Config config_;
  Weights weight_, bias_;
  OperandSite x_site_, w_site_, dy_site_;
  Operand x_, w_;
  std::vector<float> scales_;  // of the weight's columns; empty = one scale
  Array::Shape x_shape_;
};

}  // namespace cuatro::nn
