// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: Rows=16 Cols=16 Lanes=16 DrainWidth=32 Structural=0; Rows=8 Cols=16 Lanes=8 DrainWidth=16 Structural=0; Rows=8 Cols=4 Lanes=4 DrainWidth=4 Structural=1; Rows=4 Cols=8 Lanes=4 DrainWidth=16 Structural=1
#include DUT_HEADER

#include <algorithm>
#include <deque>
#include <optional>

#include "catch.h"
#include "harness.h"
#include "reference_tile.h"
#include "tile_shape.h"

using namespace cuatro;
using tb::Codes;
using tb::Dut;
using tb::OperandFormats;
using tb::Random;

namespace {

constexpr unsigned lines = DRAINWIDTH / LANES;

struct Step {
  bool first = false, last = false, tile_last = false;
  unsigned shift = 0;  // 0..2
  std::uint64_t lane_valid = 0;
  unsigned row = 0, col = 0;  // of the tile
  Codes a, b;                 // the words that its addresses name
};

Step random_step(Random& random) {
  Step step;
  step.first = random.chance(30);
  step.last = random.chance(30);
  step.tile_last = random.chance(50);
  step.shift = random.chance(60) ? 0 : static_cast<unsigned>(random.below(3));
  step.lane_valid = random.bits(LANES);
  step.row = static_cast<unsigned>(random.bits(16));
  step.col = static_cast<unsigned>(random.bits(16));
  step.a = tb::random_codes(random, ROWS * LANES);
  step.b = tb::random_codes(random, COLS * LANES);
  return step;
}

struct Drain {
  bool transpose = false;
  unsigned row_block = 0, col_block = 0, line = 0;
};

Drain random_drain(Random& random) {
  return {random.chance(50), static_cast<unsigned>(random.below(ROWS / LANES)),
          static_cast<unsigned>(random.below(COLS / LANES)),
          static_cast<unsigned>(random.below(LANES / lines)) * lines};
}

// The module, its scratchpads' words, and which step stands in which slot. A step's words are there
// while it is in slot 1; at every other time the words are random.
class Bench {
 public:
  explicit Bench(const std::string& stream) : random(stream) { dut.reset(); }

  // Inputs of the coming cycle; without a step or a drain the inputs that belong to it are random.
  void set_formats(const OperandFormats& formats) {
    dut->a_format_i = static_cast<CData>(formats.a);
    dut->zero_point_i = static_cast<CData>(formats.zero_point);
    dut->b_format_i = static_cast<CData>(formats.b);
  }
  void set(const std::optional<Step>& step, bool shadow_busy, const std::optional<Drain>& drain = {}) {
    offered_ = step;
    const Step fields = step ? *step : random_step(random);
    dut->step_valid_i = step.has_value();
    dut->first_i = fields.first;
    dut->shift_i = static_cast<CData>(fields.shift);
    dut->last_i = fields.last;
    tb::set_bits(dut->lane_valid_i, 0, LANES, fields.lane_valid);
    dut->tile_row_i = static_cast<SData>(fields.row);
    dut->tile_col_i = static_cast<SData>(fields.col);
    dut->tile_last_i = fields.tile_last;
    const Codes a = slot1_ ? slot1_->a : tb::random_codes(random, ROWS * LANES);
    const Codes b = slot1_ ? slot1_->b : tb::random_codes(random, COLS * LANES);
    for (unsigned i = 0; i < a.size(); ++i) tb::set_lane(dut->a_word_i, i, 4, a[i]);
    for (unsigned i = 0; i < b.size(); ++i) tb::set_lane(dut->b_word_i, i, 4, b[i]);
    dut->shadow_busy_i = shadow_busy;
    const Drain lines = drain ? *drain : random_drain(random);
    dut->drain_i = drain.has_value();
    dut->transpose_i = lines.transpose;
    dut->row_block_i = static_cast<CData>(lines.row_block);
    dut->col_block_i = static_cast<CData>(lines.col_block);
    dut->line_i = static_cast<CData>(lines.line);
    dut->eval();
  }
  // The edge; true if the step was taken.
  bool cycle() {
    const bool stalled = dut->stall_o;
    dut.cycle();
    if (stalled) return false;
    slot2_ = slot1_;
    slot1_ = offered_;
    return offered_.has_value();
  }

