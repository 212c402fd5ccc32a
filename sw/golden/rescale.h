// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>

// Step 4 of the output stage. Source: sw/golden/README.md, "Output stage".
namespace cuatro::golden {

// Fraction bits of Rescaled::magnitude.
inline constexpr int kFractionBits = 11;

// v = a · (mult/128) · 2^-n as the hardware keeps it: sign, 13 integer and 11 fraction bits of |v|,
// and whether any lower bit was set. |v| ≥ 2^13 is all ones with sticky set.
// |v| lies strictly between magnitude and magnitude + 1 (units of 2^-11) if sticky, else on magnitude.
struct Rescaled {
  bool negative = false;        // v < 0
  std::uint32_t magnitude = 0;  // floor(|v| · 2^11), at most 2^24 - 1
  bool sticky = false;
  bool operator==(const Rescaled&) const = default;
};

// `shift` n in -16..31, `mult` 0..255 (128 = 1.0). Exact for every a, -2^31 included.
Rescaled rescale(std::int32_t a, int shift, int mult);

}  // namespace cuatro::golden
