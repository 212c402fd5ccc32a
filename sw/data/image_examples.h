// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <optional>
#include <utility>

#include "data/examples.h"
#include "data/image_batch.h"
#include "nn/dataset.h"

namespace cuatro::nn {

// Images as a net sees them (data/image_batch.h).
class ImageExamples final : public Examples {
 public:
  explicit ImageExamples(Images images) : images_(std::move(images)) {}
  // Training batches are augmented from now on.
  void augment(std::uint64_t seed, const Augmentation& augmentation) { seed_ = seed, augmentation_ = augmentation; }

  const Images& images() const { return images_; }
  std::uint32_t count() const override { return images_.count; }
  std::uint32_t validation_count() const override { return kValidationCount; }
  Batch batch(std::span<const std::uint32_t> rows, std::uint64_t step, bool training) const override;

 private:
  Images images_;
  std::uint64_t seed_ = 0;
  std::optional<Augmentation> augmentation_;
};

}  // namespace cuatro::nn
