// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: Rows=16 Cols=16 Lanes=16 DrainWidth=32 OperandDepth=2048 ResultDepth=2048; Rows=8 Cols=8 Lanes=4 DrainWidth=4 OperandDepth=64 ResultDepth=128; Rows=32 Cols=8 Lanes=8 DrainWidth=16 OperandDepth=65536 ResultDepth=65536; Rows=8 Cols=8 Lanes=4 DrainWidth=4 OperandDepth=64 ResultDepth=128 Multiplier=0; Rows=8 Cols=8 Lanes=4 DrainWidth=4 OperandDepth=64 ResultDepth=128 Update=0
#include DUT_HEADER

#include <bit>
#include <cstring>

#include "catch.h"
#include "descriptor_rules.h"
#include "harness.h"

using namespace cuatro;
using namespace cuatro::tb;

namespace {

const CoreShape shape{DUT_ROWS, DUT_COLS, DUT_LANES, DUT_DRAINWIDTH, DUT_OPERANDDEPTH, DUT_RESULTDEPTH};
constexpr unsigned kMost = 6 * DUT_LANES;  // several tiles, and few enough words for every scratchpad

// Half the bits of a factor, rounded up.
unsigned half_bits(std::uint64_t factor) {
  return (static_cast<unsigned>(std::bit_width(factor)) + 1) / 2;
}

// Cycles of the fields and of every image up to `last`.
unsigned most_cycles(const Descriptor& d, Field last) {
  const Needs n = needs(d, shape);
  const std::uint64_t rows = ceil_div(d.m, DUT_LANES);
  unsigned cycles = 2;
  const auto image = [&](Field field, std::uint64_t words, std::uint64_t factor) {
    if (words != 0 && (last == kNone || field <= last)) cycles += 1 + half_bits(factor);
  };
  image(kABase, n.a, ceil_div(d.m, DUT_ROWS));
  image(kBBase, n.b, ceil_div(d.n, DUT_COLS));
  image(kB2Base, n.b2, ceil_div(d.n, DUT_COLS));
  image(kCBase, n.c, d.op == kGemm && d.addend == 1 ? 1 : rows);
  image(kMaskInBase, n.mask_in, rows);
  image(kRBase, n.r, rows);
  image(kR2Base, n.r2, rows);
  image(kMaskOutBase, n.mask_out, rows);
  return cycles;
}

class Bench {
 public:
  Bench() { dut_->valid_i = 0; }

  unsigned cycles = 0;  // that the last check took
  unsigned field(const Descriptor& d) {
    const auto bits = d.bits();
    std::memcpy(dut_->desc_i.data(), bits.data(), sizeof bits);
    dut_->valid_i = 0;
    dut_.cycle();
    if (dut_->done_o != 0) FAIL("done_o is high without a descriptor");
    dut_->valid_i = 1;
    for (cycles = 0; dut_->done_o == 0; ++cycles) {
      if (cycles > 200) FAIL("no answer");
      dut_.cycle();
    }
    const unsigned field = dut_->field_o;
    // The answer stands.
    if (cycles % 8 == 0) {
      dut_.cycle(3);
      if (dut_->done_o == 0 || dut_->field_o != field) FAIL("the answer went away");
    }
    return field;
  }

 private:
  Dut<DUT> dut_;
};

void check(Bench& bench, const Descriptor& d, Field want) {
  const unsigned got = bench.field(d);
  if (got != want) {
    INFO(to_text(d));
    REQUIRE(to_text(static_cast<Field>(got)) == to_text(want));
  }
  const bool images = d.op != kNop && (want == kNone || (want >= kABase && want <= kMaskOutBase));
  const unsigned most = images ? most_cycles(d, want) : 1;
  if (bench.cycles > most) FAIL("took " << bench.cycles << " cycles, not " << most << ": " << to_text(d));
}

// A legal command with every size 1 and every image at word 0.
Descriptor small(unsigned op) {
  Descriptor d;
  d.op = static_cast<std::uint8_t>(op);
  d.m = d.n = d.k = 1;
  return d;
}

// The same for an update.
Descriptor small_update() {
  Descriptor d = small(kGemm);
  d.out_format = kUpdate;
  d.rounding = kStochastic;
  d.addend = 2;
  return d;
}

}  // namespace

