// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: default
#include DUT_HEADER

#include <array>

#include "catch.h"
#include "harness.h"

using namespace cuatro;
using tb::Dut;

TEST_CASE("wait_gate: opens a cycle after every count waited for is reached, modulo 2^16, and shuts when the entry leaves") {
  Dut<DUT> dut;
  tb::Random random("counts");
  dut->valid_i = dut->pop_i = 0;
  dut.reset();
  unsigned opened = 0, shut = 0;
  for (int i = 0; i < 20000; ++i) {
    const auto waits = static_cast<unsigned>(random.bits(6));
    bool met = true;
    for (unsigned c = 0; c < 6; ++c) {
      const auto done = static_cast<std::uint16_t>(random.bits(16));
      // Mostly near: just reached, or just not; else anything within half of the circle.
      const int ahead = random.chance(70) ? random.between(-2, 6) : random.between(-32768, 32767);
      tb::set_lane(dut->done_i, c, 16, done);
      tb::set_lane(dut->counts_i, c, 16, static_cast<std::uint16_t>(done - ahead));
      if ((waits >> c & 1) != 0 && ahead < 0) met = false;
    }
    dut->waits_i = static_cast<std::uint8_t>(waits);
    dut->valid_i = 1;
    dut->pop_i = 0;
    REQUIRE(dut->ready_o == 0);
    dut.cycle();
    REQUIRE((dut->ready_o != 0) == met);
    (met ? opened : shut) += 1;
    dut->pop_i = 1;
    dut.cycle();
    REQUIRE(dut->ready_o == 0);
    dut->valid_i = dut->pop_i = 0;
    dut->waits_i = 0;
    dut.cycle();
    REQUIRE(dut->ready_o == 0);
  }
  CHECK(opened > 1000);
  CHECK(shut > 1000);
}

TEST_CASE("wait_gate: once open it stays so until the entry leaves, however far the counts run") {
  Dut<DUT> dut;
  dut->pop_i = 0;
  dut.reset();
  for (unsigned c = 0; c < 6; ++c) {
    dut->valid_i = 1;
    dut->waits_i = static_cast<std::uint8_t>(1u << c);
    tb::set_lane(dut->counts_i, c, 16, 7);
    tb::set_lane(dut->done_i, c, 16, 7);
    dut.cycle();
    REQUIRE(dut->ready_o == 1);
    tb::set_lane(dut->done_i, c, 16, 7 + 0x8000);  // half a circle on, which looks like one that is not reached
    dut.cycle(3);
    CHECK(dut->ready_o == 1);
    dut->pop_i = 1;
    dut.cycle();
    CHECK(dut->ready_o == 0);
    dut->pop_i = 0;
    dut.cycle(3);
    CHECK(dut->ready_o == 0);
    dut->valid_i = 0;
    dut.cycle();
  }
}

TEST_CASE("wait_gate: shut in reset") {
  Dut<DUT> dut;
  dut->pop_i = dut->waits_i = 0;
  dut->valid_i = 1;
  dut.reset();
  CHECK(dut->ready_o == 0);
  dut.cycle();
  CHECK(dut->ready_o == 1);
  dut.reset(1);
  CHECK(dut->ready_o == 0);
}
