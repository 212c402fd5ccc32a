// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: Lanes=16 DrainWidth=32; Lanes=16 DrainWidth=16; Lanes=8 DrainWidth=16; Lanes=4 DrainWidth=4; Lanes=16 DrainWidth=64; Lanes=16 DrainWidth=32 Structural=1; Lanes=4 DrainWidth=4 Structural=1
#include DUT_HEADER

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "catch.h"
#include "harness.h"

using namespace cuatro;
using tb::Dut;

namespace {

constexpr unsigned kBlock = DUT_LANES * DUT_LANES, kWidth = DUT_DRAINWIDTH, kGroups = kBlock / kWidth;
constexpr unsigned kWordBits = std::max(4 * kBlock, 32 * kWidth), kParts = kWordBits / (32 * kWidth);
// Cycles from a group's raw words to its first codes, mask bits and codes, as in the output stage.
constexpr std::array<unsigned, 3> kDistance{4, 5, 7};
constexpr unsigned kAway = 7;  // a raw group after a block of codes

// One write into R: 32-bit pieces of the word, and which parts of it count.
struct Write {
  unsigned addr = 0, strobes = (1u << kParts) - 1;
  std::vector<std::uint32_t> data = std::vector<std::uint32_t>(kWordBits / 32);
};

enum Kind { kFirst, kMask, kCode };
struct Block {
  bool raw = false;
  std::array<bool, 3> has{false, false, true};
  std::array<unsigned, 3> addr{};
};

Block random_block(tb::Random& random) {
  Block b;
  b.raw = random.chance(30);
  b.has = {!b.raw && random.chance(50), !b.raw && random.chance(50), !b.raw};
  for (auto& addr : b.addr) addr = static_cast<unsigned>(random.bits(16));
  return b;
}

// What the packer gets in one cycle of one kind.
struct Input {
  bool last = false;
  unsigned addr = 0;
  std::array<unsigned, kWidth> data{};
};
struct Raw {
  unsigned addr = 0, strobes = 0;
  bool state = false;                  // the words come from the other input
  std::array<std::uint32_t, kWidth> data{};
};

class Bench {
 public:
  Bench() { dut.reset(); }

  void run(tb::Random& random, const Block& b, unsigned groups = kGroups) {
    while (b.raw && dut.cycles() < raw_from_) cycle();
    std::array<Write, 3> words;
    for (unsigned index = 0; index < groups; ++index) {
      const std::uint64_t now = dut.cycles();
      const bool last = index == kGroups - 1;
      if (b.raw) {
        Raw raw;
        Write write;
        raw.addr = write.addr = (b.addr[0] + index / kParts) & 0xffff;
        raw.strobes = write.strobes = 1u << index % kParts;
        raw.state = random.chance(50);
        for (unsigned i = 0; i < kWidth; ++i)
          raw.data[i] = write.data[index % kParts * kWidth + i] = static_cast<std::uint32_t>(random.bits(32));
        raw_[now] = raw;
        expected_[now] = write;
      }
      for (const Kind kind : {kFirst, kMask, kCode}) {
        if (!b.has[kind]) continue;
        const unsigned bits = kind == kMask ? 1 : 4;
        Input input;
        input.last = last;
        input.addr = b.addr[kind];
        for (unsigned i = 0; i < kWidth; ++i) {
          input.data[i] = static_cast<unsigned>(random.bits(bits));
          const unsigned lsb = (index * kWidth + i) * bits;
          words[kind].data[lsb / 32] |= input.data[i] << lsb % 32;
        }
        inputs_[kind][now + kDistance[kind]] = input;
        if (!last) continue;
        words[kind].addr = b.addr[kind];
        expected_[now + kDistance[kind]] = words[kind];
        raw_from_ = now + 1 + kAway;
      }
      cycle();
    }
  }
  void pause(unsigned cycles) {
    for (; cycles != 0; --cycles) cycle();
  }
  void finish() {
    pause(10);
    CHECK(expected_.empty());
  }
  void reset() {
    raw_.clear();
    for (auto& kind : inputs_) kind.clear();
    expected_.clear();
    drive();
    dut.reset();
  }

  Dut<DUT> dut;

