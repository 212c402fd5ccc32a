// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <span>

#include "nets/network.h"
#include "nn/dataset.h"

namespace cuatro::nn {

// The images of the given rows as [N, rows, cols, 1] with pixel / 256, and their labels.
Batch image_batch(const Images& images, std::span<const std::uint32_t> rows);

struct Augmentation {
  std::uint32_t shift = 2;  // pixels, 0..127: each image moves by -shift..shift in both directions, zeros come in
  bool flip = true;         // every other image mirrored left to right
};

// A crop of the zero-padded image at a random place, and a flip, drawn for every row of the batch from
// (seed, step, row): independent of what ran before.
void augment(Array& images, const Augmentation& augmentation, std::uint64_t seed, std::uint64_t step);

}  // namespace cuatro::nn
