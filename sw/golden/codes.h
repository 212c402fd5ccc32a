// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>

#include "device/device.h"

// The four 4-bit formats as value types, and their decoders.
// Source: sw/golden/README.md, "Codes". Bits above the low four are ignored.
namespace cuatro::golden {

// Two's complement, -8..7. Quantizers emit -7..7 only.
class Int4 {
 public:
  static constexpr Int4 from_bits(std::uint8_t bits) { return Int4(bits & 15); }
  // `value` in -8..7.
  static constexpr Int4 from_value(int value) { return Int4(value & 15); }
  constexpr std::uint8_t bits() const { return bits_; }
  constexpr int value() const { return (bits_ ^ 8) - 8; }

 private:
  explicit constexpr Int4(int bits) : bits_(static_cast<std::uint8_t>(bits)) {}
  std::uint8_t bits_;
};

// 0..15.
class Uint4 {
 public:
  static constexpr Uint4 from_bits(std::uint8_t bits) { return Uint4(bits & 15); }
  // `value` in 0..15.
  static constexpr Uint4 from_value(int value) { return Uint4(value & 15); }
  constexpr std::uint8_t bits() const { return bits_; }
  constexpr int value() const { return bits_; }

 private:
  explicit constexpr Uint4(int bits) : bits_(static_cast<std::uint8_t>(bits)) {}
  std::uint8_t bits_;
};

// {s, e[2:0]}: e = 0 is zero whatever s; else (-1)^s · Base^(e-1).
template <int Base>
class Log {
  static_assert(Base == 2 || Base == 4);

 public:
  static constexpr int exponents = 7;  // e = 1..7 are levels

  static constexpr Log from_bits(std::uint8_t bits) { return Log(bits & 15); }
  // `exponent` e in 0..7. A zero level has no sign: its code is 0000.
  static constexpr Log from_exponent(bool negative, int exponent) {
    return Log(exponent == 0 ? 0 : (negative ? 8 : 0) | exponent);
  }
  // The magnitude of level e: 0, 1, Base, … Base^6.
  static constexpr int level(int exponent) {
    return exponent == 0 ? 0 : 1 << ((Base == 4 ? 2 : 1) * (exponent - 1));
  }
  constexpr std::uint8_t bits() const { return bits_; }
  constexpr int exponent() const { return bits_ & 7; }
  constexpr int value() const { return (bits_ & 8) != 0 ? -level(exponent()) : level(exponent()); }

 private:
  explicit constexpr Log(int bits) : bits_(static_cast<std::uint8_t>(bits)) {}
  std::uint8_t bits_;
};

using Log4 = Log<4>;
using Log2 = Log<2>;

// The integer a code stands for, before its tensor's scale 2^x. |result| ≤ 4096.
constexpr int decode(Format format, std::uint8_t code) {
  switch (format) {
    case Format::int4:
      return Int4::from_bits(code).value();
    case Format::uint4:
      return Uint4::from_bits(code).value();
    case Format::log4:
      return Log4::from_bits(code).value();
    case Format::log2:
      return Log2::from_bits(code).value();
  }
  return 0;
}

// Operand A: INT4, UINT4, or UINT4 less a zero point (0..15). |result| ≤ 15.
constexpr int decode_a(AFormat format, int zero_point, std::uint8_t code) {
  switch (format) {
    case AFormat::int4:
      return Int4::from_bits(code).value();
    case AFormat::uint4:
      return Uint4::from_bits(code).value();
    case AFormat::affine:
      return Uint4::from_bits(code).value() - zero_point;
  }
  return 0;
}

}  // namespace cuatro::golden
