// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "catch.h"

#include <bit>
#include <cmath>
#include <random>

#include "device/device.h"
#include "matmul/float_engine.h"

using namespace cuatro::nn;

namespace {

std::vector<float> integers(std::size_t count, std::mt19937& random) {
  std::vector<float> v(count);
  for (float& x : v) x = static_cast<float>(static_cast<int>(random() % 31) - 15);
  return v;
}

// What an operand holds: its product with the identity.
std::vector<float> content(FloatEngine& engine, const Operand& operand) {
  std::vector<float> one(std::size_t{operand.cols} * operand.cols);
  for (std::size_t i = 0; i < operand.cols; ++i) one[i * operand.cols + i] = 1;
  OperandSite site;
  return engine.multiply({operand, false, engine.quantize(one, operand.cols, operand.cols, site), false, {}, ""}).data;
}

}  // namespace

TEST_CASE("through_half: every half and the floats around its midpoints, against the compiler's half type") {
  const auto check = [](std::uint32_t bits) {
    const auto x = std::bit_cast<float>(bits);
    const float got = through_half(x);
    auto expected = static_cast<float>(static_cast<_Float16>(x));
    if (std::isinf(expected)) expected = std::copysign(65504.0F, x);  // saturates instead
    if (std::bit_cast<std::uint32_t>(got) != std::bit_cast<std::uint32_t>(expected)) {
      FAIL("through_half(" << x << ") = " << got << ", expected " << expected);
    }
  };
  // The 13 bits that a normal half drops: none, around the middle, all.
  for (std::uint32_t half = 0; half < 0x10000; ++half) {
    const auto value = static_cast<float>(std::bit_cast<_Float16>(static_cast<std::uint16_t>(half)));
    if (!std::isfinite(value)) continue;
    const auto bits = std::bit_cast<std::uint32_t>(value);
    for (const std::uint32_t low : {0U, 1U, 0x800U, 0xfffU, 0x1000U, 0x1001U, 0x1800U, 0x1ffeU, 0x1fffU}) {
      check((bits & ~0x1fffU) | low);
    }
  }
  // Subnormal results round at other places: a sweep over all small and huge exponents.
  for (std::uint32_t sign : {0U, 0x80000000U}) {
    for (std::uint32_t bits = 0; bits < 0x38900000U; bits += 331) check(sign | bits);
    for (std::uint32_t bits = 0x477f0000U; bits <= 0x7f800000U; bits += 331) check(sign | bits);
    check(sign | 0x7f800000U);
    check(sign | 0x33000000U);  // 2^-25, the midpoint below the smallest half: to even, zero
    check(sign | 0x33000001U);
  }
}

TEST_CASE("products in all orientations are those of a plain loop") {
  std::mt19937 random(1);
  FloatEngine engine(Precision::fp32);
  const std::uint32_t m = 7, n = 19, k = 23;
  const auto a = integers(m * k, random), b = integers(k * n, random);
  for (const bool a_turned : {false, true}) {
    for (const bool b_turned : {false, true}) {
      OperandSite site;
      const Operand left = engine.quantize(a, a_turned ? k : m, a_turned ? m : k, site);
      const Operand right = engine.quantize(b, b_turned ? n : k, b_turned ? k : n, site);
      const std::vector<Product> products(2, {left, a_turned, right, b_turned, Pass::forward, ""});
      for (const Array& c : engine.multiply(products)) {
        REQUIRE(c.shape == Array::Shape{m, n});
        for (std::uint32_t i = 0; i < m; ++i) {
          for (std::uint32_t j = 0; j < n; ++j) {
            float sum = 0;
            for (std::uint32_t x = 0; x < k; ++x) {
              sum += a[a_turned ? x * m + i : i * k + x] * b[b_turned ? j * k + x : x * n + j];
            }
            REQUIRE(c.data[i * n + j] == sum);
          }
        }
      }
    }
  }
  OperandSite site;
  const Operand wrong = engine.quantize(a, m, k, site);
  CHECK_THROWS_AS(engine.multiply({wrong, false, wrong, false, Pass::forward, "x"}), cuatro::DeviceError);
}

