// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "data/image_examples.h"

namespace cuatro::nn {

Batch ImageExamples::batch(std::span<const std::uint32_t> rows, std::uint64_t step, bool training) const {
  Batch batch = image_batch(images_, rows);
  if (training && augmentation_) cuatro::nn::augment(batch.x, *augmentation_, seed_, step);
  return batch;
}

}  // namespace cuatro::nn
