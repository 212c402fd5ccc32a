// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: Rows=16 Cols=16 Lanes=16 DrainWidth=32; Rows=8 Cols=16 Lanes=4 DrainWidth=4; Rows=32 Cols=8 Lanes=8 DrainWidth=16; Rows=16 Cols=16 Lanes=16 DrainWidth=16; Rows=16 Cols=16 Lanes=16 DrainWidth=32 Structural=1; Rows=8 Cols=16 Lanes=4 DrainWidth=4 Structural=1
#include DUT_HEADER

#include <cstring>
#include <deque>
#include <limits>
#include <optional>

#include "catch.h"
#include "descriptor_rules.h"
#include "harness.h"

using namespace cuatro;
using namespace cuatro::tb;

namespace {

const CoreShape shape{DUT_ROWS, DUT_COLS, DUT_LANES, DUT_DRAINWIDTH, 2048, 65536};
constexpr unsigned kEdge = DUT_LANES, kBlock = DUT_LANES * DUT_LANES, kGroups = kBlock / DUT_DRAINWIDTH,
                   kLines = DUT_DRAINWIDTH / DUT_LANES;
constexpr unsigned kRowBlocks = DUT_ROWS / DUT_LANES, kColBlocks = DUT_COLS / DUT_LANES;
// Cycles from the choice of a group to the array, to the C scratchpad, to the output stage.
constexpr unsigned kDrain = 1, kRead = 3, kGroup = 4;
// From a load that shadow_busy_o permits to the tile's push; loads of two tiles are further apart.
constexpr unsigned kPush = 2;
constexpr unsigned kRawGap = 7;      // cycles between a block of codes and raw words
constexpr unsigned kUpdateGap = 10;  // cycles between a block of an update and another command; raw words wait for both
constexpr unsigned kCodesGap = 1;    // cycles between two blocks of an update
// The group of a tile's last block with which the shadow is given free.
constexpr unsigned kRelease = kGroups > 4 ? kGroups - 4 : 1;

// One cycle's work: a mask word, a group, or the first group of a block with its mask word.
struct Step {
  bool mask = false, with_mask = false, quant = false;
  Descriptor d;
  std::uint32_t block = 0, index = 0, row = 0, col = 0;
  bool first = false, last = false;  // group of the command
  bool c_re = false;
  std::uint16_t c_addr = 0;
  unsigned row_block = 0, col_block = 0;    // of the tile
  bool block_end = false, job_end = false;  // last group of the block; of the tile or command
  bool last_block = false;                  // of the tile
  bool raw() const { return d.out_format == kRaw; }
  bool update() const { return d.out_format == kUpdate; }
};
using Steps = std::deque<Step>;

// The steps of one block of S.
void add_block(Steps& steps, Step block, unsigned block_row, unsigned block_col) {
  const Descriptor& d = block.d;
  const unsigned rows = d.transpose ? d.n : d.m, cols = d.transpose ? d.m : d.n;
  const std::uint64_t block_cols = ceil_div(cols, kEdge), block_rows = ceil_div(rows, kEdge);
  const std::uint64_t word_bits = std::uint64_t{shape.word_bytes()} * 8;
  block.block = static_cast<std::uint32_t>(block_row * block_cols + block_col);
  const bool own_words = block.quant || d.addend != 0;
  if (d.mask_in && own_words) {
    Step mask = block;
    mask.mask = mask.c_re = true;
    mask.c_addr = static_cast<std::uint16_t>(d.mask_in_base + block.block);
    steps.push_back(mask);
  }
  for (unsigned g = 0; g < kGroups; ++g) {
    Step step = block;
    step.index = g;
    step.row = block_row * kEdge + g * kLines;
    step.col = block_col * kEdge;
    step.first = block.block == 0 && g == 0;
    const std::uint64_t element = std::uint64_t{block.block} * kBlock + g * DUT_DRAINWIDTH;
    std::uint64_t bits = element * 32;
    if (step.quant)
      bits = element * (8u << d.source);
    else if (d.addend == 1)
      bits = std::uint64_t{d.transpose ? step.row : step.col} * 32;
    step.with_mask = d.mask_in && !own_words && g == 0;
    step.c_re = own_words || step.with_mask;
    step.c_addr = static_cast<std::uint16_t>(step.with_mask ? d.mask_in_base + block.block : d.c_base + bits / word_bits);
    step.block_end = g == kGroups - 1;
    step.last = step.block_end && block.block == block_rows * block_cols - 1;
    steps.push_back(step);
  }
}

// The blocks of a tile that the result has: rows of blocks, then columns, of the array.
Steps tile_steps(const Descriptor& d, unsigned tile_row, unsigned tile_col) {
  Steps steps;
  for (unsigned rb = 0; rb < kRowBlocks; ++rb) {
    for (unsigned cb = 0; cb < kColBlocks; ++cb) {
      const unsigned m = tile_row * kRowBlocks + rb, n = tile_col * kColBlocks + cb;
      if (m * kEdge >= d.m || n * kEdge >= d.n) continue;
      Step block;
      block.d = d;
      block.row_block = rb;
      block.col_block = cb;
      add_block(steps, block, d.transpose ? n : m, d.transpose ? m : n);
    }
  }
  steps.back().job_end = true;
  for (std::size_t g = 0; g < kGroups; ++g) steps[steps.size() - 1 - g].last_block = true;
  return steps;
}

Steps quantize_steps(const Descriptor& d) {
  Steps steps;
  for (unsigned i = 0; i < ceil_div(d.m, kEdge); ++i) {
    for (unsigned j = 0; j < ceil_div(d.n, kEdge); ++j) {
      Step block;
      block.quant = true;
      block.d = d;
      add_block(steps, block, i, j);
    }
  }
  steps.back().job_end = true;
  return steps;
}

struct Tile {
  Descriptor d;
  unsigned row = 0, col = 0;
  bool early = false;  // drained from its load on, not from its push
};

// All tiles of a GEMM as the array finishes them.
void add_tiles(std::deque<Tile>& tiles, const Descriptor& d) {
  const auto rows = static_cast<unsigned>(ceil_div(d.m, DUT_ROWS)),
             cols = static_cast<unsigned>(ceil_div(d.n, DUT_COLS));
  for (unsigned row = 0; row < rows; ++row) {
    for (unsigned col = 0; col < cols; ++col) tiles.push_back({d, row, col, false});
  }
}

// The fields of a descriptor that the output stage reads of a group.
sim::DescriptorBits output_fields(bool quant) {
  constexpr auto all = std::numeric_limits<std::uint16_t>::max();
  Descriptor d{};
  d.mult = 0xff;
  d.shift = -1;
  d.mask_out = d.mask_in = true;
  d.rounding = d.out_format = 7;
  d.tag = d.m = d.n = d.r_base = d.r2_base = d.mask_out_base = d.row0 = d.col0 = all;
  d.key = std::numeric_limits<std::uint64_t>::max();
  if (quant) d.source = 3;
  if (!quant) d.addend = d.addend_shift = 3;
  d.transpose = true;
  return d.bits();
}

class Bench {
 public:
  Bench() { reset(); }