TEST_CASE("unfold gives the window's values, zeros outside and between, taps in order or reversed") {
  std::mt19937 random(2);
  FloatEngine engine(Precision::fp32);
  for (int trial = 0; trial < 300; ++trial) {
    Window w;
    w.images = 1 + random() % 2, w.height = 1 + random() % 6, w.width = 1 + random() % 6;
    w.kernel_h = 1 + random() % 4, w.kernel_w = 1 + random() % 4;
    w.stride = 1 + random() % 3, w.dilation = 1 + random() % 3;
    w.pad_h = random() % 4, w.pad_w = random() % 4;
    w.out_height = 1 + random() % 6, w.out_width = 1 + random() % 6;
    w.reversed = random() % 2 != 0;
    const std::uint32_t channels = 1 + random() % 3;
    const auto source = integers(std::size_t{w.images} * w.height * w.width * channels, random);
    OperandSite site;
    site.kind = OperandKind::positive;
    const Operand unfolded = engine.unfold(engine.quantize(source, w.images * w.height * w.width, channels, site), w);
    REQUIRE(unfolded.kind == OperandKind::positive);
    REQUIRE(unfolded.rows == w.images * w.out_height * w.out_width);
    REQUIRE(unfolded.cols == w.kernel_h * w.kernel_w * channels);
    // The padded, dilated image in full, then read where the window says.
    const std::uint32_t wide_h = 64, wide_w = 64;
    std::vector<float> expected;
    for (std::uint32_t n = 0; n < w.images; ++n) {
      std::vector<float> wide(wide_h * wide_w * channels);
      for (std::uint32_t y = 0; y < w.height; ++y) {
        for (std::uint32_t x = 0; x < w.width; ++x) {
          for (std::uint32_t c = 0; c < channels; ++c) {
            wide[((y * w.dilation + w.pad_h) * wide_w + x * w.dilation + w.pad_w) * channels + c] =
                source[((n * w.height + y) * w.width + x) * channels + c];
          }
        }
      }
      for (std::uint32_t y = 0; y < w.out_height; ++y) {
        for (std::uint32_t x = 0; x < w.out_width; ++x) {
          for (std::uint32_t tap = 0; tap < w.kernel_h * w.kernel_w; ++tap) {
            const std::uint32_t t = w.reversed ? w.kernel_h * w.kernel_w - 1 - tap : tap;
            const std::uint32_t iy = y * w.stride + t / w.kernel_w, ix = x * w.stride + t % w.kernel_w;
            for (std::uint32_t c = 0; c < channels; ++c) expected.push_back(wide[(iy * wide_w + ix) * channels + c]);
          }
        }
      }
    }
    REQUIRE(content(engine, unfolded) == expected);
  }
}

TEST_CASE("take_rows keeps the rows and the kind") {
  std::mt19937 random(3);
  FloatEngine engine(Precision::fp32);
  const auto v = integers(6 * 4, random);
  OperandSite site;
  site.kind = OperandKind::gradient;
  const Operand part = engine.take_rows(engine.quantize(v, 6, 4, site), 2, 3);
  CHECK(part.kind == OperandKind::gradient);
  CHECK(part.rows == 3);
  CHECK(content(engine, part) == std::vector<float>(v.begin() + 8, v.begin() + 20));
}

TEST_CASE("fp16 rounds operands, scales gradients through it, and counts what saturates in training") {
  FloatEngine engine(Precision::fp16, 1024);
  OperandSite weight, gradient;
  gradient.kind = OperandKind::gradient;
  engine.begin_step({0, true});
  CHECK(content(engine, engine.quantize(std::vector<float>{1.0F / 3, 1e6F, -1e6F, 1e-9F}, 1, 4, weight)) ==
        std::vector<float>{0.333251953125F, 65504, -65504, 0});
  CHECK(weight.counts.elements == 4);
  CHECK(weight.counts.saturated == 2);
  // 1e-8 is below half's range and 1e-8 · 1024 is in it; 100 · 1024 is not.
  const auto got = content(engine, engine.quantize(std::vector<float>{1e-8F, 100}, 1, 2, gradient));
  CHECK(got[0] == through_half(1e-8F * 1024) / 1024);
  CHECK(got[0] != 0.0F);
  CHECK(got[1] == 65504.0F / 1024);
  CHECK(gradient.counts.saturated == 1);
  engine.begin_step({1, false});
  engine.quantize(std::vector<float>{1e6F}, 1, 1, weight);
  CHECK(weight.counts.elements == 4);
}
