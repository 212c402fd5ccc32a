// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "gradient_check.h"

#include "device/input_error.h"
#include "layers/batch_norm.h"

using namespace cuatro::nn;
using cuatro::InputError;
using gradient_check::random_array;

namespace {

// gamma and beta away from 1 and 0, so that a forgotten one shows.
void scatter(BatchNorm& norm, std::mt19937& random) {
  LayerState state;
  norm.collect(state);
  for (auto* w : state.weights) {
    for (float& v : w->value) v = std::uniform_real_distribution<float>(0.5F, 2)(random);
  }
}

struct Moments {
  double mean = 0, variance = 0;  // divided by the count
};

Moments moments(const Array& x, std::uint32_t channel) {
  Moments m;
  const double rows = static_cast<double>(x.rows());
  for (std::size_t i = channel; i < x.data.size(); i += x.cols()) m.mean += static_cast<double>(x.data[i]) / rows;
  for (std::size_t i = channel; i < x.data.size(); i += x.cols()) {
    m.variance += std::pow(static_cast<double>(x.data[i]) - m.mean, 2) / rows;
  }
  return m;
}

}  // namespace

TEST_CASE("batch norm: training output has the batch's moments taken out, gamma and beta put in") {
  std::mt19937 random(1);
  NetBuilder builder(1);
  BatchNorm norm("norm", 19, builder);
  scatter(norm, random);
  LayerState state;
  norm.collect(state);
  Array x = random_array({2, 13, 12, 19}, random, 3);  // more than a block of the sums, and a rest
  for (float& v : x.data) v += 10;  // a mean that a one-pass variance would feel
  FloatEngine engine(Precision::fp32);
  const Array y = norm.forward(engine, x, true);
  REQUIRE(y.shape == x.shape);
  std::vector<Moments> of(19);
  for (std::uint32_t c = 0; c < 19; ++c) of[c] = moments(x, c);
  for (std::size_t i = 0; i < x.data.size(); ++i) {
    const auto c = static_cast<std::uint32_t>(i % 19);
    const Moments m = of[c];
    const double expected = (static_cast<double>(x.data[i]) - m.mean) / std::sqrt(m.variance + 1e-5) *
                                static_cast<double>(state.weights[0]->value[c]) +
                            static_cast<double>(state.weights[1]->value[c]);
    REQUIRE(y.data[i] == Approx(expected).margin(1e-5));
  }
}

TEST_CASE("batch norm: running moments move by a tenth towards the batch's, the variance unbiased") {
  std::mt19937 random(2);
  NetBuilder builder(1);
  BatchNorm norm("norm", 2, builder);
  LayerState state;
  norm.collect(state);
  REQUIRE(state.buffers.size() == 2);
  CHECK(state.buffers[0].name == "norm.running_mean");
  CHECK(state.buffers[1].name == "norm.running_variance");
  FloatEngine engine(Precision::fp32);
  std::vector<double> mean(2, 0), variance(2, 1);
  for (int step = 0; step < 5; ++step) {
    const Array x = random_array({7, 2}, random, 4);
    norm.forward(engine, x, true);
    for (std::uint32_t c = 0; c < 2; ++c) {
      const Moments m = moments(x, c);
      mean[c] = 0.9 * mean[c] + 0.1 * m.mean;
      variance[c] = 0.9 * variance[c] + 0.1 * m.variance * 7 / 6;
      CHECK((*state.buffers[0].values)[c] == Approx(mean[c]).margin(1e-6));
      CHECK((*state.buffers[1].values)[c] == Approx(variance[c]));
    }
  }
}

TEST_CASE("batch norm: outside training the running moments serve and stay") {
  std::mt19937 random(3);
  NetBuilder builder(1);
  BatchNorm norm("norm", 2, builder);
  scatter(norm, random);
  LayerState state;
  norm.collect(state);
  *state.buffers[0].values = {1, -2};
  *state.buffers[1].values = {4, 0.25F};
  FloatEngine engine(Precision::fp32);
  const Array x = random_array({1, 2}, random);
  const Array y = norm.forward(engine, x, false);
  const double mean[] = {1, -2}, deviation[] = {std::sqrt(4 + 1e-5), std::sqrt(0.25 + 1e-5)};
  for (std::size_t c = 0; c < 2; ++c) {
    CHECK(y.data[c] == Approx((static_cast<double>(x.data[c]) - mean[c]) / deviation[c] *
                                  static_cast<double>(state.weights[0]->value[c]) +
                              static_cast<double>(state.weights[1]->value[c])));
  }
  CHECK(*state.buffers[0].values == std::vector<float>{1, -2});
  CHECK(*state.buffers[1].values == std::vector<float>{4, 0.25F});
}

TEST_CASE("batch norm: gradients of x, gamma and beta follow the numeric ones, through mean and variance") {
  std::mt19937 random(4);
  for (const Array::Shape& shape : {Array::Shape{2, 3, 3, 4}, Array::Shape{4, 3}, Array::Shape{16, 1}, Array::Shape{7, 18}}) {
    NetBuilder builder(1);
    BatchNorm norm("norm", shape.back(), builder);
    scatter(norm, random);
    gradient_check::check(norm, random_array(shape, random, 2), random, {1.0F / 64, 5e-3, true});
  }
}

TEST_CASE("batch norm refuses other channels and a batch of one row") {
  NetBuilder builder(1);
  BatchNorm norm("norm", 2, builder);
  FloatEngine engine(Precision::fp32);
  CHECK_THROWS_AS(norm.forward(engine, Array({4, 3}), true), InputError);
  CHECK_THROWS_AS(norm.forward(engine, Array({1, 2}), true), InputError);
}