  std::deque<Tile> tiles;            // to be loaded
  std::deque<Descriptor> quantizes;  // to be offered
  unsigned groups = 0, idle = 0;     // cycles with a group; with work and without one
  bool busy() const {
    return !tiles.empty() || !quantizes.empty() || !pushes_.empty() || !tile_.empty() || !quant_.empty();
  }

  // One cycle; the last slice of a waiting tile is loaded, or a command offered, if allowed to.
  void cycle(bool load_tile, bool offer_quantize) {
    // What this cycle must choose: a block goes on; else a tile; else a quantize command.
    Steps* const job = in_block_ != nullptr ? in_block_
                       : !tile_.empty()     ? &tile_
                       : !quant_.empty()    ? &quant_
                                            : nullptr;
    std::optional<Step> step;
    const unsigned raw_gap = after_update_ ? kUpdateGap + kRawGap : kRawGap;
    if (job != nullptr && (job->front().mask || !job->front().raw() || since_codes_ > raw_gap) &&
        (!after_update_ || since_codes_ > kUpdateGap || (job->front().update() && same_command_ && since_codes_ > kCodesGap)))
      step = job->front();
    past_.push_front(step);
    past_.pop_back();
    check_drain(past_[kDrain]);
    check_read(past_[kRead]);
    check_group(past_[kGroup]);
    if (dut_->shadow_busy_o != shadow_busy_) FAIL("shadow_busy_o is " << +dut_->shadow_busy_o);
    // The command's last group makes place for the next.
    const bool quant_ready = quant_.empty() || (step && step->quant && step->last);
    if (dut_->quant_ready_o != quant_ready) FAIL("quant_ready_o is " << +dut_->quant_ready_o);

    // A tile is loaded while the shadow is free and no other is on its way, and pushed later: its
    // descriptor is there in the cycle of its load. An update's next tile may be drained at once.
    const bool load = load_tile && !tiles.empty() && dut_->shadow_busy_o == 0 && pushes_.empty();
    dut_->tile_load_i = load;
    if (load) {
      set(dut_->gemm_desc_i, tiles.front().d);
      pushes_.push_back(tiles.front());
      pushes_.back().early = update_here_ && same_command_;
      tiles.pop_front();
      until_push_ = kPush;
    }
    const bool push = !pushes_.empty() && until_push_-- == 0;
    dut_->tile_push_i = push;
    if (!load) set(dut_->gemm_desc_i, Descriptor{});
    const bool offer = offer_quantize && !quantizes.empty();
    dut_->quant_valid_i = offer;
    if (offer) set(dut_->quant_desc_i, quantizes.front());
    const bool taken = offer && dut_->quant_ready_o != 0;
    dut_.cycle();

    ++since_codes_;
    if (job != nullptr && !step) ++idle;
    if (step) {
      job->pop_front();
      in_block_ = step->block_end ? nullptr : job;
      if (step->block_end && !step->raw()) {
        since_codes_ = 1;
        after_update_ = step->update();
      }
      if (step->block_end) same_command_ = !step->quant && !step->last;
      groups += step->mask ? 0 : 1;
      // Three groups may still be chosen then, none of an update.
      const bool release = step->index == (step->update() ? kGroups - 1 : kRelease);
      if (!step->quant && !step->mask && step->last_block && release) shadow_busy_ = false;
    }
    if (push || (load && pushes_.back().early)) {
      const Tile& tile = pushes_.front();
      if (!push || !tile.early) {
        if (!tile_.empty()) FAIL("shadow_busy_o was low while the tile before was not drained");
        tile_ = tile_steps(tile.d, tile.row, tile.col);
        update_here_ = tile.d.out_format == kUpdate;
      }
    }
    if (push) {
      pushes_.pop_front();
      shadow_busy_ = true;
    }
    if (taken) {
      if (!quant_.empty()) FAIL("a quantize command was taken before its predecessor ended");
      quant_ = quantize_steps(quantizes.front());
      quantizes.pop_front();
    }
  }
  void run(Random& random, unsigned load_percent, unsigned offer_percent) {
    while (busy()) cycle(random.chance(load_percent), random.chance(offer_percent));
    for (int i = 0; i < 20; ++i) cycle(false, false);
  }
  void reset() {
    dut_->tile_load_i = dut_->tile_push_i = dut_->quant_valid_i = 0;
    dut_.reset();
    tiles.clear();
    quantizes.clear();
    pushes_.clear();
    tile_.clear();
    quant_.clear();
    past_.assign(kGroup + 1, std::nullopt);
    in_block_ = nullptr;
    since_codes_ = 100;
    shadow_busy_ = after_update_ = same_command_ = update_here_ = after_group_ = false;
  }

