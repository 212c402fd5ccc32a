// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace cuatro::nn {

inline constexpr int kSoftmaxFrac = 12;  // probabilities and their gradient: integer · 2^-12

struct SoftmaxResult {
  std::vector<std::int16_t> gradient;  // p − onehot, rows × classes, -4096..4096
  std::uint32_t absmax = 0;            // of gradient
  std::uint32_t correct = 0;           // rows whose first largest logit is the label's
  std::uint64_t loss_q16 = 0;          // Σ −log2 p(label) over the rows, integer · 2^-16; for reports
};

// Gradient of the cross-entropy of a softmax with respect to the logits, in integers:
//   d = round((z_max − z) · log2(e) · 16),  e = LUT[d & 15] >> (d >> 4),  LUT[i] = round(255 · 2^(−i/16)),
//   p = round(e · round(2^24 / Σe) / 2^12),  gradient = p − onehot.
// A real logit is logits[r · classes + c] · 2^exponent. classes ≥ 1; rows = labels.size().
SoftmaxResult softmax_cross_entropy(std::span<const std::int32_t> logits, std::uint32_t classes, int exponent,
                                    std::span<const std::uint8_t> labels);

// log2(v) · 2^16, rounded down, v ≥ 1: by repeated squaring, integers only.
std::uint32_t log2_q16(std::uint32_t v);

}  // namespace cuatro::nn
