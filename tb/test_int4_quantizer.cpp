// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: Width=32; Width=8; Width=4
#include DUT_HEADER

#include "quantizer_lanes.h"

#ifndef DUT_WIDTH
#define DUT_WIDTH 32
#endif

using namespace cuatro;
using golden::Rescaled;
using tb::Dut;

namespace {

constexpr Rounding roundings[] = {Rounding::nearest, Rounding::floor, Rounding::stochastic};
constexpr OutFormat formats[] = {OutFormat::int4, OutFormat::uint4};

golden::CodePair codes(DUT& dut, unsigned lane) {
  return {static_cast<std::uint8_t>(tb::get_lane(dut.code_o, lane, 4)), 0, tb::get_lane(dut.saturated_o, lane, 1) != 0};
}

struct Checker : tb::QuantizerLanes<DUT, DUT_WIDTH> {
  Checker(OutFormat format, Rounding rounding, unsigned turn = 0) : QuantizerLanes(format, rounding, codes, turn) {
    (*this)->unsigned_i = format == OutFormat::uint4;
  }
};

}  // namespace

TEST_CASE("int4_quantizer: NEAREST and FLOOR, every magnitude up to 17, both signs, with and without sticky") {
  for (const OutFormat format : formats) {
    for (const Rounding rounding : {Rounding::nearest, Rounding::floor}) {
      for (unsigned turn = 0; turn < 4; ++turn) {
        Checker checker(format, rounding, turn);
        for (std::uint32_t magnitude = 0; magnitude <= 17u << golden::kFractionBits; ++magnitude) {
          for (unsigned flags = 0; flags < 4; ++flags) {
            checker.add({(flags & 1) != 0, magnitude, (flags & 2) != 0}, static_cast<std::uint8_t>(magnitude));
          }
        }
        checker.flush();
      }
    }
  }
}

TEST_CASE("int4_quantizer: STOCHASTIC, every random byte around its threshold at every level") {
  for (const OutFormat format : formats) {
    Checker checker(format, Rounding::stochastic);
    for (std::uint32_t level = 0; level <= 17; ++level) {
      for (std::uint32_t r = 0; r < 256; ++r) {
        // floor(v + u) steps where v's fraction is 1 - u, or u below zero.
        const std::uint32_t u = (2 * r + 1) * 4, one = 1u << golden::kFractionBits;
        for (const std::uint32_t fraction : {u, one - u, 0u, one - 1}) {
          for (std::uint32_t near = 0; near < 3; ++near) {
            const std::uint32_t magnitude = level * one + fraction + near;
            if (magnitude == 0) continue;
            for (unsigned flags = 0; flags < 4; ++flags) {
              checker.add({(flags & 1) != 0, magnitude - 1, (flags & 2) != 0}, static_cast<std::uint8_t>(r));
            }
          }
        }
      }
    }
    checker.flush();
  }
}

TEST_CASE("int4_quantizer: every format and rounding, random values of all sizes") {
  for (const OutFormat format : formats) {
    for (const Rounding rounding : roundings) {
      Checker checker(format, rounding);
      tb::Random random("values");
      for (int i = 0; i < 60000; ++i) {
        const auto magnitude = static_cast<std::uint32_t>(random.bits(static_cast<unsigned>(random.between(0, 24))));
        checker.add({random.chance(50), magnitude, random.chance(50)}, static_cast<std::uint8_t>(random.bits(8)));
      }
      for (const std::uint32_t magnitude : {0u, 1u, 0x7fffffu, 0x800000u, 0xfffffeu, 0xffffffu}) {
        for (unsigned flags = 0; flags < 4; ++flags) {
          checker.add({(flags & 1) != 0, magnitude, (flags & 2) != 0}, 255);
        }
      }
      checker.flush();
    }
  }
}

TEST_CASE("int4_quantizer: codes are -7..7, never -8, and a negative UINT4 value is 0 and no saturation") {
  Dut<DUT> dut;
  dut.reset();
  dut->valid_i = 1;
  for (const Rounding rounding : roundings) {
    dut->rounding_i = static_cast<CData>(rounding);
    for (std::uint32_t whole = 0; whole < 8192; whole += 1 + whole / 16) {
      const Rescaled v{true, whole << golden::kFractionBits | 5, true};
      for (unsigned i = 0; i < DUT_WIDTH; ++i) {
        tb::set_lane(dut->slot_i, i, 32, tb::to_slot(v));
        tb::set_lane(dut->random_i, i, 8, whole);
      }
      dut->unsigned_i = 0;
      dut.cycle();
      for (unsigned i = 0; i < DUT_WIDTH; ++i) CHECK(tb::get_lane(dut->code_o, i, 4) != 8);
      dut->unsigned_i = 1;
      dut.cycle();
      for (unsigned i = 0; i < DUT_WIDTH; ++i) CHECK(tb::get_lane(dut->code_o, i, 4) == 0);
      CHECK(tb::get_bits(dut->saturated_o, 0, DUT_WIDTH) == 0);
    }
  }
}

TEST_CASE("int4_quantizer: valid_o follows valid_i by one cycle, without valid_i the outputs stay") {
  Dut<DUT> dut;
  dut.reset();
  CHECK(dut->valid_o == 0);
  tb::Random random("stream");
  auto codes = tb::get_lanes(dut->code_o, DUT_WIDTH, 4);
  auto flags = tb::get_bits(dut->saturated_o, 0, DUT_WIDTH);
  for (int step = 0; step < 4000; ++step) {
    const OutFormat format = formats[random.below(2)];
    const Rounding rounding = roundings[random.below(3)];
    dut->valid_i = random.chance(60);
    dut->unsigned_i = format == OutFormat::uint4;
    dut->rounding_i = dut->valid_i ? static_cast<CData>(rounding) : static_cast<CData>(random.bits(3));
    std::vector<golden::CodePair> want;
    for (unsigned i = 0; i < DUT_WIDTH; ++i) {
      const Rescaled v{random.chance(50), static_cast<std::uint32_t>(random.bits(16)), random.chance(50)};
      const auto byte = static_cast<std::uint8_t>(random.bits(8));
      tb::set_lane(dut->slot_i, i, 32, dut->valid_i ? tb::to_slot(v) : random.bits(32));
      tb::set_lane(dut->random_i, i, 8, byte);
      want.push_back(golden::quantize_element(format, rounding, v, byte));
    }
    dut.cycle();
    REQUIRE(dut->valid_o == dut->valid_i);
    if (dut->valid_o) {
      for (unsigned i = 0; i < DUT_WIDTH; ++i) {
        REQUIRE(tb::get_lane(dut->code_o, i, 4) == want[i].code1);
        REQUIRE((tb::get_lane(dut->saturated_o, i, 1) != 0) == want[i].saturated);
      }
    } else {
      REQUIRE(tb::get_lanes(dut->code_o, DUT_WIDTH, 4) == codes);
      REQUIRE(tb::get_bits(dut->saturated_o, 0, DUT_WIDTH) == flags);
    }
    codes = tb::get_lanes(dut->code_o, DUT_WIDTH, 4);
    flags = tb::get_bits(dut->saturated_o, 0, DUT_WIDTH);
  }
}

TEST_CASE("int4_quantizer: no valid_o comes out of a reset") {
  Dut<DUT> dut;
  dut->valid_i = 1;
  dut->rst_ni = 0;
  dut.cycle();
  CHECK(dut->valid_o == 0);
  dut->rst_ni = 1;
  dut.cycle();
  CHECK(dut->valid_o == 1);
}
