// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "layers/batch_norm.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "device/input_error.h"
#include "nn/join.h"

namespace cuatro::nn {
namespace {

// sum[c] = sum of term(index, c) over the rows in order. A few rows at a time, so that they are still in the
// cache for the next block of channels, whose sums stay in registers.
template <typename Term>
void sum_rows(std::size_t rows, std::size_t channels, double* sum, Term term) {
  constexpr std::size_t kRows = 256, kLanes = 16;
  std::fill_n(sum, channels, 0.0);
  for (std::size_t first = 0; first < rows; first += kRows) {
    const std::size_t end = std::min(rows, first + kRows);
    std::size_t c = 0;
    for (; c + kLanes <= channels; c += kLanes) {
      double lanes[kLanes];
      std::copy_n(sum + c, kLanes, lanes);
      for (std::size_t r = first; r < end; ++r) {
        for (std::size_t i = 0; i < kLanes; ++i) lanes[i] += term(r * channels + c + i, c + i);
      }
      std::copy_n(lanes, kLanes, sum + c);
    }
    for (; c < channels; ++c) {
      for (std::size_t r = first; r < end; ++r) sum[c] += term(r * channels + c, c);
    }
  }
}

// The loops over one row: nothing aliases.
void normalise(const float* __restrict x, const float* __restrict mean, const float* __restrict scale,
               const float* __restrict beta, float* __restrict y, std::size_t channels) {
  for (std::size_t c = 0; c < channels; ++c) y[c] = (x[c] - mean[c]) * scale[c] + beta[c];
}

void input_gradient(const float* __restrict x, const float* __restrict mean, const float* __restrict scale,
                    const float* __restrict offset, const float* __restrict slope, float* __restrict g,
                    std::size_t channels) {
  for (std::size_t c = 0; c < channels; ++c) g[c] = scale[c] * ((g[c] - offset[c]) - (x[c] - mean[c]) * slope[c]);
}

}  // namespace

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
  const float* v = x.data.data();
  double* mean = batch_mean_.data();
  sum_rows(x.rows(), channels_, mean, [v](std::size_t i, std::size_t) { return static_cast<double>(v[i]); });
  for (double& m : batch_mean_) m *= share;
  sum_rows(x.rows(), channels_, batch_variance_.data(), [v, mean](std::size_t i, std::size_t c) {
    const double d = static_cast<double>(v[i]) - mean[c];
    return d * d;
  });
  for (double& variance : batch_variance_) variance *= share;
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
  Array y(x.shape);
  for (std::size_t i = 0; i < y.data.size(); i += channels_) {
    normalise(&x.data[i], mean_.data(), scale.data(), beta_.value.data(), &y.data[i], channels_);
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
  const float* g = dy.data.data();
  const float* v = x_.data.data();
  sum_rows(x_.rows(), channels_, sum.data(), [g](std::size_t i, std::size_t) { return static_cast<double>(g[i]); });
  sum_rows(x_.rows(), channels_, product.data(), [g, v, mean, inverse](std::size_t i, std::size_t c) {
    return static_cast<double>(g[i] * ((v[i] - mean[c]) * inverse[c]));
  });
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
    input_gradient(&x_.data[i], mean, scale.data(), offset.data(), slope.data(), &dy.data[i], channels_);
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
