// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <utility>

#include "data/examples.h"
#include "nn/dataset.h"

namespace cuatro::nn {

// Images as a net sees them: [N, H, W, 1], pixel / 256, so that 4-bit codes are the pixels' upper bits.
class ImageExamples final : public Examples {
 public:
  explicit ImageExamples(Images images) : images_(std::move(images)) {}
  // Training batches: moved by up to `shift` pixels each way (zeros come in), and mirrored half of the time.
  void augment(std::uint64_t seed, std::uint32_t shift, bool mirror);

  const Images& images() const { return images_; }
  std::uint32_t count() const override { return images_.count; }
  std::uint32_t validation_count() const override { return kValidationCount; }
  Batch batch(std::span<const std::uint32_t> rows, std::uint64_t step, bool training) const override;

 private:
  Images images_;
  bool augmented_ = false, mirror_ = false;
  std::uint64_t seed_ = 0;
  std::uint32_t shift_ = 0;
};

}  // namespace cuatro::nn
