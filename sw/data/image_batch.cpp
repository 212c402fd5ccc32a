// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "data/image_batch.h"

#include <algorithm>

#include "golden/random.h"
#include "nn/random_bits.h"
#include "nn/streams.h"

namespace cuatro::nn {

Batch image_batch(const Images& images, std::span<const std::uint32_t> rows) {
  Batch batch;
  batch.x = Array({static_cast<std::uint32_t>(rows.size()), images.rows, images.cols, 1});
  const std::size_t features = images.features();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::uint8_t* pixels = &images.pixels[rows[i] * features];
    float* to = &batch.x.data[i * features];
    for (std::size_t p = 0; p < features; ++p) to[p] = static_cast<float>(pixels[p]) * 0x1p-8F;
    batch.labels.push_back(images.labels[rows[i]]);
  }
  return batch;
}

void augment(Array& images, const Augmentation& augmentation, std::uint64_t seed, std::uint64_t step) {
  const std::int64_t height = images.shape.at(1), width = images.shape.at(2), channels = images.shape.at(3);
  const auto size = static_cast<std::size_t>(height * width * channels);
  const std::uint64_t key = golden::stream_key(seed, step, stream_tensor(0, TensorRole::order), kDrawAugment);
  const std::int64_t shift = augmentation.shift;
  // 15 random bits to -shift..shift.
  const auto offset = [&](std::uint32_t bits) { return ((bits & 0x7fffU) * (2 * shift + 1) >> 15) - shift; };
  std::vector<float> original(size);
  for (std::uint32_t n = 0; n < images.shape[0]; ++n) {
    const std::uint32_t bits = random_bits(key, n);
    const std::int64_t dy = offset(bits), dx = offset(bits >> 15);
    const bool mirrored = augmentation.flip && bits >> 31 != 0;
    float* image = &images.data[n * size];
    std::copy_n(image, size, original.begin());
    for (std::int64_t y = 0; y < height; ++y) {
      for (std::int64_t x = 0; x < width; ++x) {
        const std::int64_t from_y = y + dy, from_x = (mirrored ? width - 1 - x : x) + dx;
        const bool inside = from_y >= 0 && from_y < height && from_x >= 0 && from_x < width;
        for (std::int64_t c = 0; c < channels; ++c) {
          image[(y * width + x) * channels + c] =
              inside ? original[static_cast<std::size_t>((from_y * width + from_x) * channels + c)] : 0.0F;
        }
      }
    }
  }
}

}  // namespace cuatro::nn
