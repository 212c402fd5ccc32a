// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: Lanes=16 DrainWidth=32; Lanes=16 DrainWidth=16; Lanes=8 DrainWidth=16; Lanes=4 DrainWidth=4; Lanes=16 DrainWidth=32 Structural=1; Lanes=8 DrainWidth=16 Structural=1; Lanes=4 DrainWidth=4 Structural=1
#include DUT_HEADER

#include <algorithm>
#include <vector>

#include "catch.h"
#include "harness.h"

#ifndef DUT_STRUCTURAL
#define DUT_STRUCTURAL 0
#endif

using namespace cuatro;
using tb::Dut;

namespace {

constexpr unsigned kEdge = DUT_LANES, kBlock = DUT_LANES * DUT_LANES, kWidth = DUT_DRAINWIDTH, kGroups = kBlock / kWidth;
constexpr unsigned kWordBits = std::max(4 * kBlock, 32 * kWidth);

using Words = std::vector<std::uint32_t>;

struct Group {
  bool quant = false, transpose = false, mask = false;
  unsigned source = 0, addend = 0, addend_shift = 0;
  unsigned block = 0, index = 0, row = 0, col = 0, rows = 0xffff, cols = 0xffff;
  Words c, result;  // C word in 32-bit pieces, accumulators
};

// A group whose elements all lie inside the tensor, unless `ragged`.
Group random_group(tb::Random& random, bool ragged) {
  Group g;
  g.quant = random.chance(40);
  g.transpose = random.chance(50);
  g.mask = random.chance(50);
  g.source = static_cast<unsigned>(random.below(3));
  g.addend = static_cast<unsigned>(random.below(3));
  g.addend_shift = static_cast<unsigned>(random.below(3));
  g.block = static_cast<unsigned>(random.bits(16));
  g.index = static_cast<unsigned>(random.below(kGroups));
  const unsigned block_row = static_cast<unsigned>(random.below(0x8000 / kEdge)),
                 block_col = static_cast<unsigned>(random.below(0x8000 / kEdge));
  g.row = block_row * kEdge + g.index * (kWidth / kEdge);
  g.col = block_col * kEdge;
  if (ragged) {
    // A block has at least one row and one column inside.
    g.rows = block_row * kEdge + 1 + static_cast<unsigned>(random.below(kEdge));
    g.cols = g.col + 1 + static_cast<unsigned>(random.below(kEdge));
  }
  for (unsigned i = 0; i < kWordBits / 32; ++i)
    g.c.push_back(static_cast<std::uint32_t>(random.chance(50) ? random.bits(32)
                                                               : static_cast<std::uint32_t>(random.word())));
  for (unsigned i = 0; i < kWidth; ++i)
    g.result.push_back(static_cast<std::uint32_t>(
        random.chance(50) ? random.bits(32) : static_cast<std::uint32_t>(random.word())));
  return g;
}

// Element `i` of the C word seen as elements of `bits`.
std::uint32_t piece(const Words& word, std::uint64_t i, unsigned bits) {
  i %= kWordBits / bits;
  return word[i * bits / 32] >> (i * bits % 32) & (bits == 32 ? ~0u : (1u << bits) - 1);
}

Words expected(const Group& g, const std::vector<bool>& mask) {
  Words x(kWidth);
  const std::uint64_t first = (std::uint64_t{g.block} * kGroups + g.index) * kWidth;
  for (unsigned i = 0; i < kWidth; ++i) {
    const unsigned row = g.row + i / kEdge, col = g.col + i % kEdge;
    if (g.quant) {
      if (g.source == 0)
        x[i] = piece(g.c, first + i, 8);
      else if (g.source == 1)
        x[i] = static_cast<std::uint32_t>(static_cast<std::int16_t>(piece(g.c, first + i, 16)));
      else
        x[i] = piece(g.c, first + i, 32);
    } else {
      x[i] = g.result[i];
      if (g.addend == 1) x[i] += piece(g.c, g.transpose ? row : col, 32) << g.addend_shift;
      if (g.addend == 2) x[i] += piece(g.c, first + i, 32) << g.addend_shift;
    }
    if (row >= g.rows || col >= g.cols || (g.mask && !mask[g.index * kWidth + i])) x[i] = 0;
  }
  return x;
}

class Bench {
 public:
  Bench() {
    dut->mask_load_i = dut->group_valid_i = 0;
    dut.reset();
  }
  Words random_mask(tb::Random& random) {
    Words c(kWordBits / 32);
    for (auto& word : c) word = static_cast<std::uint32_t>(random.bits(32));
    for (unsigned e = 0; e < kBlock; ++e) mask[e] = (c[e / 32] >> e % 32 & 1) != 0;
    return c;
  }
  void load_mask(tb::Random& random) {
    set_words(dut->c_word_i, random_mask(random));
    dut->mask_load_i = 1;
    dut->group_valid_i = 0;
    dut.cycle();
    dut->mask_load_i = 0;
  }
  void drive(const Group& g) {
    dut->group_valid_i = 1;
    dut->quant_i = g.quant;
    dut->source_i = static_cast<CData>(g.source);
    dut->addend_i = static_cast<CData>(g.addend);
    dut->addend_shift_i = static_cast<CData>(g.addend_shift);
    dut->transpose_i = g.transpose;
    dut->mask_i = g.mask;
    dut->block_i = static_cast<SData>(g.block);
    dut->index_i = static_cast<CData>(g.index);
    dut->row_i = static_cast<SData>(g.row);
    dut->col_i = static_cast<SData>(g.col);
    dut->rows_i = static_cast<SData>(g.rows);
    dut->cols_i = static_cast<SData>(g.cols);
    set_words(dut->c_word_i, g.c);
    set_words(dut->result_i, g.result);
  }
  void check(const Group& g) {
    const Words want = expected(g, mask);
    for (unsigned i = 0; i < kWidth; ++i) {
      const auto got = static_cast<std::uint32_t>(tb::get_lane(dut->x_o, i, 32));
#if DUT_STRUCTURAL
      for (const unsigned copy : {i, kWidth + i}) REQUIRE(tb::get_lane(dut->negative_o, copy, 1) == want[i] >> 31);
#endif
      if (got == want[i]) continue;
      INFO("element " << i << " quant " << g.quant << " source " << g.source << " addend " << g.addend
                      << " shift " << g.addend_shift << " transpose " << g.transpose << " mask " << g.mask
                      << " block " << g.block << " group " << g.index << " row " << g.row << " of " << g.rows
                      << " col " << g.col << " of " << g.cols);
      REQUIRE(got == want[i]);
    }
  }
  void run(const Group& g) {
    drive(g);
    dut.cycle();
    dut->group_valid_i = 0;
    dut.cycle();
    REQUIRE(dut->valid_o == 1);
    check(g);
  }

