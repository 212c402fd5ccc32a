// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: Rows=16 Cols=16 Lanes=16 DrainWidth=32 Structural=0; Rows=32 Cols=32 Lanes=32 DrainWidth=128 Structural=0; Rows=16 Cols=8 Lanes=4 DrainWidth=4 Structural=0; Rows=8 Cols=16 Lanes=8 DrainWidth=16 Structural=0; Rows=8 Cols=4 Lanes=4 DrainWidth=4 Structural=0; Rows=4 Cols=8 Lanes=4 DrainWidth=16 Structural=1
//
// The fast and the structural form run this same bench, so that what is simulated is what is
// synthesised.
#include DUT_HEADER

#include <algorithm>
#include <deque>

#include "catch.h"
#include "harness.h"
#include "reference_tile.h"
#include "tile_shape.h"

using namespace cuatro;
using tb::Codes;
using tb::Dut;
using tb::OperandFormats;

namespace {

using Words = std::vector<std::uint64_t>;

constexpr std::uint64_t first_lanes(unsigned count) {
  return count == 0 ? 0 : ~std::uint64_t{0} >> (64 - count);
}
constexpr std::uint64_t all_lanes = first_lanes(DUT_LANES);
constexpr unsigned lines = DUT_DRAINWIDTH / DUT_LANES;

// The inputs of a cycle.
struct Cycle {
  bool load = false, capture = false, drain = false;
  OperandFormats formats;
  std::uint64_t lane_valid = all_lanes;
  Codes a, b;
  bool first = false;
  unsigned shift = 0;  // 0..2
  bool transpose = false;
  unsigned row_block = 0, col_block = 0, line = 0;  // line: a multiple of `lines`
};

// Every enable low and every other input random.
Cycle idle(tb::Random& random) {
  Cycle cycle;
  cycle.formats = tb::random_operand_formats(random);
  cycle.lane_valid = random.chance(50) ? all_lanes : random.bits(DUT_LANES);
  cycle.a = tb::random_codes(random, DUT_ROWS * DUT_LANES);
  cycle.b = tb::random_codes(random, DUT_COLS * DUT_LANES);
  cycle.capture = random.chance(50);
  cycle.first = random.chance(20);
  cycle.shift = random.chance(60) ? 0 : static_cast<unsigned>(random.below(3));
  cycle.transpose = random.chance(50);
  cycle.row_block = static_cast<unsigned>(random.below(DUT_ROWS / DUT_LANES));
  cycle.col_block = static_cast<unsigned>(random.below(DUT_COLS / DUT_LANES));
  cycle.line = static_cast<unsigned>(random.below(DUT_LANES / lines)) * lines;
  return cycle;
}

// The module and the reference side by side; every drain's results are compared when they are due.
class Bench {
 public:
  // Every register known: reset does not reach the datapath.
  explicit Bench(const std::string& stream) : random(stream), reference_(DUT_ROWS, DUT_COLS, DUT_LANES) {
    for (unsigned i = 0; i < tb::mac_latency; ++i) run(idle(random));
    Cycle cycle = load_cycle();
    cycle.first = cycle.capture = true;
    run(cycle);
    settle();
  }

