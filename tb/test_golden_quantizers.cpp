// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include <array>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <vector>

#include "catch.h"
#include "golden/codes.h"
#include "golden/quantizers.h"
#include "golden/rescale.h"

using namespace cuatro;
using namespace cuatro::golden;

// The reference here is the contract over exact rationals v = numerator / denominator, starting from the
// word a itself and choosing among all levels by distance; no fixed point, no sticky, no 2^13 limit.
namespace {

__extension__ using Wide = __int128;

struct Rational {
  Wide numerator, denominator;
};

Rational value_of(std::int32_t a, int shift, int mult) {
  return {Wide{a} * mult * (Wide{1} << 16), Wide{1} << (16 + 7 + shift)};
}

Wide absolute(Wide x) {
  return x < 0 ? -x : x;
}

struct Expected {
  int value1 = 0, value2 = 0;
  bool saturated = false;
};

// low..high is the clamp. Which integer q is v's? One beyond each end stands for all that clip.
Expected linear(Rational v, Rounding rounding, int random, int low, int high, bool relu) {
  if (relu && v.numerator < 0) v.numerator = 0;
  const Wide x = v.numerator, d = v.denominator;
  for (int q = low - 1; q <= high; ++q) {
    bool mine = false;
    if (rounding == Rounding::nearest) {
      const Wide distance = absolute(2 * x - 2 * q * d);
      mine = distance < d || (distance == d && q % 2 == 0);
    } else if (rounding == Rounding::floor) {
      mine = q * d <= x && x < (q + 1) * d;
    } else {
      const Wide moved = 512 * x + (2 * random + 1) * d;
      mine = q * 512 * d <= moved && moved < (q + 1) * 512 * d;
    }
    if (mine && q >= low) return {q, 0, false};
  }
  return {x < 0 ? low : high, 0, true};
}

std::array<int, 8> levels(int base) {
  std::array<int, 8> level{0, 1};
  for (std::size_t e = 2; e < 8; ++e) level[e] = level[e - 1] * base;
  return level;
}

// The level closest to m, the smaller one of two; below 1 the contract's own bounds.
int nearest_level(Rational m, int base) {
  if (m.numerator < m.denominator) {
    return (base == 4 ? 8 * m.numerator > 5 * m.denominator : 2 * m.numerator > m.denominator) ? 1 : 0;
  }
  int best = 1;
  for (const int level : levels(base)) {
    if (level == 0) continue;
    if (absolute(m.numerator - level * m.denominator) < absolute(m.numerator - best * m.denominator))
      best = level;
  }
  return best;
}

// Between neighbours lo and hi: hi iff (m - lo)/(hi - lo) > u.
int stochastic_level(Rational m, int base, int random) {
  const auto level = levels(base);
  for (std::size_t e = 0; e + 1 < 8; ++e) {
    if (m.numerator >= level[e + 1] * m.denominator) continue;
    const Wide part = 512 * (m.numerator - level[e] * m.denominator);
    return part > (2 * random + 1) * Wide{level[e + 1] - level[e]} * m.denominator ? level[e + 1] : level[e];
  }
  return level[7];
}

Expected logarithmic(Rational v, Rounding rounding, int random, int base) {
  const int sign = v.numerator < 0 ? -1 : 1;
  const Rational m{absolute(v.numerator), v.denominator};
  Expected expected;
  expected.saturated = m.numerator > levels(base)[7] * m.denominator;
  if (rounding == Rounding::stochastic) {
    expected.value1 = sign * stochastic_level(m, base, random);
    return expected;
  }
  expected.value1 = sign * nearest_level(m, base);
  if (rounding == Rounding::tpr)
    expected.value2 = sign * nearest_level({m.numerator, 2 * m.denominator}, base);
  if (rounding == Rounding::two_term) {
    const Wide rest = v.numerator - expected.value1 * v.denominator;
    const Rational scaled{absolute(rest) * (base == 4 ? 2 : 4), v.denominator};
    expected.value2 = (rest < 0 ? -1 : 1) * stochastic_level(scaled, base, random);
  }
  return expected;
}

Expected reference(OutFormat format, Rounding rounding, Rational v, int random) {
  switch (format) {
    case OutFormat::int4:
      return linear(v, rounding, random, -7, 7, false);
    case OutFormat::uint4:
      return linear(v, rounding, random, 0, 15, true);
    case OutFormat::log4:
      return logarithmic(v, rounding, random, 4);
    default:
      return logarithmic(v, rounding, random, 2);
  }
}

struct Rule {
  OutFormat format;
  Rounding rounding;
};

const std::vector<Rule> rules = {
    {OutFormat::int4, Rounding::nearest},    {OutFormat::int4, Rounding::floor},
    {OutFormat::int4, Rounding::stochastic}, {OutFormat::uint4, Rounding::nearest},
    {OutFormat::uint4, Rounding::floor},     {OutFormat::uint4, Rounding::stochastic},
    {OutFormat::log4, Rounding::nearest},    {OutFormat::log4, Rounding::stochastic},
    {OutFormat::log4, Rounding::tpr},        {OutFormat::log4, Rounding::two_term},
    {OutFormat::log2, Rounding::nearest},    {OutFormat::log2, Rounding::stochastic},
    {OutFormat::log2, Rounding::two_term}};

bool agrees(const Rule& rule, std::int32_t a, int shift, int mult, int random) {
  const auto format = static_cast<Format>(rule.format);
  const CodePair got = quantize_element(rule.format, rule.rounding, rescale(a, shift, mult),
                                        static_cast<std::uint8_t>(random));
  const Expected want = reference(rule.format, rule.rounding, value_of(a, shift, mult), random);
  const bool zeros_clean = decode(format, got.code1) != 0 || got.code1 == 0;
  const bool zeros_clean2 = decode(format, got.code2) != 0 || got.code2 == 0;
  const bool same = decode(format, got.code1) == want.value1 && decode(format, got.code2) == want.value2 &&
                    got.saturated == want.saturated && zeros_clean && zeros_clean2;
  if (!same) {
    UNSCOPED_INFO("format " << int(rule.format) << " rounding " << int(rule.rounding) << " a " << a
                            << " shift " << shift << " mult " << mult << " R " << random << ": codes "
                            << int(got.code1) << ' ' << int(got.code2) << " saturated " << got.saturated
                            << ", wanted values " << want.value1 << ' ' << want.value2 << " saturated "
                            << want.saturated);
  }
  return same;
}

// Words whose v lies on or next to something a rule compares with: the thresholds times 1024.
std::vector<std::int32_t> words_near_bounds(int shift, int mult, int random) {
  std::vector<std::int64_t> bounds;
  for (int q = 0; q <= 32; ++q) bounds.push_back(512 * q);                          // integers and halves
  for (int q = 0; q <= 16; ++q) bounds.push_back(1024 * q - 2 * (2 * random + 1));  // q - u
  for (const std::int64_t base : {2, 4}) {
    std::int64_t level = 1;
    for (int e = 0; e < 7; ++e, level *= base) {
      bounds.insert(bounds.end(), {1024 * level, 512 * (base + 1) * level,
                                   2 * level * (512 + (base - 1) * (2 * random + 1))});
    }
  }
  bounds.insert(bounds.end(), {640, 1280, 2 * (2 * random + 1), 8192 * 1024, 16384 * 1024});
  std::vector<std::int32_t> words = {0, 1, -1, INT32_MIN, INT32_MIN + 1, INT32_MAX};
  for (const std::int64_t bound : bounds) {
    const Rational unit = value_of(1, shift, mult == 0 ? 1 : mult);
    const Wide center = bound * unit.denominator / (1024 * unit.numerator);
    for (Wide a = center - 2; a <= center + 2; ++a) {
      if (a > INT32_MAX) break;
      words.push_back(static_cast<std::int32_t>(a));
      words.push_back(static_cast<std::int32_t>(-a));
    }
  }
  return words;
}

}  // namespace

