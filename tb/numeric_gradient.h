// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "catch.h"
#include "layers/layer.h"

// Checks of layers by the sum L = Σ c·y of their outputs with fixed coefficients c, whose gradient is dy = c.
namespace numeric {

inline std::vector<float> random_values(std::size_t count, std::uint32_t seed, float most = 1.0F) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<float> uniform(-most, most);
  std::vector<float> values(count);
  for (float& v : values) v = uniform(generator);
  return values;
}

// The largest |analytic - numeric| over `values`, relative to the largest |analytic|; numeric is the central
// difference of loss() while one value at a time moves by `step`.
template <class Loss>
double gradient_error(std::vector<float>& values, const std::vector<float>& analytic, Loss loss, float step = 1e-2F) {
  REQUIRE(values.size() == analytic.size());
  double error = 0, largest = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float kept = values[i];
    values[i] = kept + step;
    const double up = loss();
    values[i] = kept - step;
    const double down = loss();
    values[i] = kept;
    const double slope = (up - down) / (2.0 * static_cast<double>(step));
    error = std::max(error, std::abs(slope - static_cast<double>(analytic[i])));
    largest = std::max(largest, std::abs(static_cast<double>(analytic[i])));
  }
  REQUIRE(largest > 0);
  return error / largest;
}

// All gradients of a layer, of its input and of its weights, at a random input of `shape`.
inline void check_gradients(cuatro::nn::Layer& layer, cuatro::nn::MatmulEngine& engine,
                            const cuatro::nn::Array::Shape& shape, double tolerance) {
  using cuatro::nn::Array;
  Array x(shape, random_values(Array::size_of(shape), 7));
  engine.begin_step({0, true});
  const Array y = layer.forward(engine, x, true);
  const Array dy(y.shape, random_values(y.data.size(), 8));
  const Array dx = layer.backward(engine, dy);
  const auto loss = [&] {
    const Array now = layer.forward(engine, x, false);
    double sum = 0;
    for (std::size_t i = 0; i < now.data.size(); ++i) {
      sum += static_cast<double>(now.data[i]) * static_cast<double>(dy.data[i]);
    }
    return sum;
  };
  CHECK(dx.shape == shape);
  CHECK(gradient_error(x.data, dx.data, loss) < tolerance);
  cuatro::nn::LayerState state;
  layer.collect(state);
  for (cuatro::nn::Weights* w : state.weights) {
    INFO(w->name);
    CHECK(gradient_error(w->value, w->gradient, loss) < tolerance);
  }
}

}  // namespace numeric