  const std::optional<Step>& slot1() const { return slot1_; }
  const std::optional<Step>& slot2() const { return slot2_; }
  std::vector<std::uint64_t> results() { return tb::get_lanes(dut->result_o, DRAINWIDTH, 32); }

  Dut<DUT> dut;
  Random random;

 private:
  std::optional<Step> offered_, slot1_, slot2_;
};

// The steps of one tile of a GEMM, and its results.
struct Tile {
  std::vector<Step> steps;
  std::vector<std::uint32_t> results;  // [row of the tile][column]
};

Tile random_tile(Random& random, const OperandFormats& formats) {
  Tile tile;
  const auto slices = static_cast<unsigned>(random.chance(40) ? 1 : 1 + random.below(4));
  const unsigned terms = random.chance(50) ? 2 : 1;
  const auto term_shift = static_cast<unsigned>(random.below(3));
  const auto lanes_of_last = static_cast<unsigned>(1 + random.below(LANES));
  const Step place = random_step(random);
  std::vector<std::uint32_t> sums[2];
  for (unsigned term = 0; term < terms; ++term) {
    sums[term].resize(ROWS * COLS);
    for (unsigned slice = 0; slice < slices; ++slice) {
      Step step = random_step(random);
      const unsigned lanes = slice == slices - 1 ? lanes_of_last : LANES;
      step.first = term == 0 && slice == 0;
      step.last = term == terms - 1 && slice == slices - 1;
      step.shift = term == 1 && slice == 0 ? term_shift : 0;
      step.lane_valid = (std::uint64_t{1} << lanes) - 1;
      step.row = place.row;
      step.col = place.col;
      step.tile_last = place.tile_last;
      for (unsigned r = 0; r < ROWS; ++r) {
        for (unsigned c = 0; c < COLS; ++c) {
          for (unsigned l = 0; l < lanes; ++l) {
            sums[term][r * COLS + c] += static_cast<std::uint32_t>(
                golden::decode_a(formats.a, formats.zero_point, step.a[r * LANES + l]) *
                golden::decode(formats.b, step.b[c * LANES + l]));
          }
        }
      }
      tile.steps.push_back(step);
    }
  }
  tile.results = sums[0];
  for (unsigned i = 0; i < ROWS * COLS && terms == 2; ++i) {
    tile.results[i] = (sums[0][i] << term_shift) + sums[1][i];
  }
  return tile;
}

// What the drain engine does: every line of every block of a tile, at its own pace.
class Drainer {
 public:
  void start(const Tile& tile, bool transpose) {
    tile_ = tile;
    for (unsigned row_block = 0; row_block < ROWS / LANES; ++row_block) {
      for (unsigned col_block = 0; col_block < COLS / LANES; ++col_block) {
        for (unsigned line = 0; line < LANES; line += lines) {
          left_.push_back({transpose, row_block, col_block, line});
        }
      }
    }
  }
  bool idle() const { return left_.empty(); }
  // Taking its last lines frees the shadow in that cycle.
  bool busy(bool takes) const { return left_.size() > (takes ? 1 : 0); }
  Drain take() {
    const Drain drain = left_.front();
    left_.pop_front();
    return drain;
  }
  std::vector<std::uint64_t> expected(const Drain& drain) const {
    std::vector<std::uint64_t> results;
    for (unsigned i = 0; i < DRAINWIDTH; ++i) {
      const unsigned along = drain.line + i / LANES, across = i % LANES;
      const unsigned r = drain.row_block * LANES + (drain.transpose ? across : along);
      const unsigned c = drain.col_block * LANES + (drain.transpose ? along : across);
      results.push_back(tile_.results[r * COLS + c]);
    }
    return results;
  }

