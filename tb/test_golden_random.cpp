// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

#include "catch.h"
#include "golden/random.h"

using namespace cuatro::golden;

namespace {

constexpr std::uint64_t seed = 20260113;
constexpr double variance = (256.0 * 256 - 1) / 12;  // of a uniform byte

// Rotations by division, modular sums, in words that never overflow: the contract read once more.
RandomBytes contract_bytes(const std::array<int, 4>& k, long row, long col) {
  long x = row % 65536, y = col % 65536;
  for (int i = 0; i < 7; ++i) {
    const long turned = x / 128 + x % 128 * 512;
    x = ((turned + y) % 65536) ^ k[static_cast<std::size_t>(i % 4)] ^ i;
    y = (y * 4 % 65536 + y / 16384) ^ x;
  }
  return {static_cast<std::uint8_t>(x / 256), static_cast<std::uint8_t>(x % 256), static_cast<std::uint8_t>(y / 256)};
}

// Bytes of two elements, drawn over random keys and places by `pair`: the correlation of each byte of the one with each
// of the other, [R0 R1 R2] x [R0 R1 R2].
using Correlations = std::array<double, 9>;

template <class Pair>
Correlations correlations(std::size_t samples, Pair pair) {
  std::mt19937_64 random(seed);
  Correlations sums{};
  const auto centred = [](RandomBytes r) { return std::array{r.r0 - 127.5, r.r1 - 127.5, r.r2 - 127.5}; };
  for (std::size_t i = 0; i < samples; ++i) {
    const std::uint64_t key = random(), place = random();
    const auto [one, other] = pair(key, place & 1023, (place >> 10) & 1023);
    const auto left = centred(one), right = centred(other);
    for (std::size_t of = 0; of < 9; ++of) sums[of] += left[of / 3] * right[of % 3];
  }
  for (double& sum : sums) sum /= static_cast<double>(samples) * variance;
  return sums;
}

// The largest of them.
template <class Pair>
double correlation(std::size_t samples, Pair pair) {
  double most = 0;
  for (const double c : correlations(samples, pair)) most = std::max(most, std::abs(c));
  return most;
}

double offset_correlation(std::size_t samples, std::uint32_t rows, std::uint32_t cols) {
  return correlation(samples, [=](std::uint64_t key, std::uint32_t row, std::uint32_t col) {
    return std::pair(random_bytes(key, row, col), random_bytes(key, row + rows, col + cols));
  });
}

using Histogram = std::array<double, 256>;

struct Histograms {
  std::array<Histogram, 3> of{};  // R0, R1, R2
  void add(RandomBytes r) {
    ++of[0][r.r0];
    ++of[1][r.r1];
    ++of[2][r.r2];
  }
};

double chi_square(const Histogram& count, double samples) {
  const double expected = samples / 256;
  double sum = 0;
  for (const double c : count) sum += (c - expected) * (c - expected) / expected;
  return sum;
}

}  // namespace

TEST_CASE("splitmix64 gives the published sequence of the seed 1234567") {
  constexpr std::uint64_t step = 0x9E3779B97F4A7C15u;
  constexpr std::uint64_t published[] = {6457827717110365317u, 3203168211198807973u, 9817491932198370423u,
                                         4593380528125082431u, 16408922859458223821u};
  for (std::uint64_t i = 0; i < 5; ++i) CHECK(splitmix64(1234567 + i * step) == published[i]);
}

TEST_CASE("a stream key chains seed, step, then tensor and digit") {
  CHECK(stream_key(1, 2, 3, 4) == splitmix64(splitmix64(splitmix64(1) ^ 2) ^ 772));
  CHECK(stream_key(1, 2, 3, 256) == stream_key(1, 2, 4, 0));  // digit is eight bits: the caller's care
  CHECK(stream_key(1, 2, 3, 0) != stream_key(2, 1, 3, 0));
}

TEST_CASE("the random bytes are the contract's seven rounds") {
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  for (int i = 0; i < 200'000; ++i) {
    const std::uint64_t key = random();
    const auto row = static_cast<std::uint32_t>(random() >> (32 + random() % 32));
    const auto col = static_cast<std::uint32_t>(random() >> (32 + random() % 32));
    const std::array<int, 4> k = {static_cast<int>(key % 65536), static_cast<int>((key >> 16) % 65536),
                                  static_cast<int>((key >> 32) % 65536), static_cast<int>(key >> 48)};
    REQUIRE(random_bytes(key, row, col) == contract_bytes(k, row, col));
    REQUIRE(random_byte(key, row, col) == contract_bytes(k, row, col).r0);
  }
}

