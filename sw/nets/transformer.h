// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <deque>

#include "layers/attention.h"
#include "layers/embedding.h"
#include "layers/feed_forward.h"
#include "layers/layer_norm.h"
#include "nets/network.h"

namespace cuatro::nn {

// A decoder-only transformer on symbols: token and position embeddings, blocks of causal attention and a
// feed-forward layer (hidden = 4 · width), each after a layer norm and added to its input, a last layer norm,
// and a linear layer to the symbols.
class Transformer final : public Network {
 public:
  struct Config {
    std::uint32_t symbols = 0;  // at most 256
    std::uint32_t context = 0;  // longest window
    std::uint32_t layers = 0, width = 0, heads = 0;
  };
  Transformer(const Config& config, std::uint64_t seed);

  std::string describe() const override;
  BatchLoss run(MatmulEngine& engine, const Batch& batch, bool training) override;
  Array infer(MatmulEngine& engine, const Batch& batch) override;  // [N, T, symbols]
  LayerState state() override;

 private:
  struct Block {
    LayerNorm norm1;
    CausalAttention attention;
    LayerNorm norm2;
    FeedForward feed_forward;
  };
  Array forward(MatmulEngine& engine, const Batch& batch, bool training);

  Config config_;
  NetBuilder builder_;
  Embedding embedding_;
  std::deque<Block> blocks_;
  LayerNorm norm_;
  Linear head_;
};

}  // namespace cuatro::nn
