// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "layers/layer_norm.h"

#include <algorithm>
#include <cmath>

#include "layers/row_reduce.h"

namespace cuatro::nn {
namespace {
constexpr float kEpsilon = 1e-5F;
}

LayerNorm::LayerNorm(const std::string& name, std::uint32_t width, NetBuilder& builder)
    : width_(width),
      scale_(builder.vector(name + ".scale", width, 1.0F)),
      shift_(builder.vector(name + ".shift", width)) {}

Array LayerNorm::forward(MatmulEngine&, Array x, bool training) {
  const std::uint32_t rows = x.rows();
  const float share = 1.0F / static_cast<float>(width_);
  if (training) normal_.resize(x.data.size()), inverse_.resize(rows);
  for (std::uint32_t r = 0; r < rows; ++r) {
    float* row = &x.data[std::size_t{r} * width_];
    const float mean = row_sum(width_, [=](std::uint32_t c) { return row[c]; }) * share;
    for (std::uint32_t c = 0; c < width_; ++c) row[c] -= mean;
    const float variance = row_sum(width_, [=](std::uint32_t c) { return row[c] * row[c]; }) * share;
    const float inverse = 1.0F / std::sqrt(variance + kEpsilon);
    for (std::uint32_t c = 0; c < width_; ++c) row[c] *= inverse;
    if (training) {
      std::copy_n(row, width_, &normal_[std::size_t{r} * width_]);
      inverse_[r] = inverse;
    }
    for (std::uint32_t c = 0; c < width_; ++c) row[c] = row[c] * scale_.value[c] + shift_.value[c];
  }
  return x;
}

Array LayerNorm::backward(MatmulEngine&, Array dy) {
  const std::uint32_t rows = dy.rows();
  const float share = 1.0F / static_cast<float>(width_);
  std::fill(scale_.gradient.begin(), scale_.gradient.end(), 0.0F);
  std::fill(shift_.gradient.begin(), shift_.gradient.end(), 0.0F);
  for (std::uint32_t r = 0; r < rows; ++r) {
    float* g = &dy.data[std::size_t{r} * width_];
    const float* n = &normal_[std::size_t{r} * width_];
    for (std::uint32_t c = 0; c < width_; ++c) {
      scale_.gradient[c] += g[c] * n[c];
      shift_.gradient[c] += g[c];
      g[c] *= scale_.value[c];
    }
    const float mean = row_sum(width_, [=](std::uint32_t c) { return g[c]; }) * share;
    const float along = row_sum(width_, [=](std::uint32_t c) { return g[c] * n[c]; }) * share;
    for (std::uint32_t c = 0; c < width_; ++c) g[c] = ((g[c] - mean) - n[c] * along) * inverse_[r];
  }
  return dy;
}

void LayerNorm::collect(LayerState& state) { state.weights.insert(state.weights.end(), {&scale_, &shift_}); }

}  // namespace cuatro::nn
