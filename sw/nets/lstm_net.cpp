// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "nets/lstm_net.h"

#include <algorithm>
#include <fmt/format.h>

#include "layers/softmax_loss.h"

namespace cuatro::nn {
namespace {

// [N, T, C] to [T, N, C].
Array time_major(const Array& x) {
  const std::uint32_t examples = x.shape[0], steps = x.shape[1], width = x.shape[2];
  Array y({steps, examples, width});
  for (std::uint32_t n = 0; n < examples; ++n) {
    for (std::uint32_t t = 0; t < steps; ++t) {
      std::copy_n(&x.data[(std::size_t{n} * steps + t) * width], width,
                  &y.data[(std::size_t{t} * examples + n) * width]);
    }
  }
  return y;
}

// [T, N, C] to [N, C].
Array mean_over_time(const Array& x) {
  Array mean({x.shape[1], x.shape[2]});
  for (std::size_t i = 0; i < x.data.size(); i += mean.data.size()) {
    for (std::size_t j = 0; j < mean.data.size(); ++j) mean.data[j] += x.data[i + j];
  }
  const float scale = 1.0F / static_cast<float>(x.shape[0]);
  for (float& v : mean.data) v *= scale;
  return mean;
}

// Gradient of the same: [N, C] to [T, N, C].
Array spread_over_time(Array dy, std::uint32_t steps) {
  const float scale = 1.0F / static_cast<float>(steps);
  for (float& v : dy.data) v *= scale;
  Array dx({steps, dy.shape[0], dy.shape[1]});
  for (std::size_t i = 0; i < dx.data.size(); i += dy.data.size()) {
    std::copy(dy.data.begin(), dy.data.end(), dx.data.begin() + static_cast<std::ptrdiff_t>(i));
  }
  return dx;
}

std::vector<Lstm> build_lstms(const LstmNet::Config& config, NetBuilder& builder) {
  std::vector<Lstm> layers;
  for (std::uint32_t i = 0; i < config.layers; ++i) {
    layers.emplace_back(Lstm::Config{.name = fmt::format("lstm{}", i + 1), .in = i == 0 ? config.in : config.hidden,
                                     .hidden = config.hidden, .input_gradient = i > 0},
                        builder);
  }
  return layers;
}

}  // namespace

LstmNet::LstmNet(const Config& config)
    : config_(config),
      builder_(config.seed),
      lstms_(build_lstms(config, builder_)),
      classes_({.name = "fc", .in = config.hidden, .out = config.classes, .init_gain = 0.57735F}, builder_) {}

std::string LstmNet::describe() const {
  return fmt::format("lstm {} × {} on {} bands, {} classes", config_.layers, config_.hidden, config_.in,
                     config_.classes);
}

Array LstmNet::logits(MatmulEngine& engine, const Batch& batch, bool training) {
  Array x = time_major(batch.x);
  for (Lstm& lstm : lstms_) x = lstm.forward(engine, std::move(x), training);
  return classes_.forward(engine, mean_over_time(x), training);
}

BatchLoss LstmNet::run(MatmulEngine& engine, const Batch& batch, bool training) {
  Array y = logits(engine, batch, training);
  const BatchLoss loss = softmax_loss(y, batch.labels, training);
  if (!training) return loss;
  Array d = spread_over_time(classes_.backward(engine, std::move(y)), batch.x.shape[1]);
  for (std::size_t i = lstms_.size(); i-- > 0;) d = lstms_[i].backward(engine, std::move(d));
  engine.finish();
  return loss;
}

Array LstmNet::infer(MatmulEngine& engine, const Batch& batch) { return logits(engine, batch, false); }

LayerState LstmNet::state() {
  LayerState state;
  for (Lstm& lstm : lstms_) lstm.collect(state);
  classes_.collect(state);
  return state;
}

}  // namespace cuatro::nn