  // A capture too early after the one before is none.
  void run(Cycle cycle) {
    if (cycle.load && cycle.capture && !reference_.may_capture()) cycle.capture = false;
    dut_->load_i = cycle.load;
    dut_->first_i = cycle.first;
    dut_->shift_i = static_cast<CData>(cycle.shift);
    dut_->capture_i = cycle.capture;
    dut_->a_format_i = static_cast<CData>(cycle.formats.a);
    dut_->zero_point_i = static_cast<CData>(cycle.formats.zero_point);
    dut_->b_format_i = static_cast<CData>(cycle.formats.b);
    tb::set_bits(dut_->lane_valid_i, 0, DUT_LANES, cycle.lane_valid);
    for (unsigned i = 0; i < cycle.a.size(); ++i) tb::set_lane(dut_->a_i, i, 4, cycle.a[i]);
    for (unsigned i = 0; i < cycle.b.size(); ++i) tb::set_lane(dut_->b_i, i, 4, cycle.b[i]);
    dut_->drain_i = cycle.drain;
    dut_->transpose_i = cycle.transpose;
    dut_->row_block_i = static_cast<CData>(cycle.row_block);
    dut_->col_block_i = static_cast<CData>(cycle.col_block);
    dut_->line_i = static_cast<CData>(cycle.line);

    if (cycle.load) {
      reference_.load(cycle.formats, cycle.a, cycle.b, cycle.lane_valid, cycle.first, cycle.shift, cycle.capture);
    }
    due_.push_back(cycle.drain ? reference_.drain(cycle.transpose, cycle.row_block, cycle.col_block, cycle.line,
                                                  DUT_DRAINWIDTH)
                               : Words());
    reference_.cycle();
    dut_.cycle();
    if (due_.size() < tb::drain_latency) return;
    if (!due_.front().empty()) REQUIRE(results() == due_.front());
    due_.pop_front();
  }
  void pause(unsigned cycles) {
    for (unsigned i = 0; i < cycles; ++i) run(idle(random));
  }
  // Until what was captured can be drained and what was drained has been compared.
  void settle() { pause(std::max(tb::mac_latency, tb::drain_latency)); }

  Cycle load_cycle() {
    Cycle cycle = idle(random);
    cycle.load = true;
    return cycle;
  }
  // A tile of one slice, drained.
  void one_slice(const OperandFormats& formats, const Codes& a, const Codes& b, std::uint64_t lane_valid = all_lanes) {
    Cycle cycle = load_cycle();
    cycle.formats = formats;
    cycle.a = a;
    cycle.b = b;
    cycle.lane_valid = lane_valid;
    cycle.first = cycle.capture = true;
    run(cycle);
    pause(tb::mac_latency - 1);
    drain_all();
  }
  Words results() { return tb::get_lanes(dut_->result_o, DUT_DRAINWIDTH, 32); }
  bool may_capture() const { return reference_.may_capture(); }

  // A drain of every block and group of lines, each in a cycle that `make_cycle` makes.
  template <class MakeCycle>
  void drain_all(bool transpose, const MakeCycle& make_cycle) {
    for (unsigned row_block = 0; row_block < DUT_ROWS / DUT_LANES; ++row_block) {
      for (unsigned col_block = 0; col_block < DUT_COLS / DUT_LANES; ++col_block) {
        for (unsigned line = 0; line < DUT_LANES; line += lines) {
          Cycle cycle = make_cycle();
          cycle.drain = true;
          cycle.transpose = transpose;
          cycle.row_block = row_block;
          cycle.col_block = col_block;
          cycle.line = line;
          run(cycle);
        }
      }
    }
  }
  void drain_all() {
    drain_all(random.chance(50), [this] { return idle(random); });
  }

  Codes random_a() { return tb::random_codes(random, DUT_ROWS * DUT_LANES); }
  Codes random_b() { return tb::random_codes(random, DUT_COLS * DUT_LANES); }

  tb::Random random;

 private:
  Dut<DUT> dut_;
  tb::ReferenceTile reference_;
  std::deque<Words> due_;  // empty: no drain
};

}  // namespace

TEST_CASE("mac_tile: every pair of codes in every pair of formats, on every lane and on all of them") {
  Bench bench("codes");
  for (const OperandFormats& formats : tb::all_operand_formats()) {
    for (unsigned lane = 0; lane <= DUT_LANES; ++lane) {
      // Row r has code a0 + r, column c code b0 + c: on one lane, the others not valid, or on all
      // lanes, whose sums are the largest there are.
      const std::uint64_t lane_valid = lane < DUT_LANES ? std::uint64_t{1} << lane : all_lanes;
      for (unsigned a0 = 0; a0 < 16; a0 += DUT_ROWS) {
        for (unsigned b0 = 0; b0 < 16; b0 += DUT_COLS) {
          Codes a = bench.random_a(), b = bench.random_b();
          for (unsigned i = 0; i < a.size(); ++i) {
            if (lane_valid >> (i % DUT_LANES) & 1) a[i] = static_cast<std::uint8_t>((a0 + i / DUT_LANES) & 15);
          }
          for (unsigned i = 0; i < b.size(); ++i) {
            if (lane_valid >> (i % DUT_LANES) & 1) b[i] = static_cast<std::uint8_t>((b0 + i / DUT_LANES) & 15);
          }
          bench.one_slice(formats, a, b, lane_valid);
        }
      }
    }
  }
  bench.settle();
}

