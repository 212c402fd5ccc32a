// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: Rows=16 Cols=16 Lanes=16 DrainWidth=32; Rows=16 Cols=8 Lanes=4 DrainWidth=4; Rows=8 Cols=16 Lanes=8 DrainWidth=16; Rows=4 Cols=8 Lanes=4 DrainWidth=16
#include DUT_HEADER

#include <deque>
#include <optional>

#include "catch.h"
#include "harness.h"
#include "tile_shape.h"

using namespace cuatro;
using tb::Dut;

namespace {

using Words = std::vector<std::uint64_t>;

constexpr unsigned latency = 3;

struct Choice {
  bool transpose = false;
  unsigned row_block = 0, col_block = 0, line = 0;
};

// Every block, group of lines and orientation.
std::vector<Choice> all_choices() {
  std::vector<Choice> choices;
  for (const bool transpose : {false, true}) {
    for (unsigned row_block = 0; row_block < DUT_ROWS / DUT_LANES; ++row_block) {
      for (unsigned col_block = 0; col_block < DUT_COLS / DUT_LANES; ++col_block) {
        for (unsigned line = 0; line < DUT_LANES; line += DUT_DRAINWIDTH / DUT_LANES) {
          choices.push_back({transpose, row_block, col_block, line});
        }
      }
    }
  }
  return choices;
}

Choice random_choice(tb::Random& random) {
  static const auto choices = all_choices();
  return choices[random.below(choices.size())];
}

Words random_words(tb::Random& random, std::size_t count) {
  Words words(count);
  for (auto& word : words) word = random.bits(32);
  return words;
}

// The shadow's index of result i.
unsigned source(const Choice& choice, unsigned i) {
  const unsigned along = choice.line + i / DUT_LANES, across = i % DUT_LANES;
  const unsigned r = choice.row_block * DUT_LANES + (choice.transpose ? across : along);
  const unsigned c = choice.col_block * DUT_LANES + (choice.transpose ? along : across);
  return r * DUT_COLS + c;
}

// The module, a choice or none a cycle, and what the results are to be.
class Bench {
 public:
  explicit Bench(const std::string& stream)
      : random(stream), shadow(random_words(random, DUT_ROWS * DUT_COLS)), zero(random_words(random, DUT_COLS)) {}

  // One cycle, in which `shadow` and `zero` are read for the choice before; without a choice the
  // other inputs are random. A result `latency` cycles old is compared.
  void run(const std::optional<Choice>& choice) {
    if (chosen_) {
      Words results(DUT_DRAINWIDTH);
      for (unsigned i = 0; i < DUT_DRAINWIDTH; ++i) {
        const unsigned from = source(*chosen_, i);
        results[i] = static_cast<std::uint32_t>(shadow[from] - zero[from % DUT_COLS]);
      }
      expected_.push_back(results);
    } else {
      expected_.push_back({});
    }
    chosen_ = choice;

    for (unsigned i = 0; i < shadow.size(); ++i) tb::set_lane(dut_->shadow_i, i, 32, shadow[i]);
    for (unsigned i = 0; i < zero.size(); ++i) tb::set_lane(dut_->zero_i, i, 32, zero[i]);
    const Choice inputs = choice ? *choice : random_choice(random);
    dut_->drain_i = choice.has_value();
    dut_->transpose_i = inputs.transpose;
    dut_->row_block_i = static_cast<CData>(inputs.row_block);
    dut_->col_block_i = static_cast<CData>(inputs.col_block);
    dut_->line_i = static_cast<CData>(inputs.line);
    dut_.cycle();
    if (expected_.size() < latency - 1) return;
    if (!expected_.front().empty()) REQUIRE(results() == expected_.front());
    expected_.pop_front();
  }
  void finish() {
    for (unsigned i = 0; i < latency; ++i) run({});
  }
  Words results() { return tb::get_lanes(dut_->result_o, DUT_DRAINWIDTH, 32); }

  tb::Random random;
  Words shadow, zero;

 private:
  Dut<DUT> dut_;
  std::optional<Choice> chosen_;
  std::deque<Words> expected_;  // empty: none
};

}  // namespace