#if defined(DUT_MULTIPLIER) && DUT_MULTIPLIER == 0

TEST_CASE("descriptor_check: without a multiplier every factor but 1.0 is refused by name") {
  Bench bench;
  for (const unsigned op : {kGemm, kQuantize}) {
    for (unsigned mult = 0; mult < 256; ++mult) {
      Descriptor d = small(op);
      d.mult = static_cast<std::uint8_t>(mult);
      const unsigned field = bench.field(d);
      REQUIRE(sim::field_name(static_cast<std::uint8_t>(field)) == (mult == 128 ? "" : "mult"));
    }
  }
}

TEST_CASE("descriptor_check: an update has its own factors, with a multiplier and without") {
  Bench bench;
  for (unsigned mult = 0; mult < 256; ++mult) {
    Descriptor d = small_update();
    d.mult = static_cast<std::uint8_t>(mult);
    REQUIRE(bench.field(d) == kNone);
  }
}

#elif defined(DUT_UPDATE) && DUT_UPDATE == 0

TEST_CASE("descriptor_check: without the unit an update is refused by its format") {
  Bench bench;
  Random random("no update");
  check(bench, small_update(), kOutFormat);
  for (int i = 0; i < 5000; ++i) {
    const Descriptor d = random_legal(random, shape, kGemm, kMost);
    check(bench, d, d.out_format == kUpdate ? kOutFormat : kNone);
  }
}

#else

TEST_CASE("descriptor_check: FIELD_NONE for every legal command") {
  Bench bench;
  Random random("legal");
  for (int i = 0; i < 20000; ++i) {
    const Descriptor d = random_legal(random, shape, static_cast<unsigned>(random.below(3)), kMost);
    check(bench, d, kNone);
  }
}

TEST_CASE("descriptor_check: an unknown operation or format is named") {
  Bench bench;
  for (unsigned op = 0; op < 16; ++op) check(bench, small(op), op <= kQuantize ? kNone : kOp);
  for (unsigned code = 0; code < 8; ++code) {
    const auto value = static_cast<std::uint8_t>(code);
    for (const unsigned op : {kGemm, kQuantize}) {
      Descriptor d = small(op);
      d.out_format = value;
      // A GEMM of format 5 is an update that lacks its state.
      if (code == kUpdate && op == kGemm)
        check(bench, d, kAddend);
      else
        check(bench, d, code < kRaw || (code == kRaw && op == kGemm) ? kNone : kOutFormat);
      if (code > 3) continue;
      d = small(op);
      d.a_format = value;
      check(bench, d, op == kGemm && code == 3 ? kAFormat : kNone);
      d = small(op);
      d.b_format = value;
      check(bench, d, op == kGemm && code == 1 ? kBFormat : kNone);
      d = small(op);
      d.source = value;
      check(bench, d, op == kQuantize && code == 3 ? kSource : kNone);
      d = small(op);
      d.addend = value;
      check(bench, d, code == 3 || (op == kQuantize && code != 0) ? kAddend : kNone);
      d = small(op);
      d.term_shift = value;
      check(bench, d, op == kGemm && code == 3 ? kTermShift : kNone);
      d = small(op);
      d.addend_shift = value;
      check(bench, d, code == 3 ? kAddendShift : kNone);
    }
  }
  for (int shift = -32; shift < 32; ++shift) {
    for (const unsigned op : {kNop, kGemm, kQuantize}) {
      Descriptor d = small(op);
      d.shift = static_cast<std::int8_t>(shift);
      check(bench, d, shift < -16 && op != kNop ? kShift : kNone);
    }
  }
}

