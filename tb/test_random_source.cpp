// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: Width=32 T=16; Width=16 T=16; Width=8 T=4; Width=4 T=4; Width=32 T=16 Structural=1; Width=8 T=4 Structural=1
// The parameter's name is every template's: it becomes a constant before anything is included.
#ifdef DUT_T
constexpr unsigned edge = DUT_T;
#undef DUT_T
#else
constexpr unsigned edge = 16;
#endif
#include DUT_HEADER

#include <algorithm>
#include <array>

#include "catch.h"
#include "golden/random.h"
#include "harness.h"

#ifndef DUT_WIDTH
#define DUT_WIDTH 32
#endif
#ifdef DUT_STRUCTURAL
constexpr unsigned latency = 8;
#else
constexpr unsigned latency = 5;
#endif

using namespace cuatro;
using tb::Dut;

namespace {

// The two parts of row and column are any; row_i alone is a multiple of the group's lines.
void drive(DUT& dut, std::uint64_t key, std::uint32_t row, std::uint32_t col) {
  const auto part = static_cast<std::uint32_t>(key ^ (key >> 32)) + 3 * col;
  dut.valid_i = 1;
  dut.three_i = 1;
  dut.key_i = key;
  dut.row_i = static_cast<SData>((part + row) & ~(DUT_WIDTH / edge - 1));
  dut.row0_i = static_cast<SData>(row - dut.row_i);
  dut.col_i = static_cast<SData>(part);
  dut.col0_i = static_cast<SData>(col - part);
}

// Lane i is the element (row + i / T, col + i mod T).
void check(DUT& dut, std::uint64_t key, std::uint32_t row, std::uint32_t col) {
  unsigned wrong = 0;
  for (unsigned i = 0; i < DUT_WIDTH; ++i) {
    const auto got = tb::get_lane(dut.random_o, i, 8) | tb::get_lane(dut.second_o, i, 8) << 8 |
                     tb::get_lane(dut.third_o, i, 8) << 16;
    const auto bytes = golden::random_bytes(key, row + i / edge, col + i % edge);
    const unsigned want = bytes.r0 | bytes.r1 << 8 | bytes.r2 << 16;
    if (got != want && wrong++ == 0) {
      UNSCOPED_INFO("lane " << i << " key " << key << " row " << row << " col " << col << ": got " << got
                            << ", want " << want);
    }
  }
  CHECK(wrong == 0);
}

}  // namespace

TEST_CASE("random_source: the bytes of every lane, corner and random keys, rows and columns") {
  Dut<DUT> dut;
  dut.reset();
  tb::Random random("elements");
  std::vector<std::uint64_t> keys{0, ~std::uint64_t{0}, 1, std::uint64_t{1} << 63, golden::stream_key(1, 2, 3, 0)};
  for (int bit = 0; bit < 64; ++bit) keys.push_back(std::uint64_t{1} << bit);
  for (int i = 0; i < 40; ++i) keys.push_back(random.bits());
  for (const std::uint64_t key : keys) {
    for (const std::uint32_t row : {0u, 1u, 255u, 256u, 0x7fffu, 0x8000u}) {
      for (const std::uint32_t col : {0u, 16u, 1024u, 0xff00u}) {
        drive(*dut, key, row, col);
        dut.cycle(latency);
        check(*dut, key, row, col);
      }
    }
    for (int i = 0; i < 200; ++i) {
      const auto row = static_cast<std::uint32_t>(random.bits(16)), col = static_cast<std::uint32_t>(random.bits(16));
      drive(*dut, key, row, col);
      dut.cycle(latency);
      check(*dut, key, row, col);
    }
  }
}

TEST_CASE("random_source: rows and columns are modulo 2^16") {
  Dut<DUT> dut;
  dut.reset();
  tb::Random random("wrap");
  for (int i = 0; i < 500; ++i) {
    const std::uint64_t key = random.bits();
    const auto row = static_cast<std::uint32_t>(0xffff - random.below(DUT_WIDTH));
    const auto col = static_cast<std::uint32_t>(0xffff - random.below(edge));
    drive(*dut, key, row, col);
    dut.cycle(latency);
    check(*dut, key, row, col);
  }
}

TEST_CASE("random_source: no state, so the order of groups does not matter") {
  Dut<DUT> dut;
  dut.reset();
  drive(*dut, 99, 7, 32);
  dut.cycle(latency);
  const auto first = tb::get_lanes(dut->random_o, DUT_WIDTH, 8);
  for (unsigned step = 0; step < 50; ++step) {
    drive(*dut, step, step * 3, step * 5);
    dut.cycle(latency);
  }
  drive(*dut, 99, 7, 32);
  dut.cycle(latency);
  CHECK(tb::get_lanes(dut->random_o, DUT_WIDTH, 8) == first);
}

TEST_CASE("random_source: the bytes come a fixed number of cycles after valid_i, any gaps") {
  Dut<DUT> dut;
  dut.reset();
  dut->valid_i = 0;
  dut.cycle(latency);
  struct Group {
    bool valid = false;
    std::uint64_t key = 0;
    std::uint32_t row = 0, col = 0;
  };
  std::array<Group, latency> in_work{};  // youngest first
  tb::Random random("stream");
  for (int step = 0; step < 4000; ++step) {
    std::move_backward(in_work.begin(), in_work.end() - 1, in_work.end());
    in_work[0] = {random.chance(60), random.bits(), static_cast<std::uint32_t>(random.bits(16)),
                  static_cast<std::uint32_t>(random.bits(16))};
    drive(*dut, in_work[0].key, in_work[0].row, in_work[0].col);
    dut->valid_i = in_work[0].valid;
    dut.cycle();
    const Group& out = in_work[latency - 1];
    REQUIRE((dut->valid_o != 0) == out.valid);
    if (out.valid) check(*dut, out.key, out.row, out.col);
  }
}

TEST_CASE("random_source: without three_i the first byte is the same") {
  Dut<DUT> dut;
  dut.reset();
  tb::Random random("one");
  for (int i = 0; i < 500; ++i) {
    const std::uint64_t key = random.bits();
    const auto row = static_cast<std::uint32_t>(random.bits(16)), col = static_cast<std::uint32_t>(random.bits(16));
    drive(*dut, key, row, col);
    dut->three_i = 0;
    dut.cycle(latency);
    for (unsigned lane = 0; lane < DUT_WIDTH; ++lane)
      REQUIRE(tb::get_lane(dut->random_o, lane, 8) == golden::random_byte(key, row + lane / edge, col + lane % edge));
  }
}

TEST_CASE("random_source: no valid_o comes out of a reset") {
  Dut<DUT> dut;
  dut->valid_i = 1;
  dut->rst_ni = 0;
  dut.cycle(latency + 2);
  CHECK(dut->valid_o == 0);
  dut->rst_ni = 1;
  dut.cycle(latency - 1);
  CHECK(dut->valid_o == 0);
  dut.cycle();
  CHECK(dut->valid_o == 1);
}