 private:
  Tile tile_;
  std::deque<Drain> left_;
};

// Tiles through the array: gaps between steps, a drain that pauses; percent each. Nothing here knows
// the pipeline: what counts is what comes out, in what order, and how often.
void run_tiles(Bench& bench, const std::vector<Tile>& tiles, unsigned gap, unsigned pause) {
  std::deque<Step> steps;
  for (const Tile& tile : tiles) steps.insert(steps.end(), tile.steps.begin(), tile.steps.end());
  const std::size_t all_steps = steps.size();
  std::size_t pushed = 0, macs = 0;
  Drainer drainer;
  auto shown = bench.results();
  for (unsigned quiet = 0, cycles = 0; quiet < 4; ++cycles) {
    REQUIRE(cycles < 1000000);
    const bool takes = !drainer.idle() && !bench.random.chance(pause);
    const bool shadow_busy = drainer.busy(takes);
    std::optional<Drain> drain;
    if (takes) {
      drain = drainer.take();
      shown = drainer.expected(*drain);
    }
    std::optional<Step> step;
    if (!steps.empty() && !bench.random.chance(gap)) step = steps.front();
    bench.set(step, shadow_busy, drain);

    macs += bench.dut->mac_o;
    if (bench.dut->tile_push_o) {
      REQUIRE(pushed < tiles.size());
      REQUIRE_FALSE(shadow_busy);
      const Tile& tile = tiles[pushed++];
      REQUIRE(bench.dut->tile_row_o == tile.steps[0].row);
      REQUIRE(bench.dut->tile_col_o == tile.steps[0].col);
      REQUIRE(bench.dut->tile_last_o == tile.steps[0].tile_last);
      drainer.start(tile, bench.random.chance(50));
    }
    quiet = steps.empty() && drainer.idle() && !bench.dut->busy_o ? quiet + 1 : 0;
    if (bench.cycle()) steps.pop_front();
    REQUIRE(bench.results() == shown);
  }
  CHECK(pushed == tiles.size());
  CHECK(macs == all_steps);
}

}  // namespace

TEST_CASE("mac_array: a step's words arrive one cycle after it, and its products are added in the next") {
  Bench bench("latency");
  for (const OperandFormats& formats : tb::all_operand_formats()) {
    bench.set_formats(formats);
    Step step = random_step(bench.random);
    step.first = step.last = true;
    tb::ReferenceTile reference(ROWS, COLS, LANES);
    reference.load(formats, step.a, step.b, step.lane_valid);
    reference.mac(true, 0);
    reference.capture();

    bench.set(step, false);
    REQUIRE(!bench.dut->busy_o);
    REQUIRE(bench.cycle());
    bench.set({}, false);
    REQUIRE(bench.dut->busy_o);
    REQUIRE(!bench.dut->mac_o);
    bench.cycle();
    bench.set({}, false);
    REQUIRE(bench.dut->busy_o);
    REQUIRE(bench.dut->mac_o);
    REQUIRE(bench.dut->tile_push_o);
    bench.cycle();

    const Drain drain = random_drain(bench.random);
    bench.set({}, false, drain);
    REQUIRE(!bench.dut->busy_o);
    REQUIRE(!bench.dut->mac_o);
    bench.cycle();
    REQUIRE(bench.results() ==
            reference.drain(drain.transpose, drain.row_block, drain.col_block, drain.line, DRAINWIDTH));
  }
}

TEST_CASE("mac_array: a step a cycle goes in, and a step a cycle is added") {
  Bench bench("rate");
  bench.set_formats({});
  for (int i = 0; i < 200; ++i) {
    bench.set(random_step(bench.random), false);
    REQUIRE(bench.dut->mac_o == (i >= 2));
    REQUIRE(bench.cycle());
  }
}

TEST_CASE("mac_array: the last step of a tile announces it, with its row, column and last") {
  Bench bench("push");
  bench.set_formats({});
  for (int i = 0; i < 3000; ++i) {
    std::optional<Step> step;
    if (bench.random.chance(70)) step = random_step(bench.random);
    bench.set(step, false);
    const auto& slot2 = bench.slot2();
    REQUIRE(bench.dut->tile_push_o == (slot2 && slot2->last));
    if (slot2 && slot2->last) {
      REQUIRE(bench.dut->tile_row_o == slot2->row);
      REQUIRE(bench.dut->tile_col_o == slot2->col);
      REQUIRE(bench.dut->tile_last_o == slot2->tile_last);
    }
    bench.cycle();
  }
}