TEST_CASE("descriptor_check: a combination that has no meaning is named") {
  Bench bench;
  // Rounding: columns NEAREST FLOOR STOCHASTIC TPR TWO_TERM and three codes without one.
  static constexpr bool table[5][8] = {{true, true, true, false, false},
                                       {true, true, true, false, false},
                                       {true, false, true, true, true},
                                       {true, false, true, false, true},
                                       {true, false, false, false, false}};
  for (const unsigned op : {kGemm, kQuantize}) {
    for (unsigned format = 0; format < 5; ++format) {
      for (unsigned rounding = 0; rounding < 8; ++rounding) {
        for (const bool mask_out : {false, true}) {
          Descriptor d = small(op);
          d.out_format = static_cast<std::uint8_t>(format);
          d.rounding = static_cast<std::uint8_t>(rounding);
          d.mask_out = mask_out;
          const bool no_format = format == kRaw && (op == kQuantize || mask_out);
          check(bench, d, no_format ? kOutFormat : table[format][rounding] ? kNone : kRounding);
        }
      }
    }
    Descriptor d = small(op);
    d.two_terms = true;
    check(bench, d, op == kQuantize ? kTwoTerms : kNone);
    d = small(op);
    d.transpose = true;
    check(bench, d, op == kQuantize ? kTranspose : kNone);
  }
}

TEST_CASE("descriptor_check: an update needs its state, stochastic rounding and a shift of -4 to 27, and has no mask") {
  Bench bench;
  check(bench, small_update(), kNone);
  for (unsigned code = 0; code < 8; ++code) {
    const auto value = static_cast<std::uint8_t>(code);
    Descriptor d = small_update();
    d.rounding = value;
    check(bench, d, code == kStochastic ? kNone : kRounding);
    if (code > 3) continue;
    d = small_update();
    d.addend = value;
    check(bench, d, code == 2 ? kNone : kAddend);
    d = small_update();
    d.addend_shift = value;
    check(bench, d, code == 0 ? kNone : kAddendShift);
    d = small_update();
    d.mask_in = (code & 1) != 0;
    d.mask_out = (code & 2) != 0;
    check(bench, d, code == 0 ? kNone : kOutFormat);
    d = small_update();
    d.transpose = (code & 1) != 0;
    d.two_terms = (code & 2) != 0;
    check(bench, d, kNone);
  }
  for (int shift = -32; shift < 32; ++shift) {
    Descriptor d = small_update();
    d.shift = static_cast<std::int8_t>(shift);
    check(bench, d, shift < -4 || shift > 27 ? kShift : kNone);
  }
  for (unsigned mult = 0; mult < 256; ++mult) {
    Descriptor d = small_update();
    d.mult = static_cast<std::uint8_t>(mult);
    check(bench, d, kNone);
  }
}

TEST_CASE("descriptor_check: sizes are 1 or more, K is at most 34952, 11650 for two terms") {
  Bench bench;
  for (const unsigned op : {kGemm, kQuantize}) {
    Descriptor d = small(op);
    d.m = 0;
    check(bench, d, kM);
    d = small(op);
    d.n = 0;
    check(bench, d, kN);
    d = small(op);
    d.k = 0;
    check(bench, d, op == kGemm ? kK : kNone);
  }
  for (const bool two : {false, true}) {
    const unsigned bound = two ? 11650 : 34952;
    for (unsigned k = 1; k <= 0xffff; ++k) {
      Descriptor d = small(kGemm);
      d.two_terms = two;
      d.k = static_cast<std::uint16_t>(k);
      check(bench, d, k > bound ? kK : ceil_div(k, DUT_LANES) > DUT_OPERANDDEPTH ? kABase : kNone);
    }
  }
}

TEST_CASE("descriptor_check: an image that does not fit is named by its base, at the exact word") {
  Bench bench;
  Random random("images");
  unsigned seen[32] = {};
  for (int i = 0; i < 20000; ++i) {
    const Descriptor legal = random_legal(random, shape, 1 + static_cast<unsigned>(random.below(2)), kMost);
    for (const Field field : kBaseFields) {
      Descriptor d = legal;
      if (!spoil(random, d, legal, field, shape, true)) continue;
      check(bench, d, field);
      d.*base_of(field) = static_cast<std::uint16_t>(d.*base_of(field) - 1);
      check(bench, d, kNone);
      spoil(random, d, legal, field, shape, false);
      check(bench, d, field);
      ++seen[field];
    }
  }
  for (const Field field : kBaseFields) {
    INFO(to_text(field));
    CHECK(seen[field] > 0);
  }
}

