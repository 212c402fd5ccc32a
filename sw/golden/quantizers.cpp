// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "golden/quantizers.h"

#include <algorithm>
#include <string>

#include "golden/codes.h"

namespace cuatro::golden {
namespace {

constexpr std::int32_t kOne = 1 << kFractionBits;

// ---- linear formats: v to an integer, then one clamp and pack a format

int round_half_even(const Rescaled& v) {
  const auto magnitude = static_cast<std::int32_t>(v.magnitude);
  const int whole = magnitude >> kFractionBits;
  const int fraction = magnitude & (kOne - 1);
  const bool above_half = fraction > kOne / 2 || (fraction == kOne / 2 && v.sticky);
  const bool tie = fraction == kOne / 2 && !v.sticky;
  const int rounded = whole + (above_half || (tie && whole % 2 != 0) ? 1 : 0);
  return v.negative ? -rounded : rounded;
}

// floor(v + offset), offset in units of 2^-11.
int floor_of_sum(const Rescaled& v, std::int32_t offset) {
  const auto magnitude = static_cast<std::int32_t>(v.magnitude);
  // The lower bits that sticky stands for pull a negative v below -magnitude, by less than a unit.
  const std::int32_t floor_v = v.negative ? -magnitude - (v.sticky ? 1 : 0) : magnitude;
  return (floor_v + offset) >> kFractionBits;
}

int round_stochastic(const Rescaled& v, std::uint8_t random) {
  return floor_of_sum(v, (2 * random + 1) << (kFractionBits - 9));
}

CodePair pack_int4(int q) {
  return {Int4::from_value(std::clamp(q, -7, 7)).bits(), 0, q < -7 || q > 7};
}

CodePair pack_uint4(int q) {
  return {Uint4::from_value(std::min(q, 15)).bits(), 0, q > 15};
}

Rescaled relu(const Rescaled& v) {
  return v.negative ? Rescaled{} : v;
}

// ---- logarithmic formats: |v| to an exponent e of the code

// A magnitude with its binary point: dividing by 2 or multiplying by 2 or 4 moves the point and
// keeps sticky below the last bit, which shifting the bits would not.
struct Magnitude {
  std::uint32_t bits;
  bool sticky;
  int fraction_bits;

