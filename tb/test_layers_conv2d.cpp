// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "gradient_check.h"

#include "device/input_error.h"
#include "layers/conv2d.h"

using namespace cuatro::nn;
using cuatro::InputError;
using gradient_check::random_array;

namespace {

struct Case {
  std::uint32_t images, height, width, channels, filters, kernel, stride, padding;
};

// Strides that leave rows over, paddings up to the largest, kernels of one pixel and of the whole image.
const std::vector<Case> kCases{{2, 5, 6, 3, 4, 3, 1, 1}, {1, 6, 5, 2, 3, 3, 2, 1}, {2, 7, 7, 1, 2, 5, 1, 0},
                               {1, 5, 5, 2, 2, 5, 1, 4}, {2, 6, 7, 3, 2, 1, 2, 0}, {1, 8, 6, 2, 3, 3, 3, 0},
                               {1, 7, 9, 1, 2, 4, 2, 2}, {1, 3, 3, 2, 2, 3, 1, 0}, {1, 9, 8, 2, 2, 2, 3, 1}};

Conv2d::Config config_of(const Case& c) {
  Conv2d::Config config;
  config.name = "conv";
  config.channels = c.channels, config.filters = c.filters;
  config.kernel = c.kernel, config.stride = c.stride, config.padding = c.padding;
  return config;
}

std::vector<double> naive(const Case& c, const Array& x, const std::vector<float>& w, const std::vector<float>& bias,
                          Array::Shape& shape) {
  const auto size = [&](std::uint32_t in) { return (in + 2 * c.padding - c.kernel) / c.stride + 1; };
  shape = {c.images, size(c.height), size(c.width), c.filters};
  std::vector<double> y;
  for (std::uint32_t n = 0; n < c.images; ++n) {
    for (std::uint32_t oy = 0; oy < shape[1]; ++oy) {
      for (std::uint32_t ox = 0; ox < shape[2]; ++ox) {
        for (std::uint32_t f = 0; f < c.filters; ++f) {
          double sum = static_cast<double>(bias[f]);
          for (std::uint32_t ky = 0; ky < c.kernel; ++ky) {
            for (std::uint32_t kx = 0; kx < c.kernel; ++kx) {
              const int iy = static_cast<int>(oy * c.stride + ky) - static_cast<int>(c.padding);
              const int ix = static_cast<int>(ox * c.stride + kx) - static_cast<int>(c.padding);
              if (iy < 0 || ix < 0 || iy >= static_cast<int>(c.height) || ix >= static_cast<int>(c.width)) continue;
              for (std::uint32_t k = 0; k < c.channels; ++k) {
                const std::size_t pixel = (std::size_t{n} * c.height + static_cast<std::size_t>(iy)) * c.width +
                                          static_cast<std::size_t>(ix);
                sum += static_cast<double>(x.data[pixel * c.channels + k]) *
                       static_cast<double>(w[((ky * c.kernel + kx) * c.channels + k) * c.filters + f]);
              }
            }
          }
          y.push_back(sum);
        }
      }
    }
  }
  return y;
}

}  // namespace

TEST_CASE("conv2d: forward is the sum over the window, in double, for strides and paddings") {
  std::mt19937 random(1);
  for (const Case& c : kCases) {
    NetBuilder builder(7);
    Conv2d conv(config_of(c), builder);
    LayerState state;
    conv.collect(state);
    REQUIRE(state.weights.size() == 2);
    for (float& b : state.weights[1]->value) b = std::uniform_real_distribution<float>(-1, 1)(random);
    const Array x = random_array({c.images, c.height, c.width, c.channels}, random);
    FloatEngine engine(Precision::fp32);
    for (const bool training : {false, true}) {
      const Array y = conv.forward(engine, x, training);
      Array::Shape shape;
      const std::vector<double> expected = naive(c, x, state.weights[0]->value, state.weights[1]->value, shape);
      REQUIRE(y.shape == shape);
      for (std::size_t i = 0; i < expected.size(); ++i) REQUIRE(y.data[i] == Approx(expected[i]).margin(1e-5));
    }
  }
}

TEST_CASE("conv2d: gradients of weights, bias and input follow the numeric ones") {
  std::mt19937 random(2);
  for (const Case& c : kCases) {
    NetBuilder builder(7);
    Conv2d conv(config_of(c), builder);
    INFO("kernel " << c.kernel << " stride " << c.stride << " padding " << c.padding);
    gradient_check::check(conv, random_array({c.images, c.height, c.width, c.channels}, random), random);
  }
}

TEST_CASE("conv2d: the first layer of a net gives no input gradient, and a bias is an option") {
  std::mt19937 random(3);
  Conv2d::Config config = config_of(kCases[0]);
  config.input_gradient = config.bias = false;
  NetBuilder builder(7);
  Conv2d conv(config, builder);
  LayerState state;
  conv.collect(state);
  CHECK(state.weights.size() == 1);
  gradient_check::Options options;
  options.input = false;
  gradient_check::check(conv, random_array({2, 5, 6, 3}, random), random, options);
}

TEST_CASE("conv2d refuses shapes that do not fit") {
  NetBuilder builder(7);
  Conv2d::Config config = config_of(kCases[0]);
  config.padding = config.kernel;
  CHECK_THROWS_AS(Conv2d(config, builder), InputError);
  config = config_of(kCases[0]);
  config.stride = 0;
  CHECK_THROWS_AS(Conv2d(config, builder), InputError);
  config = config_of(kCases[2]);
  Conv2d conv(config, builder);
  FloatEngine engine(Precision::fp32);
  CHECK_THROWS_AS(conv.forward(engine, Array({1, 4, 7, 1}), false), InputError);
  CHECK_THROWS_AS(conv.forward(engine, Array({1, 7, 7, 2}), false), InputError);
  CHECK_THROWS_AS(conv.forward(engine, Array({7, 7}), false), InputError);
}
