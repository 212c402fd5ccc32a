// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: Rows=16 Cols=16 Lanes=16 DrainWidth=32; Rows=16 Cols=8 Lanes=4 DrainWidth=4; Rows=8 Cols=16 Lanes=8 DrainWidth=16; Rows=4 Cols=8 Lanes=4 DrainWidth=16
#include DUT_HEADER

#include "catch.h"
#include "harness.h"
#include "tile_shape.h"

using namespace cuatro;

namespace {

using Words = std::vector<std::uint64_t>;

struct Choice {
  bool transpose = false;
  unsigned row_block = 0, col_block = 0, line = 0;
};

// Every block, group of lines and orientation.
std::vector<Choice> all_choices() {
  std::vector<Choice> choices;
  for (const bool transpose : {false, true}) {
    for (unsigned row_block = 0; row_block < ROWS / LANES; ++row_block) {
      for (unsigned col_block = 0; col_block < COLS / LANES; ++col_block) {
        for (unsigned line = 0; line < LANES; line += DRAINWIDTH / LANES) {
          choices.push_back({transpose, row_block, col_block, line});
        }
      }
    }
  }
  return choices;
}

Words random_shadow(tb::Random& random) {
  Words shadow(ROWS * COLS);
  for (auto& word : shadow) word = random.bits(32);
  return shadow;
}

// The shadow's index of result i.
unsigned source(const Choice& choice, unsigned i) {
  const unsigned along = choice.line + i / LANES, across = i % LANES;
  const unsigned r = choice.row_block * LANES + (choice.transpose ? across : along);
  const unsigned c = choice.col_block * LANES + (choice.transpose ? along : across);
  return r * COLS + c;
}

Words expected(const Words& shadow, const Choice& choice) {
  Words results(DRAINWIDTH);
  for (unsigned i = 0; i < DRAINWIDTH; ++i) results[i] = shadow[source(choice, i)];
  return results;
}

class Bench {
 public:
  void set_shadow(const Words& shadow) {
    for (unsigned i = 0; i < shadow.size(); ++i) tb::set_lane(dut_.shadow_i, i, 32, shadow[i]);
  }
  Words select(const Choice& choice) {
    dut_.transpose_i = choice.transpose;
    dut_.row_block_i = static_cast<CData>(choice.row_block);
    dut_.col_block_i = static_cast<CData>(choice.col_block);
    dut_.line_i = static_cast<CData>(choice.line);
    dut_.eval();
    return tb::get_lanes(dut_.result_o, DRAINWIDTH, 32);
  }

 private:
  DUT dut_;
};

}  // namespace

TEST_CASE("drain_select: every block's lines, rows or with transpose_i columns") {
  Bench bench;
  tb::Random random("lines");
  for (int i = 0; i < 50; ++i) {
    const Words shadow = random_shadow(random);
    bench.set_shadow(shadow);
    for (const Choice& choice : all_choices()) {
      INFO("transpose " << choice.transpose << " block " << choice.row_block << ", " << choice.col_block
                        << " line " << choice.line);
      REQUIRE(bench.select(choice) == expected(shadow, choice));
    }
  }
}

TEST_CASE("drain_select: a word leaves at its own places only, each of its bits") {
  Bench bench;
  const auto choices = all_choices();
  for (unsigned word = 0; word < ROWS * COLS; ++word) {
    Words shadow(ROWS * COLS, 0);
    shadow[word] = std::uint64_t{1} << (word % 32);
    bench.set_shadow(shadow);
    unsigned seen = 0;
    for (const Choice& choice : choices) {
      const Words results = bench.select(choice);
      for (unsigned i = 0; i < DRAINWIDTH; ++i) {
        const bool here = source(choice, i) == word;
        REQUIRE(results[i] == (here ? shadow[word] : 0));
        seen += here;
      }
    }
    REQUIRE(seen == 2);  // once an orientation
  }
  for (unsigned bit = 0; bit < 32; ++bit) {
    const Words shadow(ROWS * COLS, std::uint64_t{1} << bit);
    bench.set_shadow(shadow);
    REQUIRE(bench.select({}) == expected(shadow, {}));
  }
}

TEST_CASE("drain_select: combinational: any order of choices and shadows") {
  Bench bench;
  tb::Random random("order");
  const auto choices = all_choices();
  for (int i = 0; i < 2000; ++i) {
    const Words shadow = random_shadow(random);
    bench.set_shadow(shadow);
    const Choice& choice = choices[random.below(choices.size())];
    REQUIRE(bench.select(choice) == expected(shadow, choice));
  }
}
