// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: GroupBits=3; GroupBits=2; GroupBits=4
#include DUT_HEADER

#include <map>

#include "catch.h"
#include "harness.h"

using namespace cuatro;

namespace {

constexpr unsigned kGroups = 1u << DUT_GROUPBITS, kLag = 10;  // cuatro_pkg: UPDATE_LAG

struct Group {
  bool last = false;
  unsigned block = 0, index = 0;
};

class Bench {
 public:
  Bench() { reset(); }
  void reset() {
    dut_->valid_i = 0;
    dut_.reset();
    groups_.clear();
  }
  // A cycle with a group or without one; between blocks the number does not stand, and `last` never.
  void cycle(tb::Random& random, const Group* group, bool stands = false) {
    dut_->valid_i = group != nullptr;
    dut_->last_i = group != nullptr ? group->last : random.chance(50);
    if (group != nullptr)
      dut_->block_i = static_cast<SData>(group->block);
    else if (!stands)
      dut_->block_i = static_cast<SData>(random.bits(16));
    if (group != nullptr) groups_[dut_.cycles()] = *group;
    dut_->eval();
    for (unsigned i = 1; i <= kLag + 3; ++i) {
      const bool want = dut_.cycles() >= i && groups_.count(dut_.cycles() - i) != 0;
      REQUIRE((dut_->valid_o >> (i - 1) & 1) == (want ? 1 : 0));
    }
    if (const auto at = groups_.find(dut_.cycles() - kLag); at != groups_.end()) {
      const Group& late = at->second;
      REQUIRE(dut_->first_o == (late.block == 0 && late.index == 0));
      REQUIRE(dut_->last_o == late.last);
      REQUIRE(dut_->block_o == late.block);
      REQUIRE(dut_->index_o == late.index);
    }
    dut_.cycle();
  }
  void block(tb::Random& random, unsigned number, bool last, unsigned groups = kGroups) {
    for (unsigned i = 0; i < groups; ++i) {
      const Group group{last && i == kGroups - 1, number, i};
      cycle(random, &group);
    }
    cycle(random, nullptr, true);
  }

 private:
  tb::Dut<DUT> dut_;
  std::map<std::uint64_t, Group> groups_;  // by cycle
};

}  // namespace

TEST_CASE("group_lag: blocks as close as they may be, and with pauses between them") {
  tb::Random random("blocks");
  Bench bench;
  for (int command = 0; command < 400; ++command) {
    const std::uint64_t blocks = 1 + random.below(6);
    for (std::uint64_t i = 0; i < blocks; ++i) {
      bench.block(random, i == 0 ? 0 : 1 + static_cast<unsigned>(random.below(0xffff)), i == blocks - 1);
      while (command % 2 != 0 && random.chance(40)) bench.cycle(random, nullptr);
    }
  }
  for (unsigned i = 0; i < 20; ++i) bench.cycle(random, nullptr);
}

TEST_CASE("group_lag: an interrupted block leaves nothing behind") {
  tb::Random random("reset");
  Bench bench;
  for (int round = 0; round < 100; ++round) {
    bench.block(random, static_cast<unsigned>(random.bits(16)), false);
    bench.block(random, static_cast<unsigned>(random.bits(16)), false, static_cast<unsigned>(random.below(kGroups)));
    bench.reset();
    for (std::uint64_t wait = random.below(20); wait != 0; --wait) bench.cycle(random, nullptr);
    bench.block(random, 0, true);
    for (unsigned i = 0; i < 20; ++i) bench.cycle(random, nullptr);
    bench.reset();
  }
}

TEST_CASE("group_lag: only block 0 is a command's first, whichever single bit another number has") {
  tb::Random random("bits");
  Bench bench;
  for (unsigned bit = 0; bit < 16; ++bit) {
    bench.block(random, 0, false);
    bench.block(random, 1u << bit, bit == 15);
  }
  for (unsigned i = 0; i < 20; ++i) bench.cycle(random, nullptr);
}