TEST_CASE("drain_select: every block's lines, rows or with transpose_i columns, minus the column's zero") {
  Bench bench("lines");
  for (int i = 0; i < 50; ++i) {
    bench.shadow = random_words(bench.random, DUT_ROWS * DUT_COLS);
    bench.zero = random_words(bench.random, DUT_COLS);
    for (const Choice& choice : all_choices()) {
      INFO("transpose " << choice.transpose << " block " << choice.row_block << ", " << choice.col_block
                        << " line " << choice.line);
      bench.run(choice);
    }
    bench.finish();
  }
}

TEST_CASE("drain_select: a word leaves at its own places only, each of its bits") {
  Bench bench("places");
  bench.zero.assign(DUT_COLS, 0);
  const auto choices = all_choices();
  for (unsigned word = 0; word < DUT_ROWS * DUT_COLS; ++word) {
    bench.shadow.assign(DUT_ROWS * DUT_COLS, 0);
    bench.shadow[word] = std::uint64_t{1} << (word % 32);
    for (const Choice& choice : choices) bench.run(choice);
    bench.finish();
  }
  for (unsigned bit = 0; bit < 32; ++bit) {
    bench.shadow.assign(DUT_ROWS * DUT_COLS, std::uint64_t{1} << bit);
    for (unsigned i = 0; i < 4; ++i) bench.run(random_choice(bench.random));
    bench.finish();
  }
}

TEST_CASE("drain_select: a zero is subtracted from its own column only, each of its bits, modulo 2^32") {
  Bench bench("zeros");
  const auto choices = all_choices();
  for (const std::uint64_t level : {0u, 0x7fffffffu, 0x80000000u, 0xffffffffu}) {
    bench.shadow.assign(DUT_ROWS * DUT_COLS, level);
    for (unsigned column = 0; column < DUT_COLS; ++column) {
      bench.zero.assign(DUT_COLS, 0);
      bench.zero[column] = std::uint64_t{1} << bench.random.below(32);
      for (const Choice& choice : choices) bench.run(choice);
      bench.finish();
    }
  }
  for (unsigned bit = 0; bit < 32; ++bit) {
    bench.zero.assign(DUT_COLS, std::uint64_t{1} << bit);
    for (unsigned i = 0; i < 4; ++i) bench.run(random_choice(bench.random));
    bench.finish();
  }
}

TEST_CASE("drain_select: the choice enters in cycle 0, the shadow is read in cycle 1: both new every cycle") {
  Bench bench("every cycle");
  for (int i = 0; i < 2000; ++i) {
    bench.shadow = random_words(bench.random, DUT_ROWS * DUT_COLS);
    bench.zero = random_words(bench.random, DUT_COLS);
    bench.run(bench.random.chance(70) ? std::optional(random_choice(bench.random)) : std::nullopt);
  }
  bench.finish();
}

TEST_CASE("drain_select: the differences stand in cycle 3, not before") {
  Bench bench("latency");
  for (const Choice& choice : all_choices()) {
    const auto before = static_cast<std::uint32_t>(bench.random.bits(32)), after = ~before;
    bench.zero.assign(DUT_COLS, 0);
    bench.shadow.assign(DUT_ROWS * DUT_COLS, before);
    for (unsigned i = 0; i < latency; ++i) bench.run(choice);
    bench.run(choice);  // cycle 0
    bench.shadow.assign(DUT_ROWS * DUT_COLS, after);
    bench.run(choice);  // cycle 1
    REQUIRE(bench.results() == Words(DUT_DRAINWIDTH, before));
    bench.run({});      // cycle 2
    REQUIRE(bench.results() == Words(DUT_DRAINWIDTH, after));
  }
}

TEST_CASE("drain_select: without drain_i no word is chosen") {
  Bench bench("idle");
  bench.zero.assign(DUT_COLS, 0);
  for (int i = 0; i < 200; ++i) {
    bench.shadow = random_words(bench.random, DUT_ROWS * DUT_COLS);
    bench.run(random_choice(bench.random));
    for (unsigned cycle = 0; cycle < latency; ++cycle) bench.run({});
    REQUIRE(bench.results() == Words(DUT_DRAINWIDTH, 0));
  }
}
