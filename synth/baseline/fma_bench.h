// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include DUT_HEADER

#include <fmt/format.h>

#include <deque>
#include <string>

#include "catch.h"
#include "harness.h"
#include "reference.h"

// What the benches of both fused multiply-adds share: a stream of operands, one a cycle, and stimuli.
namespace cuatro::baseline {

struct Operands {
  std::uint32_t a, b, c;
};

// Operands whose addend lies near the product: the exponent within `spread` of the product's, half of the time its
// fraction within two last places, mostly of the other sign.
inline Operands near_cancellation(Format format, tb::Random& random, int spread) {
  Operands x{static_cast<std::uint32_t>(random.bits(16)), static_cast<std::uint32_t>(random.bits(16)), 0};
  const double product = decode(binary16, x.a) * decode(binary16, x.b);
  x.c = static_cast<std::uint32_t>(random.bits(format.exponent_bits + format.fraction_bits + 1));
  if (!std::isfinite(product) || product == 0) return x;
  int exponent = std::ilogb(product);
  auto fraction = static_cast<std::int64_t>(
      std::ldexp(std::fabs(product), static_cast<int>(format.fraction_bits) - exponent) - (1 << format.fraction_bits));
  if (random.chance(50)) {
    fraction += random.between(-2, 2);
  } else {
    fraction = static_cast<std::int64_t>(random.bits(format.fraction_bits));
    if (random.chance(50)) fraction &= ~((1 << random.below(format.fraction_bits)) - 1);
  }
  exponent += random.between(-spread, spread) + format.bias();
  if (exponent < 1 || exponent > 2 * format.bias() || fraction < 0 || fraction >> format.fraction_bits) return x;
  x.c = static_cast<std::uint32_t>(exponent) << format.fraction_bits | static_cast<std::uint32_t>(fraction);
  if ((product < 0) == random.chance(20)) x.c |= format.sign();
  return x;
}

class Stream {
 public:
  explicit Stream(Format format, mpfr_rnd_t rounding = MPFR_RNDN) : format_(format), rounding_(rounding) {}

  void push(const Operands& x) {
    dut_->a_i = static_cast<SData>(x.a);
    dut_->b_i = static_cast<SData>(x.b);
    tb::set_bits(dut_->c_i, 0, 32, x.c);
    dut_.cycle();
    waiting_.push_back(x);
    if (waiting_.size() < DUT_STAGES) return;
    const Operands done = waiting_.front();
    waiting_.pop_front();
    const std::uint32_t expected = fma(format_, done.a, done.b, done.c, rounding_);
    if (dut_->result_o != expected && wrong_++ == 0) {
      first_ = fmt::format("{:x} * {:x} + {:x} = {:x}, not {:x}", done.a, done.b, done.c, expected, dut_->result_o);
    }
  }
  std::uint64_t wrong() const { return wrong_; }
  // The first wrong one.
  const std::string& first() const { return first_; }

 private:
  Format format_;
  mpfr_rnd_t rounding_;
  tb::Dut<DUT> dut_;
  std::deque<Operands> waiting_;
  std::uint64_t wrong_ = 0;
  std::string first_;
};

inline void check(const Stream& stream) {
  INFO(stream.first());
  CHECK(stream.wrong() == 0);
}

}  // namespace cuatro::baseline
