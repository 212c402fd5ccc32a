// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: Lanes=16 DrainWidth=32; Lanes=16 DrainWidth=16; Lanes=8 DrainWidth=16; Lanes=4 DrainWidth=4; Lanes=16 DrainWidth=64
#include DUT_HEADER

#include <algorithm>
#include <map>
#include <vector>

#include "catch.h"
#include "harness.h"

using namespace cuatro;
using tb::Dut;

namespace {

constexpr unsigned kBlock = LANES * LANES, kWidth = DRAINWIDTH, kGroups = kBlock / kWidth;
constexpr unsigned kWordBits = std::max(4 * kBlock, 32 * kWidth), kParts = kWordBits / (32 * kWidth);

// One write into R: 32-bit pieces of the word, and which of them count.
struct Write {
  unsigned addr = 0, strobes = 0;
  std::vector<std::uint32_t> data = std::vector<std::uint32_t>(kWordBits / 32);
};

struct Block {
  bool raw = false, second = false, mask = false;
  unsigned block = 0, r = 0, r2 = 0, mask_base = 0;
};

Block random_block(tb::Random& random) {
  Block b;
  b.raw = random.chance(30);
  b.second = !b.raw && random.chance(50);
  b.mask = !b.raw && random.chance(50);
  for (unsigned* word : {&b.block, &b.r, &b.r2, &b.mask_base}) *word = static_cast<unsigned>(random.bits(16));
  return b;
}

class Bench {
 public:
  Bench() {
    dut->valid_i = 0;
    dut.reset();
  }

  // One group of a block; what R must see of it, and when, is noted.
  void group(tb::Random& random, const Block& b, unsigned index) {
    if (index == 0) {
      code1_ = code2_ = mask_ = Write{};
    }
    dut->valid_i = 1;
    dut->raw_i = b.raw;
    dut->second_i = b.second;
    dut->mask_i = b.mask;
    dut->block_i = static_cast<SData>(b.block);
    dut->index_i = static_cast<CData>(index);
    dut->r_base_i = static_cast<SData>(b.r);
    dut->r2_base_i = static_cast<SData>(b.r2);
    dut->mask_base_i = static_cast<SData>(b.mask_base);
    const std::uint64_t linear = std::uint64_t{b.block} * kGroups + index;
    Write raw;
    raw.addr = (b.r + linear / kParts) & 0xffff;
    raw.strobes = 1u << linear % kParts;
    for (unsigned i = 0; i < kWidth; ++i) {
      const auto x =
          random.chance(20)
              ? 0u
              : static_cast<std::uint32_t>(random.chance(50) ? random.word()
                                                             : static_cast<std::int32_t>(random.bits(32)));
      const auto code1 = static_cast<std::uint32_t>(random.bits(4)),
                 code2 = static_cast<std::uint32_t>(random.bits(4));
      tb::set_lane(dut->x_i, i, 32, x);
      tb::set_lane(dut->code1_i, i, 4, code1);
      tb::set_lane(dut->code2_i, i, 4, code2);
      const unsigned e = index * kWidth + i;
      code1_.data[e / 8] |= code1 << 4 * (e % 8);
      code2_.data[e / 8] |= code2 << 4 * (e % 8);
      mask_.data[e / 32] |= (static_cast<std::int32_t>(x) > 0 ? 1u : 0u) << e % 32;
      raw.data[linear % kParts * kWidth + i] = x;
    }
    const std::uint64_t now = dut.cycles();
    if (b.raw) expected_[now + 1] = raw;
    if (!b.raw && index == kGroups - 1) {
      std::uint64_t at = now + 1;
      for (auto [write, base, there] : {std::tuple{&code1_, b.r, true}, std::tuple{&code2_, b.r2, b.second},
                                        std::tuple{&mask_, b.mask_base, b.mask}}) {
        if (!there) continue;
        write->addr = (base + b.block) & 0xffff;
        write->strobes = (1u << kParts) - 1;
        expected_[at++] = *write;
      }
      if (b.second || b.mask) raw_from_ = now + 3;
    }
    cycle();
  }
  // Before a raw group: the drain engine's two cycles.
  void keep_away() {
    while (dut.cycles() < raw_from_) pause();
  }
  void pause() {
    dut->valid_i = 0;
    cycle();
  }
  void finish() {
    for (int i = 0; i < 8; ++i) pause();
    CHECK(expected_.empty());
  }
  void reset() {
    dut->valid_i = 0;
    dut.reset();
    expected_.clear();
    raw_from_ = 0;
  }

