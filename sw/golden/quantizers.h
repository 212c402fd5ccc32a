// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>

#include "device/device.h"
#include "golden/rescale.h"

// Step 5 of the output stage: a rescaled value becomes one or two 4-bit codes.
// Source: sw/golden/README.md, the rounding table. `random` is the element's byte R, u = (2R + 1)/512.
namespace cuatro::golden {

struct CodePair {
  std::uint8_t code1 = 0;
  std::uint8_t code2 = 0;  // tpr and two_term only, else 0
  bool saturated = false;  // code1 clipped
  bool operator==(const CodePair&) const = default;
};

// Clamped to -7..7; saturated when the rounded value lay outside.
CodePair int4_round_half_even(const Rescaled& v);
CodePair int4_floor(const Rescaled& v);
CodePair int4_stochastic(const Rescaled& v, std::uint8_t random);

// The same of max(v, 0), clamped to 0..15; a negative v is no saturation.
CodePair uint4_round_half_even(const Rescaled& v);
CodePair uint4_floor(const Rescaled& v);
CodePair uint4_stochastic(const Rescaled& v, std::uint8_t random);

// Base 4 or 2. Saturated when |v| > Base^6.
template <int Base>
CodePair log_nearest(const Rescaled& v);
template <int Base>
CodePair log_stochastic(const Rescaled& v, std::uint8_t random);
// code1 nearest(v); code2 the remainder v - q1, stochastic, in steps of 1/2 (base 4) or 1/4 (base 2).
template <int Base>
CodePair log_two_term(const Rescaled& v, std::uint8_t random);
// code1 nearest(v) on the grid 4^k; code2 nearest(v/2), the grid 2·4^k.
CodePair log4_two_phase(const Rescaled& v);

extern template CodePair log_nearest<4>(const Rescaled&);
extern template CodePair log_nearest<2>(const Rescaled&);
extern template CodePair log_stochastic<4>(const Rescaled&, std::uint8_t);
extern template CodePair log_stochastic<2>(const Rescaled&, std::uint8_t);
extern template CodePair log_two_term<4>(const Rescaled&, std::uint8_t);
extern template CodePair log_two_term<2>(const Rescaled&, std::uint8_t);

// Picks one of the above. Throws DeviceError for a pair the contract does not have (and for raw,
// which is not rounded).
CodePair quantize_element(OutFormat format, Rounding rounding, const Rescaled& v, std::uint8_t random);

}  // namespace cuatro::golden
