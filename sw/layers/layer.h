// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "layers/array.h"
#include "matmul/matmul_engine.h"

namespace cuatro::nn {

// One trained tensor, its gradient and the optimiser's state, all row-major floats of the host.
struct Weights {
  std::string name;                  // "conv1.weight"
  Array::Shape shape;
  std::vector<float> value, gradient;
  std::vector<float> moment1, moment2;  // the optimiser's; empty until it needs them
  bool decay = true;                 // subject to weight decay: matrices, not biases and norms
};

// State that training moves without a gradient and that a checkpoint keeps: running means of a batch norm.
struct Buffer {
  std::string name;
  std::vector<float>* values;
};

// Everything of a layer that others look at, in a fixed order.
struct LayerState {
  std::vector<Weights*> weights;
  std::vector<OperandSite*> sites;
  std::vector<Buffer> buffers;
};

// A differentiable part of a net. forward() keeps what backward() needs; backward() adds nothing up: it
// overwrites the gradients of its weights. Calls come in pairs, last layer first on the way back; a layer
// that is used several times in a step is several layers or handles it itself (LSTM).
class Layer {
 public:
  virtual ~Layer() = default;
  // `training` false: nothing is kept, running statistics are used and stay.
  virtual Array forward(MatmulEngine& engine, Array x, bool training) = 0;
  // dL/dx from dL/dy. Empty when the layer was built without need of it (the first of a net).
  virtual Array backward(MatmulEngine& engine, Array dy) = 0;
  virtual void collect(LayerState& state) = 0;
};

}  // namespace cuatro::nn