TEST_CASE("every rule agrees with the real-valued contract at and around all its bounds") {
  std::size_t wrong = 0;
  for (int shift = -16; shift <= 31; ++shift) {
    for (const int mult : {0, 1, 77, 127, 128, 200, 255}) {
      for (const int random : {0, 1, 100, 127, 128, 255}) {
        const std::vector<std::int32_t> words = words_near_bounds(shift, mult, random);
        for (const Rule& rule : rules) {
          for (const std::int32_t a : words) wrong += agrees(rule, a, shift, mult, random) ? 0 : 1;
        }
      }
    }
    REQUIRE(wrong == 0);
  }
}

TEST_CASE("every rule agrees with the real-valued contract on random words of every size") {
  constexpr unsigned seed = 20260102;
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::size_t wrong = 0;
  for (int i = 0; i < 150'000; ++i) {
    const auto a = static_cast<std::int32_t>(static_cast<std::int64_t>(random()) >> (32 + random() % 32));
    const int shift = static_cast<int>(random() % 48) - 16, mult = static_cast<int>(random() % 256);
    const int byte = static_cast<int>(random() % 256);
    for (const Rule& rule : rules) wrong += agrees(rule, a, shift, mult, byte) ? 0 : 1;
    if (wrong != 0) break;
  }
  CHECK(wrong == 0);
}

