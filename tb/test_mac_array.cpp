// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: Rows=16 Cols=16 Lanes=16 DrainWidth=32 Structural=0; Rows=8 Cols=16 Lanes=8 DrainWidth=16 Structural=0; Rows=8 Cols=4 Lanes=4 DrainWidth=4 Structural=1
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

constexpr unsigned lines = DUT_DRAINWIDTH / DUT_LANES;

struct Step {
  bool first = false, last = false;
  unsigned shift = 0;  // 0..2
  std::uint64_t lane_valid = 0;
  OperandFormats formats;
  Codes a, b;  // the words that its addresses name
};

Step random_step(Random& random) {
  Step step;
  step.first = random.chance(30);
  step.last = random.chance(30);
  step.shift = random.chance(60) ? 0 : static_cast<unsigned>(random.below(3));
  step.lane_valid = random.bits(DUT_LANES);
  step.formats = tb::random_operand_formats(random);
  step.a = tb::random_codes(random, DUT_ROWS * DUT_LANES);
  step.b = tb::random_codes(random, DUT_COLS * DUT_LANES);
  return step;
}

struct Drain {
  bool transpose = false;
  unsigned row_block = 0, col_block = 0, line = 0;
};

Drain random_drain(Random& random) {
  return {random.chance(50), static_cast<unsigned>(random.below(DUT_ROWS / DUT_LANES)),
          static_cast<unsigned>(random.below(DUT_COLS / DUT_LANES)),
          static_cast<unsigned>(random.below(DUT_LANES / lines)) * lines};
}

// The module, its scratchpads' words, and which step stands where. A step's words and formats are
// there while it is in slot 1; at every other time they are random.
class Bench {
 public:
  explicit Bench(const std::string& stream) : random(stream) { dut.reset(); }

  // Inputs of the coming cycle; without a step or a drain the inputs that belong to it are random.
  // In the cycle after a push the shadow is busy, as the tile is still to come.
  void set(const std::optional<Step>& step, bool shadow_busy, const std::optional<Drain>& drain = {}) {
    offered_ = step;
    const Step fields = step ? *step : random_step(random);
    dut->step_valid_i = step.has_value();
    dut->first_i = fields.first;
    dut->shift_i = static_cast<CData>(fields.shift);
    dut->last_i = fields.last;
    tb::set_bits(dut->lane_valid_i, 0, DUT_LANES, fields.lane_valid);
    const Step words = slot1_ ? *slot1_ : random_step(random);
    dut->a_format_i = static_cast<CData>(words.formats.a);
    dut->zero_point_i = static_cast<CData>(words.formats.zero_point);
    dut->b_format_i = static_cast<CData>(words.formats.b);
    for (unsigned i = 0; i < words.a.size(); ++i) tb::set_lane(dut->a_word_i, i, 4, words.a[i]);
    for (unsigned i = 0; i < words.b.size(); ++i) tb::set_lane(dut->b_word_i, i, 4, words.b[i]);
    dut->shadow_busy_i = shadow_busy || (flight_[2] && flight_[2]->last);
    const Drain lines = drain ? *drain : random_drain(random);
    dut->drain_i = drain.has_value();
    dut->transpose_i = lines.transpose;
    dut->row_block_i = static_cast<CData>(lines.row_block);
    dut->col_block_i = static_cast<CData>(lines.col_block);
    dut->line_i = static_cast<CData>(lines.line);
    dut->eval();
  }
  // The header's rules on every output of the pipeline control, for the inputs that are set.
  void check() {
    const bool capture = slot1_ && slot1_->last;
    const bool stall = capture && (dut->shadow_busy_i || tile_in_flight());
    REQUIRE(dut->stall_o == stall);
    REQUIRE(dut->mac_o == (slot1_ && !stall));
    REQUIRE(dut->tile_load_o == (capture && !stall));
    REQUIRE(dut->tile_push_o == (flight_[1] && flight_[1]->last));
  }
  // The edge; true if the step was taken.
  bool cycle() {
    const bool stalled = dut->stall_o, loads = dut->mac_o;
    dut.cycle();
    flight_[2] = flight_[1];
    flight_[1] = flight_[0];
    flight_[0] = loads ? slot1_ : std::nullopt;
    if (stalled) return false;
    slot1_ = offered_;
    return offered_.has_value();
  }
  void reset(int cycles) {
    dut.reset(cycles);
    slot1_.reset();
    for (auto& step : flight_) step.reset();
  }

