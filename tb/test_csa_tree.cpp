// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: Rows=16 Width=16 CutHeight=4; Rows=4 Width=16 CutHeight=4; Rows=16 Width=16 CutHeight=2; Rows=2 Width=8 CutHeight=2; Rows=7 Width=5 CutHeight=3; Rows=19 Width=3 CutHeight=9; Rows=20 Width=1 CutHeight=13
#include DUT_HEADER

#include "catch.h"
#include "harness.h"

#ifndef DUT_ROWS
#define DUT_ROWS 16
#endif
#ifndef DUT_WIDTH
#define DUT_WIDTH 16
#endif

using namespace cuatro;
using tb::Dut;

namespace {

using Words = std::vector<std::uint64_t>;

constexpr std::uint64_t all_ones = (std::uint64_t{1} << DUT_WIDTH) - 1;

std::uint64_t total(const Words& rows) {
  std::uint64_t sum = 0;
  for (const std::uint64_t row : rows) sum += row;
  return sum;
}

// Words that find a lost adder: 0, all ones, one bit, all but one bit, any.
Words random_rows(tb::Random& random) {
  Words rows(DUT_ROWS);
  const auto style = random.below(4);
  for (auto& row : rows) {
    row = random.bits(DUT_WIDTH);
    if (style == 0) row = random.chance(50) ? all_ones : 0;
    if (style == 1) row = std::uint64_t{1} << random.below(DUT_WIDTH);
    if (style == 2) row = all_ones ^ std::uint64_t{1} << random.below(DUT_WIDTH);
  }
  return rows;
}

class Bench {
 public:
  void set(const Words& rows) {
    for (unsigned r = 0; r < DUT_ROWS; ++r) tb::set_lane(dut_->rows_i, r, DUT_WIDTH, rows[r]);
    dut_->eval();
  }
  // Both words, one cycle later.
  std::uint64_t run(const Words& rows) {
    set(rows);
    dut_.cycle();
    return sum() + carry();
  }
  std::uint64_t sum() { return dut_->sum_o; }
  std::uint64_t carry() { return dut_->carry_o; }

 private:
  Dut<DUT> dut_;
};

}  // namespace

TEST_CASE("csa_tree: each bit of each row alone, and all of them but it") {
  Bench bench;
  for (unsigned r = 0; r < DUT_ROWS; ++r) {
    for (unsigned bit = 0; bit < DUT_WIDTH; ++bit) {
      Words rows(DUT_ROWS, 0);
      rows[r] = std::uint64_t{1} << bit;
      REQUIRE(bench.run(rows) == rows[r]);
      rows.assign(DUT_ROWS, all_ones);
      rows[r] ^= std::uint64_t{1} << bit;
      REQUIRE(bench.run(rows) == total(rows));
    }
  }
  REQUIRE(bench.run(Words(DUT_ROWS, 0)) == 0);
  REQUIRE(bench.run(Words(DUT_ROWS, all_ones)) == DUT_ROWS * all_ones);
}

TEST_CASE("csa_tree: sum_o + carry_o = the sum of the rows, exactly") {
  Bench bench;
  tb::Random random("sums");
  for (int i = 0; i < 20000; ++i) {
    const Words rows = random_rows(random);
    REQUIRE(bench.run(rows) == total(rows));
  }
}

TEST_CASE("csa_tree: valid one cycle later: not before, and whatever comes behind it") {
  Bench bench;
  tb::Random random("latency");
  Words before = random_rows(random);
  bench.run(before);
  for (int i = 0; i < 2000; ++i) {
    const Words rows = random_rows(random);
    bench.set(rows);
    REQUIRE(bench.sum() + bench.carry() == total(before));
    bench.run(rows);
    before = rows;
  }
}

TEST_CASE("csa_tree: fields of bits whose sums do not overlap stay apart in both words") {
  Bench bench;
  tb::Random random("fields");
  for (unsigned boundary = 1; boundary < DUT_WIDTH; ++boundary) {
    const std::uint64_t low_ones = (std::uint64_t{1} << boundary) - 1;
    for (int i = 0; i < 500; ++i) {
      // Low fields whose sum is at most low_ones, often just that.
      Words low(DUT_ROWS, 0), rows = random_rows(random);
      std::uint64_t left = low_ones;
      for (unsigned part = 0; part < 2 * DUT_ROWS; ++part) {
        const std::uint64_t more = random.below(random.chance(50) ? left + 1 : left / DUT_ROWS + 1);
        low[random.below(DUT_ROWS)] += more;
        left -= more;
      }
      if (random.chance(50)) low[random.below(DUT_ROWS)] += left;
      std::uint64_t high_sum = 0;
      for (unsigned r = 0; r < DUT_ROWS; ++r) {
        high_sum += rows[r] >> boundary;
        rows[r] = (rows[r] & ~low_ones) | low[r];
      }
      bench.run(rows);
      REQUIRE((bench.sum() & low_ones) + (bench.carry() & low_ones) == total(low));
      REQUIRE((bench.sum() >> boundary) + (bench.carry() >> boundary) == high_sum);
    }
  }
}
