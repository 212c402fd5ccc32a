// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include <cstdint>
#include <random>
#include <vector>

#include "catch.h"
#include "golden/gemm.h"
#include "golden/gemm_pack.h"
#include "golden/unfold.h"

using namespace cuatro;
using namespace cuatro::golden;

namespace {

// Values written out once more, so that the reference below shares no decoder with the model.
int value(Format format, int code) {
  constexpr int table[4][16] = {{0, 1, 2, 3, 4, 5, 6, 7, -8, -7, -6, -5, -4, -3, -2, -1},
                                {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
                                {0, 1, 4, 16, 64, 256, 1024, 4096, 0, -1, -4, -16, -64, -256, -1024, -4096},
                                {0, 1, 2, 4, 8, 16, 32, 64, 0, -1, -2, -4, -8, -16, -32, -64}};
  return table[static_cast<int>(format)][code];
}

struct Case {
  std::vector<std::uint8_t> a, b, b2;
  GemmOperands op;
};

std::vector<std::uint8_t> random_codes(std::mt19937_64& random, std::size_t count) {
  std::vector<std::uint8_t> codes(count);
  for (auto& code : codes) code = random() & 15;
  return codes;
}

Case make_case(std::mt19937_64& random, std::size_t m, std::size_t n, std::size_t k, bool two_terms) {
  Case c;
  c.a = random_codes(random, m * k);
  c.b = random_codes(random, k * n);
  if (two_terms) c.b2 = random_codes(random, k * n);
  c.op.m = m;
  c.op.n = n;
  c.op.k = k;
  c.op.a_transposed = random() % 2 != 0;
  c.op.b_transposed = random() % 2 != 0;
  c.op.transpose_result = random() % 2 != 0;
  c.op.a_format = static_cast<AFormat>(random() % 3);
  c.op.zero_point = c.op.a_format == AFormat::affine ? static_cast<int>(random() % 16) : 0;
  constexpr Format b_formats[] = {Format::int4, Format::log4, Format::log2};
  c.op.b_format = b_formats[random() % 3];
  c.op.term_shift = two_terms ? static_cast<int>(random() % 3) : 0;
  return c;
}

GemmOperands operands(const Case& c) {
  GemmOperands op = c.op;
  op.a = c.a;
  op.b = c.b;
  op.b2 = c.b2;
  return op;
}

Buffer<std::int32_t> constant_gemm(std::uint8_t a, std::uint8_t b, std::uint8_t b2, std::size_t k,
                                        int term_shift, bool fast) {
  const std::vector<std::uint8_t> a_codes(k, a), b_codes(k, b), b2_codes(k, b2);
  GemmOperands op;
  op.m = op.n = 1;
  op.k = k;
  op.a = a_codes;
  op.a_format = AFormat::uint4;
  op.b = b_codes;
  op.b_format = Format::log4;
  if (b2 != 0) op.b2 = b2_codes;
  op.term_shift = term_shift;
  return fast ? gemm_fast(op) : gemm_plain(op);
}

}  // namespace

TEST_CASE("acc[m][n] is the sum over k of A[m][k] B[k][n], in 64 bits modulo 2^32") {
  constexpr unsigned seed = 20260106;
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  for (int run = 0; run < 200; ++run) {
    const std::size_t m = 1 + random() % 9, n = 1 + random() % 9, k = 1 + random() % 40;
    const Case c = make_case(random, m, n, k, run % 2 != 0);
    const GemmOperands op = operands(c);
    const auto got = gemm_plain(op);
    REQUIRE(got.size() == m * n);
    const Format a_format = op.a_format == AFormat::int4 ? Format::int4 : Format::uint4;
    for (std::size_t i = 0; i < m; ++i) {
      for (std::size_t j = 0; j < n; ++j) {
        std::int64_t sum = 0;
        for (std::size_t p = 0; p < k; ++p) {
          const int a = value(a_format, op.a_transposed ? c.a[p * m + i] : c.a[i * k + p]) - op.zero_point;
          const std::size_t at = op.b_transposed ? j * k + p : p * n + j;
          const int b = value(op.b_format, c.b[at]);
          const int b2 = c.b2.empty() ? 0 : value(op.b_format, c.b2[at]);
          sum += std::int64_t{a} * (b * (1 << op.term_shift) + b2);
        }
        REQUIRE(got[op.transpose_result ? j * m + i : i * n + j] == sum);
      }
    }
  }
}

TEST_CASE("all pairs of codes of all pairs of formats multiply right, plain and fast") {
  std::vector<std::uint8_t> a(16), b(16);
  for (std::uint8_t code = 0; code < 16; ++code) a[code] = b[code] = code;
  for (const AFormat a_format : {AFormat::int4, AFormat::uint4, AFormat::affine}) {
    for (int zero_point = 0; zero_point < (a_format == AFormat::affine ? 16 : 1); ++zero_point) {
      for (const Format b_format : {Format::int4, Format::log4, Format::log2}) {
        GemmOperands op;
        op.m = op.n = 16;
        op.k = 1;
        op.a = a;
        op.a_format = a_format;
        op.zero_point = zero_point;
        op.b = b;
        op.b_format = b_format;
        const auto plain = gemm_plain(op), fast = gemm_fast(op);
        for (std::size_t i = 0; i < 16; ++i) {
          const int left =
              value(a_format == AFormat::int4 ? Format::int4 : Format::uint4, static_cast<int>(i)) -
              zero_point;
          for (std::size_t j = 0; j < 16; ++j) {
            REQUIRE(plain[i * 16 + j] == left * value(b_format, static_cast<int>(j)));
            REQUIRE(fast[i * 16 + j] == plain[i * 16 + j]);
          }
        }
      }
    }
  }
}

TEST_CASE("sums are exact up to the K bound and wrap modulo 2^32 beyond it") {
  constexpr std::uint8_t plus = 7, minus = 15;  // LOG4 ±4096
  for (const bool fast : {false, true}) {
    CHECK(constant_gemm(15, plus, 0, 34952, 0, fast)[0] == 34952 * 61440);
    CHECK(constant_gemm(15, minus, 0, 34952, 0, fast)[0] == -34952 * 61440);
    CHECK(constant_gemm(15, plus, 0, 34953, 0, fast)[0] ==
          std::int64_t{34953} * 61440 - (std::int64_t{1} << 32));
    CHECK(constant_gemm(15, minus, minus, 11650, 1, fast)[0] == -11650 * 3 * 61440);
    CHECK(constant_gemm(15, plus, plus, 11651, 1, fast)[0] ==
          std::int64_t{11651} * 3 * 61440 - (std::int64_t{1} << 32));
    CHECK(constant_gemm(15, plus, minus, 11650, 2, fast)[0] ==
          static_cast<std::int32_t>(static_cast<std::uint32_t>(std::int64_t{11650} * 3 * 61440)));
    CHECK(constant_gemm(15, plus, plus, 69904, 2, fast)[0] ==
          static_cast<std::int32_t>(static_cast<std::uint32_t>(std::int64_t{69904} * 5 * 61440)));
  }
}

TEST_CASE("fast is plain for ragged sizes around the tile, all flags and formats") {
  constexpr unsigned seed = 20260107;
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  for (const std::size_t m : {1, 2, 7, 8, 9, 17}) {
    for (const std::size_t n : {1, 10, 31, 32, 33, 65}) {
      for (const std::size_t k : {1, 2, 3, 15, 64, 511, 513}) {
        for (const bool two_terms : {false, true}) {
          const Case c = make_case(random, m, n, k, two_terms);
          INFO("M " << m << " N " << n << " K " << k << " two terms " << two_terms);
          REQUIRE(gemm_fast(operands(c)) == gemm_plain(operands(c)));
        }
      }
    }
  }
}

TEST_CASE("fast is plain for every combination of flags and formats at one ragged size") {
  constexpr unsigned seed = 20260108;
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  for (int flags = 0; flags < 16; ++flags) {
    for (int a_format = 0; a_format < 3; ++a_format) {
      for (const Format b_format : {Format::int4, Format::log4, Format::log2}) {
        Case c = make_case(random, 13, 37, 41, (flags & 8) != 0);
        c.op.a_transposed = (flags & 1) != 0;
        c.op.b_transposed = (flags & 2) != 0;
        c.op.transpose_result = (flags & 4) != 0;
        c.op.a_format = static_cast<AFormat>(a_format);
        c.op.zero_point = a_format == 2 ? 7 : 0;
        c.op.b_format = b_format;
        INFO("flags " << flags << " A " << a_format << " B " << int(b_format));
        REQUIRE(gemm_fast(operands(c)) == gemm_plain(operands(c)));
      }
    }
  }
}

TEST_CASE("fast is plain for the shapes of a training step") {
  constexpr unsigned seed = 20260109;
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  constexpr std::size_t shapes[][3] = {{128, 784, 256}, {784, 128, 256}, {256, 128, 128},
                                       {128, 256, 128}, {128, 128, 10},  {10, 128, 128}};
  for (const auto& [m, k, n] : shapes) {
    const Case c = make_case(random, m, n, k, random() % 2 != 0);
    INFO("M " << m << " N " << n << " K " << k);
    REQUIRE(gemm_fast(operands(c)) == gemm_plain(operands(c)));
  }
}

TEST_CASE("fast is plain beyond one block of rows, columns and K, in every orientation") {
  constexpr unsigned seed = 20260110;
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  constexpr std::size_t shapes[][3] = {{130, 1027, 40}, {65, 513, 1030}, {12, 1500, 520}};
  for (const auto& [m, k, n] : shapes) {
    for (int flags = 0; flags < 8; ++flags) {
      Case c = make_case(random, m, n, k, random() % 2 != 0);
      c.op.a_transposed = (flags & 1) != 0;
      c.op.b_transposed = (flags & 2) != 0;
      c.op.transpose_result = (flags & 4) != 0;
      INFO("M " << m << " N " << n << " K " << k << " flags " << flags);
      REQUIRE(gemm_fast(operands(c)) == gemm_plain(operands(c)));
    }
  }
}

TEST_CASE("codes transpose for all sizes around the 8 x 8 block") {
  for (std::size_t rows = 1; rows < 26; ++rows) {
    for (std::size_t cols = 1; cols < 26; ++cols) {
      std::vector<std::uint8_t> codes(rows * cols);
      for (std::size_t i = 0; i < codes.size(); ++i) codes[i] = static_cast<std::uint8_t>(i * 37 % 251);
      std::vector<std::uint8_t> turned(codes.size());
      transpose_codes(codes.data(), cols, rows, cols, turned.data());
      for (std::size_t i = 0; i < codes.size(); ++i) REQUIRE(turned[i % cols * rows + i / cols] == codes[i]);
    }
  }
}

TEST_CASE("images stand for rows of what unfold() makes of them, for every window, side, orientation and format, plain and fast") {
  constexpr unsigned seed = 20261126;
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  const auto pick = [&](std::uint32_t low, std::uint32_t high) {
    return low + static_cast<std::uint32_t>(random() % (high - low + 1));
  };
  for (int run = 0; run < 400; ++run) {
    Unfolded unfolded;
    Window& w = unfolded.window;
    w = {pick(1, 3),  pick(1, 12), pick(1, 12), pick(1, 5),  pick(1, 5),  pick(1, 3),
         pick(0, 4), pick(0, 4),  pick(1, 3),  pick(1, 12), pick(1, 12), pick(0, 3) == 0};
    unfolded.channels = pick(1, 33);
    const bool a_side = pick(0, 1) != 0, two_terms = pick(0, 1) != 0;
    const std::uint32_t all_rows = w.images * w.out_height * w.out_width;
    const std::size_t rows = pick(0, 1) != 0 ? all_rows : pick(1, all_rows);
    unfolded.first_row = pick(0, all_rows - static_cast<std::uint32_t>(rows));
    const std::size_t cols = std::size_t{w.kernel_h} * w.kernel_w * unfolded.channels;
    const bool turned = pick(0, 1) != 0;  // K runs along the unfolded columns, or rows
    const std::size_t k = turned ? rows : cols, lines = turned ? cols : rows, others = pick(1, 40);
    Case c = make_case(random, a_side ? lines : others, a_side ? others : lines, k, two_terms);
    const std::size_t pixels = std::size_t{w.images} * w.height * w.width * unfolded.channels;
    GemmOperands dense = operands(c);
    std::vector<std::uint8_t> images = random_codes(random, pixels), images2;
    unfolded.pad_code = static_cast<std::uint8_t>(random() % 16);
    const auto rows_of = [&](const std::vector<std::uint8_t>& from) {
      const auto all = unfold(from, unfolded.channels, w, unfolded.pad_code);
      const auto first = all.begin() + static_cast<std::ptrdiff_t>(unfolded.first_row * cols);
      return std::vector<std::uint8_t>(first, first + static_cast<std::ptrdiff_t>(rows * cols));
    };
    const auto made = rows_of(images);
    std::vector<std::uint8_t> made2;
    GemmOperands lazy = dense;
    if (a_side) {
      dense.a_transposed = lazy.a_transposed = turned;
      dense.a = made, lazy.a = images, lazy.a_unfolded = &unfolded;
    } else {
      dense.b_transposed = lazy.b_transposed = !turned;
      dense.b = made, lazy.b = images, lazy.b_unfolded = &unfolded;
      if (two_terms) {
        images2 = random_codes(random, pixels);
        made2 = rows_of(images2);
        dense.b2 = made2, lazy.b2 = images2;
      }
    }
    INFO("run " << run << " K " << k << " lines " << lines << " A side " << a_side << " turned " << turned);
    const auto want = gemm_plain(dense);
    REQUIRE(gemm_plain(lazy) == want);
    REQUIRE(gemm_fast(lazy) == want);
  }
}
