// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "layers/relu.h"

namespace cuatro::nn {

Array Relu::forward(MatmulEngine&, Array x, bool training) {
  const std::size_t size = x.data.size();
  float* v = x.data.data();
  if (training) {
    open_.resize(size);
    std::uint8_t* open = open_.data();
    for (std::size_t i = 0; i < size; ++i) open[i] = v[i] > 0.0F;
  }
  for (std::size_t i = 0; i < size; ++i) v[i] = v[i] > 0.0F ? v[i] : 0.0F;
  return x;
}

Array Relu::backward(MatmulEngine&, Array dy) {
  float* v = dy.data.data();
  const std::uint8_t* open = open_.data();
  for (std::size_t i = 0; i < dy.data.size(); ++i) v[i] = open[i] != 0 ? v[i] : 0.0F;
  return dy;
}

}  // namespace cuatro::nn
