// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "layers/column_scale.h"

#include <algorithm>

namespace cuatro::nn {
namespace {
constexpr float kSmallest = 1e-20F;
}

std::vector<float> column_ranges(std::span<const float> values, std::uint32_t cols, float mean_multiple) {
  std::vector<float> largest(cols), sum(cols);
  for (std::size_t row = 0; row < values.size(); row += cols) {
    for (std::uint32_t c = 0; c < cols; ++c) {
      const float magnitude = values[row + c] < 0 ? -values[row + c] : values[row + c];
      largest[c] = std::max(largest[c], magnitude);
      sum[c] += magnitude;
    }
  }
  const float share = mean_multiple * static_cast<float>(cols) / static_cast<float>(values.size());
  for (std::uint32_t c = 0; c < cols; ++c) {
    if (mean_multiple > 0) largest[c] = std::min(largest[c], sum[c] * share);
    if (!(largest[c] > kSmallest)) largest[c] = 1.0F;
  }
  return largest;
}

std::vector<float> levelled(std::span<const float> values, std::span<const float> scales) {
  std::vector<float> level(values.begin(), values.end());
  unscale_columns(level, scales);
  for (float& v : level) v = std::min(std::max(v, -1.0F), 1.0F);
  return level;
}

void scale_columns(std::span<float> values, std::span<const float> scales) {
  for (std::size_t row = 0; row < values.size(); row += scales.size()) {
    for (std::size_t c = 0; c < scales.size(); ++c) values[row + c] *= scales[c];
  }
}

void unscale_columns(std::span<float> values, std::span<const float> scales) {
  for (std::size_t row = 0; row < values.size(); row += scales.size()) {
    for (std::size_t c = 0; c < scales.size(); ++c) values[row + c] /= scales[c];
  }
}

}  // namespace cuatro::nn
