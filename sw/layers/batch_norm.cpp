// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "layers/batch_norm.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "device/input_error.h"
#include "nn/join.h"

namespace cuatro::nn {

BatchNorm::BatchNorm(const std::string& name, std::uint32_t channels, NetBuilder& builder, float gain)
    : channels_(channels),
      gamma_(builder.vector(name + ".gamma", channels, gain)),
      beta_(builder.vector(name + ".beta", channels)),
      running_mean_(channels, 0.0F),
      running_variance_(channels, 1.0F),
      batch_mean_(channels),
      batch_variance_(channels),
      mean_(channels),
      inverse_(channels) {}

void BatchNorm::batch_statistics(const Array& x) {
  const double share = 1.0 / static_cast<double>(x.rows());
  double* sum = batch_mean_.data();
  std::fill_n(sum, channels_, 0.0);
  for (const float* row = x.data.data(); row != x.data.data() + x.data.size(); row += channels_) {
    for (std::uint32_t c = 0; c < channels_; ++c) sum[c] += static_cast<double>(row[c]);
  }
  for (std::uint32_t c = 0; c < channels_; ++c) sum[c] *= share;
  double* square = batch_variance_.data();
  std::fill_n(square, channels_, 0.0);
  for (const float* row = x.data.data(); row != x.data.data() + x.data.size(); row += channels_) {
    for (std::uint32_t c = 0; c < channels_; ++c) {
      const double d = static_cast<double>(row[c]) - sum[c];
      square[c] += d * d;
    }
  }
  for (std::uint32_t c = 0; c < channels_; ++c) square[c] *= share;
}

void BatchNorm::move_running(std::uint32_t rows) {
  const auto count = static_cast<double>(rows);
  const double unbiased = count / (count - 1.0);
  for (std::uint32_t c = 0; c < channels_; ++c) {
    running_mean_[c] += kMomentum * (static_cast<float>(batch_mean_[c]) - running_mean_[c]);
    running_variance_[c] += kMomentum * (static_cast<float>(batch_variance_[c] * unbiased) - running_variance_[c]);
  }
}

Array BatchNorm::forward(MatmulEngine&, Array x, bool training) {
  if (x.cols() != channels_ || (training && x.rows() < 2)) {
    throw InputError(fmt::format("{}: input [{}], expected {} channels and two rows", gamma_.name,
                                 join(x.shape, ", "), channels_));
  }
  if (training) {
    batch_statistics(x);
    move_running(x.rows());
  }
  std::vector<float> scale(channels_);
  for (std::uint32_t c = 0; c < channels_; ++c) {
    mean_[c] = training ? static_cast<float>(batch_mean_[c]) : running_mean_[c];
    const double variance = training ? batch_variance_[c] : static_cast<double>(running_variance_[c]);
    inverse_[c] = static_cast<float>(1.0 / std::sqrt(variance + static_cast<double>(kEpsilon)));
    scale[c] = gamma_.value[c] * inverse_[c];
  }
  Array y = training ? Array(x.shape) : std::move(x);
  const Array& from = training ? x : y;
  const float* mean = mean_.data();
  const float* beta = beta_.value.data();
  for (std::size_t i = 0; i < y.data.size(); i += channels_) {
    const float* v = &from.data[i];
    float* to = &y.data[i];
    for (std::uint32_t c = 0; c < channels_; ++c) to[c] = (v[c] - mean[c]) * scale[c] + beta[c];
  }
  if (training) x_ = std::move(x);
  return y;
}

// With n = (x - mean)·inverse: dgamma = sum dy·n, dbeta = sum dy,
// dx = gamma·inverse·(dy - dbeta/rows - n·dgamma/rows).
Array BatchNorm::backward(MatmulEngine&, Array dy) {
  std::vector<double> sum(channels_), product(channels_);
  const float* mean = mean_.data();
  const float* inverse = inverse_.data();
  double* s = sum.data();
  double* p = product.data();
  for (std::size_t i = 0; i < dy.data.size(); i += channels_) {
    const float* g = &dy.data[i];
    const float* v = &x_.data[i];
    for (std::uint32_t c = 0; c < channels_; ++c) {
      s[c] += static_cast<double>(g[c]);
      p[c] += static_cast<double>(g[c] * ((v[c] - mean[c]) * inverse[c]));
    }
  }
  const double share = 1.0 / static_cast<double>(x_.rows());
  std::vector<float> scale(channels_), offset(channels_), slope(channels_);
  for (std::uint32_t c = 0; c < channels_; ++c) {
    beta_.gradient[c] = static_cast<float>(sum[c]);
    gamma_.gradient[c] = static_cast<float>(product[c]);
    scale[c] = gamma_.value[c] * inverse[c];
    offset[c] = static_cast<float>(sum[c] * share);
    slope[c] = static_cast<float>(product[c] * share) * inverse[c];
  }
  for (std::size_t i = 0; i < dy.data.size(); i += channels_) {
    float* g = &dy.data[i];
    const float* v = &x_.data[i];
    for (std::uint32_t c = 0; c < channels_; ++c) {
      g[c] = scale[c] * ((g[c] - offset[c]) - (v[c] - mean[c]) * slope[c]);
    }
  }
  x_ = {};
  return dy;
}

void BatchNorm::collect(LayerState& state) {
  state.weights.insert(state.weights.end(), {&gamma_, &beta_});
  const std::string stem = gamma_.name.substr(0, gamma_.name.size() - std::string(".gamma").size());
  state.buffers.push_back({stem + ".running_mean", &running_mean_});
  state.buffers.push_back({stem + ".running_variance", &running_variance_});
}

}  // namespace cuatro::nn
