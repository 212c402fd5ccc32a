// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include <cstdint>
#include <random>
#include <vector>

#include "catch.h"
#include "golden/rescale.h"

using namespace cuatro::golden;

namespace {

__extension__ using Wide = __int128;

// The contract as inequalities over rationals, |v| = numerator / denominator.
bool meets_contract(std::int32_t a, int shift, int mult, const Rescaled& v) {
  Wide numerator = Wide{a} * mult;
  if (v.negative != (numerator < 0)) return false;
  if (numerator < 0) numerator = -numerator;
  numerator *= Wide{1} << 16;  // both · 2^16, so that 2^(7 + n) is an integer for n = -16
  const Wide denominator = Wide{1} << (16 + 7 + shift);
  if (numerator >= (denominator << 13)) return v.magnitude == (1u << 24) - 1 && v.sticky;
  const Wide low = v.magnitude * denominator, high = (Wide{v.magnitude} + 1) * denominator;
  const Wide scaled = numerator << 11;
  return v.sticky ? low < scaled && scaled < high : low == scaled;
}

const std::vector<std::int32_t> corners = {0,
                                           1,
                                           -1,
                                           2,
                                           -2,
                                           3,
                                           7,
                                           8,
                                           -8,
                                           127,
                                           128,
                                           129,
                                           -128,
                                           2047,
                                           2048,
                                           2049,
                                           4095,
                                           4096,
                                           -4096,
                                           8191,
                                           8192,
                                           -8192,
                                           65535,
                                           65536,
                                           1 << 24,
                                           (1 << 24) - 1,
                                           -(1 << 24),
                                           INT32_MAX,
                                           INT32_MAX - 1,
                                           INT32_MIN,
                                           INT32_MIN + 1};

}  // namespace

TEST_CASE("the magnitude keeps 13 integer bits, 11 fraction bits and sticky for the rest") {
  std::size_t wrong = 0;
  for (int shift = -16; shift <= 31; ++shift) {
    for (int mult = 0; mult <= 255; ++mult) {
      for (const std::int32_t a : corners)
        wrong += meets_contract(a, shift, mult, rescale(a, shift, mult)) ? 0 : 1;
      // Each power of two and its neighbours: every bit may be the lowest kept or the first lost.
      for (int bit = 0; bit < 31; ++bit) {
        for (int near = -1; near <= 1; ++near) {
          const std::int32_t a = (1 << bit) + near;
          wrong += meets_contract(a, shift, mult, rescale(a, shift, mult)) ? 0 : 1;
          wrong += meets_contract(-a, shift, mult, rescale(-a, shift, mult)) ? 0 : 1;
        }
      }
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("random words at random shifts and multipliers rescale exactly") {
  constexpr unsigned seed = 20260101;
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::size_t wrong = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    const auto a = static_cast<std::int32_t>(static_cast<std::int64_t>(random()) >> (32 + random() % 32));
    const int shift = static_cast<int>(random() % 48) - 16, mult = static_cast<int>(random() % 256);
    wrong += meets_contract(a, shift, mult, rescale(a, shift, mult)) ? 0 : 1;
  }
  CHECK(wrong == 0);
}

TEST_CASE("any |v| of at least 2^13 becomes 2^13 - 2^-11 with sticky") {
  CHECK(rescale(8192, 0, 128) == Rescaled{false, 0xFFFFFF, true});
  CHECK(rescale(-8192, 0, 128) == Rescaled{true, 0xFFFFFF, true});
  CHECK(rescale(8191, 0, 128) == Rescaled{false, 8191 << 11, false});
  CHECK(rescale((1 << 24) - 1, 11, 128) == Rescaled{false, 0xFFFFFF, false});
  CHECK(rescale((1 << 25) - 1, 12, 128) == Rescaled{false, 0xFFFFFF, true});
  CHECK(rescale(INT32_MIN, -16, 255) == Rescaled{true, 0xFFFFFF, true});
}

TEST_CASE("a multiplier of 128 is 1 and of 0 is 0, whatever the sign") {
  CHECK(rescale(5, 0, 128) == Rescaled{false, 5 << 11, false});
  CHECK(rescale(-5, 1, 128) == Rescaled{true, 5 << 10, false});
  CHECK(rescale(-5, 0, 0) == Rescaled{false, 0, false});
}
