// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "golden/rescale.h"

namespace cuatro::golden {

Rescaled rescale(std::int32_t a, int shift, int mult) {
  const std::int64_t product = std::int64_t{a} * mult;  // |product| < 2^39
  const std::uint64_t magnitude =
      product < 0 ? -static_cast<std::uint64_t>(product) : static_cast<std::uint64_t>(product);

  // |v| · 2^11 = magnitude · 2^(11 - 7 - n): left by at most 20 (59 bits), right by at most 27.
  const int left = kFractionBits - 7 - shift;
  const std::uint64_t fixed = left >= 0 ? magnitude << left : magnitude >> -left;
  const bool sticky = left < 0 && (fixed << -left) != magnitude;

  constexpr std::uint64_t limit = (std::uint64_t{1} << (13 + kFractionBits)) - 1;
  if (fixed > limit) return {product < 0, static_cast<std::uint32_t>(limit), true};
  return {product < 0, static_cast<std::uint32_t>(fixed), sticky};
}

}  // namespace cuatro::golden
