// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace cuatro::nn {

// What a matrix holds, which decides its 4-bit format: weights INT4, values >= 0 UINT4, signed values INT4
// (or UINT4 with a zero-point), gradients LOG4, LOG2 or INT4.
enum class OperandKind : std::uint8_t { weight, positive, signed_values, gradient };

// Elements of one site in the training steps that the engine looked at (every step, or one in several), for the
// report.
struct SiteCounts {
  std::uint64_t elements = 0;
  std::uint64_t saturated = 0;  // the code clipped
  std::uint64_t underflow = 0;  // value not zero, code zero
  // Of |value| in the quantizer's own unit: bin i counts 2^(i-24) <= |v| < 2^(i-23); zeros are in none.
  std::array<std::uint64_t, 40> exponents{};
};

// The same with its name, for reports and checkpoints.
struct SiteStatistics {
  std::string name;
  OperandKind kind = OperandKind::weight;
  SiteCounts counts;  // exponents and underflow stay zero where only clipping is counted
};

// One place in a net where a matrix is quantized, every step: a weight, a layer's input, a layer's output
// gradient. A layer owns its sites; the engine keeps there what must live from step to step. `name` ("conv1.x",
// "fc2.dy") selects per-layer overrides, heads the report's tables and names the checkpoint's entries;
// `stream` gives the random bits and is unique in a net.
struct OperandSite {
  std::string name;
  OperandKind kind = OperandKind::weight;
  std::uint32_t stream = 0;

  // Delayed scaling (with fixed scaling, of the first step): the range that the last step's values asked for, their largest |value| or what a clip rule
  // made of it; 0 before the first. Part of the state.
  float last_absmax = 0;
  SiteCounts counts;
};

}  // namespace cuatro::nn
