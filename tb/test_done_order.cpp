// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: Depth=16; Depth=4
#include DUT_HEADER

#include <deque>

#include "catch.h"
#include "harness.h"

#ifndef DUT_DEPTH
#define DUT_DEPTH 16
#endif

using namespace cuatro;
using tb::Dut;

TEST_CASE("done_order: a job is told when it and all that began before it are done, one a cycle, none twice") {
  Dut<DUT> dut;
  tb::Random random("jobs");
  dut->begin_i = dut->which_i = dut->done_i = 0;
  dut.reset();
  struct Job {
    unsigned which;
    bool done = false;
  };
  std::deque<Job> jobs;                                    // begun and not told
  unsigned told = 0, begun = 0, full = 0, idle = 0;
  for (int cycle = 0; cycle < 20000; ++cycle) {
    // Sometimes one engine is slow, sometimes the other.
    const int slow = (cycle / 500) % 3;
    REQUIRE((dut->ready_o != 0) == (jobs.size() - (dut->done_o ? 1 : 0) < DUT_DEPTH));
    if (dut->done_o) {
      // It was taken off the list a cycle ago.
      REQUIRE(!jobs.empty());
      REQUIRE(jobs.front().done);
      jobs.pop_front();
      ++told;
      idle = 0;
    }
    REQUIRE((jobs.empty() || !jobs.front().done || ++idle < 4));
    unsigned done = 0;
    for (unsigned which = 0; which < 2; ++which) {
      if (!random.chance(slow == static_cast<int>(which) ? 5 : 45)) continue;
      for (Job& job : jobs) {
        if (job.which != which || job.done) continue;
        job.done = true;
        done |= 1U << which;
        break;
      }
    }
    dut->done_i = done;
    // A job that finds no room has not begun.
    dut->begin_i = random.chance(60);
    dut->which_i = random.chance(50);
    full += dut->ready_o == 0 && dut->begin_i;
    if (dut->begin_i && dut->ready_o) {
      jobs.push_back({dut->which_i});
      ++begun;
    }
    dut.cycle();
  }
  CHECK(told > 3000);
  CHECK(begun - told <= DUT_DEPTH + 1);
  CHECK(full > 100);
}
