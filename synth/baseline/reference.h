// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <mpfr.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <vector>

// What the baselines have to compute, by MPFR: arbitrary precision, one rounding, an exponent range that never
// ends; the range of the format comes afterwards.
namespace cuatro::baseline {

struct Format {
  unsigned exponent_bits, fraction_bits;
  int bias() const { return (1 << (exponent_bits - 1)) - 1; }
  std::uint32_t infinity() const { return ((1u << exponent_bits) - 1) << fraction_bits; }
  std::uint32_t nan() const { return infinity() | 1u << (fraction_bits - 1); }
  std::uint32_t sign() const { return 1u << (exponent_bits + fraction_bits); }
};
inline constexpr Format binary16{5, 10}, binary32{8, 23};

// Exact, but a subnormal counts as zero of its sign.
inline double decode(Format format, std::uint32_t code) {
  const bool negative = code & format.sign();
  const int exponent = static_cast<int>((code & format.infinity()) >> format.fraction_bits);
  const std::uint32_t fraction = code & ((1u << format.fraction_bits) - 1);
  double value = 0;
  if (code & format.infinity()) {
    value = std::ldexp(1 + std::ldexp(fraction, -static_cast<int>(format.fraction_bits)), exponent - format.bias());
    if ((code & format.infinity()) == format.infinity()) value = fraction ? NAN : INFINITY;
  }
  return negative ? -value : value;
}

// A number that has been rounded to the format's precision: overflow to infinity, underflow to zero, one NaN.
inline std::uint32_t encode(Format format, const mpfr_t value) {
  if (mpfr_nan_p(value)) return format.nan();
  const std::uint32_t sign = mpfr_signbit(value) ? format.sign() : 0;
  if (mpfr_inf_p(value)) return sign | format.infinity();
  if (mpfr_zero_p(value)) return sign;
  const long exponent = mpfr_get_exp(value) - 1 + format.bias();  // MPFR's significands lie in [1/2, 1)
  if (exponent < 1) return sign;
  if (exponent >= (1 << format.exponent_bits) - 1) return sign | format.infinity();
  const double significand = std::ldexp(std::fabs(mpfr_get_d(value, MPFR_RNDN)), format.bias() - static_cast<int>(exponent));
  const auto fraction = static_cast<std::uint32_t>(std::ldexp(significand - 1, static_cast<int>(format.fraction_bits)));
  return sign | static_cast<std::uint32_t>(exponent) << format.fraction_bits | fraction;
}

// An MPFR number of fixed precision.
class Number {
 public:
  explicit Number(unsigned precision) { mpfr_init2(value_, precision); }
  ~Number() { mpfr_clear(value_); }
  Number(const Number&) = delete;
  Number& operator=(const Number&) = delete;
  operator mpfr_ptr() { return value_; }

 private:
  mpfr_t value_;
};

// a·b + c, a and b binary16, c and the result `format`.
inline std::uint32_t fma(Format format, std::uint32_t a, std::uint32_t b, std::uint32_t c,
                         mpfr_rnd_t rounding = MPFR_RNDN) {
  static Number x(53), y(53), z(53);
  Number result(format.fraction_bits + 1);
  mpfr_set_d(x, decode(binary16, a), MPFR_RNDN);
  mpfr_set_d(y, decode(binary16, b), MPFR_RNDN);
  mpfr_set_d(z, decode(format, c), MPFR_RNDN);
  mpfr_fma(result, x, y, z, rounding);
  return encode(format, result);
}

// Zeros, ones, the ends of the normal range, subnormals, infinities, NaNs, and exponents and fractions at which
// a shifter, a carry or a tie turns; both signs.
inline std::vector<std::uint32_t> corners(Format format, std::initializer_list<int> exponents) {
  const std::uint32_t last = (1u << format.fraction_bits) - 1;
  std::vector<std::uint32_t> codes{0, 1, last, format.infinity(), format.infinity() | 1, format.nan() | 5,
                                   1u << format.fraction_bits, format.infinity() - 1};
  for (const int exponent : exponents) {
    for (const std::uint32_t fraction : {0u, 1u, last / 2, last / 2 + 1, last / 2 + 2, last - 1, last}) {
      codes.push_back(static_cast<std::uint32_t>(exponent + format.bias()) << format.fraction_bits | fraction);
    }
  }
  for (std::size_t i = 0, positive = codes.size(); i < positive; ++i) codes.push_back(codes[i] | format.sign());
  return codes;
}

}  // namespace cuatro::baseline
