// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: Rows=16 Cols=16 Lanes=16 DrainWidth=32 Structural=0; Rows=32 Cols=32 Lanes=32 DrainWidth=128 Structural=0; Rows=16 Cols=8 Lanes=4 DrainWidth=4 Structural=0; Rows=8 Cols=16 Lanes=8 DrainWidth=16 Structural=0; Rows=8 Cols=4 Lanes=4 DrainWidth=4 Structural=0; Rows=8 Cols=4 Lanes=4 DrainWidth=4 Structural=1; Rows=4 Cols=4 Lanes=4 DrainWidth=8 Structural=1; Rows=4 Cols=8 Lanes=4 DrainWidth=16 Structural=1
//
// The fast and the structural form run this same bench, so that what is simulated is what is
// synthesised.
#include DUT_HEADER

#include <algorithm>

#include "catch.h"
#include "harness.h"
#include "reference_tile.h"
#include "tile_shape.h"

using namespace cuatro;
using tb::Codes;
using tb::Dut;
using tb::OperandFormats;

namespace {

constexpr std::uint64_t first_lanes(unsigned count) {
  return count == 0 ? 0 : ~std::uint64_t{0} >> (64 - count);
}
constexpr std::uint64_t all_lanes = first_lanes(LANES);
constexpr unsigned lines = DRAINWIDTH / LANES;

// The inputs of a cycle.
struct Cycle {
  bool load = false, mac = false, capture = false, drain = false;
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
  cycle.lane_valid = random.chance(50) ? all_lanes : random.bits(LANES);
  cycle.a = tb::random_codes(random, ROWS * LANES);
  cycle.b = tb::random_codes(random, COLS * LANES);
  cycle.capture = random.chance(50);
  cycle.first = random.chance(20);
  cycle.shift = random.chance(60) ? 0 : static_cast<unsigned>(random.below(3));
  cycle.transpose = random.chance(50);
  cycle.row_block = static_cast<unsigned>(random.below(ROWS / LANES));
  cycle.col_block = static_cast<unsigned>(random.below(COLS / LANES));
  cycle.line = static_cast<unsigned>(random.below(LANES / lines)) * lines;
  return cycle;
}

// The module and the reference side by side; every cycle compares the results.
class Bench {
 public:
  explicit Bench(const std::string& stream) : random(stream), reference_(ROWS, COLS, LANES) {}

  void run(const Cycle& cycle) {
    dut_->load_i = cycle.load;
    dut_->mac_i = cycle.mac;
    dut_->capture_i = cycle.capture;
    dut_->drain_i = cycle.drain;
    dut_->a_format_i = static_cast<CData>(cycle.formats.a);
    dut_->zero_point_i = static_cast<CData>(cycle.formats.zero_point);
    dut_->b_format_i = static_cast<CData>(cycle.formats.b);
    tb::set_bits(dut_->lane_valid_i, 0, LANES, cycle.lane_valid);
    for (unsigned i = 0; i < cycle.a.size(); ++i) tb::set_lane(dut_->a_i, i, 4, cycle.a[i]);
    for (unsigned i = 0; i < cycle.b.size(); ++i) tb::set_lane(dut_->b_i, i, 4, cycle.b[i]);
    dut_->first_i = cycle.first;
    dut_->shift_i = static_cast<CData>(cycle.shift);
    dut_->transpose_i = cycle.transpose;
    dut_->row_block_i = static_cast<CData>(cycle.row_block);
    dut_->col_block_i = static_cast<CData>(cycle.col_block);
    dut_->line_i = static_cast<CData>(cycle.line);

    // All of the cycle's reads are of what stood before it.
    if (cycle.drain) {
      results_ = reference_.drain(cycle.transpose, cycle.row_block, cycle.col_block, cycle.line, DRAINWIDTH);
    }
    if (cycle.mac) reference_.mac(cycle.first, cycle.shift);
    if (cycle.mac && cycle.capture) reference_.capture();
    if (cycle.load) reference_.load(cycle.formats, cycle.a, cycle.b, cycle.lane_valid);

    dut_.cycle();
    if (!results_.empty()) REQUIRE(results() == results_);
  }

  // Other inputs are random.
  void load(const OperandFormats& formats, const Codes& a, const Codes& b,
            std::uint64_t lane_valid = all_lanes) {
    Cycle cycle = idle(random);
    cycle.load = true;
    cycle.formats = formats;
    cycle.a = a;
    cycle.b = b;
    cycle.lane_valid = lane_valid;
    run(cycle);
  }
  void mac(bool first, unsigned shift, bool capture) {
    Cycle cycle = idle(random);
    cycle.mac = true;
    cycle.first = first;
    cycle.shift = shift;
    cycle.capture = capture;
    run(cycle);
  }
  std::vector<std::uint64_t> results() { return tb::get_lanes(dut_->result_o, DRAINWIDTH, 32); }