TEST_CASE("mac_tile: dot products of all lanes, and lanes that are not valid add nothing") {
  Bench bench("lanes");
  for (const OperandFormats& formats : tb::all_operand_formats()) {
    for (unsigned valid = 0; valid <= DUT_LANES; ++valid) {
      for (const std::uint64_t lane_valid : {first_lanes(valid), bench.random.bits(DUT_LANES)}) {
        bench.one_slice(formats, bench.random_a(), bench.random_b(), lane_valid);
      }
    }
  }
  bench.settle();
}

TEST_CASE("mac_tile: a pipeline without stalls: a slice a cycle, each with formats of its own") {
  Bench bench("every cycle");
  for (int tile = 0; tile < 150; ++tile) {
    const auto slices = 1 + bench.random.below(12);
    for (unsigned slice = 0; slice < slices; ++slice) {
      Cycle cycle = bench.load_cycle();
      cycle.first = slice == 0;
      cycle.shift = 0;
      cycle.capture = slice == slices - 1;
      bench.run(cycle);
    }
    bench.pause(tb::mac_latency - 1);
    bench.drain_all();
  }
  // Every format right behind every other, two to a tile.
  const auto formats = tb::all_operand_formats();
  for (std::size_t step = 1; step < formats.size(); ++step) {
    for (std::size_t i = 0; i < formats.size(); ++i) {
      Cycle cycle = bench.load_cycle();
      cycle.formats = formats[i * step % formats.size()];
      cycle.first = cycle.capture = bench.may_capture();
      cycle.drain = true;
      bench.run(cycle);
    }
  }
  bench.settle();
}

TEST_CASE("mac_tile: with first_i products start new sums, else they are added to the sums << shift_i") {
  Bench bench("shift");
  for (int i = 0; i < 100; ++i) {
    for (const bool first : {false, true}) {
      for (unsigned shift = 0; shift < 3; ++shift) {
        Cycle cycle = bench.load_cycle();
        cycle.first = first;
        cycle.shift = shift;
        cycle.capture = true;
        bench.run(cycle);
        bench.pause(tb::mac_latency - 1);
        bench.drain_all();
      }
    }
  }
  bench.settle();
}

TEST_CASE("mac_tile: accumulators are exact up to the bound of K, and modulo 2^32 beyond") {
  Bench bench("bound");
  constexpr unsigned max_k = 34952;
  for (const std::uint8_t b_code : {7, 15}) {
    Cycle cycle = bench.load_cycle();
    cycle.formats = {AFormat::uint4, 0, Format::log4};
    cycle.a = Codes(DUT_ROWS * DUT_LANES, 15);
    cycle.b = Codes(DUT_COLS * DUT_LANES, b_code);
    cycle.shift = 0;
    for (unsigned k = 0; k < max_k; k += DUT_LANES) {
      cycle.lane_valid = first_lanes(std::min<unsigned>(DUT_LANES, max_k - k));
      cycle.first = k == 0;
      cycle.capture = k + DUT_LANES >= max_k;
      bench.run(cycle);
    }
    bench.pause(tb::mac_latency - 1);
    Cycle drain = idle(bench.random);
    drain.drain = true;
    bench.run(drain);
    bench.pause(tb::drain_latency - 1);
    const std::int64_t sum = std::int64_t{max_k} * 15 * (b_code == 7 ? 4096 : -4096);
    for (const std::uint64_t result : bench.results()) {
      REQUIRE(static_cast<std::int32_t>(static_cast<std::uint32_t>(result)) == sum);
    }
    for (int step = 0; step < 20; ++step) {
      cycle.formats = tb::random_operand_formats(bench.random);
      cycle.first = false;
      cycle.shift = step < 10 ? 0 : 2;
      cycle.capture = true;
      bench.run(cycle);
      bench.pause(tb::mac_latency - 1);
      bench.drain_all();
    }
  }
  bench.settle();
}