  Dut<DUT> dut;

 private:
  void cycle() {
    dut.cycle();
    const auto write = expected_.find(dut.cycles());
    if ((dut->we_o != 0) != (write != expected_.end()))
      FAIL("we_o is " << +dut->we_o << " in cycle " << dut.cycles());
    if (write == expected_.end()) return;
    REQUIRE(dut->waddr_o == write->second.addr);
    REQUIRE(static_cast<unsigned>(dut->wstrb_o) == write->second.strobes);
    for (unsigned i = 0; i < kWordBits / 32; ++i) {
      if ((write->second.strobes >> i / kWidth & 1) == 0) continue;
      const std::uint64_t got = tb::get_lane(dut->wdata_o, i, 32);
      if (got != write->second.data[i]) {
        INFO("word " << i);
        REQUIRE(got == write->second.data[i]);
      }
    }
    expected_.erase(write);
  }

  Write code1_, code2_, mask_;
  std::map<std::uint64_t, Write> expected_;  // by cycle
  std::uint64_t raw_from_ = 0;
};

void run(Bench& bench, tb::Random& random, const Block& b, unsigned pause_percent) {
  if (b.raw) bench.keep_away();
  for (unsigned index = 0; index < kGroups; ++index) {
    while (random.chance(pause_percent)) bench.pause();
    bench.group(random, b, index);
  }
}

}  // namespace

TEST_CASE("block_packer: the first code, then the second if there is one, then the mask, one word a cycle") {
  tb::Random random("codes");
  Bench bench;
  for (int i = 0; i < 400; ++i) {
    Block b = random_block(random);
    b.raw = false;
    b.second = i % 2 != 0;
    b.mask = i / 2 % 2 != 0;
    run(bench, random, b, 0);
    if (i < 8) bench.finish();
  }
  bench.finish();
}

TEST_CASE(
    "block_packer: raw words are written as they come, one cycle after the group, in their part of the "
    "word") {
  tb::Random random("raw");
  Bench bench;
  for (int i = 0; i < 200; ++i) {
    Block b = random_block(random);
    b.raw = true;
    b.second = b.mask = false;
    run(bench, random, b, i % 2 != 0 ? 40 : 0);
  }
  bench.finish();
}

TEST_CASE("block_packer: blocks of all kinds back to back, and with pauses") {
  for (const unsigned pause : {0u, 10u, 60u}) {
    tb::Random random("blocks");
    Bench bench;
    for (int i = 0; i < 500; ++i) run(bench, random, random_block(random), pause);
    bench.finish();
  }
}

TEST_CASE("block_packer: a mask bit is a > 0") {
  tb::Random random("mask");
  Bench bench;
  for (const std::int32_t x : {0, 1, -1, INT32_MAX, INT32_MIN, INT32_MIN + 1, 1 << 16, 1 << 30}) {
    Block b;
    b.mask = true;
    for (unsigned index = 0; index < kGroups; ++index) {
      bench.dut->valid_i = 1;
      bench.dut->raw_i = bench.dut->second_i = 0;
      bench.dut->mask_i = 1;
      bench.dut->index_i = static_cast<CData>(index);
      for (unsigned i = 0; i < kWidth; ++i)
        tb::set_lane(bench.dut->x_i, i, 32, static_cast<std::uint32_t>(x));
      bench.dut.cycle();
    }
    bench.dut->valid_i = 0;
    bench.dut.cycle();
    for (unsigned e = 0; e < kBlock; ++e)
      REQUIRE(tb::get_lane(bench.dut->wdata_o, e, 1) == (x > 0 ? 1u : 0u));
    bench.dut.cycle(4);
  }
}

TEST_CASE("block_packer: reset in the middle of a block leaves nothing behind") {
  tb::Random random("reset");
  Bench bench;
  for (int round = 0; round < 100; ++round) {
    Block b = random_block(random);
    run(bench, random, random_block(random), 0);
    if (b.raw) bench.keep_away();
    const auto groups = static_cast<unsigned>(random.below(kGroups));
    for (unsigned index = 0; index < groups; ++index) bench.group(random, b, index);
    bench.reset();
    CHECK(bench.dut->we_o == 0);
    run(bench, random, random_block(random), 0);
    bench.finish();
  }
}