 private:
  template <class Port>
  static void set(Port& port, const Descriptor& d) {
    const auto bits = d.bits();
    std::memcpy(port.data(), bits.data(), sizeof bits);
  }
  static void same(const char* what, std::uint64_t got, std::uint64_t want, const Step& step) {
    if (got != want) {
      FAIL(what << " is " << got << ", want " << want << ": " << (step.mask ? "mask of " : "")
                << (step.quant ? "quantize" : "gemm") << " block " << step.block << " group " << step.index
                << ": " << to_text(step.d));
    }
  }
  void check_drain(const std::optional<Step>& step) {
    const bool drains = step && !step->mask && !step->quant;
    if (dut_->drain_o != drains) FAIL("drain_o is " << +dut_->drain_o);
    if (!drains) return;
    same("update_o", dut_->update_o, step->update(), *step);
    same("transpose_o", dut_->transpose_o, step->d.transpose, *step);
    same("row_block_o", dut_->row_block_o, step->row_block, *step);
    same("col_block_o", dut_->col_block_o, step->col_block, *step);
    same("line_o", dut_->line_o, step->index * kLines, *step);
  }
  void check_read(const std::optional<Step>& step) {
    const bool reads = step && step->c_re;
    if (dut_->c_re_o != reads) FAIL("c_re_o is " << +dut_->c_re_o);
    if (reads) same("c_addr_o", dut_->c_addr_o, step->c_addr, *step);
  }
  void check_group(const std::optional<Step>& step) {
    if (dut_->mask_load_o != (step && (step->mask || step->with_mask))) FAIL("mask_load_o is " << +dut_->mask_load_o);
    if (dut_->group_valid_o != (step && !step->mask)) FAIL("group_valid_o is " << +dut_->group_valid_o);
    if (!step || step->mask) {
      if (after_group_ && (dut_->group_quant_o != 0) != last_quant_) FAIL("group_quant_o does not stand");
      return;
    }
    after_group_ = true;
    last_quant_ = step->quant;
    same("group_quant_o", dut_->group_quant_o, step->quant, *step);
    same("group_update_o", dut_->group_update_o, step->update(), *step);
    same("group_block_o", dut_->group_block_o, step->block, *step);
    same("group_index_o", dut_->group_index_o, step->index, *step);
    same("group_row_o", dut_->group_row_o, step->row & 0xffff, *step);
    same("group_col_o", dut_->group_col_o, step->col & 0xffff, *step);
    same("group_first_o", dut_->group_first_o, step->first, *step);
    same("group_last_o", dut_->group_last_o, step->last, *step);
    const auto want = step->d.bits();
    const auto& fields = step->quant ? quant_fields_ : gemm_fields_;
    for (std::size_t i = 0; i < want.size(); ++i) {
      if (((dut_->group_desc_o[i] ^ want[i]) & fields[i]) != 0)
        FAIL("group_desc_o is not this command's: word " << i << ": " << to_text(step->d));
    }
  }