TEST_CASE("mac_tile: a tile of a GEMM, one and two terms, against the sum over k") {
  Bench bench("gemm");
  for (int tile = 0; tile < 60; ++tile) {
    const OperandFormats formats = tb::random_operand_formats(bench.random);
    const auto k = static_cast<unsigned>(1 + bench.random.below(4 * DUT_LANES));
    const unsigned terms = bench.random.chance(50) ? 2 : 1;
    const auto term_shift = static_cast<unsigned>(bench.random.below(3));
    const unsigned slices = (k + DUT_LANES - 1) / DUT_LANES, padded = slices * DUT_LANES;
    const Codes a = tb::random_codes(bench.random, DUT_ROWS * padded);
    const Codes b[2] = {tb::random_codes(bench.random, DUT_COLS * padded),
                        tb::random_codes(bench.random, DUT_COLS * padded)};

    const unsigned bubbles = bench.random.chance(50) ? 0 : 50;
    for (unsigned term = 0; term < terms; ++term) {
      for (unsigned slice = 0; slice < slices; ++slice) {
        Cycle cycle = bench.load_cycle();
        cycle.formats = formats;
        for (unsigned i = 0; i < cycle.a.size(); ++i) {
          cycle.a[i] = a[i / DUT_LANES * padded + slice * DUT_LANES + i % DUT_LANES];
        }
        for (unsigned i = 0; i < cycle.b.size(); ++i) {
          cycle.b[i] = b[term][i / DUT_LANES * padded + slice * DUT_LANES + i % DUT_LANES];
        }
        cycle.lane_valid = first_lanes(std::min<unsigned>(DUT_LANES, k - slice * DUT_LANES));
        cycle.first = slice == 0 && term == 0;
        cycle.shift = slice == 0 && term == 1 ? term_shift : 0;
        cycle.capture = slice == slices - 1 && term == terms - 1;
        bench.run(cycle);
        if (bench.random.chance(bubbles)) bench.pause(1);
      }
    }
    bench.pause(tb::mac_latency - 1);
    Cycle cycle = idle(bench.random);
    cycle.drain = true;
    bench.run(cycle);
    bench.pause(tb::drain_latency - 1);
    const Words results = bench.results();
    for (unsigned i = 0; i < DUT_DRAINWIDTH; ++i) {
      const unsigned along = cycle.line + i / DUT_LANES, across = i % DUT_LANES;
      const unsigned m = cycle.row_block * DUT_LANES + (cycle.transpose ? across : along);
      const unsigned n = cycle.col_block * DUT_LANES + (cycle.transpose ? along : across);
      std::int64_t sums[2] = {0, 0};
      for (unsigned term = 0; term < terms; ++term) {
        for (unsigned l = 0; l < k; ++l) {
          sums[term] += golden::decode_a(formats.a, formats.zero_point, a[m * padded + l]) *
                        golden::decode(formats.b, b[term][n * padded + l]);
        }
      }
      const std::int64_t sum = terms == 1 ? sums[0] : sums[0] * (1 << term_shift) + sums[1];
      REQUIRE(static_cast<std::int32_t>(static_cast<std::uint32_t>(results[i])) == sum);
    }
  }
}

TEST_CASE("mac_tile: with capture_i the sums go to the shadow, without it or without load_i they do not") {
  Bench bench("capture");
  for (int i = 0; i < 400; ++i) {
    Cycle cycle = idle(bench.random);
    cycle.load = bench.random.chance(70);
    bench.run(cycle);
    bench.pause(tb::mac_latency - 1);
    bench.drain_all();
  }
  bench.settle();
}

TEST_CASE("mac_tile: drains read new sums from MAC_LATENCY cycles later on, and the ones before up to then") {
  Bench bench("latency");
  for (int i = 0; i < 60; ++i) {
    // One drain at each distance; then a drain in every cycle.
    for (unsigned distance = 0; distance < tb::mac_latency + 3; ++distance) {
      for (unsigned cycles = 0; cycles < tb::mac_latency + 3; ++cycles) {
        Cycle cycle = cycles == 0 ? bench.load_cycle() : idle(bench.random);
        cycle.capture = true;
        cycle.drain = cycles == distance;
        bench.run(cycle);
      }
      bench.settle();
    }
    for (unsigned cycles = 0; cycles < 2 * tb::mac_latency; ++cycles) {
      Cycle cycle = cycles == 0 ? bench.load_cycle() : idle(bench.random);
      cycle.capture = cycle.drain = true;
      bench.run(cycle);
    }
  }
  bench.settle();
}

