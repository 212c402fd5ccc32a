// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <utility>

#include "data/examples.h"

namespace cuatro::nn {

// A stretch of text in windows side by side, each of `context` symbols with the symbols that follow as labels; what is
// left over at the end is in none. In training all windows of a step begin up to context - 1 symbols earlier, drawn
// afresh every step, so that the borders of the windows move.
class TextExamples final : public Examples {
 public:
  // Throws InputError for fewer than context + 1 symbols.
  TextExamples(std::vector<std::uint8_t> symbols, std::uint32_t context, std::uint64_t seed);

  std::uint32_t count() const override { return count_; }
  Batch batch(std::span<const std::uint32_t> rows, std::uint64_t step, bool training) const override;

 private:
  std::vector<std::uint8_t> symbols_;
  std::uint32_t context_, count_;
  std::uint64_t seed_;
};

}  // namespace cuatro::nn
