// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: Stages=1; Stages=6; Stages=13
#include DUT_HEADER

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <deque>
#include <string>

#include "catch.h"
#include "harness.h"
#include "reference.h"

using namespace cuatro;
using namespace cuatro::baseline;

#ifndef DUT_STAGES
#define DUT_STAGES 13
#endif

namespace {

// A deeper pipeline is the same logic.
constexpr int kRepeat = DUT_STAGES == 1 ? 4 : 1;

struct Operands {
  std::array<std::uint32_t, 8> a{}, b{};
  std::uint32_t c = 0;
};

// Sums without a NaN or an infinity; what becomes of those, double arithmetic knows.
std::uint32_t rounded(std::int64_t sum, int scale, mpfr_rnd_t rounding) {
  if (sum == 0) return 0;
  Number result(24);
  mpfr_set_si_2exp(result, sum, scale, rounding);
  return encode(binary32, result);
}
bool special(const Operands& x, std::uint32_t& result) {
  double sum = decode(binary32, x.c);
  for (unsigned i = 0; i < 8; ++i) sum += decode(binary16, x.a[i]) * decode(binary16, x.b[i]);
  // The largest finite sum is far inside double's range.
  if (std::isfinite(sum)) return false;
  result = std::isnan(sum) ? binary32.nan() : binary32.infinity() | (sum < 0 ? binary32.sign() : 0);
  return true;
}

// The window as the module's header states it. A double holds products and c exactly.
constexpr int window_fraction = 22;
std::uint32_t dot8(const Operands& x, mpfr_rnd_t rounding = MPFR_RNDN, int fraction = window_fraction) {
  std::uint32_t result = 0;
  if (special(x, result)) return result;
  const double c = decode(binary32, x.c);
  int greatest = c == 0 ? -1000 : std::ilogb(c) - 1;
  for (unsigned i = 0; i < 8; ++i) {
    const double a = decode(binary16, x.a[i]), b = decode(binary16, x.b[i]);
    if (a != 0 && b != 0) greatest = std::max(greatest, std::ilogb(a) + std::ilogb(b));
  }
  if (greatest == -1000) return 0;
  const auto truncated = [&](double value) {  // toward zero, in units of 2^(greatest - fraction)
    return static_cast<std::int64_t>(std::ldexp(value, fraction - greatest));
  };
  std::int64_t sum = truncated(c);
  for (unsigned i = 0; i < 8; ++i) sum += truncated(decode(binary16, x.a[i]) * decode(binary16, x.b[i]));
  return rounded(sum, greatest - fraction, rounding);
}

// Without any window: the exact sum, rounded once.
std::uint32_t exact_dot8(const Operands& x) {
  std::uint32_t result = 0;
  if (special(x, result)) return result;
  static Number sum(600), term(600);
  mpfr_set_d(sum, decode(binary32, x.c), MPFR_RNDN);
  for (unsigned i = 0; i < 8; ++i) {
    mpfr_set_d(term, decode(binary16, x.a[i]) * decode(binary16, x.b[i]), MPFR_RNDN);
    mpfr_add(sum, sum, term, MPFR_RNDN);
  }
  if (mpfr_zero_p(static_cast<mpfr_ptr>(sum))) return 0;
  Number result_number(24);
  mpfr_set(result_number, sum, MPFR_RNDN);
  return encode(binary32, result_number);
}

class Stream {
 public:
  template <class Reference>
  void push(const Operands& x, Reference reference) {
    for (unsigned i = 0; i < 8; ++i) {
      tb::set_lane(dut_->a_i, i, 16, x.a[i]);
      tb::set_lane(dut_->b_i, i, 16, x.b[i]);
    }
    dut_->c_i = x.c;
    dut_.cycle();
    waiting_.push_back(x);
    if (waiting_.size() < DUT_STAGES) return;
    const Operands done = waiting_.front();
    waiting_.pop_front();
    const std::uint32_t expected = reference(done);
    if (dut_->result_o != expected && wrong_++ == 0) {
      first_ = fmt::format("c {:08x}", done.c);
      for (unsigned i = 0; i < 8; ++i) first_ += fmt::format(" + {:04x} * {:04x}", done.a[i], done.b[i]);
      first_ += fmt::format(" = {:08x}, not {:08x}", expected, dut_->result_o);
    }
  }
  void check() const {
    INFO(first_);
    CHECK(wrong_ == 0);
  }
  std::uint64_t wrong() const { return wrong_; }

 private:
  tb::Dut<DUT> dut_;
  std::deque<Operands> waiting_;
  std::uint64_t wrong_ = 0;
  std::string first_;
};

std::uint32_t code16(tb::Random& random, int low, int high) {
  return static_cast<std::uint32_t>(random.bits(1)) << 15 | static_cast<std::uint32_t>(random.between(low, high) + 15) << 10 |
         static_cast<std::uint32_t>(random.bits(10));
}

// Exponents in a band around 0 whose width changes, some lanes zero, c near the products or anywhere; often a lane
// is the negative of another, so that the sum cancels.
Operands random_operands(tb::Random& random) {
  Operands x;
  const int spread = random.between(0, 14);
  for (unsigned i = 0; i < 8; ++i) {
    x.a[i] = random.chance(10) ? 0 : code16(random, -spread, spread);
    x.b[i] = random.chance(5) ? 0 : code16(random, -spread, spread);
  }
  for (unsigned i = 0; i < 8; i += 2) {
    if (random.chance(40)) {
      x.a[i + 1] = x.b[i];
      x.b[i + 1] = x.a[i] ^ 0x8000;
      if (random.chance(30)) x.b[i + 1] ^= 1;
    }
  }
  const int exponent = random.chance(70) ? random.between(-2 * spread - 30, 2 * spread + 30) : random.between(-126, 127);
  x.c = random.chance(10) ? 0
                          : static_cast<std::uint32_t>(random.bits(1)) << 31 |
                                static_cast<std::uint32_t>(exponent + 127) << 23 | static_cast<std::uint32_t>(random.bits(23));
  return x;
}

}  // namespace