  const std::optional<Step>& slot1() const { return slot1_; }
  // A tile whose sums are not in the shadow in the next cycle.
  bool tile_in_flight() const {
    return std::any_of(std::begin(flight_), std::end(flight_), [](const auto& step) { return step && step->last; });
  }
  std::vector<std::uint64_t> results() { return tb::get_lanes(dut->result_o, DUT_DRAINWIDTH, 32); }

  Dut<DUT> dut;
  Random random;

 private:
  std::optional<Step> offered_, slot1_;
  std::optional<Step> flight_[tb::mac_latency - 1];  // by the cycles since their load, less one
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
  const auto lanes_of_last = static_cast<unsigned>(1 + random.below(DUT_LANES));
  std::vector<std::uint32_t> sums[2];
  for (unsigned term = 0; term < terms; ++term) {
    sums[term].resize(DUT_ROWS * DUT_COLS);
    for (unsigned slice = 0; slice < slices; ++slice) {
      Step step = random_step(random);
      const unsigned lanes = slice == slices - 1 ? lanes_of_last : DUT_LANES;
      step.first = term == 0 && slice == 0;
      step.last = term == terms - 1 && slice == slices - 1;
      step.shift = term == 1 && slice == 0 ? term_shift : 0;
      step.lane_valid = (std::uint64_t{1} << lanes) - 1;
      step.formats = formats;
      for (unsigned r = 0; r < DUT_ROWS; ++r) {
        for (unsigned c = 0; c < DUT_COLS; ++c) {
          for (unsigned l = 0; l < lanes; ++l) {
            sums[term][r * DUT_COLS + c] += static_cast<std::uint32_t>(
                golden::decode_a(formats.a, formats.zero_point, step.a[r * DUT_LANES + l]) *
                golden::decode(formats.b, step.b[c * DUT_LANES + l]));
          }
        }
      }
      tile.steps.push_back(step);
    }
  }
  tile.results = sums[0];
  for (unsigned i = 0; i < DUT_ROWS * DUT_COLS && terms == 2; ++i) {
    tile.results[i] = (sums[0][i] << term_shift) + sums[1][i];
  }
  return tile;
}

// What the drain engine does: every line of every block of a tile, at its own pace, but in time.
class Drainer {
 public:
  void start(const Tile& tile, bool transpose) {
    tile_ = tile;
    for (unsigned row_block = 0; row_block < DUT_ROWS / DUT_LANES; ++row_block) {
      for (unsigned col_block = 0; col_block < DUT_COLS / DUT_LANES; ++col_block) {
        for (unsigned line = 0; line < DUT_LANES; line += lines) {
          left_.push_back({transpose, row_block, col_block, line});
        }
      }
    }
    time_left_.reset();
  }
  bool idle() const { return left_.empty(); }
  // A capture loaded in this cycle ends the old tile mac_latency cycles later: this cycle and
  // mac_latency - 1 more are left.
  bool busy(bool takes) const { return left_.size() > tb::mac_latency - (takes ? 0 : 1); }
  // As many lines as cycles are left.
  bool must_take() const { return time_left_ && left_.size() == *time_left_ && !left_.empty(); }
  void capture_loaded() { time_left_ = tb::mac_latency; }
  void cycle() {
    if (time_left_ && *time_left_ != 0) --*time_left_;
  }
  Drain take() {
    const Drain drain = left_.front();
    left_.pop_front();
    return drain;
  }
  std::vector<std::uint64_t> expected(const Drain& drain) const {
    std::vector<std::uint64_t> results;
    for (unsigned i = 0; i < DUT_DRAINWIDTH; ++i) {
      const unsigned along = drain.line + i / DUT_LANES, across = i % DUT_LANES;
      const unsigned r = drain.row_block * DUT_LANES + (drain.transpose ? across : along);
      const unsigned c = drain.col_block * DUT_LANES + (drain.transpose ? along : across);
      results.push_back(tile_.results[r * DUT_COLS + c]);
    }
    return results;
  }

 private:
  Tile tile_;
  std::deque<Drain> left_;
  std::optional<unsigned> time_left_;  // cycles in which the tile can still be drained
};

