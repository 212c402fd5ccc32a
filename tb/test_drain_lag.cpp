// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: default; RowBlockBits=2 ColBlockBits=3 LineBits=2; Structural=1
#include DUT_HEADER

#include <map>

#include "catch.h"
#include "harness.h"

#ifndef DUT_ROWBLOCKBITS
#define DUT_ROWBLOCKBITS 1
#define DUT_COLBLOCKBITS 1
#define DUT_LINEBITS 4
#endif

using namespace cuatro;

namespace {

// cuatro_pkg: cycles by which an update's accumulators and state words come later; between it and others.
constexpr unsigned kResultLag = 3, kStateLag = 8, kGap = 10;
// From a group's question to the array to that to the C scratchpad.
constexpr unsigned kRead = 2;

struct Ask {
  bool update = false, transpose = false;
  unsigned row_block = 0, col_block = 0, line = 0, addr = 0;
};

class Bench {
 public:
  Bench() { reset(); }
  void reset() {
    drains_.clear();
    reads_.clear();
    asked_.clear();
    // The engine's questions may still stand.
    dut_.reset(1);
    dut_->drain_i = dut_->update_i = dut_->c_re_i = 0;
  }
  std::uint64_t now() const { return dut_.cycles(); }
  // One cycle with a question or without one.
  void cycle(tb::Random& random, bool asks, const Ask& ask) {
    dut_->drain_i = asks;
    dut_->update_i = asks ? ask.update : random.chance(50);
    dut_->transpose_i = asks ? ask.transpose : random.chance(50);
    dut_->row_block_i = static_cast<CData>(asks ? ask.row_block : random.bits(DUT_ROWBLOCKBITS));
    dut_->col_block_i = static_cast<CData>(asks ? ask.col_block : random.bits(DUT_COLBLOCKBITS));
    dut_->line_i = static_cast<CData>(asks ? ask.line : random.bits(DUT_LINEBITS));
    if (asks) {
      drains_[now() + (ask.update ? kResultLag : 0)] = ask;
      asked_[now() + kRead] = ask;
      reads_[now() + kRead + (ask.update ? kStateLag : 0)] = ask;
    }
    const auto read = asked_.find(now());
    dut_->c_re_i = read != asked_.end();
    dut_->c_addr_i = static_cast<SData>(read != asked_.end() ? read->second.addr : random.bits(16));
    dut_->eval();
    const auto drain = drains_.find(now());
    REQUIRE((dut_->drain_o != 0) == (drain != drains_.end()));
    if (drain != drains_.end()) {
      REQUIRE((dut_->transpose_o != 0) == drain->second.transpose);
      REQUIRE(dut_->row_block_o == drain->second.row_block);
      REQUIRE(dut_->col_block_o == drain->second.col_block);
      REQUIRE(dut_->line_o == drain->second.line);
    }
    const auto late = reads_.find(now());
    REQUIRE((dut_->c_re_o != 0) == (late != reads_.end()));
    if (late != reads_.end()) REQUIRE(dut_->c_addr_o == late->second.addr);
    dut_.cycle();
  }

 private:
  tb::Dut<DUT> dut_;
  std::map<std::uint64_t, Ask> drains_, asked_, reads_;  // by cycle
};

Ask random_ask(tb::Random& random, bool update) {
  return {update, random.chance(50), static_cast<unsigned>(random.bits(DUT_ROWBLOCKBITS)),
          static_cast<unsigned>(random.bits(DUT_COLBLOCKBITS)), static_cast<unsigned>(random.bits(DUT_LINEBITS)),
          static_cast<unsigned>(random.bits(16))};
}

}  // namespace

TEST_CASE("drain_lag: an update's questions go on later, all others in their cycle") {
  tb::Random random("stream");
  Bench bench;
  for (int run = 0; run < 600; ++run) {
    const bool update = random.chance(50);
    for (std::uint64_t groups = 1 + random.below(20); groups != 0; --groups) {
      bench.cycle(random, true, random_ask(random, update));
      while (random.chance(20)) bench.cycle(random, false, {});
    }
    for (unsigned i = 0; update && i < kGap; ++i) bench.cycle(random, false, {});
  }
}

TEST_CASE("drain_lag: nothing comes out of a reset") {
  tb::Random random("reset");
  Bench bench;
  for (int i = 0; i < 20; ++i) {
    for (std::uint64_t groups = 1 + random.below(8); groups != 0; --groups)
      bench.cycle(random, true, random_ask(random, true));
    bench.reset();
    for (int wait = 0; wait < 12; ++wait) bench.cycle(random, false, {});
  }
}
