// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "nets/classifier.h"

#include "layers/softmax_loss.h"

namespace cuatro::nn {

BatchLoss Classifier::run(MatmulEngine& engine, const Batch& batch, bool training) {
  Array logits = layers_.forward(engine, batch.x, training);
  const BatchLoss loss = softmax_loss(logits, batch.labels, training);
  if (!training) return loss;
  layers_.backward(engine, std::move(logits));
  engine.finish();
  return loss;
}

LayerState Classifier::state() {
  LayerState state;
  layers_.collect(state);
  return state;
}

}  // namespace cuatro::nn
