// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: Rows=16 Cols=16 Lanes=16; Rows=16 Cols=8 Lanes=4; Rows=8 Cols=16 Lanes=8
#include DUT_HEADER

#include <deque>
#include <optional>
#include <ostream>

#include "catch.h"
#include "harness.h"
#include "sim/descriptor.h"

#ifndef DUT_ROWS
#define DUT_ROWS 16
#endif
#ifndef DUT_COLS
#define DUT_COLS 16
#endif
#ifndef DUT_LANES
#define DUT_LANES 16
#endif

using namespace cuatro;
using sim::Descriptor;
using tb::Dut;
using tb::Random;

namespace {

struct Step {
  unsigned a_addr = 0, b_addr = 0;
  bool first = false, last = false;
  unsigned shift = 0;
  std::uint64_t lane_valid = 0;
  bool operator==(const Step&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Step& step) {
  return out << "{a " << step.a_addr << " b " << step.b_addr << " first " << step.first << " last "
             << step.last << " shift " << step.shift << " lanes " << std::hex << step.lane_valid << std::dec
             << "}";
}

// The GEMM as nested loops over elements' first rows, columns and ks.
std::deque<Step> steps_of(const Descriptor& desc) {
  std::deque<Step> steps;
  const unsigned terms = desc.two_terms ? 2 : 1;
  const unsigned k_words = (desc.k + DUT_LANES - 1u) / DUT_LANES;
  for (unsigned m = 0; m < desc.m; m += DUT_ROWS) {
    for (unsigned n = 0; n < desc.n; n += DUT_COLS) {
      for (unsigned term = 0; term < terms; ++term) {
        for (unsigned k = 0; k < desc.k; k += DUT_LANES) {
          Step step;
          step.a_addr = desc.a_base + m / DUT_ROWS * k_words + k / DUT_LANES;
          step.b_addr = (term == 0 ? desc.b_base : desc.b2_base) + n / DUT_COLS * k_words + k / DUT_LANES;
          step.first = term == 0 && k == 0;
          step.shift = term == 1 && k == 0 ? desc.term_shift : 0;
          step.last = term == terms - 1 && k + DUT_LANES >= desc.k;
          for (unsigned lane = 0; lane < DUT_LANES; ++lane) {
            if (k + lane < desc.k) step.lane_valid |= std::uint64_t{1} << lane;
          }
          steps.push_back(step);
        }
      }
    }
  }
  return steps;
}

// The sequencer ignores what is not its own: those fields are random.
Descriptor random_descriptor(Random& random, unsigned m, unsigned n, unsigned k, bool two_terms) {
  const auto word = [&random] { return static_cast<std::uint16_t>(random.bits(16)); };
  Descriptor desc;
  desc.op = static_cast<std::uint8_t>(sim::Op::gemm);
  desc.a_format = static_cast<std::uint8_t>(random.below(3));
  desc.b_format = static_cast<std::uint8_t>(random.bits(2));
  desc.out_format = static_cast<std::uint8_t>(random.below(5));
  desc.rounding = static_cast<std::uint8_t>(random.below(5));
  desc.addend = static_cast<std::uint8_t>(random.below(3));
  desc.transpose = random.chance(50);
  desc.mask_in = random.chance(50);
  desc.mask_out = random.chance(50);
  desc.two_terms = two_terms;
  desc.term_shift = static_cast<std::uint8_t>(random.below(3));
  desc.addend_shift = static_cast<std::uint8_t>(random.below(3));
  desc.zero_point = static_cast<std::uint8_t>(random.bits(4));
  desc.shift = static_cast<std::int8_t>(random.between(-16, 31));
  desc.mult = static_cast<std::uint8_t>(random.bits(8));
  desc.tag = word();
  desc.m = static_cast<std::uint16_t>(m);
  desc.n = static_cast<std::uint16_t>(n);
  desc.k = static_cast<std::uint16_t>(k);
  // Operands end within 2^16 words.
  const unsigned k_words = (k + DUT_LANES - 1) / DUT_LANES;
  const unsigned a_words = (m + DUT_ROWS - 1) / DUT_ROWS * k_words, b_words = (n + DUT_COLS - 1) / DUT_COLS * k_words;
  desc.a_base = static_cast<std::uint16_t>(random.below(65537 - a_words));
  desc.b_base = static_cast<std::uint16_t>(random.below(65537 - b_words));
  desc.b2_base = static_cast<std::uint16_t>(random.below(65537 - b_words));
  desc.c_base = word();
  desc.mask_in_base = word();
  desc.r_base = word();
  desc.r2_base = word();
  desc.mask_out_base = word();
  desc.row0 = word();
  desc.col0 = word();
  desc.key = random.bits();
  return desc;
}

// 1, around one tile edge, or a few tiles.
unsigned random_size(Random& random, unsigned edge) {
  if (random.chance(20)) return 1;
  if (random.chance(40))
    return static_cast<unsigned>(random.between(static_cast<int>(edge) - 1, static_cast<int>(edge) + 1));
  return static_cast<unsigned>(1 + random.below(4 * edge));
}

Descriptor random_descriptor(Random& random) {
  const unsigned m = random_size(random, DUT_ROWS), n = random_size(random, DUT_COLS), k = random_size(random, DUT_LANES);
  return random_descriptor(random, m, n, k, random.chance(50));
}

sim::DescriptorBits kept(Descriptor desc) {
  desc.op = desc.source = 0;
  desc.a_base = 0;
  return desc.bits();
}

class Bench {
 public:
  explicit Bench(const std::string& stream) : random(stream) {
    dut->stall_i = 0;
    set({});
    dut.reset();
  }

