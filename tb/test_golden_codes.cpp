// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include <cstdint>

#include "catch.h"
#include "golden/codes.h"

using namespace cuatro;
using namespace cuatro::golden;

TEST_CASE("INT4 is two's complement -8..7") {
  constexpr int values[16] = {0, 1, 2, 3, 4, 5, 6, 7, -8, -7, -6, -5, -4, -3, -2, -1};
  for (std::uint8_t code = 0; code < 16; ++code) {
    CHECK(decode(Format::int4, code) == values[code]);
    CHECK(Int4::from_value(values[code]).bits() == code);
    CHECK(Int4::from_bits(code).bits() == code);
  }
}

TEST_CASE("UINT4 is 0..15") {
  for (std::uint8_t code = 0; code < 16; ++code) {
    CHECK(decode(Format::uint4, code) == code);
    CHECK(Uint4::from_value(code).bits() == code);
    CHECK(Uint4::from_bits(code).bits() == code);
  }
}

TEST_CASE("LOG4 is zero for e = 0 whatever the sign, else a signed power of 4 up to 4096") {
  constexpr int values[16] = {0, 1, 4, 16, 64, 256, 1024, 4096, 0, -1, -4, -16, -64, -256, -1024, -4096};
  for (std::uint8_t code = 0; code < 16; ++code) CHECK(decode(Format::log4, code) == values[code]);
}

TEST_CASE("LOG2 is the same with powers of 2 up to 64") {
  constexpr int values[16] = {0, 1, 2, 4, 8, 16, 32, 64, 0, -1, -2, -4, -8, -16, -32, -64};
  for (std::uint8_t code = 0; code < 16; ++code) CHECK(decode(Format::log2, code) == values[code]);
}

TEST_CASE("a LOG code made from an exponent has its sign, and 0000 is the only zero") {
  for (int e = 0; e < 8; ++e) {
    CHECK(Log4::from_exponent(false, e).bits() == e);
    CHECK(Log2::from_exponent(true, e).bits() == (e == 0 ? 0 : 8 + e));
    CHECK(Log4::from_exponent(true, e).value() == -Log4::level(e));
    CHECK(Log2::from_exponent(true, e).exponent() == e);
  }
}

TEST_CASE("operand A is INT4, UINT4, or a UINT4 code less its zero point") {
  for (std::uint8_t code = 0; code < 16; ++code) {
    CHECK(decode_a(AFormat::int4, 5, code) == (code < 8 ? code : code - 16));
    CHECK(decode_a(AFormat::uint4, 5, code) == code);
    for (int zero_point = 0; zero_point < 16; ++zero_point) {
      CHECK(decode_a(AFormat::affine, zero_point, code) == code - zero_point);
    }
  }
}
