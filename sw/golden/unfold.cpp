// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "golden/unfold.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace cuatro::golden {
namespace {

// The taps k of one window dimension that hit the source: first, first + dilation, … below `end`;
// tap `first` hits coordinate `source`, the next ones those after it.
struct Taps {
  std::int64_t first = 0, end = 0, source = 0;
};

Taps taps_at(std::int64_t out, std::int64_t stride, std::int64_t pad, std::int64_t dilation, std::int64_t size,
             std::int64_t kernel) {
  const std::int64_t start = out * stride - pad;  // of tap 0, in the dilated image
  Taps taps;
  taps.source = start <= 0 ? 0 : (start + dilation - 1) / dilation;
  taps.first = taps.source * dilation - start;
  taps.end = std::min(kernel, (size - 1) * dilation + 1 - start);
  return taps;
}

}  // namespace

Buffer<std::uint8_t> unfold(std::span<const std::uint8_t> codes, std::uint32_t channels, const Window& w,
                                 std::uint8_t pad_code) {
  const std::size_t c = channels, row_size = c * w.kernel_h * w.kernel_w;
  Buffer<std::uint8_t> result(row_size * w.images * w.out_height * w.out_width, pad_code);
  std::vector<Taps> across(w.out_width);
  for (std::size_t x = 0; x < across.size(); ++x) {
    across[x] = taps_at(static_cast<std::int64_t>(x), w.stride, w.pad_w, w.dilation, w.width, w.kernel_w);
  }
  std::uint8_t* to = result.data();
  for (std::size_t n = 0; n < w.images; ++n) {
    for (std::uint32_t y = 0; y < w.out_height; ++y) {
      const Taps down = taps_at(y, w.stride, w.pad_h, w.dilation, w.height, w.kernel_h);
      for (const Taps& taps : across) {
        std::int64_t source_y = down.source;
        for (std::int64_t ky = down.first; ky < down.end; ky += w.dilation, ++source_y) {
          const std::uint8_t* from =
              &codes[((n * w.height + static_cast<std::size_t>(source_y)) * w.width) * c];
          std::uint8_t* line = to + static_cast<std::size_t>(ky) * w.kernel_w * c;
          if (w.reversed) {
            std::uint8_t* last = to + row_size - (static_cast<std::size_t>(ky) * w.kernel_w + 1) * c;
            std::int64_t source_x = taps.source;
            for (std::int64_t kx = taps.first; kx < taps.end; kx += w.dilation, ++source_x) {
              std::copy_n(from + static_cast<std::size_t>(source_x) * c, c, last - static_cast<std::size_t>(kx) * c);
            }
            continue;
          }
          const auto copy = [&](std::int64_t kx, std::int64_t source_x, std::int64_t count) {
            std::copy_n(from + static_cast<std::size_t>(source_x) * c, static_cast<std::size_t>(count) * c,
                        line + static_cast<std::size_t>(kx) * c);
          };
          if (w.dilation == 1) {  // neighbours stay neighbours: one run
            if (taps.end > taps.first) copy(taps.first, taps.source, taps.end - taps.first);
            continue;
          }
          std::int64_t source_x = taps.source;
          for (std::int64_t kx = taps.first; kx < taps.end; kx += w.dilation, ++source_x) copy(kx, source_x, 1);
        }
        to += row_size;
      }
    }
  }
  return result;
}

Unfolded narrowed(const Unfolded& unfolded, std::size_t rows, std::span<const std::uint8_t>& images) {
  const Window& w = unfolded.window;
  const std::size_t positions = std::size_t{w.out_height} * w.out_width;
  const std::size_t first = unfolded.first_row / positions;
  const std::size_t end = (unfolded.first_row + rows + positions - 1) / positions;
  const std::size_t codes = std::size_t{w.height} * w.width * unfolded.channels;
  images = images.subspan(first * codes, (end - first) * codes);
  Unfolded result = unfolded;
  result.window.images = static_cast<std::uint32_t>(end - first);
  result.first_row -= first * positions;
  return result;
}

Buffer<std::uint8_t> unfold_rows(std::span<const std::uint8_t> images, const Unfolded& unfolded, std::size_t rows) {
  const Unfolded u = narrowed(unfolded, rows, images);
  Buffer<std::uint8_t> all = unfold(images, u.channels, u.window, u.pad_code);
  const std::size_t row = std::size_t{u.window.kernel_h} * u.window.kernel_w * u.channels;
  if (u.first_row == 0 && all.size() == rows * row) return all;
  const auto first = all.begin() + static_cast<std::ptrdiff_t>(u.first_row * row);
  return {first, first + static_cast<std::ptrdiff_t>(rows * row)};
}

}  // namespace cuatro::golden