// Tiles through the array: gaps between steps, a drain that pauses; percent each. Nothing here knows
// the pipeline but when sums can be drained: what counts is what comes out, in what order, and how
// often. Returns the drains of a tile after the load of the next one's last step.
unsigned run_tiles(Bench& bench, const std::vector<Tile>& tiles, unsigned gap, unsigned pause) {
  std::deque<Step> steps;
  for (const Tile& tile : tiles) steps.insert(steps.end(), tile.steps.begin(), tile.steps.end());
  const std::size_t all_steps = steps.size();
  std::size_t pushed = 0, macs = 0;
  unsigned late = 0;
  Drainer drainer;
  std::deque<const Tile*> arriving{nullptr};  // announced in this cycle and the one before, or null
  std::deque<std::vector<std::uint64_t>> due;  // of each drain_latency cycles; empty: no drain
  for (unsigned quiet = 0, cycles = 0; quiet < 4; ++cycles) {
    REQUIRE(cycles < 1000000);
    if (arriving.size() == 2) {
      if (arriving.front() != nullptr) {
        REQUIRE(drainer.idle());
        drainer.start(*arriving.front(), bench.random.chance(50));
      }
      arriving.pop_front();
    }
    const bool takes = !drainer.idle() && (drainer.must_take() || !bench.random.chance(pause));
    const bool in_flight = bench.tile_in_flight();
    // While another tile is on its way the answer does not matter.
    const bool shadow_busy = in_flight ? bench.random.chance(50) : drainer.busy(takes);
    std::optional<Drain> drain;
    due.push_back({});
    if (takes) {
      drain = drainer.take();
      due.back() = drainer.expected(*drain);
      late += in_flight;
    }
    std::optional<Step> step;
    if (!steps.empty() && !bench.random.chance(gap)) step = steps.front();
    bench.set(step, shadow_busy, drain);
    bench.check();

    macs += bench.dut->mac_o;
    if (bench.dut->mac_o && bench.slot1()->last) drainer.capture_loaded();
    drainer.cycle();
    arriving.push_back(nullptr);
    if (bench.dut->tile_push_o) {
      REQUIRE(pushed < tiles.size());
      const Tile& tile = tiles[pushed++];
      arriving.back() = &tile;
    }
    quiet = steps.empty() && drainer.idle() && !in_flight && !bench.slot1() ? quiet + 1 : 0;
    if (bench.cycle()) steps.pop_front();
    if (due.size() == tb::drain_latency) {
      if (!due.front().empty()) REQUIRE(bench.results() == due.front());
      due.pop_front();
    }
  }
  CHECK(pushed == tiles.size());
  CHECK(macs == all_steps);
  return late;
}

}  // namespace

TEST_CASE("mac_array: a step's words arrive one cycle after it and are loaded, its tile can be drained in four") {
  Bench bench("latency");
  for (const OperandFormats& formats : tb::all_operand_formats()) {
    Step step = random_step(bench.random);
    step.formats = formats;
    step.first = step.last = true;
    tb::ReferenceTile reference(DUT_ROWS, DUT_COLS, DUT_LANES);
    reference.load(formats, step.a, step.b, step.lane_valid, true, 0, true);
    for (unsigned i = 0; i < tb::mac_latency; ++i) reference.cycle();

    bench.set(step, false);
    REQUIRE(bench.cycle());
    for (unsigned cycle = 0; cycle < tb::mac_latency; ++cycle) {
      bench.set({}, false);
      REQUIRE(bench.dut->mac_o == (cycle == 0));
      REQUIRE(bench.dut->tile_load_o == (cycle == 0));
      REQUIRE(bench.dut->tile_push_o == (cycle == tb::mac_latency - 2));
      bench.cycle();
    }
    const Drain drain = random_drain(bench.random);
    bench.set({}, false, drain);
    REQUIRE(!bench.dut->tile_push_o);
    for (unsigned cycle = 0; cycle < tb::drain_latency; ++cycle) {
      bench.cycle();
      bench.set({}, false);
    }
    REQUIRE(bench.results() ==
            reference.drain(drain.transpose, drain.row_block, drain.col_block, drain.line, DUT_DRAINWIDTH));
  }
}

TEST_CASE("mac_array: a step a cycle goes in, and a step a cycle is added") {
  Bench bench("rate");
  for (unsigned i = 0; i < 200; ++i) {
    Step step = random_step(bench.random);
    step.last = i % tb::mac_latency == 0;  // as close as tiles can be
    bench.set(step, false);
    REQUIRE(bench.dut->mac_o == (i >= 1));
    REQUIRE(bench.cycle());
  }
}

TEST_CASE("mac_array: a tile is announced two cycles before its sums can be drained, with row, column and last") {
  Bench bench("push");
  unsigned pushes = 0;
  for (int i = 0; i < 3000; ++i) {
    std::optional<Step> step;
    if (bench.random.chance(70)) step = random_step(bench.random);
    bench.set(step, false);
    bench.check();
    pushes += bench.dut->tile_push_o;
    bench.cycle();
  }
  CHECK(pushes > 300);
}

