// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include "layers/layer.h"

namespace cuatro::nn {

// [N, …] to [N, features]: the same values in the same order.
class Flatten final : public Layer {
 public:
  Array forward(MatmulEngine&, Array x, bool training) override {
    if (training) shape_ = x.shape;
    const std::uint32_t images = x.shape.at(0);
    x.shape = {images, static_cast<std::uint32_t>(x.data.size() / images)};
    return x;
  }
  Array backward(MatmulEngine&, Array dy) override {
    dy.shape = shape_;
    return dy;
  }
  void collect(LayerState&) override {}

 private:
  Array::Shape shape_;
};

}  // namespace cuatro::nn
