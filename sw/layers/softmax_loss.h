// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <span>

#include "layers/array.h"
#include "nets/network.h"

namespace cuatro::nn {

// Softmax and cross-entropy of logits [rows, classes] against a class a row. With `gradient`, the logits
// become dL/dlogits of the mean loss over the rows.
BatchLoss softmax_loss(Array& logits, std::span<const std::uint8_t> labels, bool gradient);

}  // namespace cuatro::nn
