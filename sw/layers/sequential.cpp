// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "layers/sequential.h"

namespace cuatro::nn {

Array Sequential::forward(MatmulEngine& engine, Array x, bool training) {
  for (const auto& layer : layers_) x = layer->forward(engine, std::move(x), training);
  return x;
}

Array Sequential::backward(MatmulEngine& engine, Array dy) {
  for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) dy = (*layer)->backward(engine, std::move(dy));
  return dy;
}

void Sequential::collect(LayerState& state) {
  for (const auto& layer : layers_) layer->collect(state);
}

}  // namespace cuatro::nn
