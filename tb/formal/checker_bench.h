// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
//
// A protocol checker under test: what it reports, as flags of the broken rules and as failed assertions. Include after DUT_HEADER.
#pragma once
#include "../harness.h"

class CheckerBench {
 public:
  // One clock cycle with the pins as they are; broken rules add up.
  void tick() {
    dut->eval();
    master |= dut->master_broken_o;
    slave |= dut->slave_broken_o;
    dut.cycle();
    ++ticks;
  }
  int errors() { return dut->contextp()->errorCount() - errors_before_; }

  cuatro::tb::Dut<DUT> dut;
  unsigned master = 0, slave = 0;
  std::uint64_t ticks = 0;

 protected:
  CheckerBench() {
    dut->contextp()->errorLimit(1 << 30);
    dut->contextp()->fatalOnError(false);
    errors_before_ = dut->contextp()->errorCount();
  }
  // Reset, with pins at rest.
  void start() {
    dut->rst_ni = 0;
    tick();
    tick();
    dut->rst_ni = 1;
    tick();
  }

 private:
  int errors_before_ = 0;  // in builds for coverage all models count in one context
};
