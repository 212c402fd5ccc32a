// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <memory>
#include <vector>

#include "layers/layer.h"

namespace cuatro::nn {

// Layers one after the other; without layers, the identity.
class Sequential final : public Layer {
 public:
  template <typename L, typename... Args>
  void add(Args&&... args) {
    layers_.push_back(std::make_unique<L>(std::forward<Args>(args)...));
  }
  bool empty() const { return layers_.empty(); }

  Array forward(MatmulEngine& engine, Array x, bool training) override;
  Array backward(MatmulEngine& engine, Array dy) override;
  void collect(LayerState& state) override;

 private:
  std::vector<std::unique_ptr<Layer>> layers_;
};

}  // namespace cuatro::nn
