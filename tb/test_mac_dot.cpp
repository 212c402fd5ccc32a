// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: Lanes=16; Lanes=8; Lanes=4
#include DUT_HEADER

#include <array>
#include <set>

#include "catch.h"
#include "golden/codes.h"
#include "harness.h"

#ifndef LANES
#define LANES 16
#endif

using namespace cuatro;
using tb::Dut;

namespace {

struct Step {
  bool mac = true, first = true, capture = true;
  unsigned shift = 0;               // 0..2
  std::array<int, LANES> a{}, b{};  // 5 and 14 bits
};

Step random_step(tb::Random& random) {
  Step step;
  step.mac = random.chance(70);
  step.first = random.chance(20);
  step.capture = random.chance(50);
  step.shift = random.chance(70) ? 0 : static_cast<unsigned>(random.below(3));
  for (auto& value : step.a) value = random.between(-16, 15);
  for (auto& value : step.b) value = random.between(-8192, 8191);
  return step;
}

// The sum of a step that starts from `before`.
std::uint32_t sum(const Step& step, std::uint32_t before) {
  std::uint32_t result = step.first ? 0 : before << step.shift;
  for (unsigned l = 0; l < LANES; ++l) result += static_cast<std::uint32_t>(step.a[l] * step.b[l]);
  return result;
}

class Bench {
 public:
  std::uint32_t run(const Step& step) {
    dut_->mac_i = step.mac;
    dut_->first_i = step.first;
    dut_->capture_i = step.capture;
    dut_->shift_i = static_cast<CData>(step.shift);
    for (unsigned l = 0; l < LANES; ++l) {
      tb::set_lane(dut_->a_i, l, 5, static_cast<std::uint64_t>(step.a[l]));
      tb::set_lane(dut_->b_i, l, 14, static_cast<std::uint64_t>(step.b[l]));
    }
    dut_.cycle();
    return dut_->shadow_o;
  }
  // The accumulator: a step of zero products, captured.
  std::uint32_t accumulator() {
    Step step;
    step.first = false;
    return run(step);
  }

 private:
  Dut<DUT> dut_;
};

}  // namespace

TEST_CASE("mac_dot: the exact product of every 5-bit a and 14-bit b") {
  Bench bench;
  unsigned lane = 0, wrong = 0;
  for (int a = -16; a < 16; ++a) {
    for (int b = -8192; b < 8192; ++b) {
      Step step;
      step.a[lane] = a;
      step.b[lane] = b;
      if (bench.run(step) != static_cast<std::uint32_t>(a * b) && wrong++ == 0) {
        UNSCOPED_INFO("lane " << lane << " a " << a << " b " << b);
      }
      lane = (lane + 1) % LANES;
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("mac_dot: on every lane, every pair of values that operands decode to") {
  Bench bench;
  std::set<int> levels;
  for (const Format format : {Format::int4, Format::log4, Format::log2}) {
    for (std::uint8_t code = 0; code < 16; ++code) levels.insert(golden::decode(format, code));
  }
  unsigned wrong = 0;
  for (unsigned lane = 0; lane < LANES; ++lane) {
    for (int a = -15; a <= 15; ++a) {
      for (const int b : levels) {
        Step step;
        step.a[lane] = a;
        step.b[lane] = b;
        if (bench.run(step) != static_cast<std::uint32_t>(a * b) && wrong++ == 0) {
          UNSCOPED_INFO("lane " << lane << " a " << a << " b " << b);
        }
      }
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("mac_dot: acc = (first_i ? 0 : acc << shift_i) + the dot product") {
  Bench bench;
  tb::Random random("sums");
  std::uint32_t acc = 0;
  for (int i = 0; i < 20000; ++i) {
    Step step = random_step(random);
    step.mac = step.capture = true;
    step.first = i == 0 || step.first;
    acc = sum(step, acc);
    REQUIRE(bench.run(step) == acc);
  }
}

TEST_CASE("mac_dot: the accumulator has 32 bits and wraps") {
  Bench bench;
  for (const int sign : {1, -1}) {
    Step step;
    step.a.fill(sign * 15);
    step.b.fill(4096);
    std::int64_t exact = 0;
    for (int i = 0; i < 3 * (1 << 16) / LANES; ++i) {
      exact += std::int64_t{LANES} * sign * 15 * 4096;
      step.first = i == 0;
      REQUIRE(bench.run(step) == static_cast<std::uint32_t>(exact));
    }
    CHECK(std::abs(exact) > std::int64_t{1} << 33);
  }
}

TEST_CASE("mac_dot: without mac_i nothing changes") {
  Bench bench;
  tb::Random random("held");
  for (int i = 0; i < 2000; ++i) {
    Step step = random_step(random);
    step.mac = step.first = step.capture = true;
    const std::uint32_t acc = sum(step, 0);
    REQUIRE(bench.run(step) == acc);
    for (auto idle = random.below(4); idle > 0; --idle) {
      step = random_step(random);
      step.mac = false;
      REQUIRE(bench.run(step) == acc);
    }
    REQUIRE(bench.accumulator() == acc);
  }
}

TEST_CASE("mac_dot: the shadow takes the sum with mac_i and capture_i, and stays without") {
  Bench bench;
  tb::Random random("shadow");
  Step start;
  std::uint32_t acc = sum(start, 0), shadow = acc;
  REQUIRE(bench.run(start) == shadow);
  for (int i = 0; i < 20000; ++i) {
    const Step step = random_step(random);
    if (step.mac) acc = sum(step, acc);
    if (step.mac && step.capture) shadow = acc;
    REQUIRE(bench.run(step) == shadow);
  }
  CHECK(bench.accumulator() == acc);
}
