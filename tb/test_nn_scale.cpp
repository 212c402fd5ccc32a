// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "catch.h"

#include <cmath>
#include <random>

#include "nn/scale.h"

using namespace cuatro::nn;

// The independent formula: logarithms in long double. Where the argument sits on a boundary to
// within their error, the test asks for one of the two neighbours; exact powers are tested apart.
namespace {

constexpr long double kNear = 1e-15L;

void check_near(int got, long double real, long double rounded) {
  INFO(static_cast<double>(real));
  if (std::fabs(real - std::nearbyint(real)) < kNear || std::fabs(std::fabs(real - std::floor(real)) - 0.5L) < kNear) {
    CHECK(std::fabs(static_cast<long double>(got) - real) <= 1);
  } else {
    CHECK(got == static_cast<int>(rounded));
  }
}

}  // namespace

TEST_CASE("floor and ceil of log2 of a ratio, against long double") {
  std::mt19937_64 random(1);
  for (int i = 0; i < 200'000; ++i) {
    const std::uint64_t a = (random() >> (random() % 63)) | 1, b = (random() >> (random() % 63)) | 1;
    const long double real = std::log2(static_cast<long double>(a)) - std::log2(static_cast<long double>(b));
    check_near(floor_log2_ratio(a, b), real, std::floor(real));
    check_near(ceil_log2_ratio(a, b), real, std::ceil(real));
  }
}

TEST_CASE("exact powers of two and their neighbours") {
  for (int k = 0; k < 40; ++k) {
    const std::uint64_t p = std::uint64_t{1} << k;
    for (const std::uint64_t den : {1, 7, 15, 64, 4096}) {
      CHECK(floor_log2_ratio(p * den, den) == k);
      CHECK(ceil_log2_ratio(p * den, den) == k);
      if (p * den > 1) CHECK(floor_log2_ratio(p * den + 1, den) == k);
      CHECK(ceil_log2_ratio(p * den + 1, den) == k + 1);
      CHECK(floor_log2_ratio(den, p * den) == -k);
      if (p * den > 1) CHECK(floor_log2_ratio(p * den - 1, den) == k - 1);
    }
  }
}

TEST_CASE("activation: the largest exponent that lets absmax reach the top, so less than a factor of two clips") {
  for (std::uint64_t absmax = 1; absmax < 5000; ++absmax) {
    const int x = activation_exponent(absmax, 15);
    CHECK(std::ldexp(15.0, x) <= static_cast<double>(absmax));
    CHECK(std::ldexp(15.0, x + 1) > static_cast<double>(absmax));
  }
}

TEST_CASE("gradient: never clips without headroom, a factor of two in hand with it") {
  for (const std::uint32_t top : {7U, 64U, 4096U}) {
    for (std::uint64_t absmax = 1; absmax < 20'000; absmax += 1 + absmax / 500) {
      const int x = gradient_exponent(absmax, top, 0);
      CHECK(std::ldexp(top, x) >= static_cast<double>(absmax));
      CHECK(std::ldexp(top, x - 1) < static_cast<double>(absmax));
      CHECK(gradient_exponent(absmax, top, 1) == x + 1);
    }
  }
}

TEST_CASE("weight: round(log2(3.2 · mean / 7)), against long double") {
  std::mt19937_64 random(2);
  for (int i = 0; i < 100'000; ++i) {
    const std::uint64_t count = 1 + random() % 1'000'000,
                        sum = count * (random() % (1 << (1 + random() % 29))) + random() % count + 1;
    const long double real = std::log2(3.2L * static_cast<long double>(sum) / static_cast<long double>(count) / 7.0L);
    check_near(weight_exponent(sum, count), real, std::round(real));
  }
}

TEST_CASE("GradScale doubles above the top and halves at half of it or less") {
  for (int unit = -6; unit <= 6; ++unit) {
    for (std::uint64_t absmax = 1; absmax < 9000; absmax += 1 + absmax / 100) {
      const double value = std::ldexp(static_cast<double>(absmax), unit);
      const int expected = value > 64 ? 1 : value <= 32 ? -1 : 0;
      CHECK(gradscale_change(absmax, unit, 64) == expected);
    }
  }
}

TEST_CASE("shifts stay in what the output stage can do, and the exponent says what was done") {
  CHECK(shift_between(-10, -3).shift == 7);
  CHECK(shift_between(-10, -3).exponent == -3);
  CHECK(shift_between(0, -20).shift == -16);
  CHECK(shift_between(0, -20).exponent == -16);
  CHECK(shift_between(-40, 0).shift == 31);
  CHECK(shift_between(-40, 0).exponent == -9);
}
