// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: Width=32 Depth=2; Width=256 Depth=8; Width=449 Depth=16
#include DUT_HEADER

#include <deque>

#include "catch.h"
#include "harness.h"

using namespace cuatro;
using tb::Dut;

namespace {

class Bench {
 public:
  Bench() {
    dut->in_valid_i = dut->out_ready_i = 0;
    dut.reset();
  }
  void cycle(tb::Random& random, bool offer, bool take) {
    if (offer && !offered_) {
      word_ = random.bits(32);
      for (unsigned bit = 0; bit + 32 <= DUT_WIDTH; bit += 32) tb::set_bits(dut->in_data_i, bit, 32, word_ + bit);
      offered_ = true;
    }
    dut->in_valid_i = offered_;
    dut->out_ready_i = take;
    const bool pushed = offered_ && dut->in_ready_o, popped = take && dut->out_valid_o;
    if (dut->out_valid_o) {
      REQUIRE(!words.empty());
      for (unsigned bit = 0; bit + 32 <= DUT_WIDTH; bit += 32) {
        REQUIRE(tb::get_bits(dut->out_data_o, bit, 32) == ((words.front() + bit) & 0xffffffff));
      }
    }
    dut.cycle();
    if (popped) words.pop_front();
    if (pushed) {
      words.push_back(word_);
      offered_ = false;
    }
    REQUIRE(words.size() <= DUT_DEPTH + 1);
    pushes += pushed ? 1 : 0;
    pops += popped ? 1 : 0;
  }
  Dut<DUT> dut;
  std::deque<std::uint64_t> words;
  unsigned pushes = 0, pops = 0;

 private:
  bool offered_ = false;
  std::uint64_t word_ = 0;
};

}  // namespace

TEST_CASE("fifo_ram: first in, first out, with pauses of source and sink; nothing left over") {
  for (const unsigned source : {100u, 60u, 10u}) {
    for (const unsigned sink : {100u, 60u, 10u}) {
      tb::Random random("pauses");
      Bench bench;
      for (int i = 0; i < 3000; ++i) bench.cycle(random, random.chance(source), random.chance(sink));
      for (unsigned i = 0; i < 2 * DUT_DEPTH + 8; ++i) bench.cycle(random, false, true);
      CHECK(bench.words.empty());
      CHECK(bench.pushes == bench.pops);
      CHECK(bench.pushes > 200);
    }
  }
}

TEST_CASE("fifo_ram: a word written is readable two cycles later; full throughput; Depth + 1 words fit") {
  tb::Random random("latency");
  Bench bench;
  bench.cycle(random, true, false);
  CHECK(bench.dut->out_valid_o == 0);
  bench.cycle(random, false, false);
  CHECK(bench.dut->out_valid_o == 1);
  for (int i = 0; i < 1000; ++i) bench.cycle(random, true, true);
  CHECK(bench.pushes >= 1000 - 2);
  CHECK(bench.pops >= 1000 - 3);
  for (unsigned i = 0; i < 3 * DUT_DEPTH; ++i) bench.cycle(random, true, false);
  CHECK(bench.words.size() == DUT_DEPTH + 1);
  CHECK(bench.dut->in_ready_o == 0);
}

TEST_CASE("fifo_ram: empty after a reset") {
  tb::Random random("reset");
  Bench bench;
  for (unsigned i = 0; i < DUT_DEPTH; ++i) bench.cycle(random, true, false);
  bench.dut->in_valid_i = 0;
  bench.dut.reset();
  CHECK(bench.dut->out_valid_o == 0);
  bench.dut.cycle(4);
  CHECK(bench.dut->out_valid_o == 0);
}