TEST_CASE("descriptor_check: an image larger than its scratchpad fits at no base") {
  Bench bench;
  Random random("large");
  for (int i = 0; i < 50000; ++i) {
    Descriptor d = random_legal(random, shape, 1 + static_cast<unsigned>(random.below(2)), DUT_LANES);
    // Products of up to 2^16 x 2^16 blocks, and every base at both ends.
    for (std::uint16_t* size : {&d.m, &d.n, &d.k}) {
      if (random.chance(60))
        *size = static_cast<std::uint16_t>(
            random.chance(30) ? 0xffff : 1 + random.below(std::uint64_t{1} << (1 + random.below(16))));
      if (*size == 0) *size = 1;
    }
    for (const Field field : kBaseFields) {
      d.*base_of(field) = static_cast<std::uint16_t>(random.chance(90) ? 0 : random.bits(16));
    }
    check(bench, d, illegal_field(d, shape));
  }
}

TEST_CASE("descriptor_check: of two illegal fields the first in order is named") {
  Bench bench;
  Random random("pairs");
  for (int i = 0; i < 150; ++i) {
    const Descriptor legal = random_legal(random, shape, 1 + static_cast<unsigned>(random.below(2)), kMost);
    for (std::size_t first = 0; first < kFieldOrder.size(); ++first) {
      Descriptor d = legal;
      if (!spoil(random, d, legal, kFieldOrder[first], shape, random.chance(50))) continue;
      check(bench, d, kFieldOrder[first]);
      for (std::size_t second = first + 1; second < kFieldOrder.size(); ++second) {
        Descriptor both = d;
        if (spoil(random, both, legal, kFieldOrder[second], shape, random.chance(50)))
          check(bench, both, kFieldOrder[first]);
      }
    }
  }
}

TEST_CASE("descriptor_check: a field that the command does not use is not looked at") {
  Bench bench;
  Random random("unused");
  for (int i = 0; i < 20000; ++i) {
    Descriptor d = random_legal(random, shape, static_cast<unsigned>(random.below(3)), kMost);
    const Descriptor noise = random_bits(random);
    const Needs n = needs(d, shape);
    if (d.op == kNop) {
      d = noise;
      d.op = kNop;
      check(bench, d, kNone);
      continue;
    }
    if (d.op == kGemm) d.source = noise.source;
    if (d.op == kQuantize) {
      d.k = noise.k;
      d.a_format = noise.a_format;
      d.b_format = noise.b_format;
      d.term_shift = noise.term_shift;
    }
    const auto unused = [](std::uint16_t& base, std::uint64_t words, std::uint16_t value) {
      if (words == 0) base = value;
    };
    unused(d.a_base, n.a, noise.a_base);
    unused(d.b_base, n.b, noise.b_base);
    unused(d.b2_base, n.b2, noise.b2_base);
    unused(d.c_base, n.c, noise.c_base);
    unused(d.mask_in_base, n.mask_in, noise.mask_in_base);
    unused(d.r2_base, n.r2, noise.r2_base);
    unused(d.mask_out_base, n.mask_out, noise.mask_out_base);
    check(bench, d, kNone);
  }
}

TEST_CASE("descriptor_check: any bits at all agree with the rules") {
  Bench bench;
  Random random("any");
  for (int i = 0; i < 100000; ++i) {
    Descriptor d = random_bits(random);
    if (random.chance(80)) d.op = static_cast<std::uint8_t>(random.below(3));
    if (random.chance(80)) d.m = static_cast<std::uint16_t>(random.below(4 * DUT_LANES));
    if (random.chance(80)) d.n = static_cast<std::uint16_t>(random.below(4 * DUT_LANES));
    if (random.chance(80)) d.addend_shift = 0;
    if (random.chance(80)) d.k = 1;
    check(bench, d, illegal_field(d, shape));
  }
}

#endif
