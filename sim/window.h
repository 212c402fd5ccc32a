// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "device/device.h"
#include "sim/image.h"

// Matrices that are windows over images and lie nowhere: loads unfold them (rtl/README.md, "Windows").
namespace cuatro::sim {

// Rows first_row, first_row + 1 … of what unfolding a source's codes under a window gives (device.h).
struct Unfolding {
  std::shared_ptr<Image> source;
  Window window;
  std::uint8_t pad_code = 0;
  std::uint32_t first_row = 0;
};

// Row or column of the source under tap `k` of a window at position `out`, with `before` zeros in front of `size` rows or columns;
// -1 in the padding and between rows that stand apart.
std::int64_t source_coordinate(const Window& window, std::uint32_t out, std::uint32_t k, std::uint32_t before, std::uint32_t size);

// A rectangle of blocks of it: how many rows and columns, from which.
struct WindowBlocks {
  std::uint32_t row = 0, rows = 0, col = 0, cols = 0;
};

// The fields of a load that unfolds, in the order of a ring entry's bytes.
struct WindowFields {
  std::uint8_t blocks = 0, positions = 0;
  std::uint16_t fill_row = 0;
  std::uint8_t pad_code = 0;
  bool reversed = false, dilated = false;
  std::uint8_t stride = 0, kernel_w = 0, pad_h = 0, pad_w = 0, channel = 0, last_channel = 0, tap_y = 0, plane = 0;
  std::uint8_t width = 0, height = 0, out_width = 0, out_height = 0, out_x = 0, out_y = 0, fill_x = 0, fill_y = 0;
  std::uint16_t pitch = 0;
  std::uint8_t tap_x = 0;
  std::uint16_t fill_gap = 0, next_image = 0, origin = 0;
  std::uint32_t first_block = 0;        // row of the source's blocks with the first line
};

// The load of these blocks of an unfolded matrix of `rows` rows through a slot of slot_lines lines; or none, if it does
// not fit or a number is too large for its field.
std::optional<WindowFields> plan_window(const Unfolding& unfolding, std::uint32_t rows, const WindowBlocks& blocks, std::uint32_t slot_lines);

// One block, made by the host as that load would.
void unfold_block(const Unfolding& unfolding, std::uint32_t rows, std::uint32_t row, std::uint32_t col, std::uint8_t* to);

}  // namespace cuatro::sim
