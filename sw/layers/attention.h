// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include "layers/linear.h"

namespace cuatro::nn {

// Causal self-attention (Vaswani et al. 2017) on [N, T, width]: position t sees positions 0 .. t. A score is
// s = q·k / sqrt(head width) + a learned bias of the head for the distance (Raffel et al. 2020), which starts as
// -slope · distance, a slope a head (Press et al. 2022). So where to look by distance is float and never quantized.
//
// Softmax is split so that 4 bits serve it: the operand of the product with V is E = exp(s - the row's largest s),
// which reaches 1 in every row whatever T, and the division by the row's sum happens on the product, in float:
// O = (E·V) / sum. Backwards the same division goes into the gradient before it is quantized: with
// dO' = dO / sum, dV = Eᵀ·dO' and dS = E ∘ (dO'·Vᵀ - (dO'·O of the row)).
// Every matrix is quantized once for all heads; a head's product takes its rows.
class CausalAttention final : public Layer {
 public:
  struct Config {
    std::string name;
    std::uint32_t width = 0, heads = 1;  // heads divides width
    std::uint32_t context = 0;           // longest T
    float out_gain = 1.0F;               // on the output projection's initial weights
  };
  CausalAttention(const Config& config, NetBuilder& builder);

  Array forward(MatmulEngine& engine, Array x, bool training) override;
  Array backward(MatmulEngine& engine, Array dy) override;
  void collect(LayerState& state) override;

 private:
  std::size_t bias_index(std::uint32_t row, std::uint32_t context) const;

  Config config_;
  std::uint32_t head_width_;
  float score_scale_;  // 1 / sqrt(head_width)
  Weights bias_;       // [heads, context], from the farthest position to the query's own
  Linear qkv_, out_;   // to queries, keys and values side by side; from the heads side by side
  OperandSite q_site_, k_site_, v_site_, e_site_, do_site_, ds_site_;

  // What backward() needs. A pair is an example and a head; its T rows stand together.
  Operand q_, k_, v_, e_;          // [pairs · T, head_width], e_ [pairs · T, T]
  std::vector<float> exps_;        // E
  std::vector<float> inverse_sum_; // [pairs · T]
  std::vector<float> heads_;       // O, [N, T, width]
};

}  // namespace cuatro::nn
