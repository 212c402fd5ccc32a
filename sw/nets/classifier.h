// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include "layers/sequential.h"
#include "nets/network.h"

namespace cuatro::nn {

// Layers from batch.x to logits [examples, classes], then softmax and cross-entropy.
class Classifier final : public Network {
 public:
  Classifier(std::string description, Sequential layers)
      : description_(std::move(description)), layers_(std::move(layers)) {}

  std::string describe() const override { return description_; }
  BatchLoss run(MatmulEngine& engine, const Batch& batch, bool training) override;
  Array infer(MatmulEngine& engine, const Batch& batch) override { return layers_.forward(engine, batch.x, false); }
  LayerState state() override;

 private:
  std::string description_;
  Sequential layers_;
};

}  // namespace cuatro::nn
