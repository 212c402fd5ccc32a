// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include "layers/layer.h"

namespace cuatro::nn {

// Square windows without padding over [N, H, W, C]; what the last window does not reach is ignored:
// output size floor((H - size) / stride) + 1. Throws InputError if x is smaller than the window.
struct PoolSize {
  std::uint32_t size = 2, stride = 2;
};

// The largest value of each window; the gradient goes to the first one in row order that has it.
class MaxPool final : public Layer {
 public:
  explicit MaxPool(PoolSize pool = {}) : pool_(pool) {}
  Array forward(MatmulEngine& engine, Array x, bool training) override;
  Array backward(MatmulEngine& engine, Array dy) override;
  void collect(LayerState&) override {}

 private:
  PoolSize pool_;
  Array::Shape x_shape_;
  std::vector<std::uint32_t> winner_;  // tap of each output element; as wide as a float, so loops over both vectorise
};

// The mean of each window.
class AvgPool final : public Layer {
 public:
  explicit AvgPool(PoolSize pool = {}) : pool_(pool) {}
  Array forward(MatmulEngine& engine, Array x, bool training) override;
  Array backward(MatmulEngine& engine, Array dy) override;
  void collect(LayerState&) override {}

 private:
  PoolSize pool_;
  Array::Shape x_shape_;
};

// The mean of every channel over the whole image: [N, H, W, C] to [N, C].
class GlobalAvgPool final : public Layer {
 public:
  Array forward(MatmulEngine& engine, Array x, bool training) override;
  Array backward(MatmulEngine& engine, Array dy) override;
  void collect(LayerState&) override {}

 private:
  Array::Shape x_shape_;
};

}  // namespace cuatro::nn
