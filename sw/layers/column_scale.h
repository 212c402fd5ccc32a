// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <span>
#include <vector>

// Columns of a weight at one range, so that one step of the quantizer fits all of them: W = Ŵ·diag(s) with |Ŵ| <= 1, but
// for what the clip of a column cuts off. Then y = (x·Ŵ)·diag(s), and with dy' = dy·diag(s) backwards dx = dy'·Ŵᵀ and
// dW = (xᵀ·dy')·diag(1/s): three products as before, of operands that are quantized once each. The scales stay with the
// host.
namespace cuatro::nn {

// The range of each column of row-major values: its largest |w|, or with `mean_multiple` > 0 at most so many times its mean
// |w|; 1 where that is too small to divide by.
std::vector<float> column_ranges(std::span<const float> values, std::uint32_t cols, float mean_multiple);

// values[r][c] / scales[c], limited to ±1.
std::vector<float> levelled(std::span<const float> values, std::span<const float> scales);

// values[r][c] · scales[c], in place.
void scale_columns(std::span<float> values, std::span<const float> scales);
// values[r][c] / scales[c], in place.
void unscale_columns(std::span<float> values, std::span<const float> scales);

}  // namespace cuatro::nn