  Dut<DUT> dut_;
  const sim::DescriptorBits gemm_fields_ = output_fields(false), quant_fields_ = output_fields(true);
  std::deque<Tile> pushes_;  // the tile that was loaded and not yet pushed
  unsigned until_push_ = 0;
  Steps tile_, quant_;  // steps left of the tile and of the command in the engine
  Steps* in_block_ = nullptr;
  std::deque<std::optional<Step>> past_;  // the choice of this cycle, of the one before, ...
  unsigned since_codes_ = 100;            // cycles since the last group of a block of codes
  bool shadow_busy_ = false;
  bool after_update_ = false, same_command_ = false;  // what that block was; it was not its command's last
  bool after_group_ = false, last_quant_ = false;     // the last group, if any, was a quantize command's
  bool update_here_ = false;                          // the last tile that came is an update's
};

Descriptor gemm(Random& random, unsigned most = 5 * DUT_LANES + 3) {
  return random_legal(random, shape, kGemm, most);
}
Descriptor quantize(Random& random, unsigned most = 5 * DUT_LANES + 3) {
  return random_legal(random, shape, kQuantize, most);
}

}  // namespace

TEST_CASE("drain_engine: the blocks of every finished tile, groups in order") {
  Random random("tiles");
  Bench bench;
  for (int i = 0; i < 60; ++i) {
    add_tiles(bench.tiles, gemm(random));
    bench.run(random, i % 2 != 0 ? 100 : 10, 0);
  }
}

TEST_CASE("drain_engine: the blocks of a quantize command when no tile waits") {
  Random random("quantize");
  Bench bench;
  for (int i = 0; i < 60; ++i) bench.quantizes.push_back(quantize(random));
  bench.run(random, 0, 50);
}

TEST_CASE("drain_engine: tiles go before quantize blocks, no block is interrupted, descriptors stay apart") {
  Random random("both");
  Bench bench;
  for (const unsigned push : {100u, 20u, 5u, 2u}) {
    for (int i = 0; i < 30; ++i) {
      add_tiles(bench.tiles, gemm(random));
      bench.quantizes.push_back(quantize(random));
    }
    bench.run(random, push, 60);
  }
}

TEST_CASE("drain_engine: tiles loaded as soon as the shadow is free follow each other without a gap") {
  Random random("no gap");
  Bench bench;
  for (int i = 0; i < 20; ++i) {
    Descriptor d = gemm(random);
    if (d.out_format == kUpdate) d.out_format = kInt4;
    if (d.addend != 0) d.mask_in = false;
    add_tiles(bench.tiles, d);
    const std::size_t tiles = bench.tiles.size();
    unsigned blocks = 0, cycles = 0;
    for (const Tile& tile : bench.tiles)
      blocks += static_cast<unsigned>(tile_steps(tile.d, tile.row, tile.col).size()) / kGroups;
    CHECK(blocks == ceil_div(d.m, kEdge) * ceil_div(d.n, kEdge));
    for (; bench.busy(); ++cycles) bench.cycle(true, false);
    // The first tile's way, then a group in every cycle. Blocks of four groups release a cycle late.
    INFO(tiles << " tiles");
    CHECK(cycles == kPush + 1 + blocks * kGroups + bench.idle + (kGroups > 4 ? 0 : tiles - 1));
    CHECK(bench.idle == 0);
    for (int wait = 0; wait < 10; ++wait) bench.cycle(false, false);
  }
}

