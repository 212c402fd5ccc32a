// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <algorithm>
#include <span>

#include "layers/array.h"

namespace cuatro::nn {

// y[row][c] += bias[c]
inline void add_bias(Array& y, std::span<const float> bias) {
  const std::size_t cols = bias.size();
  for (float* row = y.data.data(); row != y.data.data() + y.data.size(); row += cols) {
    for (std::size_t c = 0; c < cols; ++c) row[c] += bias[c];
  }
}

// gradient[c] = sum of dy[row][c], rows in order.
inline void bias_gradient(const Array& dy, std::span<float> gradient) {
  const std::size_t cols = gradient.size();
  std::fill(gradient.begin(), gradient.end(), 0.0F);
  for (const float* row = dy.data.data(); row != dy.data.data() + dy.data.size(); row += cols) {
    for (std::size_t c = 0; c < cols; ++c) gradient[c] += row[c];
  }
}

}  // namespace cuatro::nn