TEST_CASE("bytes over random keys and places: bits and histogram without bias") {
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  constexpr int samples = 10'000'000;
  Histograms counts;
  for (int i = 0; i < samples; ++i) {
    const std::uint64_t key = random(), place = random();
    counts.add(random_bytes(key, place & 1023, (place >> 10) & 1023));
  }
  for (const Histogram& count : counts.of) {
    std::array<double, 8> ones{};
    for (std::size_t byte = 0; byte < 256; ++byte) {
      for (std::size_t bit = 0; bit < 8; ++bit) ones[bit] += (byte >> bit & 1) != 0 ? count[byte] : 0;
    }
    CHECK(chi_square(count, samples) < 255 + 4 * std::sqrt(2 * 255.0));
    for (const double n : ones) CHECK(std::abs(n - samples / 2.0) < 4 * std::sqrt(samples / 4.0));
  }
}

TEST_CASE("bytes of one tensor of one key: mean and histogram as even as chance or better") {
  constexpr std::uint32_t rows = 784, cols = 256;
  constexpr double n = rows * cols;
  double worst_mean = 0, worst_chi_square = 0;
  for (std::uint64_t tensor = 0; tensor < 50; ++tensor) {
    const std::uint64_t key = stream_key(seed, 7, tensor, 0);
    Histograms counts;
    for (std::uint32_t row = 0; row < rows; ++row) {
      for (std::uint32_t col = 0; col < cols; ++col) counts.add(random_bytes(key, row, col));
    }
    for (const Histogram& count : counts.of) {
      double sum = 0;
      for (std::size_t byte = 0; byte < 256; ++byte) sum += count[byte] * (static_cast<double>(byte) - 127.5);
      worst_mean = std::max(worst_mean, std::abs(sum) / std::sqrt(n * variance));
      worst_chi_square = std::max(worst_chi_square, chi_square(count, n));
    }
  }
  CHECK(worst_mean < 4);
  CHECK(worst_chi_square < 255 + 5 * std::sqrt(2 * 255.0));
}

TEST_CASE("the three bytes of one element are uncorrelated") {
  INFO("seed " << seed);
  constexpr std::size_t samples = 10'000'000;
  const Correlations c = correlations(samples, [](std::uint64_t key, std::uint32_t row, std::uint32_t col) {
    return std::pair(random_bytes(key, row, col), random_bytes(key, row, col));
  });
  for (const std::size_t of : {1, 2, 5}) CHECK(std::abs(c[of]) < 4 / std::sqrt(static_cast<double>(samples)));
}

// Fewer rounds do not mix: with five, direct neighbours correlate by -0.005 and rows 8192 apart by 0.2.

TEST_CASE("direct neighbours in row, column and diagonal are uncorrelated") {
  INFO("seed " << seed);
  constexpr std::size_t samples = 2'000'000;
  const double bound = 4 / std::sqrt(static_cast<double>(samples));
  CHECK(offset_correlation(samples, 0, 1) < bound);
  CHECK(offset_correlation(samples, 1, 0) < bound);
  CHECK(offset_correlation(samples, 1, 1) < bound);
}

TEST_CASE("elements a power of two apart are uncorrelated") {
  INFO("seed " << seed);
  constexpr std::size_t samples = 500'000;
  const double bound = 4.5 / std::sqrt(static_cast<double>(samples));   // 252 looks, not 27
  for (std::uint32_t distance = 2; distance <= 32768; distance *= 2) {
    INFO("distance " << distance);
    CHECK(offset_correlation(samples, distance, 0) < bound);
    CHECK(offset_correlation(samples, 0, distance) < bound);
  }
}

TEST_CASE("the keys of neighbouring steps, tensors and digits give uncorrelated bytes") {
  INFO("seed " << seed);
  constexpr std::size_t samples = 2'000'000;
  const double bound = 4 / std::sqrt(static_cast<double>(samples));
  const auto against = [&](std::uint64_t step, std::uint64_t tensor, std::uint64_t digit) {
    return correlation(samples, [=](std::uint64_t any, std::uint32_t row, std::uint32_t col) {
      const std::uint64_t base = any >> 40;
      return std::pair(random_bytes(stream_key(any, base, base, 0), row, col),
                       random_bytes(stream_key(any, base + step, base + tensor, digit), row, col));
    });
  };
  CHECK(against(1, 0, 0) < bound);
  CHECK(against(0, 1, 0) < bound);
  CHECK(against(0, 0, 1) < bound);
}
