// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <string>
#include <vector>

#include "soak_round.h"

// Steps of a round as text: `0-4,7,9-12`.
namespace cuatro::tb {

inline std::vector<StepRange> parse_steps(const std::string& text) {
  std::vector<StepRange> ranges;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t used = 0;
    StepRange range;
    range.first = range.last = static_cast<std::uint32_t>(std::stoul(text.substr(at), &used));
    at += used;
    if (at < text.size() && text[at] == '-') {
      range.last = static_cast<std::uint32_t>(std::stoul(text.substr(at + 1), &used));
      at += used + 1;
    }
    if (at < text.size() && text[at++] != ',') throw std::invalid_argument("steps are written like 0-4,7");
    ranges.push_back(range);
  }
  return ranges;
}

// Of a sorted list.
inline std::string print_steps(const std::vector<std::uint32_t>& steps) {
  std::string text;
  for (std::size_t i = 0; i < steps.size();) {
    std::size_t end = i + 1;
    while (end < steps.size() && steps[end] == steps[end - 1] + 1) ++end;
    text += (text.empty() ? "" : ",") + std::to_string(steps[i]);
    if (end - i > 1) text += "-" + std::to_string(steps[end - 1]);
    i = end;
  }
  return text;
}

}  // namespace cuatro::tb
