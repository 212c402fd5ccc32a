// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: T=16 WordBits=1024 Structural=0; T=4 WordBits=64 Structural=0; T=8 WordBits=512 Structural=0; T=32 WordBits=4096 Structural=0; T=4 WordBits=128 Structural=1; T=16 WordBits=1024 Structural=1
// The parameter's name is every template's: it becomes a constant before anything is included.
#ifdef DUT_T
constexpr unsigned edge = DUT_T;
#undef DUT_T
#else
constexpr unsigned edge = 16;
#endif
#include DUT_HEADER

#include "catch.h"
#include "harness.h"

#ifndef DUT_WORDBITS
#define DUT_WORDBITS 1024
#endif

using namespace cuatro;
using tb::Dut;

namespace {

constexpr unsigned elements = edge * edge, word_codes = DUT_WORDBITS / 4;
using Codes = std::vector<std::uint64_t>;

struct Beat {
  unsigned space = 0, sub = 0, address = 0;
  bool transpose = false;
  Codes word = Codes(word_codes);
};

Beat random_beat(tb::Random& random) {
  Beat beat;
  beat.space = static_cast<unsigned>(random.bits(2));
  beat.sub = static_cast<unsigned>(random.bits(8));
  beat.address = static_cast<unsigned>(random.bits(16));
  beat.transpose = random.chance(50);
  for (auto& code : beat.word) code = random.bits(4);
  return beat;
}

Codes block_of(const Beat& beat) {
  Codes block(elements);
  for (unsigned i = 0; i < edge; ++i) {
    for (unsigned j = 0; j < edge; ++j) block[i * edge + j] = beat.word[beat.transpose ? j * edge + i : i * edge + j];
  }
  return block;
}

class Bench {
 public:
  Bench() { dut->rst_ni = 1; }
  // What stands on the port; it counts with `valid`.
  void cycle(const Beat& beat, bool valid) {
    dut->valid_i = valid;
    dut->space_i = static_cast<CData>(beat.space);
    dut->sub_i = static_cast<CData>(beat.sub);
    dut->addr_i = static_cast<SData>(beat.address);
    dut->transpose_i = beat.transpose;
    for (unsigned i = 0; i < word_codes; ++i) tb::set_lane(dut->data_i, i, 4, beat.word[i]);
    dut.cycle();
  }
  void expect(const Beat& beat) {
    REQUIRE(unsigned{dut->space_o} == beat.space);
    REQUIRE(unsigned{dut->sub_o} == beat.sub);
    REQUIRE(unsigned{dut->addr_o} == beat.address);
    REQUIRE(tb::get_lanes(dut->word_o, word_codes, 4) == beat.word);
    REQUIRE(tb::get_lanes(dut->block_o, elements, 4) == block_of(beat));
  }
  Dut<DUT> dut;
};

}  // namespace

TEST_CASE("load_port: what comes leaves a cycle later, its block transposed on request") {
  Bench bench;
  tb::Random random("beats");
  for (int i = 0; i < 500; ++i) {
    const Beat beat = random_beat(random);
    const bool valid = random.chance(60);
    bench.cycle(beat, valid);
    REQUIRE(bool(bench.dut->valid_o) == valid);
    if (valid) bench.expect(beat);
  }
}

TEST_CASE("load_port: each element of a block alone") {
  Bench bench;
  for (const bool transpose : {false, true}) {
    for (unsigned e = 0; e < elements; ++e) {
      Beat beat;
      beat.transpose = transpose;
      beat.word[e] = 1 + e % 15;
      bench.cycle(beat, true);
      bench.expect(beat);
    }
  }
}

TEST_CASE("load_port: nothing is valid in reset") {
  Bench bench;
  bench.dut->rst_ni = 0;
  bench.cycle(Beat{}, true);
  CHECK_FALSE(bench.dut->valid_o);
}
