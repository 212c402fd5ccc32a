// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "layers/layer.h"
#include "layers/net_builder.h"

namespace cuatro::nn {

// Rows of two tables, summed: one for the token, one for its position in the window. A lookup, no product.
class Embedding {
 public:
  struct Config {
    std::string name;
    std::uint32_t symbols = 0;  // tokens are 0 .. symbols-1
    std::uint32_t context = 0;  // positions are 0 .. context-1
    std::uint32_t width = 0;
  };
  Embedding(const Config& config, NetBuilder& builder);

  // tokens [N, T] to [N, T, width]. Throws DeviceError for a token or a window that the tables do not have.
  Array forward(std::span<const std::uint8_t> tokens, std::uint32_t context, bool training);
  void backward(const Array& dy);
  void collect(LayerState& state);

 private:
  Config config_;
  Weights token_, position_;
  std::vector<std::uint8_t> tokens_;
};

}  // namespace cuatro::nn
