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
  int decode(unsigned code, unsigned flip, unsigned bias) {
    dut_.code_i = static_cast<CData>(code);
    dut_.flip_i = static_cast<CData>(flip);
    dut_.bias_i = static_cast<CData>(bias);
    dut_.eval();
    return static_cast<int>(tb::get_bits(dut_.value_o, 0, 5) ^ 16) - 16;
  }

 private:
  DUT dut_;
};

}  // namespace

TEST_CASE("operand_decode_a: INT4 flips the top bit and subtracts 8") {
  Bench bench;
  for (unsigned code = 0; code < 16; ++code) {
    CHECK(bench.decode(code, 1, 8) == golden::decode_a(AFormat::int4, 0, static_cast<std::uint8_t>(code)));
  }
}

TEST_CASE("operand_decode_a: UINT4 subtracts nothing") {
  Bench bench;
  for (unsigned code = 0; code < 16; ++code) {
    CHECK(bench.decode(code, 0, 0) == golden::decode_a(AFormat::uint4, 0, static_cast<std::uint8_t>(code)));
  }
}

TEST_CASE("operand_decode_a: an affine operand subtracts its zero point, 0..15") {
  Bench bench;
  for (unsigned zero_point = 0; zero_point < 16; ++zero_point) {
    for (unsigned code = 0; code < 16; ++code) {
      CHECK(bench.decode(code, 0, zero_point) ==
            golden::decode_a(AFormat::affine, static_cast<int>(zero_point), static_cast<std::uint8_t>(code)));
    }
  }
}

TEST_CASE("operand_decode_a: a 5-bit signed value, combinational: all inputs, upwards and downwards") {
  Bench bench;
  for (unsigned step = 0; step < 2 * 512; ++step) {
    const unsigned input = step < 512 ? step : 1023 - step;
    const unsigned code = input & 15, bias = input >> 4 & 15, flip = input >> 8;
    const int unsigned_code = static_cast<int>(flip ? (code + 8) % 16 : code);
    REQUIRE(bench.decode(code, flip, bias) == unsigned_code - static_cast<int>(bias));
  }
}
