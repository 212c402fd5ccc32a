// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: Width=32 T=16; Width=16 T=16; Width=8 T=4; Width=4 T=4
// The parameter's name is every template's: it becomes a constant before anything is included.
#ifdef T
constexpr unsigned edge = T;
#undef T
#else
constexpr unsigned edge = 16;
#endif
#include DUT_HEADER

#include "catch.h"
#include "golden/random.h"
#include "harness.h"

#ifndef WIDTH
#define WIDTH 32
#endif

using namespace cuatro;
using tb::Dut;

namespace {

void drive(DUT& dut, std::uint64_t key, std::uint32_t row, std::uint32_t col) {
  dut.valid_i = 1;
  dut.key_i = key;
  dut.row_i = static_cast<SData>(row);
  dut.col_i = static_cast<SData>(col);
}

// Lane i is the element (row + i / T, col + i mod T).
void check(DUT& dut, std::uint64_t key, std::uint32_t row, std::uint32_t col) {
  unsigned wrong = 0;
  for (unsigned i = 0; i < WIDTH; ++i) {
    const auto got = tb::get_lane(dut.random_o, i, 8);
    const unsigned want = golden::random_byte(key, row + i / edge, col + i % edge);
    if (got != want && wrong++ == 0) {
      UNSCOPED_INFO("lane " << i << " key " << key << " row " << row << " col " << col << ": got " << got
                            << ", want " << want);
    }
  }
  CHECK(wrong == 0);
}

}  // namespace

TEST_CASE("random_source: the byte of every lane, corner and random keys, rows and columns") {
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
        dut.cycle();
        check(*dut, key, row, col);
      }
    }
    for (int i = 0; i < 200; ++i) {
      const auto row = static_cast<std::uint32_t>(random.bits(16)), col = static_cast<std::uint32_t>(random.bits(16));
      drive(*dut, key, row, col);
      dut.cycle();
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
    const auto row = static_cast<std::uint32_t>(0xffff - random.below(WIDTH));
    const auto col = static_cast<std::uint32_t>(0xffff - random.below(edge));
    drive(*dut, key, row, col);
    dut.cycle();
    check(*dut, key, row, col);
  }
}

TEST_CASE("random_source: no state, so the order of groups does not matter") {
  Dut<DUT> dut;
  dut.reset();
  drive(*dut, 99, 7, 32);
  dut.cycle();
  const auto first = tb::get_lanes(dut->random_o, WIDTH, 8);
  for (unsigned step = 0; step < 50; ++step) {
    drive(*dut, step, step * 3, step * 5);
    dut.cycle();
  }
  drive(*dut, 99, 7, 32);
  dut.cycle();
  CHECK(tb::get_lanes(dut->random_o, WIDTH, 8) == first);
}

TEST_CASE("random_source: valid_o follows valid_i by one cycle, without valid_i the outputs stay") {
  Dut<DUT> dut;
  dut.reset();
  CHECK(dut->valid_o == 0);
  tb::Random random("stream");
  auto last = tb::get_lanes(dut->random_o, WIDTH, 8);
  for (int step = 0; step < 4000; ++step) {
    const std::uint64_t key = random.bits();
    const auto row = static_cast<std::uint32_t>(random.bits(16)), col = static_cast<std::uint32_t>(random.bits(16));
    drive(*dut, key, row, col);
    dut->valid_i = random.chance(60);
    dut.cycle();
    REQUIRE(dut->valid_o == dut->valid_i);
    if (dut->valid_o) {
      check(*dut, key, row, col);
    } else {
      REQUIRE(tb::get_lanes(dut->random_o, WIDTH, 8) == last);
    }
    last = tb::get_lanes(dut->random_o, WIDTH, 8);
  }
}

TEST_CASE("random_source: no valid_o comes out of a reset") {
  Dut<DUT> dut;
  dut->valid_i = 1;
  dut->rst_ni = 0;
  dut.cycle();
  CHECK(dut->valid_o == 0);
  dut->rst_ni = 1;
  dut.cycle();
  CHECK(dut->valid_o == 1);
}
