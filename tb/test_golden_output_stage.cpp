// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include <cstdint>
#include <random>
#include <vector>

#include "catch.h"
#include "golden/output_stage.h"
#include "golden/quantizers.h"
#include "golden/random.h"
#include "golden/rescale.h"

using namespace cuatro;
using namespace cuatro::golden;

namespace {

const std::vector<Output> rules = [] {
  std::vector<Output> list;
  const auto add = [&](OutFormat format, std::initializer_list<Rounding> roundings) {
    for (const Rounding rounding : roundings) {
      Output out;
      out.format = format;
      out.rounding = rounding;
      list.push_back(out);
    }
  };
  add(OutFormat::raw, {Rounding::nearest});
  add(OutFormat::int4, {Rounding::nearest, Rounding::floor, Rounding::stochastic});
  add(OutFormat::uint4, {Rounding::nearest, Rounding::floor, Rounding::stochastic});
  add(OutFormat::log4, {Rounding::nearest, Rounding::stochastic, Rounding::tpr, Rounding::two_term});
  add(OutFormat::log2, {Rounding::nearest, Rounding::stochastic, Rounding::two_term});
  return list;
}();

bool same(const OutputData& left, const OutputData& right) {
  return left.codes == right.codes && left.codes2 == right.codes2 && left.mask == right.mask &&
         left.raw == right.raw && left.stats == right.stats;
}

std::vector<std::uint8_t> random_bits(std::mt19937_64& random, std::size_t count) {
  std::vector<std::uint8_t> bits(count);
  for (auto& bit : bits) bit = random() & 1;
  return bits;
}

std::vector<std::int32_t> random_words(std::mt19937_64& random, std::size_t count) {
  std::vector<std::int32_t> words(count);
  for (auto& word : words)
    word = static_cast<std::int32_t>(static_cast<std::int64_t>(random()) >> (32 + random() % 32));
  return words;
}

bool fast_is_plain(const std::vector<std::int32_t>& a, std::size_t cols, std::mt19937_64& random,
                   Output out) {
  out.key = random();
  const std::vector<std::uint8_t> mask = random_bits(random, a.size());
  const bool bare = same(output_stage_fast(a, cols, {}, out), output_stage_plain(a, cols, {}, out));
  out.write_mask = true;
  return bare && same(output_stage_fast(a, cols, mask, out), output_stage_plain(a, cols, mask, out));
}

}  // namespace

TEST_CASE("fast is plain: all rules, all shifts, multipliers, words next to every power of two") {
  constexpr unsigned seed = 20260103;
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::vector<std::int32_t> words = {0, INT32_MIN, INT32_MIN + 1, INT32_MAX};
  for (int bit = 0; bit < 31; ++bit) {
    for (int high = 2; high <= 12; ++high) {  // n/4 · 2^bit: levels and midpoints
      for (int near = -1; near <= 1; ++near) {
        const std::int64_t word = (std::int64_t{high} << bit >> 2) + near;
        if (word > INT32_MAX) continue;
        words.push_back(static_cast<std::int32_t>(word));
        words.push_back(static_cast<std::int32_t>(-word));
      }
    }
  }
  for (Output out : rules) {
    for (int shift = -16; shift <= 31; ++shift) {
      for (const int mult : {0, 1, 64, 127, 128, 129, 255, static_cast<int>(random() % 256)}) {
        out.shift = shift;
        out.mult = mult;
        INFO("format " << int(out.format) << " rounding " << int(out.rounding) << " shift " << shift
                       << " mult " << mult);
        REQUIRE(fast_is_plain(words, 1 + random() % 600, random, out));
      }
    }
  }
}

TEST_CASE("fast is plain: random words, sizes around the chunk, narrow and wide rows") {
  constexpr unsigned seed = 20260104;
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  for (const std::size_t size : {1, 2, 10, 255, 256, 257, 512, 1280, 4099}) {
    for (const std::size_t cols : {1, 3, 10, 128, 255, 256, 257, 5000}) {
      for (Output out : rules) {
        out.shift = static_cast<int>(random() % 48) - 16;
        out.mult = static_cast<int>(random() % 256);
        INFO("size " << size << " cols " << cols << " format " << int(out.format) << " rounding "
                     << int(out.rounding));
        REQUIRE(fast_is_plain(random_words(random, size), cols, random, out));
      }
    }
  }
}

TEST_CASE("fast is plain: every magnitude that a rescaled value can have, with every random byte met") {
  constexpr unsigned seed = 20260105;
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  // n = 12: one bit below the fraction, so sticky is seen both ways on each of the first 2^17 steps,
  // and above them on all multiples of a prime up to 2^25.
  std::vector<std::int32_t> words;
  for (int a = 0; a < 1 << 17; ++a) words.push_back(a % 2 != 0 ? -a : a);
  for (int a = 1 << 17; a < (1 << 25) + 1000; a += 211) words.push_back(a % 2 != 0 ? a : -a);
  for (Output out : rules) {
    out.shift = 12;
    INFO("format " << int(out.format) << " rounding " << int(out.rounding));
    REQUIRE(fast_is_plain(words, 777, random, out));
  }
}

TEST_CASE("the mask makes words zero before everything else, and the mask out is a > 0 after it") {
  const std::vector<std::int32_t> a = {5, -5, 0, 9};
  const std::vector<std::uint8_t> mask = {1, 1, 1, 0};
  Output out;
  out.write_mask = true;
  for (const OutputData& data : {output_stage_plain(a, 2, mask, out), output_stage_fast(a, 2, mask, out)}) {
    CHECK(data.raw == std::vector<std::int32_t>{5, -5, 0, 0});
    CHECK(data.mask == std::vector<std::uint8_t>{1, 0, 0, 0});
    CHECK(data.stats == Stats{5, 10, 0});
    CHECK(data.codes.empty());
  }
}

TEST_CASE("raw passes words through: shift and multiplier do not touch them") {
  const std::vector<std::int32_t> a = {INT32_MIN, -1, 0, 1, INT32_MAX};
  Output out;
  out.shift = 5;
  out.mult = 3;
  CHECK(output_stage_fast(a, 5, {}, out).raw == a);
  CHECK(output_stage_plain(a, 5, {}, out).raw == a);
}

TEST_CASE("the random byte is that of the key and of the row and column of the stored tensor") {
  Output out;
  out.format = OutFormat::int4;
  out.rounding = Rounding::stochastic;
  out.shift = 8;
  out.key = stream_key(1, 2, 3, 0);
  const std::vector<std::int32_t> a(20 * 30, 100);
  const OutputData data = output_stage_fast(a, 30, {}, out);
  for (std::uint32_t row = 0; row < 20; ++row) {
    for (std::uint32_t col = 0; col < 30; ++col) {
      const int up = 100 * 2 + 2 * random_byte(out.key, row, col) + 1 >= 512 ? 1 : 0;
      REQUIRE(data.codes[row * 30 + col] == up);
    }
  }
}

TEST_CASE("rows and columns beyond 2^16 wrap in the random index") {
  Output out;
  out.format = OutFormat::log4;
  out.rounding = Rounding::two_term;
  out.shift = 11;
  out.key = stream_key(9, 9, 9, 0);
  const std::vector<std::int32_t> a(70000, 12345);
  CHECK(same(output_stage_fast(a, 70000, {}, out), output_stage_plain(a, 70000, {}, out)));
  const OutputData tall = output_stage_fast(a, 1, {}, out);
  CHECK(same(tall, output_stage_plain(a, 1, {}, out)));
  for (std::size_t row = 65536; row < 70000; ++row) REQUIRE(tall.codes2[row] == tall.codes2[row - 65536]);
}
