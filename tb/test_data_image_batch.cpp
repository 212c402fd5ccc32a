// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "catch.h"

#include <map>
#include <numeric>

#include "data/image_batch.h"

using namespace cuatro::nn;

namespace {

// Every pixel of an image tells where it stood; none is zero.
Images numbered(std::uint32_t count, std::uint32_t rows, std::uint32_t cols) {
  Images images{count, rows, cols, {}, {}};
  for (std::uint32_t i = 0; i < count; ++i) {
    for (std::uint32_t p = 0; p < rows * cols; ++p) images.pixels.push_back(static_cast<std::uint8_t>(p + 1));
    images.labels.push_back(static_cast<std::uint8_t>(i % kClasses));
  }
  return images;
}

Batch numbered_batch(std::uint32_t count) {
  std::vector<std::uint32_t> rows(count);
  std::iota(rows.begin(), rows.end(), 0U);
  return image_batch(numbered(count, 7, 9), rows);
}

struct Move {
  int dy = 0, dx = 0;
  bool flip = false;
  auto operator<=>(const Move&) const = default;
};

// The one move that explains every pixel of image n.
std::vector<Move> explanations(const Array& x, std::uint32_t n, int shift) {
  const int height = 7, width = 9;
  std::vector<Move> found;
  for (const bool flip : {false, true}) {
    for (int dy = -shift; dy <= shift; ++dy) {
      for (int dx = -shift; dx <= shift; ++dx) {
        bool fits = true;
        for (int y = 0; y < height; ++y) {
          for (int c = 0; c < width; ++c) {
            const int sy = y + dy, sx = (flip ? width - 1 - c : c) + dx;
            const bool inside = sy >= 0 && sy < height && sx >= 0 && sx < width;
            const float expected = inside ? static_cast<float>(sy * width + sx + 1) / 256 : 0.0F;
            fits = fits && x.data[(n * 7 + static_cast<std::size_t>(y)) * 9 + static_cast<std::size_t>(c)] == expected;
          }
        }
        if (fits) found.push_back({dy, dx, flip});
      }
    }
  }
  return found;
}

}  // namespace

TEST_CASE("a batch holds the chosen rows, pixel / 256, with their labels") {
  const Images images = numbered(12, 2, 3);
  const std::vector<std::uint32_t> rows{11, 0, 3};
  const Batch batch = image_batch(images, rows);
  CHECK(batch.x.shape == Array::Shape{3, 2, 3, 1});
  CHECK(batch.labels == std::vector<std::uint8_t>{1, 0, 3});
  for (std::size_t i = 0; i < 18; ++i) CHECK(batch.x.data[i] == static_cast<float>(i % 6 + 1) / 256);
}

TEST_CASE("augmentation moves and mirrors whole images; all moves happen, about equally often") {
  const std::uint32_t count = 3000;
  Batch batch = numbered_batch(count);
  augment(batch.x, {2, true}, 1, 7);
  std::map<Move, int> seen;
  for (std::uint32_t n = 0; n < count; ++n) {
    const auto found = explanations(batch.x, n, 2);
    REQUIRE(found.size() == 1);
    ++seen[found[0]];
  }
  CHECK(seen.size() == 50);
  for (const auto& [move, times] : seen) {
    INFO(move.dy << " " << move.dx << " " << move.flip);
    CHECK(times > 25);  // 60 expected, deviation 7.7
    CHECK(times < 95);
  }
}

TEST_CASE("augmentation: no flip, no shift when not asked for") {
  Batch batch = numbered_batch(50);
  const Array plain = batch.x;
  augment(batch.x, {0, false}, 1, 7);
  CHECK(batch.x.data == plain.data);
  augment(batch.x, {1, false}, 1, 7);
  CHECK(batch.x.data != plain.data);
  for (std::uint32_t n = 0; n < 50; ++n) {
    const auto found = explanations(batch.x, n, 1);
    REQUIRE(found.size() == 1);
    CHECK_FALSE(found[0].flip);
  }
}

TEST_CASE("augmentation is a function of seed, step and row") {
  const auto moved = [](std::uint32_t count, std::uint64_t seed, std::uint64_t step) {
    Batch batch = numbered_batch(count);
    augment(batch.x, {}, seed, step);
    return batch.x.data;
  };
  const auto full = moved(32, 1, 2), part = moved(8, 1, 2);
  CHECK(std::equal(part.begin(), part.end(), full.begin()));
  CHECK(full == moved(32, 1, 2));
  CHECK(full != moved(32, 1, 3));
  CHECK(full != moved(32, 2, 2));
}
