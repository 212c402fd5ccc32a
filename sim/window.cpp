// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "sim/window.h"

#include <algorithm>
#include <cstring>

namespace cuatro::sim {

namespace {

constexpr std::int64_t kBytes = 255;               // largest number of a field of 8 bits, and of 4:
constexpr std::int64_t kNibbles = 15;
constexpr std::int64_t kCoordinates = 2047;

std::int64_t ceil_half(std::int64_t x, bool halve) { return halve ? (x + 1) >> 1 : x; }
std::int64_t floor_half(std::int64_t x, bool halve) { return halve ? x >> 1 : x; }
// The smallest number from `least` on that is `like` modulo `edge`.
std::int64_t congruent(std::int64_t least, std::int64_t like, std::int64_t edge) { return least + ((like - least) % edge + edge) % edge; }

}  // namespace

std::int64_t source_coordinate(const Window& w, std::uint32_t out, std::uint32_t k, std::uint32_t before, std::uint32_t size) {
  const std::int64_t at = std::int64_t{out} * w.stride + k - before;
  return at < 0 || at % w.dilation != 0 || at / w.dilation >= size ? -1 : at / w.dilation;
}

std::optional<WindowFields> plan_window(const Unfolding& u, std::uint32_t rows, const WindowBlocks& blocks, std::uint32_t slot_lines) {
  const Window& w = u.window;
  const std::int64_t edge = u.source->edge, height = w.height, width = w.width, out_height = w.out_height, out_width = w.out_width;
  const std::int64_t stride = w.stride, pad_h = w.pad_h, pad_w = w.pad_w;
  const std::int64_t channel_blocks = u.source->cols / edge;
  const bool dilated = w.dilation == 2;
  if (u.source->cols % edge != 0 || w.dilation > 2 || (dilated && stride != 1) || channel_blocks > kNibbles + 1 || w.kernel_w > kNibbles || w.kernel_h > kBytes + 1 ||
      std::max({height, width, out_height, out_width}) > kBytes || std::max({stride, pad_h, pad_w}) > kNibbles ||
      std::max(out_height, out_width) * stride + w.kernel_h > kCoordinates) {
    return std::nullopt;
  }
  // First and last position, and tap.
  const std::int64_t positions = out_height * out_width;
  const std::int64_t first = std::int64_t{u.first_row} + std::int64_t{blocks.row} * edge;
  const std::int64_t end = std::min(first + std::int64_t{blocks.rows} * edge, std::int64_t{u.first_row} + rows), last = end - 1;
  const std::int64_t image0 = first / positions, y0 = first / out_width % out_height, image1 = last / positions, y1 = last / out_width % out_height;
  const auto tap_row = [&](std::int64_t tap) { return w.reversed ? w.kernel_h - 1 - tap / w.kernel_w : tap / w.kernel_w; };
  const std::int64_t tap0 = blocks.col / channel_blocks, tap1 = (blocks.col + blocks.cols - 1) / channel_blocks;
  const auto [low_tap, high_tap] = std::minmax({tap_row(tap0), tap_row(tap1)});

  // Rows of the images that these see, and where they lie in the buffer. Positions that follow each other must find their lines in banks
  // that do: so rows stand as many lines apart, modulo the banks, as there are positions in one, and images likewise.
  const std::int64_t row0 = std::clamp(ceil_half(y0 * stride - pad_h + low_tap, dilated), std::int64_t{0}, height - 1);
  std::int64_t row1 = std::clamp(floor_half(y1 * stride - pad_h + high_tap, dilated), std::int64_t{0}, height - 1);
  if (image0 == image1) row1 = std::max(row0, row1);
  const bool regular = stride == 1 && !dilated;
  const std::int64_t pitch = regular ? congruent(width, out_width, edge) : width;
  const std::int64_t image_pitch = regular ? congruent(height * pitch, positions, edge) : height * pitch;
  const auto line = [&](std::int64_t image, std::int64_t row) { return (image - image0) * image_pitch + (row - row0) * pitch; };
  const std::int64_t plane = (line(image1, row1) + width + edge - 1) / edge;
  if (plane > kBytes || plane * channel_blocks * edge > slot_lines) return std::nullopt;

  const std::int64_t first_line = (image0 * height + row0) * width, end_line = (image1 * height + row1 + 1) * width;
  const std::int64_t block0 = first_line / edge, block1 = (end_line + edge - 1) / edge;
  const std::int64_t source_blocks = (block1 - block0) * channel_blocks;
  if (source_blocks > kBytes) return std::nullopt;
  const std::int64_t filled = block0 * edge, fill_y = filled / width % height;

  WindowFields f;
  f.first_block = static_cast<std::uint32_t>(block0);
  f.blocks = static_cast<std::uint8_t>(source_blocks);
  f.positions = static_cast<std::uint8_t>(end - (first + std::int64_t{blocks.rows - 1} * edge));
  f.pad_code = u.pad_code;
  f.reversed = w.reversed;
  f.dilated = dilated;
  f.stride = static_cast<std::uint8_t>(stride);
  f.kernel_w = static_cast<std::uint8_t>(w.kernel_w);
  f.pad_h = static_cast<std::uint8_t>(pad_h);
  f.pad_w = static_cast<std::uint8_t>(pad_w);
  f.channel = static_cast<std::uint8_t>(blocks.col % channel_blocks);
  f.last_channel = static_cast<std::uint8_t>(channel_blocks - 1);
  f.tap_y = static_cast<std::uint8_t>(tap_row(tap0));
  f.tap_x = static_cast<std::uint8_t>(w.reversed ? w.kernel_w - 1 - tap0 % w.kernel_w : tap0 % w.kernel_w);
  f.plane = static_cast<std::uint8_t>(plane);
  f.width = static_cast<std::uint8_t>(width);
  f.height = static_cast<std::uint8_t>(height);
  f.out_width = static_cast<std::uint8_t>(out_width);
  f.out_height = static_cast<std::uint8_t>(out_height);
  f.out_x = static_cast<std::uint8_t>(first % out_width);
  f.out_y = static_cast<std::uint8_t>(y0);
  f.fill_x = static_cast<std::uint8_t>(filled % width);
  f.fill_y = static_cast<std::uint8_t>(fill_y);
  // Lines are counted modulo 2^12.
  const auto lines = [](std::int64_t value) { return static_cast<std::uint16_t>(value & 0xfff); };
  f.fill_row = lines(line(filled / width / height, fill_y));
  f.pitch = lines(pitch);
  f.fill_gap = lines(image_pitch - (height - 1) * pitch);
  f.next_image = lines(image_pitch - (ceil_half((out_height - 1) * stride - pad_h, dilated) - ceil_half(-pad_h, dilated)) * pitch);
  f.origin = lines(line(image0, ceil_half(y0 * stride - pad_h, dilated)));
  return f;
}

void unfold_block(const Unfolding& u, std::uint32_t rows, std::uint32_t row, std::uint32_t col, std::uint8_t* to) {
  const Window& w = u.window;
  Image& source = *u.source;
  const std::uint32_t edge = source.edge, line_bytes = edge / 2, channel_blocks = source.cols / edge;
  const std::uint32_t tap = col / channel_blocks, channel = col % channel_blocks;
  const std::uint32_t ky = w.reversed ? w.kernel_h - 1 - tap / w.kernel_w : tap / w.kernel_w;
  const std::uint32_t kx = w.reversed ? w.kernel_w - 1 - tap % w.kernel_w : tap % w.kernel_w;
  for (std::uint32_t t = 0; t < edge; ++t, to += line_bytes) {
    if (row * edge + t >= rows) {
      std::memset(to, 0, line_bytes);
      continue;
    }
    const std::uint32_t p = u.first_row + row * edge + t;
    const std::int64_t y = source_coordinate(w, p / w.out_width % w.out_height, ky, w.pad_h, w.height);
    const std::int64_t x = source_coordinate(w, p % w.out_width, kx, w.pad_w, w.width);
    if (y < 0 || x < 0) {
      std::memset(to, u.pad_code * 17, line_bytes);
      continue;
    }
    const std::int64_t n = p / w.out_width / w.out_height;
    const auto line = static_cast<std::uint32_t>((n * w.height + y) * w.width + x);
    std::memcpy(to, source.block(line / edge, channel) + std::size_t{line % edge} * line_bytes, line_bytes);
  }
}

}  // namespace cuatro::sim
