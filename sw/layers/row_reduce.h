// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <algorithm>
#include <cstdint>

// Reductions over a row in eight lanes, then over the lanes: one fixed order of float operations that
// vectorises, which a plain loop does not.
namespace cuatro::nn {

// The sum of term(0) .. term(count - 1).
template <class Term>
float row_sum(std::uint32_t count, Term term) {
  float lane[8] = {};
  std::uint32_t i = 0;
  for (; i + 8 <= count; i += 8) {
    for (std::uint32_t l = 0; l < 8; ++l) lane[l] += term(i + l);
  }
  for (; i < count; ++i) lane[i % 8] += term(i);
  return ((lane[0] + lane[4]) + (lane[1] + lane[5])) + ((lane[2] + lane[6]) + (lane[3] + lane[7]));
}

// The largest of count >= 1 values.
inline float row_max(const float* values, std::uint32_t count) {
  float lane[8];
  std::fill_n(lane, 8, values[0]);
  std::uint32_t i = 0;
  for (; i + 8 <= count; i += 8) {
    for (std::uint32_t l = 0; l < 8; ++l) lane[l] = values[i + l] > lane[l] ? values[i + l] : lane[l];
  }
  for (; i < count; ++i) lane[i % 8] = std::max(lane[i % 8], values[i]);
  return *std::max_element(lane, lane + 8);
}

}  // namespace cuatro::nn
