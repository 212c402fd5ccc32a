// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: Lanes=16 RowBlocks=1 ColBlocks=1 Transpose=1; Lanes=4 RowBlocks=4 ColBlocks=2 Transpose=1; Lanes=8 RowBlocks=1 ColBlocks=4 Transpose=1; Lanes=16 RowBlocks=1 ColBlocks=1 Transpose=0
#include DUT_HEADER

#include <algorithm>
#include <vector>

#include "catch.h"
#include "harness.h"

using namespace cuatro;
using namespace cuatro::tb;

namespace {

struct Block {
  unsigned row = 0, col = 0, number = 0;
  bool tile_last = false, last = false;
};

unsigned blocks_of(unsigned size) {
  return (size + DUT_LANES - 1) / DUT_LANES;
}

// The result as nested loops over tiles and the blocks of a tile.
std::vector<Block> blocks(unsigned m, unsigned n, bool transpose) {
  const unsigned rows = blocks_of(m), cols = blocks_of(n);
  std::vector<Block> all;
  for (unsigned tile_row = 0; tile_row < rows; tile_row += DUT_ROWBLOCKS) {
    for (unsigned tile_col = 0; tile_col < cols; tile_col += DUT_COLBLOCKS) {
      for (unsigned row = tile_row; row < tile_row + DUT_ROWBLOCKS && row < rows; ++row) {
        for (unsigned col = tile_col; col < tile_col + DUT_COLBLOCKS && col < cols; ++col)
          all.push_back({row, col, transpose ? col * rows + row : row * cols + col, false, false});
      }
      all.back().tile_last = true;
    }
  }
  all.back().last = true;
  return all;
}

class Bench {
 public:
  explicit Bench(const std::string& stream) : random(stream) {
    dut_->step_i = 0;
    dut_->enable_i = 1;
    dut_.reset();
  }

  Random random;

  // All blocks of a result. Its sizes come in the cycle after the step that ended the one before.
  void run(unsigned m, unsigned n, bool transpose, unsigned pause_percent) {
    INFO("m " << m << " n " << n << " transpose " << transpose);
    dut_->m_i = static_cast<SData>(m);
    dut_->n_i = static_cast<SData>(n);
    dut_->transpose_i = transpose;
    for (const Block& block : blocks(m, n, transpose)) {
      dut_->eval();
      same("row_o", dut_->row_o, block.row);
      same("col_o", dut_->col_o, block.col);
      dut_.cycle();
      do {
        same("row_o", dut_->row_o, block.row);
        same("col_o", dut_->col_o, block.col);
        same("number_o", dut_->number_o, block.number);
        same("tile_last_o", dut_->tile_last_o, block.tile_last);
        same("last_o", dut_->last_o, block.last);
        dut_->enable_i = random.chance(50);
        dut_.cycle();
      } while (random.chance(pause_percent));
      dut_->enable_i = 1;
      dut_->step_i = 1;
      dut_.cycle();
      dut_->step_i = 0;
    }
  }
  void reset_after(unsigned m, unsigned n, unsigned steps) {
    dut_->m_i = static_cast<SData>(m);
    dut_->n_i = static_cast<SData>(n);
    for (; steps != 0; --steps) {
      dut_.cycle(2);
      dut_->step_i = 1;
      dut_.cycle();
      dut_->step_i = 0;
    }
    dut_.reset(1);
  }

 private:
  static void same(const char* what, unsigned got, unsigned want) {
    if (got != want) FAIL(what << " is " << got << ", want " << want);
  }
  Dut<DUT> dut_;
};

unsigned size(Random& random, unsigned most) {
  return 1 + static_cast<unsigned>(random.below(random.chance(50) ? most : 2 * DUT_LANES));
}
bool turned(Random& random) {
  return DUT_TRANSPOSE != 0 && random.chance(50);
}

}  // namespace

TEST_CASE("block_walk: every block once, tile by tile, with its number in S, result after result") {
  Bench bench("all");
  for (const unsigned pause : {0u, 30u}) {
    for (int i = 0; i < 300; ++i) {
      const unsigned m = size(bench.random, 9 * DUT_LANES), n = size(bench.random, 9 * DUT_LANES);
      bench.run(m, n, turned(bench.random), pause);
    }
  }
}

TEST_CASE("block_walk: the longest sides, and the largest block number") {
  Bench bench("long");
  for (const bool transpose : {false, DUT_TRANSPOSE != 0}) {
    bench.run(0xffff, 1, transpose, 0);
    bench.run(1, 0xffff, transpose, 0);
    bench.run(256 * DUT_LANES, 256 * DUT_LANES - 1, transpose, 0);
  }
}

TEST_CASE("block_walk: long sides with several tiles along the other: every bit of a number and of a step counts") {
  Bench bench("wide");
  // The longest side beside one of so many blocks: numbers have 16 bits.
  const auto longest = [](unsigned other) { return std::min(0xffffu, 0x10000u / other * DUT_LANES - 1); };
  for (const bool transpose : {false, DUT_TRANSPOSE != 0}) {
    bench.run(longest(2), 2 * DUT_LANES, transpose, 0);
    bench.run(2 * DUT_LANES, longest(2), transpose, 0);
    bench.run(longest(2 * DUT_COLBLOCKS), 2 * DUT_COLBLOCKS * DUT_LANES, transpose, 0);
    bench.run(2 * DUT_ROWBLOCKS * DUT_LANES, longest(2 * DUT_ROWBLOCKS), transpose, 0);
    // Sides of every length, so that no two bits of a step go together.
    for (int i = 0; i < 12; ++i) {
      const auto longer = 1 + static_cast<unsigned>(bench.random.bits(6 + static_cast<unsigned>(bench.random.below(7))));
      const auto shorter = 1 + static_cast<unsigned>(bench.random.below(1 + 12000 / longer));
      const auto size = [&](unsigned blocks) { return std::min(0xffffu, blocks * DUT_LANES - static_cast<unsigned>(bench.random.below(DUT_LANES))); };
      if (i % 2 != 0)
        bench.run(size(longer), size(shorter), transpose, 0);
      else
        bench.run(size(shorter), size(longer), transpose, 0);
    }
  }
}

TEST_CASE("block_walk: a reset in the middle goes back to the first block") {
  Bench bench("reset");
  for (int i = 0; i < 50; ++i) {
    const unsigned m = size(bench.random, 9 * DUT_LANES), n = size(bench.random, 9 * DUT_LANES);
    bench.reset_after(m, n, static_cast<unsigned>(bench.random.below(20)));
    bench.run(size(bench.random, 4 * DUT_LANES), size(bench.random, 4 * DUT_LANES), turned(bench.random), 10);
  }
}
