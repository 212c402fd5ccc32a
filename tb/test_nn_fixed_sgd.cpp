// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "catch.h"

#include <cmath>
#include <random>

#include "nn/fixed_sgd.h"
#include "nn/random_bits.h"

using namespace cuatro::nn;

namespace {

// The rule in long double, an element at a time: exact, as all its numbers fit 64 bits.
long double floor_with(long double x, std::uint32_t byte) { return std::floor(x + (2 * byte + 1) / 512.0L); }

struct Plain {
  std::int64_t w, v;
  void step(std::int32_t acc, MeanGradient mean, int lr_shift, std::uint32_t bits, const MasterFormat& f) {
    const int log2 = static_cast<int>(std::ceil(std::log2(static_cast<long double>(mean.batch))));
    const long double reciprocal = std::round(std::ldexp(1.0L, 15 + log2) / mean.batch);
    long double g = std::ldexp(acc * reciprocal, mean.exponent + f.momentum_frac - log2 - 15);
    const long double most = (1 << 27) - 1;
    if (mean.exponent + f.momentum_frac - log2 - ((mean.batch & (mean.batch - 1)) != 0 ? 15 : 0) < 0)
      g = floor_with(g, bits & 255);
    g = std::min(std::max(g, -most), most);
    const auto vmax = static_cast<long double>(f.momentum_max), wmax = static_cast<long double>(f.weight_max);
    const long double nv = v - floor_with(v / 8.0L, bits >> 8 & 255) + g;
    v = static_cast<std::int64_t>(std::min(std::max(nv, -vmax), vmax));
    const long double nw =
        w - floor_with(std::ldexp(static_cast<long double>(v), f.weight_frac - f.momentum_frac - lr_shift),
                       bits >> 16 & 255);
    w = static_cast<std::int64_t>(std::min(std::max(nw, -wmax), wmax));
  }
};

}  // namespace

TEST_CASE("every element follows the rule, both formats, power-of-two and other batches, all exponents") {
  std::mt19937 random(4);
  for (const MasterFormat& format : {kMaster32, kMaster16}) {
    for (const std::uint32_t batch : {1U, 2U, 3U, 64U, 96U, 100U, 128U, 11'650U}) {
      for (int exponent = -40; exponent <= 0; exponent += 3) {
        const int lr_shift = static_cast<int>(random() % 12);
        const std::uint64_t key = random();
        Parameter p;
        std::vector<std::int32_t> acc;
        std::vector<Plain> plain;
        for (int i = 0; i < 67; ++i) {
          const auto any = [&](std::int32_t limit) {
            return static_cast<std::int32_t>(random() % (2 * static_cast<std::uint32_t>(limit)) -
                                             static_cast<std::uint32_t>(limit));
          };
          p.weight.push_back(any(format.weight_max));
          p.momentum.push_back(any(format.momentum_max));
          acc.push_back(static_cast<std::int32_t>(random()) >> (random() % 31));
          plain.push_back({p.weight.back(), p.momentum.back()});
        }
        const std::uint64_t sum = sgd_update(p, acc, {exponent, batch}, lr_shift, key, format);
        std::uint64_t expected_sum = 0;
        for (std::uint32_t i = 0; i < 67; ++i) {
          plain[i].step(acc[i], {exponent, batch}, lr_shift, random_bits(key, i), format);
          INFO("batch " << batch << " exponent " << exponent << " lr " << lr_shift << " acc " << acc[i]);
          REQUIRE(p.momentum[i] == plain[i].v);
          REQUIRE(p.weight[i] == plain[i].w);
          expected_sum += static_cast<std::uint64_t>(std::abs(plain[i].w));
        }
        CHECK(sum == expected_sum);
      }
    }
  }
}

TEST_CASE("stochastic rounding is unbiased: the mean over keys is the real value") {
  constexpr int kKeys = 20'000;
  for (const int shift : {1, 3, 7, 12}) {
    for (const std::int32_t acc : {1, -1, 5, -37, 100}) {
      double sum = 0;
      for (int key = 0; key < kKeys; ++key) {
        Parameter p{{0}, {0}};
        const std::int32_t one = acc;
        sgd_update(p, std::span(&one, 1), {-24 - shift, 1}, 0, static_cast<std::uint64_t>(key) * 0x9E3779B97F4A7C15ULL,
                   kMaster32);
        sum += p.momentum[0];
      }
      const double real = std::ldexp(acc, -shift), deviation = 0.5 / std::sqrt(kKeys);
      INFO("shift " << shift << " acc " << acc);
      CHECK(std::fabs(sum / kKeys - real) < 5 * deviation + std::exp2(-9));
    }
  }
}

TEST_CASE("rounding to nearest would fail the same test") {
  const double real = std::ldexp(5.0, -7);
  CHECK(std::fabs(std::nearbyint(real) - real) > 5 * 0.5 / std::sqrt(20'000.0) + std::exp2(-9));
}

TEST_CASE("a constant gradient settles at momentum 8·g and moves the weight by lr·8·g a step") {
  Parameter p{{0}, {0}};
  const std::int32_t acc = 1 << 10;
  for (std::uint64_t step = 0; step < 200; ++step) sgd_update(p, std::span(&acc, 1), {-24, 1}, 4, step, kMaster32);
  CHECK(std::abs(p.momentum[0] - 8 * acc) < 64);
  const std::int32_t before = p.weight[0];
  for (std::uint64_t step = 0; step < 1000; ++step)
    sgd_update(p, std::span(&acc, 1), {-24, 1}, 4, 1000 + step, kMaster32);
  CHECK((before - p.weight[0]) / 1000.0 == Approx(acc * 8 / 16).epsilon(0.01));
}

TEST_CASE("huge gradients saturate and never wrap") {
  Parameter p{{0, 0}, {0, 0}};
  const std::vector<std::int32_t> acc{INT32_MAX, INT32_MIN};
  for (std::uint64_t step = 0; step < 400; ++step) {
    sgd_update(p, acc, {0, 1}, 0, step, kMaster32);
    CHECK(p.momentum[0] > 0);
    CHECK(p.momentum[1] < 0);
    CHECK(p.weight[0] < 0);
    CHECK(p.weight[1] > 0);
  }
  CHECK(p.weight[0] == -kMaster32.weight_max);
  CHECK(p.weight[1] == kMaster32.weight_max);
}

TEST_CASE("random bits: every bit balanced, neighbours and keys uncorrelated") {
  constexpr int kDraws = 1 << 16;
  int ones[32] = {}, pairs = 0, keys = 0;
  for (std::uint32_t i = 0; i < kDraws; ++i) {
    const std::uint32_t a = random_bits(7, i), b = random_bits(7, i + 1), c = random_bits(std::uint64_t{8} << 32, i);
    for (int bit = 0; bit < 32; ++bit) ones[bit] += a >> bit & 1;
    pairs += __builtin_popcount(a ^ b);
    keys += __builtin_popcount(a ^ c);
  }
  for (const int n : ones) CHECK(std::abs(n - kDraws / 2) < 5 * 128);
  CHECK(std::abs(pairs - kDraws * 16) < 5 * 725);
  CHECK(std::abs(keys - kDraws * 16) < 5 * 725);
}