TEST_CASE("drain_engine: a cycle between an update's blocks, also of two tiles, others keep away") {
  Random random("update");
  Bench bench;
  unsigned waits = 0;
  for (int i = 0; i < 30; ++i) {
    Descriptor d = gemm(random);
    make_update(random, d);
    add_tiles(bench.tiles, d);
    const auto blocks = static_cast<unsigned>(ceil_div(d.m, kEdge) * ceil_div(d.n, kEdge));
    unsigned cycles = 0;
    const std::size_t tiles = bench.tiles.size();
    bench.idle = 0;
    for (; bench.busy(); ++cycles) bench.cycle(true, false);
    CHECK(bench.idle == blocks - tiles);  // with a block that could be chosen
    CHECK(cycles == kPush + 1 + blocks * (kGroups + kCodesGap) - kCodesGap);
    for (int wait = 0; wait < 10; ++wait) bench.cycle(false, false);
    // Between raw words, quantize commands and another update.
    for (int j = 0; j < 4; ++j) {
      Descriptor other = gemm(random);
      if (random.chance(50)) make_update(random, other);
      add_tiles(bench.tiles, other);
      if (random.chance(50)) bench.quantizes.push_back(quantize(random));
    }
    bench.idle = 0;
    bench.run(random, random.chance(50) ? 100 : 10, 100);
    waits += bench.idle;
  }
  CHECK(waits > 0);
}

TEST_CASE("drain_engine: raw words keep away from a block of codes before them") {
  Random random("raw");
  Bench bench;
  unsigned waits = 0;
  for (int i = 0; i < 40; ++i) {
    Descriptor raw = gemm(random);
    if (raw.out_format == kUpdate) raw.addend = 0;
    raw.out_format = kRaw;
    raw.rounding = kNearest;
    raw.mask_out = false;
    Descriptor codes = random.chance(50) ? quantize(random) : gemm(random);
    if (codes.out_format >= kRaw) codes.out_format = kInt4;
    add_tiles(bench.tiles, raw);
    if (codes.op == kGemm)
      add_tiles(bench.tiles, codes);
    else
      bench.quantizes.push_back(codes);
    add_tiles(bench.tiles, raw);
    bench.idle = 0;
    bench.run(random, random.chance(50) ? 100 : 10, 100);
    waits += bench.idle;
  }
  CHECK(waits > 0);
}

TEST_CASE("drain_engine: block numbers of large results") {
  Random random("large");
  Bench bench;
  // At most 2^16 blocks: ResultDepth is 65536 words. All of a command, for the engine counts its tiles.
  const auto size = [&](unsigned blocks) {
    const unsigned most = std::min(blocks * kEdge, 0xffffu);
    return static_cast<std::uint16_t>(most - random.below(kEdge));
  };
  const unsigned side = (0xffff + kEdge) / kEdge;  // blocks along the longest side
  struct Shape {
    unsigned rows, cols;
    bool transpose;
  };
  // Also with a side that is no power of two, so that the bits of a step differ.
  const unsigned some = side / 4 * 3 + 5;
  for (const Shape& result : {Shape{side, 2, false}, Shape{2, side, true}, Shape{256, 256, random.chance(50)}, Shape{some, 3, true}, Shape{3, some, false}}) {
    Descriptor d = gemm(random);
    d.m = size(result.rows);
    d.n = size(result.cols);
    d.transpose = result.transpose;
    d.mask_in = false;
    add_tiles(bench.tiles, d);
    bench.run(random, 100, 0);
  }
  for (const bool wide : {false, true}) {
    Descriptor d = quantize(random);
    (wide ? d.n : d.m) = 0xffff;
    (wide ? d.m : d.n) = 2;
    bench.quantizes.push_back(d);
  }
  bench.run(random, 0, 100);
}

TEST_CASE("drain_engine: reset in the middle of work leaves nothing behind") {
  Random random("reset");
  Bench bench;
  for (int round = 0; round < 50; ++round) {
    add_tiles(bench.tiles, gemm(random));
    bench.quantizes.push_back(quantize(random));
    for (std::uint64_t i = random.below(60); i != 0; --i) bench.cycle(true, random.chance(50));
    bench.reset();
    for (int i = 0; i < 5; ++i) bench.cycle(false, false);
    add_tiles(bench.tiles, gemm(random));
    bench.quantizes.push_back(quantize(random));
    bench.run(random, 30, 30);
  }
}
