// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: default
#include DUT_HEADER

#include <bit>

#include "catch.h"
#include "column_selects.h"
#include "harness.h"

using namespace cuatro;

namespace {

struct Decoded {
  bool negative;
  std::uint32_t select;

  // The integer that the selects stand for.
  int value(Format format) const {
    std::uint32_t powers = 0;
    for (unsigned i = 0; i < tb::selects; ++i) {
      if (select >> i & 1) powers += 1u << tb::shifts[i];
    }
    return negative ? -tb::fold(powers, format) : tb::fold(powers, format);
  }
};

class Bench {
 public:
  Decoded decode(unsigned code, Format format, bool valid = true) {
    dut_.code_i = static_cast<CData>(code);
    dut_.valid_i = valid;
    dut_.format_i = static_cast<CData>(format);
    dut_.eval();
    return {dut_.negative_o != 0, dut_.select_o};
  }

 private:
  DUT dut_;
};

}  // namespace

TEST_CASE("operand_decode_b: every code of every format decodes to the golden model's value") {
  Bench bench;
  for (const Format format : tb::b_formats) {
    for (std::uint8_t code = 0; code < 16; ++code) {
      INFO("format " << static_cast<int>(format) << " code " << int{code});
      CHECK(bench.decode(code, format).value(format) == golden::decode(format, code));
    }
  }
}

TEST_CASE("operand_decode_b: LOG4 and LOG2 select one shift, which the header's table gives") {
  Bench bench;
  for (unsigned e = 0; e < 8; ++e) {
    for (const bool negative : {false, true}) {
      const Decoded log4 = bench.decode(e | (negative ? 8 : 0), Format::log4);
      CHECK(log4.select == (e == 0 ? 0 : tb::select_of(2 * (e - 1))));
      CHECK(log4.negative == negative);
      const Decoded log2 = bench.decode(e | (negative ? 8 : 0), Format::log2);
      CHECK(log2.select == (e == 0 ? 0 : tb::select_of(e - 1)));
      CHECK(log2.negative == negative);
    }
  }
}

TEST_CASE("operand_decode_b: INT4 selects one shift in each field, which the header's table gives") {
  Bench bench;
  for (int value = -8; value < 8; ++value) {
    const unsigned low = tb::low_digit[std::abs(value)], high = tb::high_digit[std::abs(value)];
    const Decoded decoded = bench.decode(static_cast<unsigned>(value) & 15, Format::int4);
    CHECK(decoded.select == ((low == 0 ? 0 : tb::select_of(static_cast<unsigned>(std::countr_zero(low)))) |
                             (high == 0 ? 0 : tb::select_of(12))));
    // Where low - 7 * high is negative the sign is the other one.
    CHECK(decoded.negative == ((value < 0) != (low < 7 * high)));
  }
}

TEST_CASE("operand_decode_b: at most one select is up in each of the fields") {
  Bench bench;
  for (const Format format : tb::b_formats) {
    for (unsigned code = 0; code < 16; ++code) {
      const std::uint32_t select = bench.decode(code, format).select;
      const std::uint32_t high = tb::select_of(12);
      CHECK(std::popcount(select & high) <= 1);
      CHECK(std::popcount(select & ~high) <= 1);
    }
  }
}

TEST_CASE("operand_decode_b: a lane beyond K selects nothing") {
  Bench bench;
  for (const Format format : tb::b_formats) {
    for (unsigned code = 0; code < 16; ++code) CHECK(bench.decode(code, format, false).select == 0);
  }
}

TEST_CASE("operand_decode_b: combinational: the same selects whatever came before") {
  Bench bench;
  tb::Random random("order");
  for (int i = 0; i < 5000; ++i) {
    const auto code = static_cast<std::uint8_t>(random.bits(4));
    const Format format = tb::b_formats[random.below(3)];
    const bool valid = random.chance(80);
    const Decoded decoded = bench.decode(code, format, valid);
    REQUIRE(decoded.select == (valid ? tb::column_operand(format, code).select : 0));
    REQUIRE(decoded.value(format) == (valid ? golden::decode(format, code) : 0));
  }
}
