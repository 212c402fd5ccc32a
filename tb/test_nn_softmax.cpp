// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "catch.h"

#include <cmath>
#include <random>

#include "nn/softmax.h"

using namespace cuatro::nn;

namespace {

// Largest |p_integer − softmax| that the integer route may give. d is rounded to 1/16 of an octave
// (2.2 % a term, in numerator and sum), a term is cut to a multiple of 1/255 of the largest,
// and p to 2^-12.
double bound(std::size_t classes, double p) {
  const double relative = std::exp2(1.0 / 32 + 0.003) - 1;
  return 2 * relative * p + (1 + static_cast<double>(classes) * p) * 1.6 / 255 + 1.0 / 4096;
}

}  // namespace

TEST_CASE("gradient: softmax minus one-hot, within the stated bound of double") {
  std::mt19937 random(3);
  for (int trial = 0; trial < 3000; ++trial) {
    const std::uint32_t classes = 1 + random() % 12;
    const int exponent = -static_cast<int>(random() % 20);
    const double spread = std::exp2(static_cast<double>(random() % 10)) / 16;
    std::normal_distribution<double> normal(0, spread);
    std::vector<std::int32_t> logits(classes);
    for (auto& z : logits) z = static_cast<std::int32_t>(std::lround(std::ldexp(normal(random), -exponent)));
    const std::uint8_t label = static_cast<std::uint8_t>(random() % classes);
    const SoftmaxResult r = softmax_cross_entropy(logits, classes, exponent, std::span(&label, 1));

    double top = -1e300, sum = 0;
    for (const auto z : logits) top = std::max(top, std::ldexp(z, exponent));
    for (const auto z : logits) sum += std::exp(std::ldexp(z, exponent) - top);
    std::uint32_t absmax = 0;
    for (std::uint32_t c = 0; c < classes; ++c) {
      const double p = std::exp(std::ldexp(logits[c], exponent) - top) / sum;
      const double got = r.gradient[c] / 4096.0 + (c == label);
      INFO("classes " << classes << " p " << p << " got " << got);
      CHECK(std::fabs(got - p) <= bound(classes, p));
      absmax = std::max(absmax, static_cast<std::uint32_t>(std::abs(r.gradient[c])));
    }
    CHECK(r.absmax == absmax);
    const double loss = std::log(sum) + top - std::ldexp(logits[label], exponent);
    if (loss < 100)
      CHECK(static_cast<double>(r.loss_q16) / 65536 * std::log(2.0) == Approx(loss).margin(0.06).epsilon(0.001));
  }
}

TEST_CASE("a wrong gradient would be seen: the bound is tighter than a shifted label or a doubled scale") {
  const std::vector<std::int32_t> logits{3 << 10, 1 << 10, 0};
  const std::uint8_t label = 0;
  const SoftmaxResult right = softmax_cross_entropy(logits, 3, -10, std::span(&label, 1));
  const SoftmaxResult wrong = softmax_cross_entropy(logits, 3, -11, std::span(&label, 1));
  const double p = std::exp(0.0) / (1 + std::exp(-2.0) + std::exp(-3.0));
  CHECK(std::fabs(right.gradient[0] / 4096.0 + 1 - p) <= bound(3, p));
  CHECK(std::fabs(wrong.gradient[0] / 4096.0 + 1 - p) > bound(3, p));
}

TEST_CASE("extreme logits and exponents neither overflow nor divide by zero") {
  const std::vector<std::int32_t> logits{INT32_MAX, INT32_MIN, 0, -1};
  for (int exponent = -60; exponent <= 40; ++exponent) {
    for (std::uint8_t label = 0; label < 4; ++label) {
      const SoftmaxResult r = softmax_cross_entropy(logits, 4, exponent, std::span(&label, 1));
      int sum = 0;
      for (const auto g : r.gradient) sum += g;
      CHECK(std::abs(sum) <= 8);
      CHECK(r.correct == (label == 0));
      CHECK(r.loss_q16 < (std::uint64_t{1} << 26));
    }
  }
}

TEST_CASE("equal logits share the probability; the first counts as the prediction") {
  const std::vector<std::int32_t> logits(10, 5);
  const std::uint8_t label = 0;
  const SoftmaxResult r = softmax_cross_entropy(logits, 10, 0, std::span(&label, 1));
  CHECK(r.correct == 1);
  for (std::size_t c = 1; c < 10; ++c) CHECK(r.gradient[c] == 410);
}

TEST_CASE("log2 in Q16, against double") {
  for (std::uint32_t v = 1; v < 200'000; v += 1 + v / 1000) {
    const double exact = std::log2(static_cast<double>(v)) * 65536;
    CHECK(static_cast<double>(log2_q16(v)) <= exact + 1e-6);
    CHECK(static_cast<double>(log2_q16(v)) > exact - 2.0);
  }
}
