// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "nets/transformer.h"

#include <cmath>
#include <fmt/format.h>

#include "layers/softmax_loss.h"

namespace cuatro::nn {
namespace {

void add(Array& to, const Array& what) {
  for (std::size_t i = 0; i < to.data.size(); ++i) to.data[i] += what.data[i];
}

}  // namespace

Transformer::Transformer(const Config& config, std::uint64_t seed)
    : config_(config),
      builder_(seed),
      embedding_({"embedding", config.symbols, config.context, config.width}, builder_),
      norm_("norm", config.width, builder_),
      head_({.name = "head", .in = config.width, .out = config.symbols, .init_gain = 0.5F}, builder_) {
  // What the blocks add up to starts as large whatever their number (Radford et al. 2019).
  const float out_gain = 1.0F / std::sqrt(2.0F * static_cast<float>(config.layers));
  for (std::uint32_t l = 1; l <= config.layers; ++l) {
    const std::string name = fmt::format("block{}", l);
    blocks_.push_back({{name + ".norm1", config.width, builder_},
                       {{name + ".attention", config.width, config.heads, config.context, out_gain}, builder_},
                       {name + ".norm2", config.width, builder_},
                       {{name + ".mlp", config.width, 4 * config.width, out_gain}, builder_}});
  }
}

std::string Transformer::describe() const {
  return fmt::format("transformer {} layers of {}, {} heads, context {}, {} symbols", config_.layers, config_.width,
                     config_.heads, config_.context, config_.symbols);
}

Array Transformer::forward(MatmulEngine& engine, const Batch& batch, bool training) {
  Array x = embedding_.forward(batch.tokens, batch.context, training);
  for (Block& b : blocks_) {
    add(x, b.attention.forward(engine, b.norm1.forward(engine, x, training), training));
    add(x, b.feed_forward.forward(engine, b.norm2.forward(engine, x, training), training));
  }
  return head_.forward(engine, norm_.forward(engine, std::move(x), training), training);
}

BatchLoss Transformer::run(MatmulEngine& engine, const Batch& batch, bool training) {
  Array y = forward(engine, batch, training);
  const BatchLoss loss = softmax_loss(y, batch.labels, training);
  if (!training) return loss;
  Array dx = norm_.backward(engine, head_.backward(engine, std::move(y)));
  for (auto b = blocks_.rbegin(); b != blocks_.rend(); ++b) {
    add(dx, b->norm2.backward(engine, b->feed_forward.backward(engine, dx)));
    add(dx, b->norm1.backward(engine, b->attention.backward(engine, dx)));
  }
  embedding_.backward(dx);
  engine.finish();
  return loss;
}

Array Transformer::infer(MatmulEngine& engine, const Batch& batch) { return forward(engine, batch, false); }

LayerState Transformer::state() {
  LayerState state;
  embedding_.collect(state);
  for (Block& b : blocks_) {
    b.norm1.collect(state);
    b.attention.collect(state);
    b.norm2.collect(state);
    b.feed_forward.collect(state);
  }
  norm_.collect(state);
  head_.collect(state);
  return state;
}

}  // namespace cuatro::nn
