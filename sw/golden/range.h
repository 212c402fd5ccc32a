// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <algorithm>
#include <cstdint>

#include "device/device.h"

// Step 3 of the output stage. Source: sw/golden/README.md, "statistics".
namespace cuatro::golden {

// The range of one tensor, element by element, in any order.
class Range {
 public:
  explicit Range(OutFormat format) : relu_(format == OutFormat::uint4) {}

  // `a` after the mask; `saturated` as its quantizer returned it (false for raw).
  void add(std::int32_t a, bool saturated) {
    const std::int64_t t = relu_ ? std::max(a, 0) : a;
    const auto magnitude = static_cast<std::uint32_t>(t < 0 ? -t : t);  // |-2^31| = 2^31
    stats_.absmax = std::max(stats_.absmax, magnitude);
    stats_.sumabs += magnitude;
    stats_.saturated += saturated ? 1 : 0;
  }

  const Stats& stats() const { return stats_; }

 private:
  bool relu_;  // UINT4 clamps at 0, so negative values are not in its range
  Stats stats_;
};

}  // namespace cuatro::golden