  Dut<DUT> dut;
  std::vector<bool> mask = std::vector<bool>(kBlock);

  template <class Port>
  static void set_words(Port& port, const Words& words) {
    for (unsigned i = 0; i < words.size(); ++i) tb::set_lane(port, i, 32, words[i]);
  }
};

}  // namespace

TEST_CASE(
    "drain_merge: a GEMM group is the accumulators plus nothing, a bias or a matrix, shifted, modulo 2^32") {
  tb::Random random("gemm");
  Bench bench;
  for (int i = 0; i < 6000; ++i) {
    Group g = random_group(random, false);
    g.quant = g.mask = false;
    g.addend = static_cast<unsigned>(i % 3);
    g.addend_shift = static_cast<unsigned>(i / 3 % 3);
    g.transpose = i / 9 % 2 != 0;
    bench.run(g);
  }
}

TEST_CASE("drain_merge: a quantize group is the source words: 8 bits unsigned, 16 and 32 bits signed") {
  tb::Random random("quantize");
  Bench bench;
  for (int i = 0; i < 4000; ++i) {
    Group g = random_group(random, false);
    g.quant = true;
    g.mask = false;
    g.source = static_cast<unsigned>(i % 3);
    bench.run(g);
  }
}

TEST_CASE("drain_merge: elements outside the tensor are zero, groups wholly below it too") {
  tb::Random random("ragged");
  Bench bench;
  for (int i = 0; i < 4000; ++i) {
    Group g = random_group(random, true);
    g.mask = false;
    bench.run(g);
  }
  // The last row and column of the largest tensor.
  Group g = random_group(random, false);
  g.quant = g.mask = false;
  g.row = 0x10000 - kWidth / kEdge;
  g.col = 0x10000 - kEdge;
  g.rows = g.cols = 0xffff;
  bench.run(g);
}

TEST_CASE("drain_merge: a mask word serves the groups that follow, and only those that ask for it") {
  tb::Random random("mask");
  Bench bench;
  for (int i = 0; i < 400; ++i) {
    bench.load_mask(random);
    for (unsigned index = 0; index < kGroups; ++index) {
      Group g = random_group(random, random.chance(50));
      const unsigned before = g.index * (kWidth / kEdge);
      g.row = g.row - before + index * (kWidth / kEdge);
      g.index = index;
      g.mask = random.chance(80);
      bench.run(g);
    }
  }
}

TEST_CASE("drain_merge: a mask word that comes with the first group of its block serves it and those that follow") {
  tb::Random random("mask with group");
  Bench bench;
  for (int i = 0; i < 400; ++i) {
    for (unsigned index = 0; index < kGroups; ++index) {
      Group g = random_group(random, false);
      g.quant = false;
      g.addend = 0;
      g.mask = true;
      g.row = g.row - g.index * (kWidth / kEdge) + index * (kWidth / kEdge);
      g.index = index;
      if (index == 0) g.c = bench.random_mask(random);
      bench.drive(g);
      bench.dut->mask_load_i = index == 0;
      bench.dut.cycle();
      bench.dut->mask_load_i = bench.dut->group_valid_i = 0;
      bench.dut.cycle();
      bench.check(g);
    }
  }
}

