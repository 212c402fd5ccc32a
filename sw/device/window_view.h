// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "device/buffer.h"
#include "device/device.h"

namespace cuatro {

// The rows that unfolding images under a window gives, without making them: the images once, zeros between and
// around them, in which a row is kernel_h runs of neighbours. A window's rows hold every value kernel_h · kernel_w
// times, so this is a fraction of their memory traffic. For windows that are not `reversed`.
template <class T>
class WindowView {
 public:
  // Whether the images so spread out are smaller than the rows: all but windows whose stride skips much.
  static bool pays(const Window& w) {
    const std::uint64_t height = (std::uint64_t{w.out_height} - 1) * w.stride + w.kernel_h;
    const std::uint64_t width = (std::uint64_t{w.out_width} - 1) * w.stride + w.kernel_w;
    return !w.reversed && height * width <= std::uint64_t{w.out_height} * w.out_width * w.kernel_h * w.kernel_w;
  }

  // fill(pixel, count, to) writes the values of `count` pixels from `pixel` on, `channels` each.
  template <class Fill>
  WindowView(const Window& w, std::size_t channels, T pad, Fill fill) : window_(w), channels_(channels) {
    height_ = (std::size_t{w.out_height} - 1) * w.stride + w.kernel_h;
    width_ = (std::size_t{w.out_width} - 1) * w.stride + w.kernel_w;
    const std::size_t line = width_ * channels;
    values_.resize(w.images * height_ * line + kSlack);
    const Span down = span_of(height_, w.pad_h, w.dilation, w.height);
    const Span across = span_of(width_, w.pad_w, w.dilation, w.width);
    T* to = values_.data();
    for (std::size_t n = 0; n < w.images; ++n) {
      std::size_t source_y = down.source;
      for (std::size_t y = 0; y < height_; ++y, to += line) {
        const bool hit = y >= down.first && source_y < down.end && (y - down.first) % w.dilation == 0;
        if (!hit || across.source >= across.end) {
          std::fill_n(to, line, pad);
          continue;
        }
        const std::size_t pixel = (n * w.height + source_y++) * w.width + across.source;
        const std::size_t count = across.end - across.source;
        if (w.dilation == 1) {
          std::fill_n(to, across.first * channels, pad);
          fill(pixel, count, to + across.first * channels);
          std::fill(to + (across.first + count) * channels, to + line, pad);
          continue;
        }
        std::fill_n(to, line, pad);
        for (std::size_t i = 0; i < count; ++i) fill(pixel + i, 1, to + (across.first + i * w.dilation) * channels);
      }
    }
    std::fill_n(to, kSlack, pad);
  }

  // Elements that copy_rows() may write past the end of the last row.
  static constexpr std::size_t kSlack = 64 / sizeof(T);

  // Columns [k, k + k_count) of rows [first, first + count) to rows `stride` >= k_count apart. What lies past a row's
  // end may be overwritten, before the next row's values are.
  void copy_rows(std::size_t first, std::size_t count, std::size_t k, std::size_t k_count, T* to, std::size_t stride) {
    const std::size_t run = window_.kernel_w * channels_, line = width_ * channels_;
    segments_.clear();
    for (std::size_t at = k; at < k + k_count;) {
      const std::size_t tap_row = at / run, end = std::min(k + k_count, (tap_row + 1) * run);
      segments_.push_back({tap_row * line + at - tap_row * run, at - k, (end - at) * sizeof(T)});
      at = end;
    }
    const std::size_t pixels = std::size_t{window_.out_height} * window_.out_width;
    std::size_t n = first / pixels, y = first % pixels / window_.out_width, x = first % window_.out_width;
    for (std::size_t row = 0; row < count; ++row, to += stride) {
      const T* from = values_.data() + ((n * height_ + y * window_.stride) * width_ + x * window_.stride) * channels_;
      for (const Segment& s : segments_) copy_over(from + s.from, s.bytes, to + s.to);
      if (++x < window_.out_width) continue;
      x = 0;
      if (++y < window_.out_height) continue;
      y = 0;
      ++n;
    }
  }

 private:
  // Coordinates of a padded dimension that hit the source: first, first + dilation, …, of source coordinates
  // [source, end).
  struct Span {
    std::size_t first, source, end;
  };
  static Span span_of(std::size_t padded, std::size_t pad, std::size_t dilation, std::size_t size) {
    if (pad >= padded) return {0, 0, 0};  // nothing but padding
    const std::size_t fits = (padded - pad + dilation - 1) / dilation;
    return {pad, 0, std::min(size, fits)};
  }
  struct Segment {
    std::size_t from, to, bytes;
  };
  // In steps of 32 bytes, the last one over the end. The empty statement keeps g++ from making a call of it: runs are
  // of a hundred bytes.
  static void copy_over(const T* from, std::size_t bytes, T* to) {
    const auto* source = reinterpret_cast<const unsigned char*>(from);
    auto* target = reinterpret_cast<unsigned char*>(to);
    for (std::size_t i = 0; i < bytes; i += 32) {
      std::memcpy(target + i, source + i, 32);
      asm volatile("");
    }
  }

  Window window_;
  std::size_t channels_, height_ = 0, width_ = 0;
  Buffer<T> values_;
  std::vector<Segment> segments_;
};

}  // namespace cuatro
