// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "data/image_examples.h"

#include "golden/random.h"
#include "nn/random_bits.h"
#include "nn/streams.h"

namespace cuatro::nn {
namespace {

// Where an augmented image is read from, and which way.
struct Move {
  std::int64_t down = 0, right = 0;
  bool mirror = false;
};

}  // namespace

void ImageExamples::augment(std::uint64_t seed, std::uint32_t shift, bool mirror) {
  augmented_ = true;
  seed_ = seed;
  shift_ = shift;
  mirror_ = mirror;
}

Batch ImageExamples::batch(std::span<const std::uint32_t> rows, std::uint64_t step, bool training) const {
  const std::uint32_t h = images_.rows, w = images_.cols;
  Batch batch;
  batch.x = Array({static_cast<std::uint32_t>(rows.size()), h, w, 1});
  batch.labels.reserve(rows.size());
  const std::uint64_t key = golden::stream_key(seed_, step, stream_tensor(0, TensorRole::order), kDrawAugment);
  float* out = batch.x.data.data();
  for (const std::uint32_t row : rows) {
    Move move;
    if (training && augmented_) {
      const std::uint32_t bits = random_bits(key, row), span = 2 * shift_ + 1;
      move = {static_cast<std::int64_t>((bits & 0xff) * span >> 8) - shift_,
              static_cast<std::int64_t>((bits >> 8 & 0xff) * span >> 8) - shift_, mirror_ && (bits >> 16 & 1) != 0};
    }
    const std::uint8_t* pixels = &images_.pixels[std::size_t{row} * h * w];
    for (std::int64_t y = 0; y < h; ++y) {
      for (std::int64_t x = 0; x < w; ++x, ++out) {
        const std::int64_t sy = y + move.down, sx = (move.mirror ? w - 1 - x : x) + move.right;
        const bool inside = sy >= 0 && sy < h && sx >= 0 && sx < w;
        *out = inside ? static_cast<float>(pixels[sy * w + sx]) * 0x1p-8F : 0.0F;
      }
    }
    batch.labels.push_back(images_.labels[row]);
  }
  return batch;
}

}  // namespace cuatro::nn
