// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "gradient_check.h"

#include "device/input_error.h"
#include "layers/flatten.h"
#include "layers/pool.h"
#include "layers/relu.h"

using namespace cuatro::nn;
using cuatro::InputError;
using gradient_check::check;
using gradient_check::spaced_array;

namespace {

const gradient_check::Options kSmallStep{1.0F / 64, 2e-3, true};

// reduce(values of one window, row by row)
template <typename Reduce>
void check_pool(Layer& layer, const Array& x, PoolSize p, Reduce reduce) {
  FloatEngine engine(Precision::fp32);
  const Array y = layer.forward(engine, x, false);
  const std::uint32_t oh = (x.shape[1] - p.size) / p.stride + 1, ow = (x.shape[2] - p.size) / p.stride + 1;
  REQUIRE(y.shape == Array::Shape{x.shape[0], oh, ow, x.shape[3]});
  std::size_t i = 0;
  for (std::uint32_t n = 0; n < x.shape[0]; ++n) {
    for (std::uint32_t oy = 0; oy < oh; ++oy) {
      for (std::uint32_t ox = 0; ox < ow; ++ox) {
        for (std::uint32_t c = 0; c < x.shape[3]; ++c, ++i) {
          std::vector<double> window;
          for (std::uint32_t ky = 0; ky < p.size; ++ky) {
            for (std::uint32_t kx = 0; kx < p.size; ++kx) {
              const std::uint32_t iy = oy * p.stride + ky, ix = ox * p.stride + kx;
              window.push_back(
                  static_cast<double>(x.data[((n * x.shape[1] + iy) * x.shape[2] + ix) * x.shape[3] + c]));
            }
          }
          REQUIRE(y.data[i] == Approx(reduce(window)).margin(1e-5));
        }
      }
    }
  }
}

double max_of(const std::vector<double>& v) { return *std::max_element(v.begin(), v.end()); }
double mean_of(const std::vector<double>& v) {
  double sum = 0;
  for (const double x : v) sum += x;
  return sum / static_cast<double>(v.size());
}

// Windows that overlap, that leave pixels out, that leave a rest.
const std::vector<PoolSize> kPools{{2, 2}, {3, 2}, {2, 3}, {3, 3}, {1, 2}};

}  // namespace

TEST_CASE("relu: max(x, 0); the gradient passes where x > 0 and nowhere else") {
  std::mt19937 random(1);
  Relu relu;
  FloatEngine engine(Precision::fp32);
  const Array y = relu.forward(engine, Array({5}, {-2, -0.0F, 0, 0.5F, 3}), true);
  CHECK(y.data == std::vector<float>{0, 0, 0, 0.5F, 3});
  CHECK(relu.backward(engine, Array({5}, {1, 2, 3, 4, 5})).data == std::vector<float>{0, 0, 0, 4, 5});
  check(relu, spaced_array({3, 41}, random), random, kSmallStep);
}

TEST_CASE("max pool: forward and gradient, for several sizes and strides") {
  std::mt19937 random(2);
  for (const PoolSize p : kPools) {
    MaxPool pool(p);
    const Array x = spaced_array({2, 5, 6, 3}, random);
    check_pool(pool, x, p, max_of);
    check(pool, x, random, kSmallStep);
  }
}

TEST_CASE("max pool: among equals the first in row order gets the gradient") {
  MaxPool pool;
  FloatEngine engine(Precision::fp32);
  pool.forward(engine, Array({1, 2, 2, 2}, {1, 0, 1, 7, 1, 7, 0, 7}), true);
  CHECK(pool.backward(engine, Array({1, 1, 1, 2}, {3, 5})).data == std::vector<float>{3, 0, 0, 5, 0, 0, 0, 0});
}

TEST_CASE("average pool: forward and gradient, for several sizes and strides") {
  std::mt19937 random(3);
  for (const PoolSize p : kPools) {
    AvgPool pool(p);
    const Array x = spaced_array({2, 5, 6, 3}, random);
    check_pool(pool, x, p, mean_of);
    check(pool, x, random);
  }
}

TEST_CASE("global average pool is the average pool of the image's size, flattened") {
  std::mt19937 random(4);
  const Array x = spaced_array({3, 4, 4, 5}, random);
  GlobalAvgPool global;
  AvgPool pool({4, 1});
  FloatEngine engine(Precision::fp32);
  const Array y = global.forward(engine, x, false);
  CHECK(y.shape == Array::Shape{3, 5});
  CHECK(y.data == pool.forward(engine, x, false).data);
  check(global, x, random);
}

TEST_CASE("pools refuse what is smaller than their window") {
  FloatEngine engine(Precision::fp32);
  CHECK_THROWS_AS(MaxPool({3, 1}).forward(engine, Array({1, 2, 4, 1}), false), InputError);
  CHECK_THROWS_AS(AvgPool({2, 0}).forward(engine, Array({1, 4, 4, 1}), false), InputError);
  CHECK_THROWS_AS(GlobalAvgPool().forward(engine, Array({4, 4}), false), InputError);
}

TEST_CASE("flatten keeps values and gives gradients their shape back") {
  std::mt19937 random(5);
  Flatten flatten;
  const Array x = spaced_array({2, 3, 2, 2}, random);
  FloatEngine engine(Precision::fp32);
  const Array y = flatten.forward(engine, x, true);
  CHECK(y.shape == Array::Shape{2, 12});
  CHECK(y.data == x.data);
  const Array dx = flatten.backward(engine, y);
  CHECK(dx.shape == x.shape);
  CHECK(dx.data == x.data);
}
