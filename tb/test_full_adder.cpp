// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: default
#include DUT_HEADER

#include "catch.h"
#include "harness.h"

TEST_CASE("full_adder: three bits to their sum, combinational: upwards and downwards") {
  DUT dut;
  for (unsigned step = 0; step < 16; ++step) {
    const unsigned bits = step < 8 ? step : 15 - step;
    dut.a_i = bits & 1;
    dut.b_i = bits >> 1 & 1;
    dut.c_i = bits >> 2;
    dut.eval();
    CHECK(2u * dut.carry_o + dut.sum_o == (bits & 1) + (bits >> 1 & 1) + (bits >> 2));
  }
}