TEST_CASE("the words next to sticky: one unit below and above every fixed-point step") {
  // n = 11 + b puts b bits below the fraction, so that sticky is the only thing that tells these apart.
  std::size_t wrong = 0;
  for (const int below : {1, 2, 9, 16}) {
    for (int whole = 0; whole < 1 << 14; whole += 7) {
      for (const int offset : {-1, 0, 1}) {
        const std::int64_t a = (std::int64_t{whole} << below) + offset;
        if (a > INT32_MAX) continue;
        for (const Rule& rule : rules) {
          for (const int random : {0, 255}) {
            wrong += agrees(rule, static_cast<std::int32_t>(a), 11 + below, 128, random) ? 0 : 1;
            wrong += agrees(rule, static_cast<std::int32_t>(-a), 11 + below, 128, random) ? 0 : 1;
          }
        }
      }
    }
    REQUIRE(wrong == 0);
  }
}

TEST_CASE("INT4 clips to -7..7 and says so; -8 is never emitted") {
  const auto int4 = [](std::int32_t halves) { return int4_round_half_even(rescale(halves, 1, 128)); };
  CHECK(int4(14) == CodePair{7, 0, false});
  CHECK(int4(15) == CodePair{7, 0, true});                          // 7.5 rounds to 8
  CHECK(int4(-15) == CodePair{9, 0, true});                         // -7.5 rounds to -8
  CHECK(int4(13) == CodePair{6, 0, false});                         // 6.5 to the even 6
  CHECK(int4(-13) == CodePair{10, 0, false});                       // -6.5 to -6
  CHECK(int4_floor(rescale(-29, 2, 128)) == CodePair{9, 0, true});  // floor(-7.25) = -8
  CHECK(int4_floor(rescale(31, 2, 128)) == CodePair{7, 0, false});  // floor(7.75) = 7
  CHECK(int4_floor(rescale(-1, 31, 1)) == CodePair{15, 0, false});  // the least negative v floors to -1
}

TEST_CASE("UINT4 takes negative values to 0 without saturation, and clips above 15") {
  CHECK(uint4_round_half_even(rescale(-1000, 0, 128)) == CodePair{0, 0, false});
  CHECK(uint4_floor(rescale(-1, 4, 128)) == CodePair{0, 0, false});
  CHECK(uint4_stochastic(rescale(-1, 0, 128), 255) == CodePair{0, 0, false});
  CHECK(uint4_round_half_even(rescale(31, 1, 128)) == CodePair{15, 0, true});
  CHECK(uint4_floor(rescale(31, 1, 128)) == CodePair{15, 0, false});
}

TEST_CASE("LOG saturates above the top level, not on it") {
  CHECK(log_nearest<4>(rescale(4096, 0, 128)) == CodePair{7, 0, false});
  CHECK(log_nearest<4>(rescale(-4097, 0, 128)) == CodePair{15, 0, true});
  CHECK(log_nearest<4>(rescale(INT32_MIN, -16, 255)) == CodePair{15, 0, true});
  CHECK(log_stochastic<2>(rescale(64, 0, 128), 0) == CodePair{7, 0, false});
  CHECK(log_stochastic<2>(rescale((64 << 20) + 1, 20, 128), 255) == CodePair{7, 0, true});
  CHECK(log_two_term<4>(rescale(4097, 0, 128), 0).saturated);
  CHECK(log4_two_phase(rescale(4097, 0, 128)) == CodePair{7, 6, true});  // code 2: 2048.5 to 1024
  CHECK(log4_two_phase(rescale(8000, 0, 128)) == CodePair{7, 7, true});
}

TEST_CASE("two terms reassemble to within the second digit's step") {
  std::size_t wrong = 0;
  for (int a = -8192; a <= 8192; ++a) {
    for (const int random : {0, 128, 255}) {
      const CodePair codes = log_two_term<4>(rescale(a, 0, 128), static_cast<std::uint8_t>(random));
      const int twice = 2 * decode(Format::log4, codes.code1) + decode(Format::log4, codes.code2);
      // q2 lies within a factor of 4 of 2r, and 2r is at most 3/4 of what the top code holds.
      wrong += std::abs(twice - 2 * a) <= 3 * 4096 ? 0 : 1;
      if (a == 0) wrong += codes == CodePair{} ? 0 : 1;
    }
  }
  CHECK(wrong == 0);
}

// Sums over all 256 bytes. `part` is the position between two neighbouring levels, F = 256 · part:
// u ranges over the midpoints of 256 equal cells, so the number of bytes that go up is F, rounded.

