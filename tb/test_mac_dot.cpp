// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: Lanes=16; Lanes=8; Lanes=4; Lanes=32
#include DUT_HEADER

#include <array>
#include <deque>

#include "catch.h"
#include "column_selects.h"
#include "harness.h"

#ifndef DUT_LANES
#define DUT_LANES 16
#endif

using namespace cuatro;
using tb::Dut;

namespace {

// A slice, and what becomes of the sum before it: kept times 1, 2 or 4 (keep 1, 2, 4), or dropped (0).
struct Slice {
  std::array<unsigned, DUT_LANES> x{};
  std::array<bool, DUT_LANES> negative{};
  std::array<std::uint8_t, DUT_LANES> code{};
  std::uint64_t valid = ~std::uint64_t{0};
  Format format = Format::int4;
  unsigned keep = 0;
  bool capture = true;

  // The dot product, of each row code as the lanes see it: a constant less what is selected.
  std::uint32_t dot() const {
    const std::uint32_t high = std::uint32_t{16} * DUT_LANES;
    std::uint32_t sum = format == Format::int4 ? (1u << tb::high_field) + high + 6 - DUT_LANES : 65535u * DUT_LANES;
    for (unsigned l = 0; l < DUT_LANES; ++l) {
      if ((valid >> l & 1) == 0) continue;
      const int factor = tb::column_operand(format, code[l]).factor;
      sum -= static_cast<std::uint32_t>(static_cast<int>(negative[l] ? x[l] : 15 - x[l]) * factor);
    }
    return sum;
  }
};

Slice random_slice(tb::Random& random) {
  Slice slice;
  static constexpr unsigned keeps[] = {0, 1, 1, 1, 1, 2, 4};
  slice.format = tb::b_formats[random.below(3)];
  for (auto& x : slice.x) x = static_cast<unsigned>(random.bits(4));
  for (auto& negative : slice.negative) negative = random.chance(50);
  for (auto& code : slice.code) code = static_cast<std::uint8_t>(random.bits(4));
  if (random.chance(20)) slice.valid = random.bits(DUT_LANES);
  slice.keep = keeps[random.below(std::size(keeps))];
  slice.capture = random.chance(50);
  return slice;
}

// The module fed with a slice a cycle, and the reference: each input at its slice's cycle.
class Bench {
 public:
  explicit Bench(const std::string& stream) : random(stream) {
    Slice nothing;
    nothing.valid = 0;
    for (int i = 0; i < 4; ++i) run(nothing, false);
    finish();
  }

  void run(const Slice& slice, bool check = true) {
    for (unsigned l = 0; l < DUT_LANES; ++l) {
      const bool valid = slice.valid >> l & 1;
      tb::set_lane(dut_->x_i, l, 4, slice.x[l]);
      tb::set_lane(dut_->negative_i, l, 1, slice.negative[l]);
      tb::set_lane(dut_->select_i, l, tb::selects, valid ? tb::column_operand(slice.format, slice.code[l]).select : 0);
    }
    flight_.push_front(slice);
    if (flight_.size() > 2) dut_->fold_i = flight_[2].format == Format::int4;
    const bool in_sums = flight_.size() > 3;
    if (in_sums) {
      const Slice& done = flight_[3];
      dut_->keep_i = static_cast<CData>(done.keep);
      dut_->capture_i = done.capture;
      acc_ = done.keep * acc_ + done.dot();
      if (done.capture) shadow_ = acc_;
      flight_.pop_back();
    }
    dut_.cycle();
    if (in_sums && check) REQUIRE(shadow() == shadow_);
  }
  // Until the last slice is in the sums.
  void finish() {
    for (int i = 0; i < 3; ++i) run(bubble());
  }
  // Selects nothing and keeps the sum, but for the constant; other inputs are random.
  Slice bubble() {
    Slice slice = random_slice(random);
    slice.valid = 0;
    slice.keep = 1;
    slice.capture = false;
    return slice;
  }
  std::uint32_t shadow() { return dut_->shadow_o; }

  tb::Random random;

 private:
  Dut<DUT> dut_;
  std::deque<Slice> flight_;  // newest first
  std::uint32_t acc_ = 0, shadow_ = 0;
};

}  // namespace

