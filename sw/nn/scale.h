// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>

namespace cuatro::nn {

// Choice of power-of-two scale exponents, by integer comparison only. Arguments are in the
// units of the integers at hand; add the exponent of that unit to the result.
// All arguments must be > 0: a tensor of zeros keeps the exponent it has.

// floor and ceil of log2(num / den), exact.
int floor_log2_ratio(std::uint64_t num, std::uint64_t den);
int ceil_log2_ratio(std::uint64_t num, std::uint64_t den);

// Weights: x = round(log2(α / 7)) with the clip α = 3.2 · E|w|. count < 2^26.
int weight_exponent(std::uint64_t sum_abs, std::uint64_t count);

// Activations: x = floor(log2(absmax / top)), top = 15 for UINT4 (clips a little, which
// measured mildly better than rounding).
int activation_exponent(std::uint64_t absmax, std::uint32_t top);

// Gradients: x = ceil(log2(2^headroom · absmax / top)), top = 7, 4^6 or 2^6. Never clips with
// headroom 0 on this step's absmax; headroom 1 leaves a factor of two for last step's.
int gradient_exponent(std::uint64_t absmax, std::uint32_t top, int headroom);

// The rule of GradScale (Sun et al., NeurIPS 2020): relative to the exponent in use (0 in these
// units), -1 when absmax ≤ top/2, +1 when absmax > top, else 0; absmax · 2^unit is the value.
int gradscale_change(std::uint64_t absmax, int unit, std::uint32_t top);

// The output stage shifts by -16..31. Returns the shift from a source exponent to the wished
// one, and the exponent that the tensor gets when the wish is out of reach.
struct Shift {
  int shift, exponent;
};
Shift shift_between(int source_exponent, int wished_exponent);

}  // namespace cuatro::nn
