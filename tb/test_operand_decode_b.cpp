// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: default
#include DUT_HEADER

#include "catch.h"
#include "golden/codes.h"
#include "harness.h"

using namespace cuatro;

namespace {

class Bench {
 public:
  int decode(unsigned code, Format format, bool valid = true) {
    dut_.code_i = static_cast<CData>(code);
    dut_.valid_i = valid;
    dut_.format_i = static_cast<CData>(format);
    dut_.eval();
    return static_cast<int>(tb::get_bits(dut_.value_o, 0, 14) ^ 8192) - 8192;
  }

 private:
  DUT dut_;
};

constexpr Format formats[] = {Format::int4, Format::log4, Format::log2};

}  // namespace

TEST_CASE("operand_decode_b: INT4 is two's complement") {
  Bench bench;
  for (int value = -8; value < 8; ++value) {
    CHECK(bench.decode(static_cast<unsigned>(value) & 15, Format::int4) == value);
  }
}

TEST_CASE("operand_decode_b: LOG4 and LOG2 are a sign and a level of the header's table") {
  Bench bench;
  const int log4[] = {0, 1, 4, 16, 64, 256, 1024, 4096}, log2[] = {0, 1, 2, 4, 8, 16, 32, 64};
  for (unsigned e = 0; e < 8; ++e) {
    CHECK(bench.decode(e, Format::log4) == log4[e]);
    CHECK(bench.decode(e | 8, Format::log4) == -log4[e]);
    CHECK(bench.decode(e, Format::log2) == log2[e]);
    CHECK(bench.decode(e | 8, Format::log2) == -log2[e]);
  }
}

TEST_CASE("operand_decode_b: a lane beyond K decodes to zero") {
  Bench bench;
  for (const Format format : formats) {
    for (unsigned code = 0; code < 16; ++code) CHECK(bench.decode(code, format, false) == 0);
  }
}

TEST_CASE("operand_decode_b: combinational: the golden model's value whatever came before") {
  Bench bench;
  tb::Random random("order");
  for (int i = 0; i < 5000; ++i) {
    const auto code = static_cast<std::uint8_t>(random.bits(4));
    const Format format = formats[random.below(3)];
    const bool valid = random.chance(80);
    REQUIRE(bench.decode(code, format, valid) == (valid ? golden::decode(format, code) : 0));
  }
}
