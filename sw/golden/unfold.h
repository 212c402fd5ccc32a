// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <span>

#include "device/buffer.h"
#include "device/device.h"

namespace cuatro::golden {

// The codes under a window, row-major (device.h, Window): a move, no arithmetic. `codes` row-major
// [images · height · width, channels], one a byte; sizes must fit (validate_unfold).
Buffer<std::uint8_t> unfold(std::span<const std::uint8_t> codes, std::uint32_t channels, const Window& window,
                                 std::uint8_t pad_code);

}  // namespace cuatro::golden
