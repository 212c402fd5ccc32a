// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <utility>

#include "data/examples.h"
#include "data/speech.h"

namespace cuatro::nn {

// Utterances as a net sees them; training batches are jittered (data/speech.h).
class SpeechExamples final : public Examples {
 public:
  SpeechExamples(Speech speech, std::uint64_t seed, std::uint32_t validation)
      : speech_(std::move(speech)), seed_(seed), validation_(validation) {}

  std::uint32_t count() const override { return speech_.count(); }
  std::uint32_t validation_count() const override { return validation_; }
  Batch batch(std::span<const std::uint32_t> rows, std::uint64_t step, bool training) const override;

 private:
  Speech speech_;
  std::uint64_t seed_;
  std::uint32_t validation_;
};

}  // namespace cuatro::nn