TEST_CASE("INT4 and UINT4 stochastic: the sum over all R is 256 v exactly, for v in steps of 1/256") {
  for (int x = -7 * 256; x <= 15 * 256; ++x) {
    int sum = 0, sum_u = 0;
    for (int random = 0; random < 256; ++random) {
      const Rescaled v = rescale(x, 8, 128);
      sum += decode(Format::int4, int4_stochastic(v, static_cast<std::uint8_t>(random)).code1);
      sum_u += decode(Format::uint4, uint4_stochastic(v, static_cast<std::uint8_t>(random)).code1);
    }
    if (x <= 7 * 256) REQUIRE(sum == x);
    REQUIRE(sum_u == (x > 0 ? x : 0));
  }
}

TEST_CASE("INT4 stochastic: between those steps the count of bytes that go up is floor(F + 1/2)") {
  for (int x = -7 * 4096; x < 7 * 4096; ++x) {  // v = x / 4096, F = x mod 4096 / 16
    int sum = 0;
    for (int random = 0; random < 256; ++random) {
      sum +=
          decode(Format::int4, int4_stochastic(rescale(x, 12, 128), static_cast<std::uint8_t>(random)).code1);
    }
    const int whole = (x + 8 * 4096) / 4096 - 8, part = x - whole * 4096;
    REQUIRE(sum == 256 * whole + (part + 8) / 16);
  }
}

TEMPLATE_TEST_CASE_SIG("LOG stochastic: the sum over all R is 256 m exactly where 256 · part is an integer",
                       "", ((int Base), Base), 4, 2) {
  const auto level = levels(Base);
  for (std::size_t e = 0; e < 7; ++e) {
    for (int part = 0; part < 256; ++part) {
      const int x = 256 * level[e] + part * (level[e + 1] - level[e]);  // 256 m
      for (const int sign : {1, -1}) {
        int sum = 0;
        for (int random = 0; random < 256; ++random) {
          const CodePair codes =
              log_stochastic<Base>(rescale(sign * x, 8, 128), static_cast<std::uint8_t>(random));
          sum += decode(Base == 4 ? Format::log4 : Format::log2, codes.code1);
        }
        REQUIRE(sum == sign * x);
      }
    }
  }
}

TEMPLATE_TEST_CASE_SIG(
    "TWO_TERM: the mean over all R is v exactly where the remainder lies on the grid of its level", "",
    ((int Base), Base), 4, 2) {
  const Format format = Base == 4 ? Format::log4 : Format::log2;
  const int scale = Base == 4 ? 2 : 4;  // weight of digit 1 in units of digit 2
  const auto level = levels(Base);
  std::size_t exact = 0;
  for (int x = -(level[7] + level[7] / 4) * 4; x <= (level[7] + level[7] / 4) * 4; ++x) {  // v = x / 4
    const Rescaled v = rescale(x, 2, 128);
    const int q1 = decode(format, log_two_term<Base>(v, 0).code1);
    // |remainder| in units of digit 2, times 4: its cell between two levels, in 256 parts.
    const int rest4 = std::abs(x - 4 * q1) * scale;
    std::size_t e = 0;
    while (e < 6 && rest4 >= 4 * level[e + 1]) ++e;
    if (256 * (rest4 - 4 * level[e]) % (4 * (level[e + 1] - level[e])) != 0) continue;
    ++exact;
    std::int64_t sum = 0;
    for (int random = 0; random < 256; ++random) {
      const CodePair codes = log_two_term<Base>(v, static_cast<std::uint8_t>(random));
      REQUIRE(decode(format, codes.code1) == q1);
      sum += scale * q1 + decode(format, codes.code2);
    }
    REQUIRE(sum * 4 == std::int64_t{256} * scale * x);
  }
  CHECK(exact > 500);
}

TEST_CASE("a pair of format and rounding outside the table is refused") {
  const auto pair = [](OutFormat format, Rounding rounding) {
    return quantize_element(format, rounding, {}, 0);
  };
  CHECK_THROWS_AS(pair(OutFormat::log4, Rounding::floor), DeviceError);
  CHECK_THROWS_AS(pair(OutFormat::log2, Rounding::tpr), DeviceError);
  CHECK_THROWS_AS(pair(OutFormat::int4, Rounding::two_term), DeviceError);
  CHECK_THROWS_AS(pair(OutFormat::uint4, Rounding::tpr), DeviceError);
  CHECK_THROWS_AS(pair(OutFormat::raw, Rounding::nearest), DeviceError);
}
