// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cmath>
#include <functional>
#include <random>
#include <vector>

#include "catch.h"
#include "layers/layer.h"
#include "matmul/float_engine.h"

// Compares what a layer's backward pass says with what its forward pass does.
namespace gradient_check {

using cuatro::nn::Array;
using cuatro::nn::FloatEngine;
using cuatro::nn::Layer;
using cuatro::nn::LayerState;
using cuatro::nn::Precision;

inline Array random_array(Array::Shape shape, std::mt19937& random, float spread = 1.0F) {
  std::uniform_real_distribution<float> uniform(-spread, spread);
  Array a(std::move(shape));
  for (float& v : a.data) v = uniform(random);
  return a;
}

// Values that differ by at least 0.05 from each other and by 0.025 from zero, in random order: no maximum and no
// ReLU changes its mind within the step of a numeric differentiation.
inline Array spaced_array(Array::Shape shape, std::mt19937& random) {
  Array a(std::move(shape));
  for (std::size_t i = 0; i < a.data.size(); ++i) {
    a.data[i] = 0.05F * (static_cast<float>(i) - static_cast<float>(a.data.size() / 2) + 0.5F);
  }
  std::shuffle(a.data.begin(), a.data.end(), random);
  return a;
}

struct Options {
  float step = 1.0F / 16;   // of the central difference
  double tolerance = 2e-3;  // relative to the largest gradient of the tensor: a wrong factor or sign is far outside
  bool input = true;        // the layer gives dL/dx
};

// L = sum r·y with random r. Every element of x and of all weights is moved by ±step.
inline void check(Layer& layer, const Array& x, std::mt19937& random, const Options& options = {}) {
  FloatEngine engine(Precision::fp32);
  Array y = layer.forward(engine, x, true);
  const Array r = random_array(y.shape, random);
  const Array dx = layer.backward(engine, r);
  LayerState state;
  layer.collect(state);

  const auto loss = [&](const Array& at) {
    const Array out = layer.forward(engine, at, true);
    double sum = 0;
    for (std::size_t i = 0; i < out.data.size(); ++i) {
      sum += static_cast<double>(out.data[i]) * static_cast<double>(r.data[i]);
    }
    return sum;
  };
  const auto compare = [&](const std::string& name, const std::vector<float>& gradient, std::vector<float>& values,
                           const std::function<double()>& evaluate) {
    REQUIRE(gradient.size() == values.size());
    std::vector<double> numeric(values.size());
    double largest = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const float kept = values[i];
      values[i] = kept + options.step;
      const double above = evaluate();
      values[i] = kept - options.step;
      numeric[i] = (above - evaluate()) / (2.0 * static_cast<double>(options.step));
      values[i] = kept;
      largest = std::max(largest, std::fabs(numeric[i]));
    }
    REQUIRE(largest > 1e-3);
    for (std::size_t i = 0; i < values.size(); ++i) {
      INFO(name << "[" << i << "]: backward " << gradient[i] << ", numeric " << numeric[i]);
      REQUIRE(std::fabs(static_cast<double>(gradient[i]) - numeric[i]) <= options.tolerance * largest);
    }
  };

  // The numeric side overwrites nothing the comparison reads: gradients change in backward() only.
  for (auto* w : state.weights) compare(w->name, w->gradient, w->value, [&] { return loss(x); });
  if (options.input) {
    Array moved = x;
    REQUIRE(dx.shape == x.shape);
    compare("x", dx.data, moved.data, [&] { return loss(moved); });
  } else {
    CHECK(dx.empty());
  }
}

}  // namespace gradient_check
