// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <span>
#include <vector>

// Columns of a weight at one size, so that one step of the quantizer fits all of them: W = Ŵ·diag(s), with s the mean |w|
// of a column. Then y = (x·Ŵ)·diag(s), and with dy' = dy·diag(s) backwards dx = dy'·Ŵᵀ and dW = (xᵀ·dy')·diag(1/s): three
// products as before, of operands that are quantized once each. The scales stay with the host.
namespace cuatro::nn {

// Mean |w| of each column of row-major values with that many columns; 1 where it is too small to divide by.
std::vector<float> column_scales(std::span<const float> values, std::uint32_t cols);

// values[r][c] · scales[c], in place.
void scale_columns(std::span<float> values, std::span<const float> scales);
// values[r][c] / scales[c], in place.
void unscale_columns(std::span<float> values, std::span<const float> scales);

}  // namespace cuatro::nn
