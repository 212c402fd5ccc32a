// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include "layers/sequential.h"

namespace cuatro::nn {

// y = branch(x) + shortcut(x), an empty shortcut being the identity (He et al., 2015). Both need to give one shape.
class Residual final : public Layer {
 public:
  Residual(Sequential branch, Sequential shortcut) : branch_(std::move(branch)), shortcut_(std::move(shortcut)) {}

  Array forward(MatmulEngine& engine, Array x, bool training) override;
  Array backward(MatmulEngine& engine, Array dy) override;
  void collect(LayerState& state) override;

 private:
  Sequential branch_, shortcut_;
};

}  // namespace cuatro::nn
