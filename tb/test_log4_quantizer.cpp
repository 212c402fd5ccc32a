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

struct Mode {
  OutFormat format;
  Rounding rounding;
};

constexpr Mode modes[] = {
    {OutFormat::log4, Rounding::nearest}, {OutFormat::log4, Rounding::stochastic},
    {OutFormat::log4, Rounding::tpr},     {OutFormat::log4, Rounding::two_term},
    {OutFormat::log2, Rounding::nearest}, {OutFormat::log2, Rounding::stochastic},
    {OutFormat::log2, Rounding::two_term}};
constexpr std::int64_t one = 1 << golden::kFractionBits;
constexpr std::int64_t largest_magnitude = (std::int64_t{1} << 24) - 1;

int base_of(OutFormat format) { return format == OutFormat::log4 ? 4 : 2; }

// Level e = 0..7 in units of 2^-11.
std::int64_t level_of(int base, int e) {
  return one * (base == 4 ? golden::Log4::level(e) : golden::Log2::level(e));
}

golden::CodePair codes(DUT& dut, unsigned lane) {
  return {static_cast<std::uint8_t>(tb::get_lane(dut.code1_o, lane, 4)), static_cast<std::uint8_t>(tb::get_lane(dut.code2_o, lane, 4)),
          tb::get_lane(dut.saturated_o, lane, 1) != 0};
}

struct Checker : tb::QuantizerLanes<DUT, DUT_WIDTH> {
  explicit Checker(const Mode& mode, unsigned turn = 0) : QuantizerLanes(mode.format, mode.rounding, codes, turn) {
    (*this)->base2_i = mode.format == OutFormat::log2;
  }
  // `magnitude` and its neighbours, both signs, with and without sticky; out of range is skipped.
  void add_around(std::int64_t magnitude, std::uint8_t random) {
    for (std::int64_t near = magnitude - 1; near <= magnitude + 1; ++near) {
      if (near < 0 || near > largest_magnitude) continue;
      for (unsigned flags = 0; flags < 4; ++flags) {
        add({(flags & 1) != 0, static_cast<std::uint32_t>(near), (flags & 2) != 0}, random);
      }
    }
  }
};

// The magnitudes at which stochastic rounding by `random` steps up, in units of 2^-11.
std::vector<std::int64_t> stochastic_thresholds(int base, int random) {
  const std::int64_t u = 2 * random + 1;  // in 512ths
  std::vector<std::int64_t> thresholds{u * one / 512};
  for (int e = 1; e <= 7; ++e) thresholds.push_back(level_of(base, e) / 512 * (512 + (base - 1) * u));
  return thresholds;
}

std::vector<std::int64_t> nearest_thresholds(int base) {
  std::vector<std::int64_t> thresholds{base == 4 ? one * 5 / 8 : one / 2};
  for (int e = 1; e <= 7; ++e) thresholds.push_back(level_of(base, e) * (base + 1) / 2);
  return thresholds;
}

}  // namespace

TEST_CASE("log4_quantizer: around every level and every midpoint, every mode") {
  for (const Mode& mode : modes) {
    Checker checker(mode);
    const int base = base_of(mode.format);
    for (const int random : {0, 1, 127, 128, 254, 255}) {
      const auto byte = static_cast<std::uint8_t>(random);
      for (const std::int64_t threshold : nearest_thresholds(base)) {
        checker.add_around(threshold, byte);
        checker.add_around(2 * threshold, byte);  // of v/2
      }
      for (int e = 0; e <= 7; ++e) checker.add_around(level_of(base, e), byte);
      checker.add_around(largest_magnitude, byte);
    }
    checker.flush();
  }
}

TEST_CASE("log4_quantizer: STOCHASTIC, every random byte around its thresholds") {
  for (const Mode& mode : modes) {
    if (mode.rounding != Rounding::stochastic) continue;
    Checker checker(mode);
    for (int random = 0; random < 256; ++random) {
      for (const std::int64_t threshold : stochastic_thresholds(base_of(mode.format), random)) {
        checker.add_around(threshold, static_cast<std::uint8_t>(random));
      }
    }
    checker.flush();
  }
}

TEST_CASE("log4_quantizer: TWO_TERM, every random byte around the thresholds of the remainder") {
  for (const Mode& mode : modes) {
    if (mode.rounding != Rounding::two_term) continue;
    Checker checker(mode);
    const int base = base_of(mode.format), scale = base == 4 ? 2 : 4;
    for (int random = 0; random < 256; ++random) {
      for (const std::int64_t threshold : stochastic_thresholds(base, random)) {
        for (int e = 0; e <= 7; ++e) {
          checker.add_around(level_of(base, e) + threshold / scale, static_cast<std::uint8_t>(random));
          checker.add_around(level_of(base, e) - threshold / scale, static_cast<std::uint8_t>(random));
        }
      }
    }
    checker.flush();
  }
}