  // The command of the coming cycle; without one the descriptor port is random.
  void set(const std::optional<Descriptor>& desc, bool stall = false) {
    const auto bits = (desc ? *desc : random_descriptor(random)).bits();
    dut->desc_valid_i = desc.has_value();
    for (unsigned i = 0; i < bits.size(); ++i) tb::set_lane(dut->desc_i, i, 32, bits[i]);
    dut->stall_i = stall;
    dut->eval();
  }
  Step step() {
    Step step;
    step.a_addr = dut->a_addr_o;
    step.b_addr = dut->b_addr_o;
    step.first = dut->first_o;
    step.last = dut->last_o;
    step.shift = dut->shift_o;
    step.lane_valid = tb::get_bits(dut->lane_valid_o, 0, DUT_LANES);
    return step;
  }
  // desc_o; what only the steps need, and the array and the drain do not, is absent.
  sim::DescriptorBits desc() {
    sim::DescriptorBits bits;
    for (unsigned i = 0; i < bits.size(); ++i)
      bits[i] = static_cast<std::uint32_t>(tb::get_lane(dut->desc_o, i, 32));
    return bits;
  }

  // One command, alone and never stalled: a step every cycle, from the cycle after it is taken.
  void run(const Descriptor& command) {
    set(command);
    REQUIRE(dut->desc_ready_o);
    dut.cycle();
    for (const Step& expected : steps_of(command)) {
      set({});
      REQUIRE(dut->step_valid_o);
      REQUIRE(step() == expected);
      dut.cycle();
    }
    set({});
    REQUIRE(!dut->step_valid_o);
  }

