// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: Stages=1; Stages=6; Stages=10
#include "fma_bench.h"

using namespace cuatro;
using namespace cuatro::baseline;

#ifndef DUT_STAGES
#define DUT_STAGES 6
#endif

TEST_CASE("fp16_fp32_fma: every triple of corners, rounded once, Stages cycles later") {
  Stream stream(binary32);
  const auto factors = corners(binary16, {-14, -13, -1, 0, 1, 7, 15});
  const auto addends = corners(binary32, {-126, -50, -31, -28, -14, -2, -1, 0, 1, 2, 15, 29, 31, 60, 127});
  for (const auto a : factors) {
    for (const auto b : factors) {
      for (const auto c : addends) stream.push({a, b, c});
    }
  }
  for (int i = 0; i < DUT_STAGES; ++i) stream.push({0, 0, 0});
  check(stream);
}

TEST_CASE("fp16_fp32_fma: random operands") {
  Stream stream(binary32);
  tb::Random random("uniform");
  for (int i = 0; i < (DUT_STAGES == 1 ? 250'000 : 60'000); ++i) {
    stream.push({static_cast<std::uint32_t>(random.bits(16)), static_cast<std::uint32_t>(random.bits(16)),
                 static_cast<std::uint32_t>(random.bits(32))});
  }
  check(stream);
}

TEST_CASE("fp16_fp32_fma: addends near the product, cancellation") {
  Stream stream(binary32);
  tb::Random random("near");
  // A deeper pipeline is the same logic.
  constexpr int count = DUT_STAGES == 1 ? 1'000'000 : 60'000;
  for (int i = 0; i < count; ++i) stream.push(near_cancellation(binary32, random, i % 2 == 0 ? 2 : 30));
  check(stream);
}

TEST_CASE("fp16_fp32_fma: other roundings are told apart") {
  for (const mpfr_rnd_t rounding : {MPFR_RNDZ, MPFR_RNDA, MPFR_RNDU, MPFR_RNDD}) {
    Stream stream(binary32, rounding);
    tb::Random random("rounding");
    for (int i = 0; i < 1000; ++i) stream.push(near_cancellation(binary32, random, 30));
    CHECK(stream.wrong() > 10);
  }
}

TEST_CASE("fp16_fp32_fma: ties go to even, not away and not to odd") {
  // 2^-12 · 2^-12 is half a last place of an addend in [1, 2).
  const std::uint32_t one = static_cast<std::uint32_t>(binary32.bias()) << binary32.fraction_bits;
  tb::Dut<DUT> dut;
  const auto run = [&](std::uint32_t c) {
    dut->a_i = 3 << 10;
    dut->b_i = 3 << 10;
    tb::set_bits(dut->c_i, 0, 32, c);
    dut.cycle(DUT_STAGES);
    return static_cast<std::uint32_t>(dut->result_o);
  };
  CHECK(run(one) == one);
  CHECK(run(one + 1) == one + 2);
}