TEST_CASE("log4_quantizer: every mode, random values of all sizes") {
  for (const Mode& mode : modes) {
    Checker checker(mode);
    tb::Random random("values");
    for (int i = 0; i < 100000; ++i) {
      const auto magnitude = static_cast<std::uint32_t>(random.bits(static_cast<unsigned>(random.between(0, 24))));
      checker.add({random.chance(50), magnitude, random.chance(50)}, static_cast<std::uint8_t>(random.bits(8)));
    }
    checker.flush();
  }
}

TEST_CASE("log4_quantizer: every mode, every magnitude of few bits or of one run of ones") {
  for (const Mode& mode : modes) {
    for (unsigned turn = 0; turn < 4; ++turn) {
      Checker checker(mode, turn);
      tb::Random random("sparse");
      for (const std::uint32_t magnitude : tb::sparse_magnitudes()) {
        for (unsigned flags = 0; flags < 4; ++flags)
          checker.add({(flags & 1) != 0, magnitude, (flags & 2) != 0}, static_cast<std::uint8_t>(random.bits(8)));
      }
      checker.flush();
    }
  }
}

TEST_CASE("log4_quantizer: a zero level is 0000, and code2_o is 0 for the roundings with one code") {
  Dut<DUT> dut;
  dut.reset();
  dut->valid_i = 1;
  for (const Mode& mode : modes) {
    dut->base2_i = mode.format == OutFormat::log2;
    dut->rounding_i = static_cast<CData>(mode.rounding);
    for (const bool negative : {false, true}) {
      // First a large value, so that a code left over would show.
      for (const std::uint32_t magnitude : {0xffffffu, 0u}) {
        for (unsigned i = 0; i < DUT_WIDTH; ++i) tb::set_lane(dut->slot_i, i, 32, tb::to_slot({negative, magnitude, false}));
        dut.cycle();
        for (unsigned i = 0; i < DUT_WIDTH; ++i) {
          CHECK((tb::get_lane(dut->code1_o, i, 4) == 0) == (magnitude == 0));
          const bool two_codes = mode.rounding == Rounding::tpr || mode.rounding == Rounding::two_term;
          if (!two_codes || magnitude == 0) CHECK(tb::get_lane(dut->code2_o, i, 4) == 0);
        }
      }
    }
  }
}

TEST_CASE("log4_quantizer: valid_o follows valid_i by one cycle, without valid_i the outputs stay") {
  Dut<DUT> dut;
  dut.reset();
  CHECK(dut->valid_o == 0);
  tb::Random random("stream");
  std::vector<std::uint64_t> last;
  const auto outputs = [&] {
    auto lanes = tb::get_lanes(dut->code1_o, DUT_WIDTH, 4);
    const auto second = tb::get_lanes(dut->code2_o, DUT_WIDTH, 4);
    lanes.insert(lanes.end(), second.begin(), second.end());
    lanes.push_back(tb::get_bits(dut->saturated_o, 0, DUT_WIDTH));
    return lanes;
  };
  last = outputs();
  for (int step = 0; step < 4000; ++step) {
    const Mode& mode = modes[random.below(std::size(modes))];
    dut->valid_i = random.chance(60);
    dut->base2_i = mode.format == OutFormat::log2;
    dut->rounding_i = static_cast<CData>(mode.rounding);
    std::vector<golden::CodePair> want;
    for (unsigned i = 0; i < DUT_WIDTH; ++i) {
      const auto magnitude = static_cast<std::uint32_t>(random.bits(static_cast<unsigned>(random.between(0, 24))));
      const Rescaled v{random.chance(50), magnitude, random.chance(50)};
      const auto byte = static_cast<std::uint8_t>(random.bits(8));
      tb::set_lane(dut->slot_i, i, 32, dut->valid_i ? tb::to_slot(v) : random.bits(32));
      tb::set_lane(dut->random_i, i, 8, byte);
      want.push_back(golden::quantize_element(mode.format, mode.rounding, v, byte));
    }
    dut.cycle();
    REQUIRE(dut->valid_o == dut->valid_i);
    if (dut->valid_o) {
      for (unsigned i = 0; i < DUT_WIDTH; ++i) {
        REQUIRE(tb::get_lane(dut->code1_o, i, 4) == want[i].code1);
        REQUIRE(tb::get_lane(dut->code2_o, i, 4) == want[i].code2);
        REQUIRE((tb::get_lane(dut->saturated_o, i, 1) != 0) == want[i].saturated);
      }
    } else {
      REQUIRE(outputs() == last);
    }
    last = outputs();
  }
}

TEST_CASE("log4_quantizer: no valid_o comes out of a reset") {
  Dut<DUT> dut;
  dut->valid_i = 1;
  dut->rst_ni = 0;
  dut.cycle();
  CHECK(dut->valid_o == 0);
  dut->rst_ni = 1;
  dut.cycle();
  CHECK(dut->valid_o == 1);
}
