// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include "layers/layer.h"

namespace cuatro::nn {

// y = max(x, 0) element by element; the gradient passes where y > 0.
class Relu final : public Layer {
 public:
  Array forward(MatmulEngine& engine, Array x, bool training) override;
  Array backward(MatmulEngine& engine, Array dy) override;
  void collect(LayerState&) override {}

 private:
  std::vector<std::uint8_t> open_;  // 1 where the gradient passes
};

}  // namespace cuatro::nn
