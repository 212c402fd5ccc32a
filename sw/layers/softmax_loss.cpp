// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "layers/softmax_loss.h"

#include <algorithm>

#include "layers/float_math.h"

namespace cuatro::nn {

BatchLoss softmax_loss(Array& logits, std::span<const std::uint8_t> labels, bool gradient) {
  const std::uint32_t rows = logits.rows(), classes = logits.cols();
  const float mean = 1.0F / static_cast<float>(rows);
  BatchLoss loss;
  loss.count = rows;
  for (std::uint32_t r = 0; r < rows; ++r) {
    float* z = &logits.data[std::size_t{r} * classes];
    const float* top = std::max_element(z, z + classes);
    const float max = *top, label = z[labels[r]];
    loss.correct += static_cast<std::uint32_t>(top - z) == labels[r];
    float sum = 0;
    for (std::uint32_t c = 0; c < classes; ++c) sum += exp_fixed(z[c] - max);
    loss.loss_sum += static_cast<double>(log_fixed(sum) - (label - max));
    if (!gradient) continue;
    const float scale = mean / sum;
    for (std::uint32_t c = 0; c < classes; ++c) z[c] = exp_fixed(z[c] - max) * scale;
    z[labels[r]] -= mean;
  }
  return loss;
}

}  // namespace cuatro::nn
