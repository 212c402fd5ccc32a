// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include <cstdint>
#include <random>
#include <vector>

#include "catch.h"
#include "device/gemm_wide.h"
#include "golden/codes.h"
#include "golden/golden_device.h"

using namespace cuatro;
using namespace cuatro::golden;

namespace {

struct Wide {
  GoldenDevice device;
  std::vector<std::uint8_t> a, b, b2;
  Gemm op;
  std::uint32_t m = 3, n = 2, k = 0;
};

Wide make_wide(std::mt19937_64& random, std::uint32_t k, int flags, int term_shift) {
  Wide w;
  w.k = k;
  const auto codes = [&](std::size_t count) {
    std::vector<std::uint8_t> values(count);
    for (auto& value : values) value = random() & 15;
    return values;
  };
  w.a = codes(std::size_t{w.m} * k);
  w.b = codes(std::size_t{k} * w.n);
  w.op.a_transposed = (flags & 1) != 0;
  w.op.b_transposed = (flags & 2) != 0;
  w.op.out.transpose = (flags & 4) != 0;
  w.op.a_format = AFormat::uint4;
  const auto upload = [&](const std::vector<std::uint8_t>& values, std::uint32_t rows, std::uint32_t cols,
                          bool turned, Format format) {
    return w.device.upload_codes(values, turned ? cols : rows, turned ? rows : cols, format);
  };
  w.op.a = upload(w.a, w.m, k, w.op.a_transposed, Format::uint4);
  w.op.b = upload(w.b, k, w.n, w.op.b_transposed, Format::log4);
  if (term_shift >= 0) {
    w.b2 = codes(std::size_t{k} * w.n);
    w.op.b2 = upload(w.b2, k, w.n, w.op.b_transposed, Format::log4);
    w.op.term_shift = term_shift;
  }
  return w;
}

std::vector<std::int64_t> expected(const Wide& w) {
  std::vector<std::int64_t> sum(std::size_t{w.m} * w.n);
  for (std::size_t i = 0; i < w.m; ++i) {
    for (std::size_t j = 0; j < w.n; ++j) {
      std::int64_t& at = sum[w.op.out.transpose ? j * w.m + i : i * w.n + j];
      for (std::size_t p = 0; p < w.k; ++p) {
        const std::int64_t a = w.a[w.op.a_transposed ? p * w.m + i : i * w.k + p];
        const std::size_t where = w.op.b_transposed ? j * w.k + p : p * w.n + j;
        at += a * decode(Format::log4, w.b[where]) * (1 << w.op.term_shift);
        if (!w.b2.empty()) at += a * decode(Format::log4, w.b2[where]);
      }
    }
  }
  return sum;
}

}  // namespace

TEST_CASE("any K, flags and terms: the sum in 64 bits") {
  constexpr unsigned seed = 20260112;
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  for (const std::uint32_t k : {1u, 100u, 6991u, 11650u, 11651u, 34952u, 34953u, 80000u}) {
    for (int flags = 0; flags < 8; ++flags) {
      for (const int term_shift : {-1, 0, 1, 2}) {
        Wide w = make_wide(random, k, flags, term_shift);
        INFO("K " << k << " flags " << flags << " term shift " << term_shift);
        REQUIRE(gemm_wide(w.device, w.op, "wide") == expected(w));
      }
    }
  }
}

TEST_CASE("sums beyond 32 bits do not wrap, two LOG4 terms with a shift of 2 included") {
  constexpr std::uint32_t k = 120'000;
  GoldenDevice device;
  const std::vector<std::uint8_t> a(k, 15), b(k, 15);  // 15 · -4096
  Gemm op;
  op.a = device.upload_codes(a, 1, k, Format::uint4);
  op.a_format = AFormat::uint4;
  op.b = device.upload_codes(b, k, 1, Format::log4);
  CHECK(gemm_wide(device, op, "one") == std::vector<std::int64_t>{-std::int64_t{k} * 61440});
  op.b2 = op.b;
  op.term_shift = 2;
  CHECK(gemm_wide(device, op, "two") == std::vector<std::int64_t>{-std::int64_t{k} * 61440 * 5});
}

TEST_CASE("the addend is added after its shift without wrapping, then the mask is applied") {
  std::mt19937_64 random(1);
  for (const int flags : {0, 4}) {
    Wide w = make_wide(random, 40000, flags, -1);
    const std::uint32_t rows = flags == 0 ? w.m : w.n, cols = flags == 0 ? w.n : w.m;
    std::vector<std::int64_t> want = expected(w);
    const std::vector<std::int32_t> bias = {INT32_MAX, INT32_MIN};
    w.op.bias = bias;
    w.op.addend_shift = 2;
    for (std::size_t i = 0; i < want.size(); ++i)
      want[i] += 4 * std::int64_t{bias[flags == 0 ? i % cols : i / cols]};
    CHECK(gemm_wide(w.device, w.op, "bias") == want);

    const std::vector<std::int32_t> addend = {1, -2, INT32_MAX, INT32_MIN, 0, 7};
    const std::vector<std::uint8_t> mask = {1, 0, 1, 1, 0, 1};
    want = expected(w);
    for (std::size_t i = 0; i < want.size(); ++i)
      want[i] = mask[i] != 0 ? want[i] + 4 * std::int64_t{addend[i]} : 0;
    w.op.bias = {};
    w.op.addend = w.device.upload_raw(addend, rows, cols);
    w.op.mask = w.device.upload_mask(mask, rows, cols);
    CHECK(gemm_wide(w.device, w.op, "addend") == want);
  }
}

TEST_CASE("anything but raw words is refused, and so are shapes that do not fit") {
  std::mt19937_64 random(1);
  Wide w = make_wide(random, 50, 0, -1);
  w.op.out.format = OutFormat::int4;
  CHECK_THROWS_AS(gemm_wide(w.device, w.op, "codes"), DeviceError);
  w.op.out.format = OutFormat::raw;
  w.op.out.write_mask = true;
  CHECK_THROWS_AS(gemm_wide(w.device, w.op, "mask"), DeviceError);
  w.op.out.write_mask = false;
  w.op.b_transposed = true;
  CHECK_THROWS_AS(gemm_wide(w.device, w.op, "shape"), DeviceError);
}
