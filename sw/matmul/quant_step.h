// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include "matmul/quant_config.h"

namespace cuatro::nn {

// The real value of one code step: 2^exponent · 128/mult, which the output stage's shift and multiplier divide by.
struct QuantStep {
  int exponent = 0;  // -100..100
  int mult = 128;    // 128..255
  float size = 1;
};

// Which power of two stands for a size between two of them. `nearest` is so in the log domain.
enum class ToPowerOfTwo { down, nearest, up };

// The step for an ideal size > 0. Power of two: as `rule` says. Stretched: the smallest possible one >= the
// size, at most 1/128 above it.
QuantStep choose_step(float ideal, Rescale rescale, ToPowerOfTwo rule);

}  // namespace cuatro::nn
