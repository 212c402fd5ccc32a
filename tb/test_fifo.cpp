// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: Width=32 Depth=2; Width=8 Depth=4; Width=332 Depth=2; Width=149 Depth=8; Width=1 Depth=16
#include DUT_HEADER

#include <algorithm>
#include <deque>
#include <vector>

#include "catch.h"
#include "harness.h"

using namespace cuatro;
using tb::Dut;

namespace {

using Word = std::vector<std::uint64_t>;  // 64 bits a piece, lowest first

class Bench {
 public:
  Bench() {
    dut->in_valid_i = dut->out_ready_i = 0;
    dut.reset();
  }

  // One cycle with a source and a sink that are there or not; the queue's own words tell the rest.
  void cycle(tb::Random& random, bool offer, bool take) {
    if (offer && !offered_) {
      word_.clear();
      for (unsigned bit = 0; bit < DUT_WIDTH; bit += 64) {
        word_.push_back(random.bits(std::min(64u, DUT_WIDTH - bit)));
        tb::set_bits(dut->in_data_i, bit, std::min(64u, DUT_WIDTH - bit), word_.back());
      }
      offered_ = true;
    }
    dut->in_valid_i = offered_;
    dut->out_ready_i = take;
    // What one sees before the edge.
    REQUIRE((dut->in_ready_o != 0) == (words.size() < DUT_DEPTH));
    REQUIRE((dut->out_valid_o != 0) == !words.empty());
    if (!words.empty()) REQUIRE(head() == words.front());
    const bool pushed = offered_ && words.size() < DUT_DEPTH, popped = take && !words.empty();
    dut.cycle();
    if (popped) words.pop_front();
    if (pushed) words.push_back(word_);
    pushes += pushed ? 1 : 0;
    pops += popped ? 1 : 0;
    if (pushed) offered_ = false;
  }
  void reset() {
    dut->in_valid_i = 0;
    dut.reset();
    words.clear();
    offered_ = false;
  }

  Dut<DUT> dut;
  std::deque<Word> words;
  unsigned pushes = 0, pops = 0;

 private:
  Word head() {
    Word word;
    for (unsigned bit = 0; bit < DUT_WIDTH; bit += 64)
      word.push_back(tb::get_bits(dut->out_data_o, bit, std::min(64u, DUT_WIDTH - bit)));
    return word;
  }
  bool offered_ = false;
  Word word_;
};

}  // namespace

TEST_CASE("fifo: first in, first out, with pauses of source and sink; nothing left over") {
  for (const unsigned source : {100u, 60u, 10u}) {
    for (const unsigned sink : {100u, 60u, 10u}) {
      tb::Random random("pauses");
      Bench bench;
      for (int i = 0; i < 3000; ++i) bench.cycle(random, random.chance(source), random.chance(sink));
      for (unsigned i = 0; i < DUT_DEPTH + 2; ++i) bench.cycle(random, false, true);
      CHECK(bench.words.empty());
      CHECK(bench.pushes == bench.pops);
      CHECK(bench.pushes > 200);
    }
  }
}

TEST_CASE("fifo: Depth words fit, no more") {
  tb::Random random("full");
  Bench bench;
  for (unsigned i = 0; i < DUT_DEPTH + 5; ++i) bench.cycle(random, true, false);
  CHECK(bench.pushes == DUT_DEPTH);
  CHECK(bench.dut->in_ready_o == 0);
  for (unsigned i = 0; i < DUT_DEPTH + 5; ++i) bench.cycle(random, false, true);
  CHECK(bench.dut->out_valid_o == 0);
}

TEST_CASE("fifo: a word written is readable in the next cycle") {
  tb::Random random("latency");
  Bench bench;
  CHECK(bench.dut->out_valid_o == 0);
  for (int i = 0; i < 20; ++i) {
    bench.cycle(random, true, false);
    CHECK(bench.dut->out_valid_o == 1);
    bench.cycle(random, false, true);
    CHECK(bench.dut->out_valid_o == 0);
  }
}

TEST_CASE("fifo: full throughput") {
  tb::Random random("throughput");
  Bench bench;
  bench.cycle(random, true, true);
  for (int i = 0; i < 1000; ++i) bench.cycle(random, true, true);
  CHECK(bench.pushes == 1001);
  CHECK(bench.pops == 1000);
}

TEST_CASE("fifo: empty after a reset") {
  tb::Random random("reset");
  Bench bench;
  for (unsigned words = 1; words <= DUT_DEPTH; ++words) {
    for (unsigned i = 0; i < words; ++i) bench.cycle(random, true, i % 3 == 2);
    bench.reset();
    CHECK(bench.dut->out_valid_o == 0);
    CHECK(bench.dut->in_ready_o == 1);
    for (int i = 0; i < 50; ++i) bench.cycle(random, random.chance(50), random.chance(50));
    bench.reset();
  }
}
