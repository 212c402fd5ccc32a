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

// Some rows of what unfold() makes of images, for who holds the images: as many as are asked for, from `first_row` on.
struct Unfolded {
  Window window;
  std::uint32_t channels = 0;
  std::uint8_t pad_code = 0;
  std::uint64_t first_row = 0;
  bool operator==(const Unfolded&) const = default;
};

// The same `rows` rows of no more images than they need: `images` becomes theirs.
Unfolded narrowed(const Unfolded& unfolded, std::size_t rows, std::span<const std::uint8_t>& images);

// The rows themselves.
Buffer<std::uint8_t> unfold_rows(std::span<const std::uint8_t> images, const Unfolded& unfolded, std::size_t rows);

}  // namespace cuatro::golden
