// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "catch.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>

#include "layers/float_math.h"

using namespace cuatro::nn;

namespace {

// Error in units of the last place of the float nearest to `exact`.
double ulps(float got, double exact) {
  const auto nearest = static_cast<float>(exact);
  const float next = std::nextafter(std::fabs(nearest), std::numeric_limits<float>::infinity());
  return std::fabs(static_cast<double>(got) - exact) / static_cast<double>(next - std::fabs(nearest));
}

// Every 997th float of low..high, both of one sign.
void sweep(float low, float high, const std::function<void(float)>& visit) {
  std::uint32_t from = std::bit_cast<std::uint32_t>(low), to = std::bit_cast<std::uint32_t>(high);
  if (from > to) std::swap(from, to);
  for (std::uint32_t bits = from; bits <= to; bits += 997) visit(std::bit_cast<float>(bits));
}

double worst(float (*function)(float), double (*exact)(double), float low, float high) {
  double most = 0;
  sweep(low, high, [&](float x) { most = std::max(most, ulps(function(x), exact(static_cast<double>(x)))); });
  return most;
}

std::uint64_t digest(float (*function)(float), float low, float high) {
  std::uint64_t hash = 14695981039346656037U;  // FNV-1a over the results' bits
  sweep(low, high, [&](float x) { hash = (hash ^ std::bit_cast<std::uint32_t>(function(x))) * 1099511628211U; });
  return hash;
}

double exact_exp(double x) { return std::exp(x); }
double exact_log(double x) { return std::log(x); }
double exact_tanh(double x) { return std::tanh(x); }
double exact_sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }

}  // namespace

TEST_CASE("exp: within 2 ulp, clamped outside -87..88") {
  CHECK(worst(exp_fixed, exact_exp, 1e-30F, 88) <= 2);
  CHECK(worst(exp_fixed, exact_exp, -1e-30F, -87) <= 2);
  CHECK(exp_fixed(0) == 1.0F);
  CHECK(exp_fixed(-0.0F) == 1.0F);
  CHECK(exp_fixed(1000) == exp_fixed(88));
  CHECK(exp_fixed(-1000) == exp_fixed(-87));
  CHECK(exp_fixed(std::numeric_limits<float>::infinity()) == exp_fixed(88));
}

TEST_CASE("log: within 2 ulp over all normal numbers, exact at 1") {
  CHECK(worst(log_fixed, exact_log, std::numeric_limits<float>::min(), std::numeric_limits<float>::max()) <= 2);
  CHECK(worst(log_fixed, exact_log, 0.9F, 1.1F) <= 2);
  CHECK(log_fixed(1) == 0.0F);
}

TEST_CASE("sigmoid and tanh: within 3 ulp where exp is not clamped") {
  CHECK(worst(sigmoid_fixed, exact_sigmoid, 1e-30F, 100) <= 3);
  CHECK(worst(sigmoid_fixed, exact_sigmoid, -1e-30F, -87) <= 3);
  CHECK(worst(tanh_fixed, exact_tanh, 1e-30F, 100) <= 3);
  CHECK(worst(tanh_fixed, exact_tanh, -1e-30F, -100) <= 3);
  CHECK(sigmoid_fixed(0) == 0.5F);
  CHECK(tanh_fixed(0) == 0.0F);
  CHECK(tanh_fixed(1000) == 1.0F);
  CHECK(tanh_fixed(-1000) == -1.0F);
}

// The same bits on every machine and compiler: a fused operation or another order changes these.
TEST_CASE("the functions' bits are the fixed ones") {
  CHECK(digest(exp_fixed, 1e-30F, 90) == 0x073ec314dce75459U);
  CHECK(digest(exp_fixed, -1e-30F, -90) == 0x1e572475eef46b6cU);
  CHECK(digest(log_fixed, 1e-37F, 1e38F) == 0xa0f2a1117f22a1c3U);
  CHECK(digest(sigmoid_fixed, 1e-30F, 90) == 0xaa5240f73fcfafccU);
  CHECK(digest(sigmoid_fixed, -1e-30F, -90) == 0x32ec412442c85997U);
  CHECK(digest(tanh_fixed, 1e-30F, 20) == 0xcde8a4a24bd2c88eU);
  CHECK(digest(tanh_fixed, -1e-30F, -20) == 0xc04effe2cd83fad0U);
}