 private:
  template <class Map>
  static auto take(Map& map, std::uint64_t at) {
    const auto found = map.find(at);
    return found == map.end() ? std::pair{false, typename Map::mapped_type{}} : std::pair{true, map.extract(found).mapped()};
  }
  // What comes without its valid is anything, a last group's flag too.
  Input take_input(Kind kind, std::uint64_t now, bool& valid) {
    auto [found, input] = take(inputs_[kind], now);
    valid = found;
    if (!found) {
      input.last = idle_.chance(50);
      input.addr = static_cast<unsigned>(idle_.bits(16));
      for (unsigned& value : input.data) value = static_cast<unsigned>(idle_.bits(kind == kMask ? 1 : 4));
    }
    return input;
  }
  void drive() {
    const std::uint64_t now = dut.cycles();
    auto [raw_valid, raw] = take(raw_, now);
    if (!raw_valid) {
      raw.addr = static_cast<unsigned>(idle_.bits(16));
      raw.strobes = static_cast<unsigned>(idle_.bits(kParts));
      raw.state = idle_.chance(50);
      for (std::uint32_t& word : raw.data) word = static_cast<std::uint32_t>(idle_.bits(32));
    }
    dut->raw_valid_i = raw_valid;
    dut->raw_addr_i = static_cast<SData>(raw.addr);
    dut->raw_strb_i = static_cast<CData>(raw.strobes);
    dut->state_i = raw.state;
    for (unsigned i = 0; i < kWidth; ++i) {
      tb::set_lane(dut->raw_i, i, 32, raw.state ? ~raw.data[i] : raw.data[i]);
      tb::set_lane(dut->state_word_i, i, 32, raw.state ? raw.data[i] : ~raw.data[i]);
    }
    bool valid = false;
    const Input first = take_input(kFirst, now, valid);
    dut->first_valid_i = valid;
    dut->first_last_i = first.last;
    dut->first_addr_i = static_cast<SData>(first.addr);
    const Input mask = take_input(kMask, now, valid);
    dut->mask_valid_i = valid;
    dut->mask_last_i = mask.last;
    dut->mask_addr_i = static_cast<SData>(mask.addr);
    const Input code = take_input(kCode, now, valid);
    dut->code_valid_i = valid;
    dut->code_last_i = code.last;
    dut->code_addr_i = static_cast<SData>(code.addr);
    for (unsigned i = 0; i < kWidth; ++i) {
      tb::set_lane(dut->first_i, i, 4, first.data[i]);
      tb::set_lane(dut->mask_i, i, 1, mask.data[i]);
      tb::set_lane(dut->code_i, i, 4, code.data[i]);
    }
    dut->eval();
  }
  // A word is written in the cycle in which its last group is there.
  void cycle() {
    const auto write = expected_.find(dut.cycles());
    drive();
    if ((dut->we_o != 0) != (write != expected_.end())) FAIL("we_o is " << +dut->we_o << " in cycle " << dut.cycles());
    if (write != expected_.end()) {
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
    dut.cycle();
  }

  std::map<std::uint64_t, Raw> raw_;                   // by cycle
  std::array<std::map<std::uint64_t, Input>, 3> inputs_;
  std::map<std::uint64_t, Write> expected_;
  std::uint64_t raw_from_ = 0;
  tb::Random idle_{"idle"};
};

}  // namespace

TEST_CASE("block_packer: first codes, mask bits and codes of a block, each word in the cycle of its last group") {
  tb::Random random("codes");
  Bench bench;
  for (int i = 0; i < 400; ++i) {
    Block b = random_block(random);
    b.raw = false;
    b.has = {i % 2 != 0, i / 2 % 2 != 0, true};
    bench.run(random, b);
    if (i < 8) bench.finish();
  }
  bench.finish();
}

TEST_CASE("block_packer: raw words are written as they come, in their part of the word") {
  tb::Random random("raw");
  Bench bench;
  for (int i = 0; i < 200; ++i) {
    Block b = random_block(random);
    b.raw = true;
    b.has = {};
    bench.run(random, b);
    bench.pause(static_cast<unsigned>(random.below(3)));
  }
  bench.finish();
}

TEST_CASE("block_packer: blocks of all kinds back to back, and with pauses between them") {
  for (const unsigned most : {1u, 2u, 9u}) {
    tb::Random random("blocks");
    Bench bench;
    for (int i = 0; i < 500; ++i) {
      bench.run(random, random_block(random));
      bench.pause(static_cast<unsigned>(random.below(most)));
    }
    bench.finish();
  }
}

TEST_CASE("block_packer: an interrupted block leaves nothing behind") {
  tb::Random random("reset");
  Bench bench;
  for (int round = 0; round < 100; ++round) {
    bench.run(random, random_block(random));
    bench.run(random, random_block(random), static_cast<unsigned>(random.below(kGroups)));
    bench.reset();
    CHECK(bench.dut->we_o == 0);
    bench.run(random, random_block(random));
    bench.finish();
  }
}