TEST_CASE("mac_array: the last step waits while shadow_busy_i, and stall_o holds everything behind it") {
  Bench bench("stall");
  bench.set_formats({});
  unsigned stalls = 0;
  for (const unsigned gap : {0u, 30u, 80u}) {
    for (const unsigned busy : {10u, 50u, 95u}) {
      for (int i = 0; i < 1500; ++i) {
        std::optional<Step> step;
        if (!bench.random.chance(gap)) step = random_step(bench.random);
        bench.set(step, bench.random.chance(busy));
        const auto& slot2 = bench.slot2();
        const bool stalls_now = slot2 && slot2->last && bench.dut->shadow_busy_i;
        REQUIRE(bench.dut->stall_o == stalls_now);
        REQUIRE(bench.dut->mac_o == (slot2 && !stalls_now));
        REQUIRE(bench.dut->tile_push_o == (slot2 && slot2->last && !stalls_now));
        REQUIRE(bench.dut->busy_o == (bench.slot1() || slot2));
        stalls += stalls_now;
        bench.cycle();
      }
    }
  }
  CHECK(stalls > 1000);
}

TEST_CASE("mac_array: stall_o follows shadow_busy_i in the same cycle") {
  Bench bench("same cycle");
  bench.set_formats({});
  Step step = random_step(bench.random);
  step.last = true;
  bench.set(step, true);
  bench.cycle();
  bench.set({}, true);
  bench.cycle();
  for (const bool busy : {true, false, true, false, true}) {
    bench.set({}, busy);
    CHECK(bench.dut->stall_o == busy);
    CHECK(bench.dut->tile_push_o == !busy);
  }
  bench.cycle();
  bench.set({}, false);
  CHECK(bench.dut->tile_push_o);
  bench.cycle();
  bench.set({}, false);
  CHECK(!bench.dut->tile_push_o);
}

TEST_CASE("mac_array: no step is lost or counted twice, gaps × pauses of the drain") {
  Bench bench("tiles");
  for (const unsigned gap : {0u, 40u, 90u}) {
    for (const unsigned pause : {0u, 50u, 90u}) {
      INFO("gap " << gap << " pause " << pause);
      // Formats are stable for every step in flight; run_tiles leaves nothing in flight.
      for (int command = 0; command < 8; ++command) {
        const OperandFormats formats = tb::random_operand_formats(bench.random);
        bench.set_formats(formats);
        std::vector<Tile> tiles;
        for (int i = 0; i < 6; ++i) tiles.push_back(random_tile(bench.random, formats));
        run_tiles(bench, tiles, gap, pause);
      }
    }
  }
}

TEST_CASE("mac_array: every operand format") {
  Bench bench("formats");
  for (const OperandFormats& formats : tb::all_operand_formats()) {
    bench.set_formats(formats);
    std::vector<Tile> tiles;
    for (int i = 0; i < 3; ++i) tiles.push_back(random_tile(bench.random, formats));
    run_tiles(bench, tiles, 20, 20);
  }
}

TEST_CASE("mac_array: no step survives a reset") {
  Bench bench("reset");
  bench.set_formats({});
  Step step = random_step(bench.random);
  step.last = true;
  for (int fill = 0; fill < 4; ++fill) {
    bench.set(step, true);
    bench.cycle();
  }
  CHECK(bench.dut->stall_o);
  bench.dut.reset(1);
  bench.set({}, false);
  for (int i = 0; i < 4; ++i) {
    CHECK(!bench.dut->busy_o);
    CHECK(!bench.dut->mac_o);
    CHECK(!bench.dut->tile_push_o);
    CHECK(!bench.dut->stall_o);
    bench.dut.cycle();
  }
}