TEST_CASE("fp16_dot8: corners on every lane") {
  Stream stream;
  const auto factors = corners(binary16, {-14, 0, 15});
  const auto addends = corners(binary32, {-126, -28, -1, 0, 1, 31, 127});
  tb::Random random("corners");
  unsigned lane = 0;
  for (const auto a : factors) {
    for (const auto b : factors) {
      for (const auto c : addends) {
        Operands x;  // two lanes of corners, the others zero or ordinary
        x.a[lane] = a;
        x.b[lane] = b;
        x.c = c;
        lane = (lane + 1) % 8;
        if (random.chance(50)) {
          x.a[lane] = factors[random.below(factors.size())];
          x.b[lane] = factors[random.below(factors.size())];
        }
        if (random.chance(20)) {
          x.a[(lane + 3) % 8] = code16(random, -14, 15);
          x.b[(lane + 3) % 8] = code16(random, -14, 15);
        }
        stream.push(x, [](const Operands& y) { return dot8(y); });
      }
    }
  }
  stream.check();
}

TEST_CASE("fp16_dot8: random sums, truncated to the window, rounded once") {
  Stream stream;
  tb::Random random("sums");
  for (int i = 0; i < 19'000 * kRepeat; ++i) stream.push(random_operands(random), [](const Operands& x) { return dot8(x); });
  stream.check();
}

TEST_CASE("fp16_dot8: random codes, NaN and infinities among them") {
  Stream stream;
  tb::Random random("codes");
  for (int i = 0; i < 6'000 * kRepeat; ++i) {
    Operands x;
    for (auto& a : x.a) a = static_cast<std::uint32_t>(random.bits(16));
    for (auto& b : x.b) b = static_cast<std::uint32_t>(random.bits(16));
    // All lanes finite would be rare.
    for (unsigned lane = 0; lane < 8; ++lane) {
      if (random.chance(95)) x.a[lane] &= 0xbfff, x.b[lane] &= 0xbfff;
    }
    x.c = static_cast<std::uint32_t>(random.bits(32));
    stream.push(x, [](const Operands& y) { return dot8(y); });
  }
  stream.check();
}

TEST_CASE("fp16_dot8: where the window loses nothing, the exact sum rounded once") {
  Stream stream;
  tb::Random random("exact");
  for (int i = 0; i < 6'000 * kRepeat; ++i) {
    Operands x;  // products in [1, 4) with 20 fraction bits, times 1, 2 or 4; c a multiple of 2^-20 below 8
    for (unsigned lane = 0; lane < 8; ++lane) {
      x.a[lane] = code16(random, 0, 1);
      x.b[lane] = code16(random, 0, 1);
    }
    x.c = (code16(random, -1, 1) & 0x8000) << 16 | static_cast<std::uint32_t>(127 + random.between(-1, 2)) << 23 |
          (static_cast<std::uint32_t>(random.bits(19)) << 4);
    stream.push(x, exact_dot8);
  }
  stream.check();
}

TEST_CASE("fp16_dot8: nine terms near their greatest, the sum at its full width") {
  Stream stream;
  tb::Random random("full");
  for (int i = 0; i < 4'000 * kRepeat; ++i) {
    Operands x;
    for (unsigned lane = 0; lane < 8; ++lane) {
      x.a[lane] = 0x3fc0 | static_cast<std::uint32_t>(random.bits(6));
      x.b[lane] = (random.chance(95) ? 0x3fc0 : 0x3bc0) | static_cast<std::uint32_t>(random.bits(6));
    }
    x.c = 0x40780000 | static_cast<std::uint32_t>(random.bits(19));
    if (i % 2 == 1) {
      for (auto& a : x.a) a ^= 0x8000;
      x.c ^= 0x80000000;
    }
    stream.push(x, [](const Operands& y) { return dot8(y); });
  }
  stream.check();
}

TEST_CASE("fp16_dot8: other roundings and other windows are told apart") {
  for (const mpfr_rnd_t rounding : {MPFR_RNDZ, MPFR_RNDA, MPFR_RNDU, MPFR_RNDD}) {
    Stream stream;
    tb::Random random("rounding");
    for (int i = 0; i < 2'500 * kRepeat; ++i) {
      stream.push(random_operands(random), [&](const Operands& x) { return dot8(x, rounding); });
    }
    CHECK(stream.wrong() > 10);
  }
  for (const int fraction : {window_fraction - 1, window_fraction + 1}) {
    Stream stream;
    tb::Random random("window");
    for (int i = 0; i < 2'500 * kRepeat; ++i) {
      stream.push(random_operands(random), [&](const Operands& x) { return dot8(x, MPFR_RNDN, fraction); });
    }
    CHECK(stream.wrong() > 10);
  }
}
