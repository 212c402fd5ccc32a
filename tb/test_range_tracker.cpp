// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: Width=32; Width=4; Width=16 Contexts=4; Width=64 Contexts=1; Width=32 Structural=1; Width=4 Contexts=1 Structural=1
#include DUT_HEADER

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>

#include "catch.h"
#include "golden/range.h"
#include "harness.h"

#ifndef DUT_WIDTH
#define DUT_WIDTH 32
#endif
#ifndef DUT_CONTEXTS
#define DUT_CONTEXTS 2
#endif

using namespace cuatro;
using tb::Dut;

namespace {

using Words = std::array<std::int32_t, DUT_WIDTH>;
using State = std::array<Stats, DUT_CONTEXTS>;

struct Cycle {
  std::uint64_t clear = 0, clip_clear = 0;
  bool valid = false;
  unsigned context = 0;
  bool relu = false;
  std::uint64_t lane_valid = 0;
  Words words{};
  bool narrow = false;  // the words have 16 bits; told in the cycle before
  bool clip_valid = false;
  unsigned clip_context = 0;
  std::uint64_t clip = 0;
};

constexpr std::uint64_t all_lanes = DUT_WIDTH == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << (DUT_WIDTH % 64)) - 1;

void drive(DUT& dut, const Cycle& in) {
  dut.clear_i = static_cast<CData>(in.clear);
  dut.valid_i = in.valid;
  dut.context_i = static_cast<CData>(in.context);
  dut.relu_i = in.relu;
  tb::set_bits(dut.lane_valid_i, 0, DUT_WIDTH, in.lane_valid);
  for (unsigned i = 0; i < DUT_WIDTH; ++i) {
    tb::set_lane(dut.a_i, i, 32, static_cast<std::uint32_t>(in.words[i]));
    tb::set_lane(dut.negative_i, i, 1, in.words[i] < 0);
    // Without each other's words: those of the other width are anything.
    tb::set_lane(dut.narrow_i, i, 32,
                 (static_cast<std::uint32_t>(in.narrow ? in.words[i] : ~in.words[i]) & 0xffff) |
                     ((i + static_cast<std::uint32_t>(in.words[i])) * 40503u << 16));
    if (in.narrow) tb::set_lane(dut.a_i, i, 32, static_cast<std::uint32_t>(~in.words[i] * 77777));
  }
  dut.clip_clear_i = static_cast<CData>(in.clip_clear);
  dut.clip_valid_i = in.clip_valid;
  dut.clip_context_i = static_cast<CData>(in.clip_context);
  tb::set_bits(dut.clip_i, 0, DUT_WIDTH, in.clip);
}

// One cycle's inputs applied to the statistics.
void apply(State& state, const Cycle& in) {
  for (unsigned c = 0; c < DUT_CONTEXTS; ++c) {
    if ((in.clear >> c & 1) != 0) state[c].absmax = 0, state[c].sumabs = 0;
    if ((in.clip_clear >> c & 1) != 0) state[c].saturated = 0;
  }
  if (in.valid) {
    golden::Range range(in.relu && !in.narrow ? OutFormat::uint4 : OutFormat::int4);
    for (unsigned i = 0; i < DUT_WIDTH; ++i) {
      if ((in.lane_valid >> i & 1) != 0 || in.narrow) range.add(in.words[i], false);
    }
    Stats& stats = state[in.context];
    stats.absmax = std::max(stats.absmax, range.stats().absmax);
    stats.sumabs += range.stats().sumabs;
  }
  if (in.clip_valid) state[in.clip_context].saturated += static_cast<std::uint32_t>(std::popcount(in.clip));
}

State outputs(DUT& dut) {
  State state;
  for (unsigned c = 0; c < DUT_CONTEXTS; ++c) {
    state[c].absmax = static_cast<std::uint32_t>(tb::get_lane(dut.absmax_o, c, 32));
    state[c].sumabs = tb::get_lane(dut.sumabs_o, c, 64);
    state[c].saturated = static_cast<std::uint32_t>(tb::get_lane(dut.saturated_o, c, 32));
  }
  return state;
}

// Cycles from an input to absmax and the lower half of sumabs, to its upper half, to the flags.
constexpr unsigned low_latency = 7, high_latency = 8, flag_latency = 3;

// Drives cycles and compares every accumulator with what had been driven by then.
class Bench {
 public:
  Bench() {
    dut.reset();
    Cycle clear;
    clear.clear = clear.clip_clear = (1u << DUT_CONTEXTS) - 1;
    drive(*dut, clear);
    dut.cycle();
    drive(*dut, Cycle{});
    dut.cycle(high_latency);
  }
  void step(const Cycle& in, bool narrow_next = false) {
    drive(*dut, in);
    dut->narrow_valid_i = narrow_next;
    dut.cycle();
    std::move_backward(states_.begin(), states_.end() - 1, states_.end());
    apply(states_[0], in);
    const State got = outputs(*dut);
    for (unsigned c = 0; c < DUT_CONTEXTS; ++c) {
      INFO("context " << c << " cycle " << dut.cycles());
      REQUIRE(got[c].absmax == states_[low_latency - 1][c].absmax);
      REQUIRE((got[c].sumabs & 0xffffffff) == (states_[low_latency - 1][c].sumabs & 0xffffffff));
      REQUIRE(got[c].sumabs >> 32 == states_[high_latency - 1][c].sumabs >> 32);
      REQUIRE(got[c].saturated == states_[flag_latency - 1][c].saturated);
    }
  }
  void finish() {
    for (unsigned i = 0; i < high_latency; ++i) step(Cycle{});
  }
  Dut<DUT> dut;

