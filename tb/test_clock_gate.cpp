// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: default; Structural=1
#include DUT_HEADER

#include <vector>

#include "catch.h"
#include "harness.h"

namespace {

#ifndef DUT_STRUCTURAL
#define DUT_STRUCTURAL 0
#endif

// Cycles in which clk_o rises. enable changes after the rising edge, as a register, and after the falling one.
std::vector<bool> edges(const std::vector<bool>& while_high, const std::vector<bool>& while_low) {
  DUT dut;
  std::vector<bool> seen;
  bool before = false;
  auto rises = [&](bool clock, bool enable) {
    dut.clk_i = clock;
    dut.eval();
    bool rose = dut.clk_o && !before;
    before = dut.clk_o;
    dut.enable_i = enable;
    dut.eval();
    rose = rose || (dut.clk_o && !before);
    before = dut.clk_o;
    return rose;
  };
  for (std::size_t i = 0; i < while_high.size(); ++i) {
    rises(true, while_high[i]);
    bool any = rises(false, while_low[i]);
    any = rises(true, while_high[i]) || any;
    seen.push_back(any);
  }
  return seen;
}

}  // namespace

TEST_CASE("clock_gate: an edge follows where enable was high at the falling one, whatever it does before and after") {
  cuatro::tb::Random random("clock_gate");
  std::vector<bool> high, low;
  for (int i = 0; i < 1000; ++i) {
    high.push_back(random.chance(50));
    low.push_back(random.chance(50));
  }
  CHECK(edges(high, low) == (DUT_STRUCTURAL ? std::vector<bool>(high.size(), true) : high));
}
