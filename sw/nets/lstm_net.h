// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <vector>

#include "layers/linear.h"
#include "layers/lstm.h"
#include "nets/network.h"

namespace cuatro::nn {

// Words from sound: LSTM layers over frames [N, T, in], the mean of the last one's outputs over time, a linear
// layer to the classes.
class LstmNet final : public Network {
 public:
  struct Config {
    std::uint32_t in = 40, hidden = 128, layers = 1, classes = 10;
    std::uint64_t seed = 1;
  };
  explicit LstmNet(const Config& config);

  std::string describe() const override;
  BatchLoss run(MatmulEngine& engine, const Batch& batch, bool training) override;
  Array infer(MatmulEngine& engine, const Batch& batch) override;
  LayerState state() override;

 private:
  Array logits(MatmulEngine& engine, const Batch& batch, bool training);

  Config config_;
  NetBuilder builder_;
  std::vector<Lstm> lstms_;
  Linear classes_;
};

}  // namespace cuatro::nn
