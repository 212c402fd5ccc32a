// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "layers/feed_forward.h"

namespace cuatro::nn {

FeedForward::FeedForward(const Config& config, NetBuilder& builder)
    : up_({.name = config.name + ".up", .in = config.width, .out = config.hidden}, builder),
      down_({.name = config.name + ".down",
             .in = config.hidden,
             .out = config.width,
             .input = OperandKind::positive,
             .init_gain = config.out_gain},
            builder) {}

Array FeedForward::forward(MatmulEngine& engine, Array x, bool training) {
  Array h = up_.forward(engine, std::move(x), training);
  if (training) active_.resize(h.data.size());
  for (std::size_t i = 0; i < h.data.size(); ++i) {
    if (training) active_[i] = h.data[i] > 0 ? 1.0F : 0.0F;
    h.data[i] = h.data[i] > 0 ? h.data[i] : 0.0F;
  }
  return down_.forward(engine, std::move(h), training);
}

Array FeedForward::backward(MatmulEngine& engine, Array dy) {
  Array dh = down_.backward(engine, std::move(dy));
  for (std::size_t i = 0; i < dh.data.size(); ++i) dh.data[i] *= active_[i];
  return up_.backward(engine, std::move(dh));
}

void FeedForward::collect(LayerState& state) {
  up_.collect(state);
  down_.collect(state);
}

}  // namespace cuatro::nn