TEST_CASE("mac_array: the last step waits while shadow_busy_i, and stall_o holds everything behind it") {
  Bench bench("stall");
  unsigned stalls = 0;
  for (const unsigned gap : {0u, 30u, 80u}) {
    for (const unsigned busy : {10u, 50u, 95u}) {
      for (int i = 0; i < 1500; ++i) {
        std::optional<Step> step;
        if (!bench.random.chance(gap)) step = random_step(bench.random);
        bench.set(step, bench.random.chance(busy));
        bench.check();
        stalls += bench.dut->stall_o;
        bench.cycle();
      }
    }
  }
  CHECK(stalls > 1000);
}

TEST_CASE("mac_array: the last step waits while another tile is on its way: loads of last steps four cycles apart") {
  Bench bench("apart");
  for (unsigned between = 0; between < tb::mac_latency + 2; ++between) {
    INFO(between << " steps between the last ones");
    for (int i = 0; i < 10; ++i) {
      bench.set({}, false);
      bench.cycle();
    }
    Step step = random_step(bench.random);
    step.last = true;
    bench.set(step, false);
    bench.cycle();
    for (unsigned i = 0; i < between; ++i) {
      Step other = random_step(bench.random);
      other.last = false;
      bench.set(other, false);
      bench.check();
      REQUIRE(bench.cycle());
    }
    bench.set(step, false);
    bench.check();
    REQUIRE(bench.cycle());
    unsigned waits = 0;
    for (bench.set({}, false); bench.dut->stall_o; bench.set({}, false)) {
      bench.check();
      ++waits;
      bench.cycle();
    }
    REQUIRE(bench.dut->mac_o);
    REQUIRE(waits == (between + 1 < tb::mac_latency ? tb::mac_latency - 1 - between : 0));
    bench.cycle();
  }
}

TEST_CASE("mac_array: stall_o follows shadow_busy_i in the same cycle") {
  Bench bench("same cycle");
  Step step = random_step(bench.random);
  step.last = true;
  bench.set(step, true);
  bench.cycle();
  for (const bool busy : {true, false, true, false, true}) {
    bench.set({}, busy);
    CHECK(bench.dut->stall_o == busy);
    CHECK(bench.dut->mac_o == !busy);
  }
  bench.cycle();
  bench.set({}, false);
  CHECK(bench.dut->mac_o);
  bench.cycle();
  bench.set({}, false);
  CHECK(!bench.dut->mac_o);
  CHECK(!bench.dut->stall_o);
}

TEST_CASE("mac_array: no step is lost or counted twice, gaps × pauses of the drain") {
  Bench bench("tiles");
  unsigned late = 0;
  for (const unsigned gap : {0u, 40u, 90u}) {
    for (const unsigned pause : {0u, 50u, 90u}) {
      INFO("gap " << gap << " pause " << pause);
      for (int run = 0; run < 8; ++run) {
        std::vector<Tile> tiles;
        for (int i = 0; i < 6; ++i) tiles.push_back(random_tile(bench.random, tb::random_operand_formats(bench.random)));
        late += run_tiles(bench, tiles, gap, pause);
      }
    }
  }
  // Drains of a tile while the next was already on its way.
  CHECK(late > 100);
}

TEST_CASE("mac_array: every operand format, each tile right behind one of another") {
  Bench bench("formats");
  for (const unsigned gap : {0u, 20u}) {
    std::vector<Tile> tiles;
    for (int i = 0; i < 3; ++i) {
      for (const OperandFormats& formats : tb::all_operand_formats()) {
        tiles.push_back(random_tile(bench.random, formats));
        if (bench.random.chance(50)) {
          tiles.push_back(random_tile(bench.random, tb::random_operand_formats(bench.random)));
        }
      }
    }
    run_tiles(bench, tiles, gap, gap);
  }
}

TEST_CASE("mac_array: no step survives a reset, whether in slot 1 or on its way to the shadow") {
  Bench bench("reset");
  for (unsigned age = 0; age < tb::mac_latency; ++age) {
    INFO(age << " cycles after the load");
    Step step = random_step(bench.random);
    step.last = true;
    bench.set(step, false);
    bench.cycle();
    for (unsigned i = 0; i < age; ++i) {
      bench.set(step, false);
      bench.cycle();
    }
    bench.set(step, false);
    CHECK(bench.dut->stall_o == (age > 0));
    bench.reset(1);
    for (int i = 0; i < 6; ++i) {
      bench.set({}, false);
      CHECK(!bench.dut->tile_load_o);
      CHECK(!bench.dut->mac_o);
      CHECK(!bench.dut->tile_push_o);
      CHECK(!bench.dut->stall_o);
      bench.cycle();
    }
    run_tiles(bench, {random_tile(bench.random, step.formats), random_tile(bench.random, step.formats)}, 0, 0);
  }
}