 private:
  std::array<State, high_latency> states_{};  // after the inputs so far, youngest first
};

Cycle group(const Words& words, std::uint64_t lane_valid = all_lanes) {
  Cycle in;
  in.valid = true;
  in.words = words;
  in.lane_valid = lane_valid;
  return in;
}

}  // namespace

TEST_CASE("range_tracker: absmax and sumabs of corner words, |-2^31| = 2^31, in every lane") {
  Bench bench;
  for (const std::int32_t corner : tb::corner_words()) {
    for (unsigned lane = 0; lane < DUT_WIDTH; lane += 1 + DUT_WIDTH / 8) {
      Words words{};
      words[lane] = corner;
      Cycle in = group(words);
      in.clear = 1;
      bench.step(in);
    }
  }
  Words words;
  words.fill(INT32_MIN);
  for (int i = 0; i < 5; ++i) bench.step(group(words));
  bench.finish();
}

TEST_CASE("range_tracker: absmax among words that differ by one") {
  Bench bench;
  tb::Random random("near");
  for (int i = 0; i < 1000; ++i) {
    // All lanes the same but one, which is a step larger or smaller; then any of the two sizes.
    const std::int32_t size = std::abs(random.word()) | 1 << random.below(20);
    Words words;
    for (auto& word : words) word = i % 2 == 0 ? size : size - random.between(0, 1);
    words[random.below(DUT_WIDTH)] = size + (random.chance(50) || size == INT32_MAX ? -1 : 1);
    for (auto& word : words) word = random.chance(50) ? -word : word;
    Cycle in = group(words);
    in.context = static_cast<unsigned>(random.below(DUT_CONTEXTS));
    if (random.chance(80)) in.clear = 1u << in.context;
    bench.step(in);
  }
  bench.finish();
}

TEST_CASE("range_tracker: long sums and counts, in every context") {
  for (unsigned c = 0; c < DUT_CONTEXTS; ++c) {
    Bench bench;
    Cycle in;
    in.valid = in.clip_valid = true;
    in.context = in.clip_context = c;
    in.lane_valid = in.clip = all_lanes;
    in.words.fill(INT32_MIN);
    drive(*bench.dut, in);
    bench.dut->narrow_valid_i = 0;
    // So many that bits of the sums change one by one.
    constexpr std::uint64_t groups = 0x15555 / DUT_WIDTH;
    for (std::uint64_t done = 0; done < 5 * groups; done += groups) {
      bench.dut.cycle(groups);
      const State got = outputs(*bench.dut);
      const std::uint64_t low = done + groups - low_latency + 1, high = done + groups - high_latency + 1, flags = done + groups - flag_latency + 1;
      REQUIRE(got[c].absmax == 0x80000000u);
      REQUIRE((got[c].sumabs & 0xffffffff) == ((low * DUT_WIDTH << 31) & 0xffffffff));
      REQUIRE(got[c].sumabs >> 32 == high * DUT_WIDTH << 31 >> 32);
      REQUIRE(got[c].saturated == flags * DUT_WIDTH);
      for (unsigned other = 0; other < DUT_CONTEXTS; ++other) REQUIRE((other == c || got[other] == Stats{}));
    }
  }
}

TEST_CASE("range_tracker: only valid lanes count") {
  Bench bench;
  tb::Random random("lanes");
  for (int i = 0; i < 500; ++i) {
    Words words;
    for (auto& word : words) word = static_cast<std::int32_t>(random.bits(32));
    const std::uint64_t lanes = i % 3 == 0 ? std::uint64_t{1} << random.below(DUT_WIDTH) : random.bits() & all_lanes;
    Cycle in = group(words, lanes);
    in.clear = random.chance(50);
    bench.step(in);
  }
}

TEST_CASE("range_tracker: with relu_i negative words count as 0") {
  Bench bench;
  tb::Random random("relu");
  for (int i = 0; i < 500; ++i) {
    Words words;
    for (auto& word : words) word = random.word();
    Cycle in = group(words);
    in.relu = random.chance(70);
    in.clear = random.chance(30);
    bench.step(in);
  }
}

TEST_CASE("range_tracker: saturated counts flags, from none to all lanes") {
  Bench bench;
  tb::Random random("flags");
  for (int i = 0; i < 500; ++i) {
    Cycle in;
    in.clip_valid = true;
    in.clip = i == 0 ? 0 : i == 1 ? all_lanes : random.bits() & all_lanes;
    bench.step(in);
  }
  bench.finish();
}

