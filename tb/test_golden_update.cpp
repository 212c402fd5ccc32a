// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include <array>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "catch.h"
#include "golden/random.h"
#include "golden/update.h"

using namespace cuatro;
using namespace cuatro::golden;

namespace {

constexpr std::uint64_t seed = 20261126;

// The contract in fractions: numerators over one denominator, floors by division.
__extension__ using Wide = __int128;

Wide floor_of(Wide numerator, Wide denominator) {
  const Wide q = numerator / denominator;
  return numerator % denominator < 0 ? q - 1 : q;
}

Wide within(Wide value, Wide most) { return value > most ? most : value < -most ? -most : value; }

UpdatedElement contract(std::int64_t a, const WeightState& old, const UpdateShifts& shifts, RandomBytes r) {
  constexpr Wide one = Wide{1} << 40;
  const auto u = [](int byte) { return (2 * byte + 1) * (one / 512); };
  const Wide g = within(floor_of(a * (one / (Wide{1} << (shifts.gradient + 4))) * 16 + u(r.r0), one), 32767);
  const Wide v = within(old.v - floor_of(old.v * (one / 8) + u(r.r1), one) + g, 32767);
  const Wide w = within(old.w - floor_of(v * (one >> shifts.rate) + u(r.r2), one), 32767);
  const Wide unit = Wide{1} << shifts.code, below = floor_of(w, unit), twice = 2 * (w - below * unit);
  const Wide code = twice > unit || (twice == unit && below % 2 != 0) ? below + 1 : below;
  return {{static_cast<std::int32_t>(v), static_cast<std::int32_t>(w)},
          static_cast<std::uint8_t>(static_cast<int>(within(code, 7)) & 15),
          within(code, 7) != code};
}

const std::vector<std::int32_t> state_corners = {-32767, -32766, -16384, -257, -8, -1, 0, 1, 7, 8, 255, 16384, 32766, 32767};

std::vector<std::int32_t> accumulator_corners() {
  std::vector<std::int32_t> list = {0, INT32_MIN, INT32_MIN + 1, INT32_MAX};
  for (int bit = 0; bit < 31; ++bit) {
    for (int near = -1; near <= 1; ++near) {
      list.push_back((1 << bit) + near);
      list.push_back(-(1 << bit) - near);
    }
  }
  return list;
}

RandomBytes any_bytes(std::mt19937_64& random) {
  const std::uint64_t word = random();
  return {static_cast<std::uint8_t>(word), static_cast<std::uint8_t>(word >> 8), static_cast<std::uint8_t>(word >> 16)};
}

std::int32_t any_word(std::mt19937_64& random) {
  return static_cast<std::int32_t>(random()) >> (random() % 32);
}

std::int32_t any_half(std::mt19937_64& random) { return std::max(any_word(random) >> 16, -32767); }

bool same(const OutputData& left, const OutputData& right) {
  return left.raw == right.raw && left.codes == right.codes && left.stats == right.stats &&
         left.codes2 == right.codes2 && left.mask == right.mask;
}

}  // namespace

