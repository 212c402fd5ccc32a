// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "layers/column_scale.h"

namespace cuatro::nn {
namespace {
constexpr float kSmallest = 1e-20F;
}

std::vector<float> column_scales(std::span<const float> values, std::uint32_t cols) {
  std::vector<float> scales(cols);
  for (std::size_t row = 0; row < values.size(); row += cols) {
    for (std::uint32_t c = 0; c < cols; ++c) scales[c] += values[row + c] < 0 ? -values[row + c] : values[row + c];
  }
  const float share = static_cast<float>(cols) / static_cast<float>(values.size());
  for (float& s : scales) s = s * share > kSmallest ? s * share : 1.0F;
  return scales;
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