  // Strictly above threshold · 2^-threshold_bits; threshold_bits ≤ fraction_bits.
  bool above(std::uint32_t threshold, int threshold_bits) const {
    const std::uint32_t aligned = threshold << (fraction_bits - threshold_bits);
    return bits > aligned || (bits == aligned && sticky);
  }
  bool at_least(std::uint32_t whole) const { return bits >= whole << fraction_bits; }
};

Magnitude magnitude_of(const Rescaled& v) {
  return {v.magnitude, v.sticky, kFractionBits};
}

template <int Base>
int nearest_exponent(const Magnitude& m) {
  // The midpoint above level L is (Base + 1)/2 · L; below 1 the bounds are 5/8 and 1/2.
  if (!(Base == 4 ? m.above(5, 3) : m.above(1, 1))) return 0;
  int e = 1;
  while (e < 7 && m.above(static_cast<std::uint32_t>((Base + 1) * Log<Base>::level(e)), 1)) ++e;
  return e;
}

template <int Base>
int stochastic_exponent(const Magnitude& m, std::uint8_t random) {
  const std::uint32_t u = 2u * random + 1;  // in 512ths
  if (!m.at_least(1)) return m.above(u, 9) ? 1 : 0;
  int e = 1;
  while (e < 7 && m.at_least(static_cast<std::uint32_t>(Log<Base>::level(e + 1)))) ++e;
  if (e == 7) return 7;
  const auto level = static_cast<std::uint32_t>(Log<Base>::level(e));
  return m.above(level * (512 + (Base - 1) * u), 9) ? e + 1 : e;
}

template <int Base>
bool clips(const Rescaled& v) {
  return magnitude_of(v).above(static_cast<std::uint32_t>(Log<Base>::level(7)), 0);
}

// v - sign(v) · level, exact: with sticky set, a magnitude below `level` borrows one unit and the
// rest of that unit is the new sticky.
Rescaled remainder(const Rescaled& v, int level) {
  const std::uint32_t taken = static_cast<std::uint32_t>(level) << kFractionBits;
  if (v.magnitude >= taken) return {v.negative, v.magnitude - taken, v.sticky};
  return {!v.negative, taken - v.magnitude - (v.sticky ? 1 : 0), v.sticky};
}

}  // namespace

CodePair int4_round_half_even(const Rescaled& v) {
  return pack_int4(round_half_even(v));
}
CodePair int4_floor(const Rescaled& v) {
  return pack_int4(floor_of_sum(v, 0));
}
CodePair int4_stochastic(const Rescaled& v, std::uint8_t random) {
  return pack_int4(round_stochastic(v, random));
}

CodePair uint4_round_half_even(const Rescaled& v) {
  return pack_uint4(round_half_even(relu(v)));
}
CodePair uint4_floor(const Rescaled& v) {
  return pack_uint4(floor_of_sum(relu(v), 0));
}
CodePair uint4_stochastic(const Rescaled& v, std::uint8_t random) {
  return pack_uint4(round_stochastic(relu(v), random));
}

template <int Base>
CodePair log_nearest(const Rescaled& v) {
  const int e = nearest_exponent<Base>(magnitude_of(v));
  return {Log<Base>::from_exponent(v.negative, e).bits(), 0, clips<Base>(v)};
}

template <int Base>
CodePair log_stochastic(const Rescaled& v, std::uint8_t random) {
  const int e = stochastic_exponent<Base>(magnitude_of(v), random);
  return {Log<Base>::from_exponent(v.negative, e).bits(), 0, clips<Base>(v)};
}

template <int Base>
CodePair log_two_term(const Rescaled& v, std::uint8_t random) {
  CodePair codes = log_nearest<Base>(v);
  const int e1 = Log<Base>::from_bits(codes.code1).exponent();
  const Rescaled r = remainder(v, Log<Base>::level(e1));
  const Magnitude scaled{r.magnitude, r.sticky, kFractionBits - (Base == 4 ? 1 : 2)};
  const int e2 = stochastic_exponent<Base>(scaled, random);
  codes.code2 = Log<Base>::from_exponent(r.negative, e2).bits();
  return codes;
}

CodePair log4_two_phase(const Rescaled& v) {
  CodePair codes = log_nearest<4>(v);
  const Magnitude half{v.magnitude, v.sticky, kFractionBits + 1};
  codes.code2 = Log4::from_exponent(v.negative, nearest_exponent<4>(half)).bits();
  return codes;
}

template CodePair log_nearest<4>(const Rescaled&);
template CodePair log_nearest<2>(const Rescaled&);
template CodePair log_stochastic<4>(const Rescaled&, std::uint8_t);
template CodePair log_stochastic<2>(const Rescaled&, std::uint8_t);
template CodePair log_two_term<4>(const Rescaled&, std::uint8_t);
template CodePair log_two_term<2>(const Rescaled&, std::uint8_t);

CodePair quantize_element(OutFormat format, Rounding rounding, const Rescaled& v, std::uint8_t random) {
  switch (format) {
    case OutFormat::int4:
      if (rounding == Rounding::nearest) return int4_round_half_even(v);
      if (rounding == Rounding::floor) return int4_floor(v);
      if (rounding == Rounding::stochastic) return int4_stochastic(v, random);
      break;
    case OutFormat::uint4:
      if (rounding == Rounding::nearest) return uint4_round_half_even(v);
      if (rounding == Rounding::floor) return uint4_floor(v);
      if (rounding == Rounding::stochastic) return uint4_stochastic(v, random);
      break;
    case OutFormat::log4:
      if (rounding == Rounding::nearest) return log_nearest<4>(v);
      if (rounding == Rounding::stochastic) return log_stochastic<4>(v, random);
      if (rounding == Rounding::tpr) return log4_two_phase(v);
      if (rounding == Rounding::two_term) return log_two_term<4>(v, random);
      break;
    case OutFormat::log2:
      if (rounding == Rounding::nearest) return log_nearest<2>(v);
      if (rounding == Rounding::stochastic) return log_stochastic<2>(v, random);
      if (rounding == Rounding::two_term) return log_two_term<2>(v, random);
      break;
    case OutFormat::raw:
    case OutFormat::update:
      break;
  }
  throw DeviceError("quantize: rounding = " + std::to_string(static_cast<int>(rounding)) +
                    " does not exist for format = " + std::to_string(static_cast<int>(format)));
}

}  // namespace cuatro::golden
