// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include "layers/layer.h"
#include "layers/net_builder.h"

namespace cuatro::nn {

// Long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000), from zero
// state, over sequences in time-major order: [T, N, in] to [T, N, hidden], so that a time step is N rows.
//   z = x_t·Wx + h_{t-1}·Wh + b,  columns i | f | g | o
//   c_t = σ(z_f)·c_{t-1} + σ(z_i)·tanh(z_g),  h_t = σ(z_o)·tanh(c_t)
// Products that do not wait for another time step are one for the whole sequence: x·Wx, dWx, dWh and dX. Within
// the recurrence, h (site "h_t") and dz ("dz_t") are quantized a time step at a time, each with a range of its
// own; the whole sequence's h and dz are quantized again, with one range, for the products after it ("h", "dz").
class Lstm final : public Layer {
 public:
  struct Config {
    std::string name;
    std::uint32_t in = 0, hidden = 0;
    OperandKind input = OperandKind::signed_values;
    bool input_gradient = true;  // false for the first layer of a net
  };
  Lstm(const Config& config, NetBuilder& builder);

  Array forward(MatmulEngine& engine, Array x, bool training) override;
  Array backward(MatmulEngine& engine, Array dy) override;
  void collect(LayerState& state) override;

 private:
  Config config_;
  Weights wx_, wh_, bias_;
  OperandSite x_site_, wx_site_, wh_site_, h_step_site_, h_site_, dz_step_site_, dz_site_;
  // Of the last training step: gates after their σ and tanh [T, N, 4·hidden], cells and outputs [T, N, hidden].
  Operand x_operand_, wx_operand_, wh_operand_;
  Array gates_, cells_, h_;
};

}  // namespace cuatro::nn