  // A drain of every block and group of lines, each in a cycle that `make_cycle` makes.
  template <class MakeCycle>
  void drain_all(bool transpose, const MakeCycle& make_cycle) {
    for (unsigned row_block = 0; row_block < ROWS / LANES; ++row_block) {
      for (unsigned col_block = 0; col_block < COLS / LANES; ++col_block) {
        for (unsigned line = 0; line < LANES; line += lines) {
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

  Codes random_a() { return tb::random_codes(random, ROWS * LANES); }
  Codes random_b() { return tb::random_codes(random, COLS * LANES); }
  // Every register known: reset does not reach the datapath.
  void start() {
    load(tb::random_operand_formats(random), random_a(), random_b());
    mac(true, 0, true);
    drain_all();
  }

  tb::Random random;

 private:
  Dut<DUT> dut_;
  tb::ReferenceTile reference_;
  std::vector<std::uint64_t> results_;
};

}  // namespace

TEST_CASE("mac_tile: every pair of codes in every pair of formats, on every lane and on all of them") {
  Bench bench("codes");
  for (const OperandFormats& formats : tb::all_operand_formats()) {
    for (unsigned lane = 0; lane <= LANES; ++lane) {
      // Row r has code a0 + r, column c code b0 + c: on one lane, the others not valid, or on all
      // lanes, whose sums are the largest there are.
      const std::uint64_t lane_valid = lane < LANES ? std::uint64_t{1} << lane : all_lanes;
      for (unsigned a0 = 0; a0 < 16; a0 += ROWS) {
        for (unsigned b0 = 0; b0 < 16; b0 += COLS) {
          Codes a = bench.random_a(), b = bench.random_b();
          for (unsigned i = 0; i < a.size(); ++i) {
            if (lane_valid >> (i % LANES) & 1) a[i] = static_cast<std::uint8_t>((a0 + i / LANES) & 15);
          }
          for (unsigned i = 0; i < b.size(); ++i) {
            if (lane_valid >> (i % LANES) & 1) b[i] = static_cast<std::uint8_t>((b0 + i / LANES) & 15);
          }
          bench.load(formats, a, b, lane_valid);
          bench.mac(true, 0, true);
          bench.drain_all();
        }
      }
    }
  }
}

TEST_CASE("mac_tile: dot products of all lanes, and lanes that are not valid add nothing") {
  Bench bench("lanes");
  for (const OperandFormats& formats : tb::all_operand_formats()) {
    for (unsigned valid = 0; valid <= LANES; ++valid) {
      for (const std::uint64_t lane_valid : {first_lanes(valid), bench.random.bits(LANES)}) {
        bench.load(formats, bench.random_a(), bench.random_b(), lane_valid);
        bench.mac(true, 0, true);
        bench.drain_all();
      }
    }
  }
}

TEST_CASE(
    "mac_tile: load_i fills operand registers, which the next cycle's mac_i uses, as often as it likes") {
  Bench bench("load");
  bench.start();
  for (int i = 0; i < 200; ++i) {
    // A load in the cycle of a mac is for the mac after it.
    Cycle cycle = idle(bench.random);
    cycle.load = cycle.mac = cycle.capture = true;
    bench.run(cycle);
    bench.drain_all();
    for (auto again = bench.random.below(3); again > 0; --again) {
      bench.mac(false, 0, true);
      bench.drain_all();
    }
  }
}

TEST_CASE("mac_tile: first_i starts from zero, else the sum is added to acc << shift_i") {
  Bench bench("shift");
  bench.start();
  for (int i = 0; i < 100; ++i) {
    for (const bool first : {false, true}) {
      for (unsigned shift = 0; shift < 3; ++shift) {
        bench.load(tb::random_operand_formats(bench.random), bench.random_a(), bench.random_b());
        bench.mac(first, shift, true);
        bench.drain_all();
      }
    }
  }
}

TEST_CASE("mac_tile: accumulators are exact up to the bound of K, and modulo 2^32 beyond") {
  Bench bench("bound");
  constexpr unsigned max_k = 34952;
  for (const std::uint8_t b_code : {7, 15}) {
    const Codes a(ROWS * LANES, 15), b(COLS * LANES, b_code);
    for (unsigned k = 0; k < max_k; k += LANES) {
      const unsigned inside = std::min<unsigned>(LANES, max_k - k);
      bench.load({AFormat::uint4, 0, Format::log4}, a, b, first_lanes(inside));
      bench.mac(k == 0, 0, true);
    }
    Cycle cycle = idle(bench.random);
    cycle.drain = true;
    bench.run(cycle);
    const std::int64_t sum = std::int64_t{max_k} * 15 * (b_code == 7 ? 4096 : -4096);
    for (const std::uint64_t result : bench.results()) {
      REQUIRE(static_cast<std::int32_t>(static_cast<std::uint32_t>(result)) == sum);
    }
    for (int step = 0; step < 20; ++step) {
      bench.load(tb::random_operand_formats(bench.random), a, b);
      bench.mac(false, step < 10 ? 0 : 2, true);
      bench.drain_all();
    }
  }
}

TEST_CASE("mac_tile: a tile of a GEMM, one and two terms, against the sum over k") {
  Bench bench("gemm");
  for (int tile = 0; tile < 60; ++tile) {
    const OperandFormats formats = tb::random_operand_formats(bench.random);
    const auto k = static_cast<unsigned>(1 + bench.random.below(4 * LANES));
    const unsigned terms = bench.random.chance(50) ? 2 : 1;
    const auto term_shift = static_cast<unsigned>(bench.random.below(3));
    const unsigned slices = (k + LANES - 1) / LANES, padded = slices * LANES;
    const Codes a = tb::random_codes(bench.random, ROWS * padded);
    const Codes b[2] = {tb::random_codes(bench.random, COLS * padded),
                        tb::random_codes(bench.random, COLS * padded)};

    for (unsigned term = 0; term < terms; ++term) {
      for (unsigned slice = 0; slice < slices; ++slice) {
        Codes a_slice(ROWS * LANES), b_slice(COLS * LANES);
        for (unsigned i = 0; i < a_slice.size(); ++i) {
          a_slice[i] = a[i / LANES * padded + slice * LANES + i % LANES];
        }
        for (unsigned i = 0; i < b_slice.size(); ++i) {
          b_slice[i] = b[term][i / LANES * padded + slice * LANES + i % LANES];
        }
        const unsigned inside = std::min<unsigned>(LANES, k - slice * LANES);
        bench.load(formats, a_slice, b_slice, first_lanes(inside));
        bench.mac(slice == 0 && term == 0, slice == 0 && term == 1 ? term_shift : 0,
                  slice == slices - 1 && term == terms - 1);
      }
    }
    Cycle cycle = idle(bench.random);
    cycle.drain = true;
    bench.run(cycle);
    const auto results = bench.results();
    for (unsigned i = 0; i < DRAINWIDTH; ++i) {
      const unsigned along = cycle.line + i / LANES, across = i % LANES;
      const unsigned m = cycle.row_block * LANES + (cycle.transpose ? across : along);
      const unsigned n = cycle.col_block * LANES + (cycle.transpose ? along : across);
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

TEST_CASE("mac_tile: with capture_i the sums go to the shadow, without it or without mac_i they do not") {
  Bench bench("capture");
  bench.start();
  for (int i = 0; i < 400; ++i) {
    Cycle cycle = idle(bench.random);
    cycle.load = bench.random.chance(50);
    cycle.mac = bench.random.chance(50);
    bench.run(cycle);
    bench.drain_all();
  }
}

TEST_CASE("mac_tile: all blocks and lines in both orientations while the next tile accumulates") {
  Bench bench("drain");
  bench.start();
  for (int tile = 0; tile < 50; ++tile) {
    bench.mac(bench.random.chance(50), 0, true);
    for (const bool transpose : {false, true}) {
      bench.drain_all(transpose, [&bench] {
        Cycle cycle = idle(bench.random);
        cycle.load = cycle.mac = true;
        cycle.capture = false;
        return cycle;
      });
    }
  }
}

TEST_CASE("mac_tile: a drain in the cycle of a capture reads the tile before") {
  Bench bench("last line");
  bench.start();
  for (int i = 0; i < 500; ++i) {
    Cycle cycle = idle(bench.random);
    cycle.load = cycle.mac = cycle.capture = cycle.drain = true;
    bench.run(cycle);
  }
}

TEST_CASE("mac_tile: held by the enables: without one, nothing moves whatever the other inputs are") {
  Bench bench("held");
  bench.start();
  for (int i = 0; i < 200; ++i) {
    bench.load(tb::random_operand_formats(bench.random), bench.random_a(), bench.random_b());
    const auto results = bench.results();
    for (int pause = 0; pause < 5; ++pause) bench.run(idle(bench.random));
    REQUIRE(bench.results() == results);
    bench.mac(false, 0, false);
    for (int pause = 0; pause < 5; ++pause) bench.run(idle(bench.random));
    bench.mac(false, 0, true);
    for (int pause = 0; pause < 5; ++pause) bench.run(idle(bench.random));
    bench.drain_all();
  }
}

TEST_CASE("mac_tile: any mixture of loads, macs, captures and drains") {
  Bench bench("mixture");
  bench.start();
  for (const unsigned percent : {30u, 60u, 90u}) {
    for (int i = 0; i < 4000; ++i) {
      Cycle cycle = idle(bench.random);
      cycle.load = bench.random.chance(percent);
      cycle.mac = bench.random.chance(percent);
      cycle.drain = bench.random.chance(percent);
      bench.run(cycle);
    }
  }
}