TEST_CASE("mac_tile: captures as close as MAC_LATENCY cycles apart, drains in every cycle") {
  Bench bench("captures");
  for (const unsigned apart : {tb::mac_latency, tb::mac_latency + 1, tb::mac_latency + 3}) {
    for (unsigned i = 0; i < 1000; ++i) {
      Cycle cycle = bench.load_cycle();
      cycle.capture = i % apart == 0;
      if (cycle.capture) REQUIRE(bench.may_capture());
      cycle.drain = true;
      bench.run(cycle);
    }
    bench.settle();
  }
}

TEST_CASE("mac_tile: DRAIN_LATENCY cycles after drain_i, not before, and whatever comes behind it") {
  Bench bench("drain latency");
  // All results are 15 or all are 30.
  for (unsigned i = 0; i < 20; ++i) {
    for (const std::uint64_t level : {15u, 30u}) {
      bench.one_slice({AFormat::uint4, 0, Format::log2}, Codes(DUT_ROWS * DUT_LANES, 15),
                      Codes(DUT_COLS * DUT_LANES, level == 15 ? 1 : 2), 1);
      bench.settle();
      Cycle drain = idle(bench.random);
      drain.drain = true;
      for (unsigned cycles = 0; cycles < tb::drain_latency; ++cycles) bench.run(drain);
      REQUIRE(bench.results() == Words(DUT_DRAINWIDTH, level));
      Cycle next = bench.load_cycle();  // the other level
      next.formats = {AFormat::uint4, 0, Format::log2};
      next.a = Codes(DUT_ROWS * DUT_LANES, 15);
      next.b = Codes(DUT_COLS * DUT_LANES, level == 15 ? 2 : 1);
      next.lane_valid = 1;
      next.first = next.capture = true;
      bench.run(next);
      for (unsigned cycles = 1; cycles < tb::mac_latency + tb::drain_latency; ++cycles) {
        bench.run(drain);
        const bool due = cycles >= tb::mac_latency + tb::drain_latency - 1;
        if (cycles >= tb::drain_latency) REQUIRE(bench.results() == Words(DUT_DRAINWIDTH, due ? 45 - level : level));
      }
    }
  }
}

TEST_CASE("mac_tile: all blocks and lines in both orientations while the next tile accumulates") {
  Bench bench("drain");
  for (int tile = 0; tile < 50; ++tile) {
    Cycle last = bench.load_cycle();
    last.first = bench.random.chance(50);
    last.capture = true;
    bench.run(last);
    for (unsigned i = 1; i < tb::mac_latency; ++i) {
      Cycle cycle = bench.load_cycle();
      cycle.capture = false;
      bench.run(cycle);
    }
    for (const bool transpose : {false, true}) {
      bench.drain_all(transpose, [&bench] {
        Cycle cycle = bench.load_cycle();
        cycle.capture = false;
        return cycle;
      });
    }
  }
  bench.settle();
}

TEST_CASE("mac_tile: without load_i nothing is added, whatever the other inputs are") {
  Bench bench("bubbles");
  for (int i = 0; i < 200; ++i) {
    Cycle cycle = bench.load_cycle();
    cycle.capture = false;
    bench.run(cycle);
    bench.pause(static_cast<unsigned>(bench.random.below(6)));
    cycle = bench.load_cycle();
    cycle.first = false;
    cycle.lane_valid = 0;
    cycle.capture = true;
    bench.run(cycle);
    bench.pause(tb::mac_latency - 1 + static_cast<unsigned>(bench.random.below(4)));
    bench.drain_all();
  }
  bench.settle();
}

TEST_CASE("mac_tile: any mixture of loads, captures and drains") {
  Bench bench("mixture");
  for (const unsigned percent : {30u, 60u, 90u, 100u}) {
    for (int i = 0; i < 4000; ++i) {
      Cycle cycle = idle(bench.random);
      cycle.load = bench.random.chance(percent);
      cycle.drain = bench.random.chance(percent);
      bench.run(cycle);
    }
  }
  bench.settle();
}
