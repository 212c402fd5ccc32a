// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "nn/softmax.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>

namespace cuatro::nn {
namespace {

// round(255 · 2^(−i/16))
constexpr std::array<std::uint8_t, 16> kExp2{255, 244, 234, 224, 214, 205, 197, 188,
                                             180, 173, 165, 158, 152, 145, 139, 133};
constexpr std::uint64_t kLog2E = 387270501;  // round(log2(e) · 2^28)
constexpr std::uint64_t kFar = 1U << 24;     // larger than any distance that still matters

// round(v · 2^-shift), half up, at most kFar.
std::uint32_t shift_saturating(std::uint64_t v, int shift) {
  if (shift > 62 || v == 0) return 0;
  if (shift > 0) return static_cast<std::uint32_t>(std::min((v + (std::uint64_t{1} << (shift - 1))) >> shift, kFar));
  return static_cast<std::uint32_t>(std::bit_width(v) - shift > 25 ? kFar : std::min(v << -shift, kFar));
}

std::uint32_t exp2_lut(std::uint32_t d) { return d >= 8 * 16 ? 0 : kExp2[d & 15] >> (d >> 4); }

}  // namespace

std::uint32_t log2_q16(std::uint32_t v) {
  assert(v > 0);
  const int whole = std::bit_width(v) - 1;
  std::uint64_t m = static_cast<std::uint64_t>(v) << (31 - whole);  // 1 ≤ m · 2^-31 < 2
  std::uint32_t log = static_cast<std::uint32_t>(whole);
  for (int bit = 0; bit < 16; ++bit) {
    m = (m * m) >> 31;
    const bool two = m >> 32 != 0;
    log = 2 * log + two;
    m >>= two;
  }
  return log;
}

SoftmaxResult softmax_cross_entropy(std::span<const std::int32_t> logits, std::uint32_t classes, int exponent,
                                    std::span<const std::uint8_t> labels) {
  assert(classes > 0 && logits.size() == labels.size() * classes);
  SoftmaxResult out;
  out.gradient.resize(logits.size());
  std::vector<std::uint32_t> e(classes);
  for (std::size_t row = 0; row < labels.size(); ++row) {
    const auto z = logits.subspan(row * classes, classes);
    const auto top = std::max_element(z.begin(), z.end());
    out.correct += top - z.begin() == labels[row];
    std::uint32_t sum = 0;
    for (std::uint32_t c = 0; c < classes; ++c) {
      const std::uint64_t distance = static_cast<std::uint64_t>(std::int64_t{*top} - z[c]) * kLog2E;
      sum += e[c] = exp2_lut(shift_saturating(distance, 24 - exponent));
      if (c == labels[row]) out.loss_q16 += shift_saturating(distance, 12 - exponent);
    }
    out.loss_q16 += log2_q16(sum) - log2_q16(kExp2[0]);
    const std::uint32_t reciprocal = ((1U << 24) + sum / 2) / sum;
    for (std::uint32_t c = 0; c < classes; ++c) {
      const auto p = static_cast<std::int32_t>((e[c] * reciprocal + (1U << 11)) >> 12);
      const std::int32_t g = p - (c == labels[row] ? 1 << kSoftmaxFrac : 0);
      out.gradient[row * classes + c] = static_cast<std::int16_t>(g);
      out.absmax = std::max(out.absmax, static_cast<std::uint32_t>(g < 0 ? -g : g));
    }
  }
  return out;
}

}  // namespace cuatro::nn