  Dut<DUT> dut;
  Random random;
};

}  // namespace

TEST_CASE(
    "gemm_sequencer: row tiles, column tiles, terms, slices of K: one step a cycle, sizes around an edge") {
  Bench bench("sizes");
  for (const unsigned m : {1, DUT_ROWS - 1, DUT_ROWS, DUT_ROWS + 1, 3 * DUT_ROWS}) {
    for (const unsigned n : {1, DUT_COLS - 1, DUT_COLS, DUT_COLS + 1, 3 * DUT_COLS}) {
      for (const unsigned k : {1, DUT_LANES - 1, DUT_LANES, DUT_LANES + 1, 3 * DUT_LANES}) {
        for (const bool two_terms : {false, true})
          bench.run(random_descriptor(bench.random, m, n, k, two_terms));
      }
    }
  }
}

TEST_CASE("gemm_sequencer: random sizes, one and two terms") {
  Bench bench("random sizes");
  for (int i = 0; i < 500; ++i) bench.run(random_descriptor(bench.random));
}

TEST_CASE("gemm_sequencer: the largest M, N and K") {
  Bench bench("largest");
  for (const bool two_terms : {false, true}) {
    for (const unsigned size : {65535u, 65536u - DUT_ROWS, 65537u - DUT_ROWS}) {
      bench.run(random_descriptor(bench.random, size, 1, 1, two_terms));
      bench.run(random_descriptor(bench.random, size, DUT_COLS + 1, DUT_LANES, two_terms));
    }
    for (const unsigned size : {65535u, 65536u - DUT_COLS, 65537u - DUT_COLS}) {
      bench.run(random_descriptor(bench.random, 1, size, 1, two_terms));
      bench.run(random_descriptor(bench.random, DUT_ROWS + 1, size, DUT_LANES, two_terms));
    }
    for (const unsigned k : {11650u, 34952u, 65535u}) {
      bench.run(random_descriptor(bench.random, 1, 1, k, two_terms));
      bench.run(random_descriptor(bench.random, DUT_ROWS, DUT_COLS + 1, k, two_terms));
    }
  }
}

TEST_CASE("gemm_sequencer: lanes inside K, for every K") {
  Bench bench("lanes");
  for (unsigned k = 1; k <= 4 * DUT_LANES; ++k) {
    for (const bool two_terms : {false, true})
      bench.run(random_descriptor(bench.random, 1, DUT_COLS + 1, k, two_terms));
  }
}

TEST_CASE("gemm_sequencer: every number of slices, of row and of column tiles, up to 40") {
  Bench bench("counts");
  for (unsigned count = 1; count <= 40; ++count) {
    const bool two_terms = count % 2 != 0;
    bench.run(random_descriptor(bench.random, 1, DUT_COLS + 1, count * DUT_LANES, two_terms));
    bench.run(random_descriptor(bench.random, count * DUT_ROWS, DUT_COLS + 1, 1, two_terms));
    bench.run(random_descriptor(bench.random, DUT_ROWS + 1, count * DUT_COLS, 1, two_terms));
  }
}

TEST_CASE("gemm_sequencer: the first slice of the second term is shifted, and no other") {
  Bench bench("shift");
  for (std::uint8_t term_shift = 0; term_shift < 3; ++term_shift) {
    for (const bool two_terms : {false, true}) {
      for (const unsigned k : {1, DUT_LANES, DUT_LANES + 1, 4 * DUT_LANES}) {
        Descriptor desc = random_descriptor(bench.random, 2 * DUT_ROWS, 2 * DUT_COLS, k, two_terms);
        desc.term_shift = term_shift;
        bench.run(desc);
      }
    }
  }
}

TEST_CASE("gemm_sequencer: stall_i holds the step") {
  Bench bench("stall");
  for (const unsigned percent : {10u, 50u, 90u}) {
    for (int i = 0; i < 30; ++i) {
      const Descriptor command = random_descriptor(bench.random);
      bench.set(command);
      REQUIRE(bench.dut->desc_ready_o);
      bench.dut.cycle();
      auto steps = steps_of(command);
      while (!steps.empty()) {
        const bool stall = bench.random.chance(percent);
        bench.set({}, stall);
        REQUIRE(bench.dut->step_valid_o);
        REQUIRE(bench.step() == steps.front());
        bench.dut.cycle();
        if (!stall) steps.pop_front();
      }
      bench.set({});
      REQUIRE(!bench.dut->step_valid_o);
    }
  }
}

TEST_CASE("gemm_sequencer: the next command is taken in the cycle in which the array loads the last step") {
  Bench bench("next");
  for (int stalls = 0; stalls < 5; ++stalls) {
    const Descriptor command = random_descriptor(bench.random), next = random_descriptor(bench.random);
    bench.set(command);
    REQUIRE(bench.dut->desc_ready_o);
    bench.dut.cycle();
    for (auto left = steps_of(command).size(); left > 0; --left) {
      bench.set(next);
      REQUIRE(!bench.dut->desc_ready_o);
      REQUIRE(bench.desc() == kept(command));
      bench.dut.cycle();
    }
    for (int i = 0; i < stalls; ++i) {
      bench.set(next, true);
      REQUIRE(!bench.dut->desc_ready_o);
      REQUIRE(!bench.dut->step_valid_o);
      REQUIRE(bench.desc() == kept(command));
      bench.dut.cycle();
    }
    bench.set(next);
    REQUIRE(bench.desc() == kept(command));
    bench.run(next);
    REQUIRE(bench.desc() == kept(next));
  }
}

TEST_CASE(
    "gemm_sequencer: back-to-back commands, gaps × stalls: every step once, desc_o of the step that "
    "the array loads") {
  Bench bench("stream");
  for (const unsigned gap : {0u, 50u, 95u}) {
    for (const unsigned stall_percent : {0u, 30u, 80u}) {
      INFO("gap " << gap << " stall " << stall_percent);
      std::deque<Descriptor> commands;
      for (int i = 0; i < 25; ++i) commands.push_back(random_descriptor(bench.random));
      std::deque<Step> steps;
      Descriptor taken;
      // The array: a step is loaded in the first cycle after its own that is not stalled.
      bool slot1 = false, offering = false;
      for (unsigned cycles = 0; !commands.empty() || !steps.empty() || slot1; ++cycles) {
        REQUIRE(cycles < 1000000);
        // A command that is offered stays until it is taken.
        offering = !commands.empty() && (offering || !bench.random.chance(gap));
        const bool stall = slot1 && bench.random.chance(stall_percent);
        bench.set(offering ? std::optional(commands.front()) : std::nullopt, stall);
        REQUIRE(bench.dut->desc_ready_o == (steps.empty() && !stall));
        REQUIRE(bench.dut->step_valid_o == !steps.empty());
        if (!steps.empty()) REQUIRE(bench.step() == steps.front());
        if (slot1) REQUIRE(bench.desc() == kept(taken));
        const bool takes = offering && bench.dut->desc_ready_o;
        bench.dut.cycle();
        if (!stall) {
          slot1 = !steps.empty();
          if (slot1) steps.pop_front();
        }
        if (takes) {
          taken = commands.front();
          commands.pop_front();
          steps = steps_of(taken);
          offering = false;
        }
      }
      bench.set({});
      CHECK(!bench.dut->step_valid_o);
      CHECK(bench.dut->desc_ready_o);
    }
  }
}

TEST_CASE("gemm_sequencer: a reset drops the command, and the next one starts afresh") {
  Bench bench("reset");
  for (unsigned after = 0; after < 20; ++after) {
    bench.set(random_descriptor(bench.random, 3 * DUT_ROWS, 3 * DUT_COLS, 3 * DUT_LANES, true));
    bench.dut.cycle();
    bench.set({});
    bench.dut.cycle(static_cast<int>(after));
    REQUIRE(bench.dut->step_valid_o);
    bench.dut.reset(1);
    bench.set({});
    REQUIRE(!bench.dut->step_valid_o);
    REQUIRE(bench.dut->desc_ready_o);
    bench.run(random_descriptor(bench.random));
  }
}