TEST_CASE("a state word is the momentum above the weight") {
  CHECK(WeightState{1, 2}.word() == 0x0001'0002);
  CHECK(WeightState{-1, 2}.word() == static_cast<std::int32_t>(0xFFFF'0002));
  CHECK(WeightState{1, -2}.word() == 0x0001'FFFE);
  for (const std::int32_t v : state_corners) {
    for (const std::int32_t w : state_corners) REQUIRE(WeightState::from_word(WeightState{v, w}.word()) == WeightState{v, w});
  }
}

TEST_CASE("steps known by hand") {
  // g = 24 >> 3, v' = 0 + 3, w' = 100 - 3 · 2^-1 + u: 98 or 99; code = w' / 16 = 6.1 or 6.2
  CHECK(update_element(24, {0, 100}, {3, 1, 4}, {0, 0, 0}) == UpdatedElement{{3, 99}, 6, false});
  CHECK(update_element(24, {0, 100}, {3, 1, 4}, {0, 0, 255}) == UpdatedElement{{3, 98}, 6, false});
  // Momentum alone: v' = 80 - 10, all of it subtracted.
  CHECK(update_element(0, {80, 0}, {0, 0, 4}, {255, 255, 255}) == UpdatedElement{{70, -70}, 12, false});
  // Codes: half to even at 8 of 16, and clipping at 7.
  CHECK(update_element(0, {0, 8}, {0, 0, 4}, {}) == UpdatedElement{{0, 8}, 0, false});
  CHECK(update_element(0, {0, 24}, {0, 0, 4}, {}) == UpdatedElement{{0, 24}, 2, false});
  CHECK(update_element(0, {0, 119}, {0, 0, 4}, {}) == UpdatedElement{{0, 119}, 7, false});
  CHECK(update_element(0, {0, 120}, {0, 0, 4}, {}) == UpdatedElement{{0, 120}, 7, true});
  CHECK(update_element(0, {0, -120}, {0, 0, 4}, {}) == UpdatedElement{{0, -120}, 9, true});
  // Every clamp: gradient, momentum, weight.
  CHECK(update_element(INT32_MAX, {32767, -32767}, {-4, 0, 15}, {}) == UpdatedElement{{32767, -32767}, 15, false});
  CHECK(update_element(INT32_MIN, {-32767, 32767}, {-4, 0, 0}, {}) == UpdatedElement{{-32767, 32767}, 7, true});
}

TEST_CASE("an element is the contract in fractions: every shift, corners") {
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  for (int n = -4; n <= 27; ++n) {
    for (const std::int32_t a : accumulator_corners()) {
      for (const std::int32_t v : state_corners) {
        const std::int32_t w = state_corners[random() % state_corners.size()];
        const UpdateShifts shifts{n, static_cast<int>(random() % 16), static_cast<int>(random() % 16)};
        for (const RandomBytes r : {RandomBytes{0, 0, 0}, RandomBytes{255, 255, 255}, any_bytes(random)}) {
          REQUIRE(update_element(a, {v, w}, shifts, r) == contract(a, {v, w}, shifts, r));
        }
      }
    }
  }
}

TEST_CASE("an element is the contract in fractions: random words") {
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  for (int i = 0; i < 1'000'000; ++i) {
    const UpdateShifts shifts{static_cast<int>(random() % 32) - 4, static_cast<int>(random() % 16), static_cast<int>(random() % 16)};
    const std::int32_t a = any_word(random);
    const WeightState state{any_half(random), any_half(random)};
    const RandomBytes r = any_bytes(random);
    REQUIRE(update_element(a, state, shifts, r) == contract(a, state, shifts, r));
  }
}

TEST_CASE("fast is plain: every shift, sizes around the chunk, narrow and wide rows") {
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  const std::vector<std::int32_t> corners = accumulator_corners();
  for (int n = -4; n <= 27; ++n) {
    for (int s = 0; s <= 15; ++s) {
      for (const std::size_t size : {1, 255, 256, 257, 1100}) {
        std::vector<std::int32_t> a(size), state(size);
        for (auto& word : a) word = random() % 4 == 0 ? corners[random() % corners.size()] : any_word(random);
        for (auto& word : state) word = WeightState{any_half(random), any_half(random)}.word();
        const std::size_t cols = 1 + random() % 600;
        const UpdateShifts shifts{n, s, static_cast<int>(random() % 16)};
        const std::uint64_t key = random();
        INFO("n " << n << " s " << s << " c " << shifts.code << " size " << size << " cols " << cols);
        REQUIRE(same(update_fast(a, state, cols, shifts, key), update_plain(a, state, cols, shifts, key)));
      }
    }
  }
}

TEST_CASE("a tensor draws the bytes of its elements, and its statistics are those of the new weights") {
  const std::vector<std::int32_t> a = {5, -5, 7, 1000, -1000, 3}, state(6, WeightState{12, 100}.word());
  const UpdateShifts shifts{1, 2, 4};
  const OutputData data = update_plain(a, state, 3, shifts, 99);
  Stats expected;
  for (std::uint32_t i = 0; i < 6; ++i) {
    const UpdatedElement next = update_element(a[i], {12, 100}, shifts, random_bytes(99, i / 3, i % 3));
    CHECK(data.raw[i] == next.state.word());
    CHECK(data.codes[i] == next.code);
    const auto magnitude = static_cast<std::uint32_t>(std::abs(next.state.w));
    expected.absmax = std::max(expected.absmax, magnitude);
    expected.sumabs += magnitude;
    expected.saturated += next.saturated;
  }
  CHECK(data.stats == expected);
  CHECK(data.stats.saturated > 0);
}

// Over all 256 bytes floor(x + u) is x on average, exactly where x has eight fraction bits; else within 2^-9.

TEST_CASE("the gradient's rounding has no bias") {
  for (int a = -1024; a <= 1024; ++a) {
    std::int64_t sum = 0;
    for (int byte = 0; byte < 256; ++byte) sum += update_element(a, {}, {8, 0, 0}, {static_cast<std::uint8_t>(byte), 0, 0}).state.v;
    REQUIRE(sum == a);
  }
}

TEST_CASE("the momentum's rounding has no bias") {
  for (int v = -1024; v <= 1024; ++v) {
    std::int64_t sum = 0;
    for (int byte = 0; byte < 256; ++byte) sum += update_element(0, {v, 0}, {0, 15, 0}, {0, static_cast<std::uint8_t>(byte), 0}).state.v;
    REQUIRE(sum == 224 * v);  // 256 · 7/8
  }
}

TEST_CASE("the weight's rounding has no bias") {
  for (int s = 0; s <= 8; ++s) {
    for (int g = -1024; g <= 1024; ++g) {
      std::int64_t sum = 0;
      for (int byte = 0; byte < 256; ++byte) sum += update_element(g, {}, {0, s, 0}, {0, 0, static_cast<std::uint8_t>(byte)}).state.w;
      REQUIRE(sum == -(256 >> s) * g);
    }
  }
}

TEST_CASE("a gradient below every step moves the weight at its own rate") {
  INFO("seed " << seed);
  // g = 1/2^12 of an lsb a step and s = 3: the walk of 2^18 elements has a mean of g · 8 · 2^-3 a step once v has come
  // to rest (v = 8 g): after 64 steps of 7/8 decay, sum = 64 · g less the momentum still to come, 8 g.
  constexpr std::size_t size = 1 << 16, cols = 256;
  constexpr int steps = 64;
  const std::vector<std::int32_t> a(size, 16);
  Buffer<std::int32_t> state(size, 0);
  for (std::uint64_t step = 0; step < steps; ++step) state = update_fast(a, state, cols, {8, 3, 0}, stream_key(seed, step, 0, 0)).raw;
  double v = 0, w = 0;
  for (const std::int32_t word : state) {
    v += WeightState::from_word(word).v;
    w += WeightState::from_word(word).w;
  }
  v /= size, w /= size;
  double expected_v = 0, expected_w = 0;
  for (int step = 0; step < steps; ++step) {
    expected_v = expected_v * 7 / 8 + 1.0 / 16;
    expected_w -= expected_v / 8;
  }
  CHECK(std::abs(v - expected_v) < 0.02);
  CHECK(std::abs(w - expected_w) < 0.06);
}