TEST_CASE("mac_dot: on every lane, every row code with every column operand") {
  Bench bench("pairs");
  for (const Format format : tb::b_formats) {
    for (unsigned lane = 0; lane < DUT_LANES; ++lane) {
      for (unsigned x = 0; x < 16; ++x) {
        for (std::uint8_t code = 0; code < 16; ++code) {
          // The lane alone, both signs; then among others.
          for (const unsigned variant : {0u, 1u, 2u}) {
            Slice slice = random_slice(bench.random);
            slice.format = format;
            slice.x[lane] = x;
            slice.code[lane] = code;
            slice.negative[lane] = variant == 1;
            slice.valid = variant < 2 ? std::uint64_t{1} << lane : ~std::uint64_t{0};
            slice.keep = 0;
            slice.capture = true;
            bench.run(slice);
          }
        }
      }
    }
  }
  bench.finish();
}

TEST_CASE("mac_dot: a constant less the dot product of Lanes row codes, the largest of each format too") {
  Bench bench("largest");
  for (const Format format : tb::b_formats) {
    for (std::uint8_t code = 0; code < 16; ++code) {
      for (const unsigned x : {0u, 15u}) {
        for (const bool negative : {false, true}) {
          Slice slice;
          slice.x.fill(x);
          slice.negative.fill(negative);
          slice.code.fill(code);
          slice.format = format;
          bench.run(slice);
        }
      }
    }
  }
  for (int i = 0; i < 5000; ++i) {
    Slice slice = random_slice(bench.random);
    slice.keep = 0;
    slice.capture = true;
    bench.run(slice);
  }
  bench.finish();
}

TEST_CASE("mac_dot: operands in cycle 0, fold_i in cycle 2, keep_i and capture_i in cycle 3: one slice alone") {
  Bench bench("timing");
  for (int i = 0; i < 500; ++i) {
    Slice slice = random_slice(bench.random);
    slice.keep = 0;
    slice.capture = true;
    bench.finish();
    const std::uint32_t before = bench.shadow();
    bench.run(slice);
    for (int cycle = 1; cycle < 4; ++cycle) {
      REQUIRE(bench.shadow() == before);
      bench.run(bench.bubble());
    }
    REQUIRE(bench.shadow() == slice.dot());
  }
}

TEST_CASE("mac_dot: a pipeline without stalls: any slice behind any other") {
  Bench bench("mixture");
  for (int i = 0; i < 30000; ++i) bench.run(random_slice(bench.random));
  bench.finish();
}

TEST_CASE("mac_dot: the new sum plus the accumulator, its double, four times it, or nothing") {
  Bench bench("keep");
  for (int i = 0; i < 500; ++i) {
    for (const unsigned keep : {0u, 1u, 2u, 4u}) {
      const Slice first = random_slice(bench.random);
      bench.run(first);
      Slice slice = random_slice(bench.random);
      slice.keep = keep;
      slice.capture = true;
      bench.run(slice);
    }
  }
  bench.finish();
}

TEST_CASE("mac_dot: the accumulator has 32 bits and wraps") {
  Bench bench("wrap");
  Slice slice;
  slice.x.fill(15);
  slice.code.fill(7);
  slice.format = Format::log4;
  slice.keep = 1;
  std::uint64_t exact = 0;
  for (int i = 0; i < 3 * (1 << 17) / DUT_LANES; ++i) {
    exact += std::uint64_t{DUT_LANES} * 65535;
    slice.keep = i == 0 ? 0 : 1;
    bench.run(slice);
  }
  bench.finish();
  CHECK(bench.shadow() == static_cast<std::uint32_t>(exact));
  CHECK(exact > std::uint64_t{1} << 34);
  // Doubled and quadrupled beyond 32 bits.
  for (int i = 0; i < 200; ++i) {
    Slice step = random_slice(bench.random);
    step.keep = bench.random.chance(50) ? 2 : 4;
    step.capture = true;
    bench.run(step);
  }
  bench.finish();
}

TEST_CASE("mac_dot: selects of zero add just the constant, whatever the other operands are") {
  Bench bench("bubbles");
  for (int i = 0; i < 2000; ++i) {
    Slice slice = random_slice(bench.random);
    slice.capture = true;
    bench.run(slice);
    for (auto bubbles = bench.random.below(4); bubbles > 0; --bubbles) {
      Slice bubble = bench.bubble();
      bubble.capture = true;
      bench.run(bubble);
    }
  }
  bench.finish();
}

TEST_CASE("mac_dot: with capture_i the shadow takes the new sum, and stays without") {
  Bench bench("shadow");
  for (int i = 0; i < 2000; ++i) {
    Slice slice = random_slice(bench.random);
    slice.capture = true;
    bench.run(slice);
    for (auto more = bench.random.below(6); more > 0; --more) {
      slice = random_slice(bench.random);
      slice.capture = false;
      bench.run(slice);
    }
  }
  bench.finish();
}