TEST_CASE("drain_merge: an update's accumulators and state words come later, the sum is the accumulator alone") {
  constexpr unsigned kResult = 3, kState = 8, kCount = 5;
  tb::Random random("update");
  Bench bench;
  bench.load_mask(random);
  for (int round = 0; round < 300; ++round) {
    std::vector<Group> groups;
    for (unsigned i = 0; i < kCount; ++i) {
      Group g = random_group(random, random.chance(50));
      g.quant = g.mask = false;
      g.addend = 2;
      g.addend_shift = 0;
      if (i != 0) {
        // Of one tensor.
        const unsigned line = groups[0].row - groups[0].index * (kWidth / kEdge);
        g.transpose = groups[0].transpose;
        g.rows = groups[0].rows;
        g.cols = groups[0].cols;
        g.index = static_cast<unsigned>(random.below(kGroups));
        g.row = line + g.index * (kWidth / kEdge);
        g.col = groups[0].col;
      }
      groups.push_back(g);
    }
    // In consecutive cycles, or with gaps.
    std::vector<unsigned> at(1, 0);
    const bool gaps = random.chance(50);
    while (at.size() < kCount) at.push_back(at.back() + 1 + static_cast<unsigned>(gaps ? random.below(3) : 0));
    for (unsigned now = 0; now < at.back() + kState + 2; ++now) {
      // The group that came `lag` cycles ago.
      const auto group = [&](unsigned when, unsigned lag) -> const Group* {
        const auto found = std::find(at.begin(), at.end(), when - lag);
        return when < lag || found == at.end() ? nullptr : &groups[static_cast<std::size_t>(found - at.begin())];
      };
      const Group* const described = group(now, 0);
      const Group* const words = group(now, kState);
      const Group* const results = group(now, kResult);
      Group other = random_group(random, false);  // between groups only the command stands
      other.quant = false;
      other.transpose = groups[0].transpose;
      other.rows = groups[0].rows;
      other.cols = groups[0].cols;
      bench.drive(described != nullptr ? *described : other);
      bench.dut->mask_i = 0;
      bench.dut->addend_i = 2;
      bench.dut->update_i = 1;
      bench.dut->group_valid_i = described != nullptr;
      Words noise(kWordBits / 32);
      for (auto& word : noise) word = static_cast<std::uint32_t>(random.bits(32));
      bench.set_words(bench.dut->c_word_i, words != nullptr ? words->c : noise);
      bench.set_words(bench.dut->result_i, results != nullptr ? results->result : noise);
      bench.dut.cycle();
      // Now it is cycle now + 1.
      if (const Group* const sum = group(now + 1, kResult + 2); sum != nullptr) {
        Group g = *sum;
        g.addend = 0;
        bench.check(g);
      }
      if (const Group* const state = group(now + 1, kState + 1); state != nullptr) {
        Group g = *state;
        std::fill(g.result.begin(), g.result.end(), 0);
        const Words want = expected(g, bench.mask);
        for (unsigned i = 0; i < kWidth; ++i) REQUIRE(tb::get_lane(bench.dut->state_o, i, 32) == want[i]);
      }
    }
    bench.dut->update_i = bench.dut->group_valid_i = 0;
    bench.dut.cycle(2);
    bench.run(random_group(random, true));
  }
}

TEST_CASE("drain_merge: latency two cycles, any gaps") {
  tb::Random random("stream");
  Bench bench;
  bench.load_mask(random);
  bench.dut.cycle(2);
  CHECK(bench.dut->valid_o == 0);
  Group before = random_group(random, false);
  bool before_valid = false;
  for (int i = 0; i < 4000; ++i) {
    const Group g = random_group(random, random.chance(50));
    const bool valid = random.chance(60);
    bench.drive(g);
    bench.dut->group_valid_i = valid;
    bench.dut.cycle();
    REQUIRE((bench.dut->valid_o != 0) == before_valid);
    if (before_valid) bench.check(before);
    before = g;
    before_valid = valid;
  }
}

TEST_CASE("drain_merge: no valid_o comes out of a reset") {
  tb::Random random("reset");
  Bench bench;
  bench.drive(random_group(random, false));
  bench.dut->rst_ni = 0;
  bench.dut.cycle(3);
  CHECK(bench.dut->valid_o == 0);
  bench.dut->rst_ni = 1;
  bench.dut.cycle();
  CHECK(bench.dut->valid_o == 0);
  bench.dut.cycle();
  CHECK(bench.dut->valid_o == 1);
}
