// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "data/text_examples.h"

#include <algorithm>
#include <fmt/format.h>

#include "data/text.h"
#include "device/input_error.h"
#include "golden/random.h"
#include "nn/streams.h"

namespace cuatro::nn {

TextExamples::TextExamples(std::vector<std::uint8_t> symbols, std::uint32_t context, std::uint64_t seed)
    : symbols_(std::move(symbols)), context_(context), seed_(seed) {
  if (symbols_.size() < std::size_t{context} + 1) {
    throw InputError(fmt::format("a text of {} characters is too short for windows of {}", symbols_.size(), context));
  }
  count_ = static_cast<std::uint32_t>((symbols_.size() - 1) / context);
}

Batch TextExamples::batch(std::span<const std::uint32_t> rows, std::uint64_t step, bool training) const {
  const std::uint64_t draw = golden::stream_key(seed_, step, stream_tensor(0, TensorRole::order), kDrawAugment);
  const auto earlier = training ? static_cast<std::uint32_t>(draw % context_) : 0;
  std::vector<std::uint32_t> starts;
  for (const std::uint32_t row : rows) starts.push_back(std::max(row * context_, earlier) - earlier);
  return text_batch(symbols_, starts, context_);
}

}  // namespace cuatro::nn