TEST_CASE("range_tracker: clear_i empties one accumulator, and the group with it is the first of the new tensor") {
  Bench bench;
  Words words;
  words.fill(-5);
  for (unsigned c = 0; c < DUT_CONTEXTS; ++c) {
    for (int i = 0; i < 3; ++i) {
      Cycle in = group(words);
      in.context = in.clip_context = c;
      in.clip_valid = true;
      in.clip = all_lanes;
      bench.step(in);
    }
  }
  words.fill(3);
  for (unsigned c = 0; c < DUT_CONTEXTS; ++c) {
    Cycle in = group(words);
    in.context = c;
    in.clear = in.clip_clear = 1u << c;
    bench.step(in);
    bench.finish();
    CHECK(outputs(*bench.dut)[c] == Stats{3, 3 * DUT_WIDTH, 0});
  }
  Cycle in;
  in.clear = in.clip_clear = 1;
  bench.step(in);
  bench.finish();
  CHECK(outputs(*bench.dut)[0] == Stats{});
}

TEST_CASE("range_tracker: both ports and all contexts, random gaps, clears and words") {
  Bench bench;
  tb::Random random("stream");
  for (int step = 0; step < 20000; ++step) {
    Cycle in;
    in.valid = random.chance(60);
    in.context = static_cast<unsigned>(random.below(DUT_CONTEXTS));
    in.relu = random.chance(30);
    in.lane_valid = random.chance(70) ? all_lanes : random.bits() & all_lanes;
    for (auto& word : in.words) word = random.word();
    in.clip_valid = random.chance(60);
    in.clip_context = static_cast<unsigned>(random.below(DUT_CONTEXTS));
    in.clip = random.bits() & random.bits() & all_lanes;
    if (random.chance(10)) in.clear = random.bits(DUT_CONTEXTS);
    if (random.chance(10)) in.clip_clear = random.bits(DUT_CONTEXTS);
    bench.step(in);
  }
  bench.finish();
}

TEST_CASE("range_tracker: what a reset interrupts is not counted") {
  Bench bench;
  Words words;
  words.fill(9);
  Cycle in = group(words);
  in.clip_valid = true;
  in.clip = all_lanes;
  drive(*bench.dut, in);
  bench.dut->rst_ni = 0;
  bench.dut.cycle();
  bench.dut->rst_ni = 1;
  drive(*bench.dut, Cycle{});
  bench.dut.cycle(high_latency);
  CHECK(outputs(*bench.dut)[0] == Stats{});
}

TEST_CASE("range_tracker: words of 16 bits count as they are, between others") {
  tb::Random random("narrow");
  Bench bench;
  bool narrow = false;
  for (int i = 0; i < 4000; ++i) {
    Cycle in;
    in.valid = narrow || random.chance(50);
    in.narrow = narrow;
    in.clear = random.chance(5) ? 1 : 0;
    in.relu = random.chance(50);
    in.context = static_cast<unsigned>(random.below(DUT_CONTEXTS));
    in.lane_valid = random.bits() & all_lanes;
    for (auto& word : in.words) {
      word = static_cast<std::int32_t>(random.word());
      if (narrow) word = static_cast<std::int16_t>(random.chance(20) ? 0x8000 : word >> 15);
    }
    narrow = random.chance(40);
    bench.step(in, narrow);
  }
  bench.step(Cycle{.valid = narrow, .narrow = narrow});
  bench.finish();
}

TEST_CASE("range_tracker: large words in every lane: sums of every bit that a group can have") {
  Bench bench;
  tb::Random random("large");
  for (int i = 0; i < 2000; ++i) {
    Words words;
    for (auto& word : words) {
      // Magnitudes from 2^30 on, now and then nearly all of one size.
      const auto size = random.chance(50) ? 0x7fffffff - static_cast<std::int32_t>(random.bits(10)) : 1 << 30 | static_cast<std::int32_t>(random.bits(30));
      word = random.chance(50) ? size : -size;
    }
    if (i % 8 == 0) words.fill(INT32_MIN);
    bench.step(group(words));
  }
  bench.finish();
}

#if DUT_WIDTH >= 32 && !defined(DUT_STRUCTURAL)
TEST_CASE("range_tracker: a long tensor of the largest words, all of them saturated: sums beyond 2^55, flags beyond 2^24") {
  for (unsigned context = 0; context < DUT_CONTEXTS; ++context) {
    Bench bench;
    Words words;
    words.fill(INT32_MIN);
    Cycle in = group(words);
    in.clip_valid = true;
    in.context = in.clip_context = context;
    in.clip = all_lanes;
    constexpr std::uint64_t cycles = 1 << 20;
    drive(*bench.dut, in);
    bench.dut.cycle(cycles);
    drive(*bench.dut, Cycle{});
    bench.dut.cycle(high_latency);
    const Stats got = outputs(*bench.dut)[context];
    CHECK(got.absmax == 1U << 31);
    CHECK(got.sumabs == (cycles * DUT_WIDTH << 31));
    CHECK(got.saturated == cycles * DUT_WIDTH);
  }
}
#endif
