// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: default
#include DUT_HEADER

#include <array>

#include "catch.h"
#include "harness.h"

using namespace cuatro;
using tb::Dut;

namespace {

using Counts = std::array<std::uint64_t, 5>;  // busy, mac, drain stall, load, store

void drive(DUT& dut, unsigned inputs) {
  dut.busy_i = inputs & 1;
  dut.mac_i = inputs >> 1 & 1;
  dut.drain_stall_i = inputs >> 2 & 1;
  dut.load_i = inputs >> 3 & 1;
  dut.store_i = inputs >> 4 & 1;
}

Counts counts(DUT& dut) {
  return {dut.busy_o, dut.mac_o, dut.drain_stall_o, dut.load_o, dut.store_o};
}

}  // namespace

TEST_CASE("perf_counters: each counts the cycles in which its input is high") {
  Dut<DUT> dut;
  drive(*dut, 0);
  dut.reset();
  tb::Random random("inputs");
  Counts want{};
  for (int i = 0; i < 20000; ++i) {
    const auto inputs = static_cast<unsigned>(i < 32 ? i : random.bits(5));
    drive(*dut, inputs);
    dut.cycle();
    for (unsigned c = 0; c < want.size(); ++c) want[c] += inputs >> c & 1;
    REQUIRE(counts(*dut) == want);
  }
}

TEST_CASE("perf_counters: zero after a reset, and during it") {
  Dut<DUT> dut;
  drive(*dut, 31);
  dut.reset();
  CHECK(counts(*dut) == Counts{});
  dut.cycle(10);
  CHECK(counts(*dut) == Counts{10, 10, 10, 10, 10});
  dut.reset();
  CHECK(counts(*dut) == Counts{});
}

TEST_CASE("perf_counters: a carry goes beyond 16 bits, and as far as can be waited for") {
  Dut<DUT> dut;
  drive(*dut, 31);
  dut.reset();
  for (const std::uint64_t cycles : {70'000u, 1u << 23}) {
    const std::uint64_t before = dut->busy_o;
    dut.cycle(static_cast<int>(cycles));
    const std::uint64_t want = before + cycles;
    CHECK(counts(*dut) == Counts{want, want, want, want, want});
  }
}
