// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "data/speech_examples.h"

#include "golden/random.h"
#include "nn/streams.h"

namespace cuatro::nn {

Batch SpeechExamples::batch(std::span<const std::uint32_t> rows, std::uint64_t step, bool training) const {
  if (!training) return speech_batch(speech_, rows);
  SpeechJitter jitter;
  jitter.key = golden::stream_key(seed_, step, stream_tensor(0, TensorRole::order), kDrawAugment);
  return speech_batch(speech_, rows, jitter);
}

}  // namespace cuatro::nn
