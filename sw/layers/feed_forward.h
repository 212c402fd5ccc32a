// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include "layers/linear.h"

namespace cuatro::nn {

// Two linear layers with a ReLU between them: [..., width] to [..., hidden] to [..., width]. After a ReLU
// nothing is negative, so the second layer's input has all sixteen levels of UINT4.
class FeedForward final : public Layer {
 public:
  struct Config {
    std::string name;
    std::uint32_t width = 0, hidden = 0;
    float out_gain = 1.0F;  // on the second layer's initial weights
  };
  FeedForward(const Config& config, NetBuilder& builder);

  Array forward(MatmulEngine& engine, Array x, bool training) override;
  Array backward(MatmulEngine& engine, Array dy) override;
  void collect(LayerState& state) override;

 private:
  Linear up_, down_;
  std::vector<float> active_;  // 1 where the ReLU let its input through, else 0
};

}  // namespace cuatro::nn
