// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "layers/array.h"
#include "layers/layer.h"

namespace cuatro::nn {

// The examples of one step. `x` is [N, …]: pixels [N, H, W, C] (0 .. 1), frames [N, T, C]; for text, token ids
// [N, T] are in `tokens` and x is empty. `labels`: a class an example, or for text the next token of every position.
struct Batch {
  Array x;
  std::vector<std::uint8_t> tokens;
  std::uint32_t context = 0;              // T of tokens
  std::vector<std::uint8_t> labels;
};

struct BatchLoss {
  double loss_sum = 0;        // cross-entropy in nats, summed over the predictions
  std::uint32_t correct = 0;  // predictions whose largest logit is the label's
  std::uint32_t count = 0;    // predictions: examples, or characters
};

// An architecture: layers, their order, and the loss.
class Network {
 public:
  virtual ~Network() = default;
  virtual std::string describe() const = 0;  // "lenet 28x28x1, 10 classes"
  // Forward, loss and, if training, backward: the gradients of all weights are then those of the mean loss.
  virtual BatchLoss run(MatmulEngine& engine, const Batch& batch, bool training) = 0;
  // Logits [predictions, classes] only.
  virtual Array infer(MatmulEngine& engine, const Batch& batch) = 0;
  virtual LayerState state() = 0;
};

}  // namespace cuatro::nn
