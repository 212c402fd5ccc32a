// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "sim/image.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "sim/window.h"

namespace cuatro::sim {

Image::Image(std::shared_ptr<DeviceMemory> memory, std::uint32_t rows_, std::uint32_t cols_, std::uint32_t edge_,
             std::uint32_t bits)
    : rows(rows_), cols(cols_), edge(edge_), element_bits(bits),
      data(std::move(memory), std::size_t{block_rows()} * block_cols() * block_bytes()) {
  producer.resize(std::size_t{block_rows()} * block_cols());
}

Image::Image(std::uint32_t rows_, std::uint32_t cols_, std::shared_ptr<const Unfolding> what)
    : rows(rows_), cols(cols_), edge(what->source->edge), unfolding(std::move(what)) {}

namespace {

// Calls fn(line, row, first column, count) for every line of every block; `line` points at the
// line's bytes in the image.
template <class I, class F>
void for_each_line(I& image, F&& fn) {
  const std::uint32_t line_bytes = image.edge * image.element_bits / 8;
  for (std::uint32_t bi = 0; bi < image.block_rows(); ++bi) {
    const std::uint32_t lines = std::min(image.edge, image.rows - bi * image.edge);
    for (std::uint32_t bj = 0; bj < image.block_cols(); ++bj) {
      auto* block = image.block(bi, bj);
      const std::uint32_t count = std::min(image.edge, image.cols - bj * image.edge);
      for (std::uint32_t i = 0; i < lines; ++i) {
        fn(block + std::size_t{i} * line_bytes, bi * image.edge + i, bj * image.edge, count);
      }
    }
  }
}

}  // namespace

void pack_codes(Image& image, std::span<const std::uint8_t> codes) {
  for_each_line(image, [&](std::uint8_t* line, std::uint32_t row, std::uint32_t col, std::uint32_t count) {
    const std::uint8_t* from = codes.data() + std::size_t{row} * image.cols + col;
    std::memset(line, 0, image.edge / 2);
    for (std::uint32_t j = 0; j < count; ++j) line[j / 2] |= static_cast<std::uint8_t>((from[j] & 15) << (4 * (j & 1)));
  });
}

std::vector<std::uint8_t> unpack_codes(const Image& image) {
  std::vector<std::uint8_t> codes(std::size_t{image.rows} * image.cols);
  for_each_line(image, [&](const std::uint8_t* line, std::uint32_t row, std::uint32_t col, std::uint32_t count) {
    std::uint8_t* to = codes.data() + std::size_t{row} * image.cols + col;
    for (std::uint32_t j = 0; j < count; ++j) to[j] = (line[j / 2] >> (4 * (j & 1))) & 15;
  });
  return codes;
}

void pack_bits(Image& image, std::span<const std::uint8_t> bits) {
  std::memset(image.data.data(), 0, image.data.size());
  for (std::uint32_t row = 0; row < image.rows; ++row) {
    for (std::uint32_t col = 0; col < image.cols; ++col) {
      const std::uint32_t e = (row % image.edge) * image.edge + col % image.edge;
      image.block(row / image.edge, col / image.edge)[e / 8] |=
          static_cast<std::uint8_t>((bits[std::size_t{row} * image.cols + col] & 1) << (e % 8));
    }
  }
}

std::vector<std::uint8_t> unpack_bits(const Image& image) {
  std::vector<std::uint8_t> bits(std::size_t{image.rows} * image.cols);
  for (std::uint32_t row = 0; row < image.rows; ++row) {
    for (std::uint32_t col = 0; col < image.cols; ++col) {
      const std::uint32_t e = (row % image.edge) * image.edge + col % image.edge;
      bits[std::size_t{row} * image.cols + col] = (image.block(row / image.edge, col / image.edge)[e / 8] >> (e % 8)) & 1;
    }
  }
  return bits;
}

void pack_words(Image& image, const void* words) {
  const std::size_t size = image.element_bits / 8;
  const auto* bytes = static_cast<const std::uint8_t*>(words);
  for_each_line(image, [&](std::uint8_t* line, std::uint32_t row, std::uint32_t col, std::uint32_t count) {
    std::memcpy(line, bytes + (std::size_t{row} * image.cols + col) * size, count * size);
  });
}

std::vector<std::int32_t> unpack_words(const Image& image) {
  std::vector<std::int32_t> words(std::size_t{image.rows} * image.cols);
  for_each_line(image, [&](const std::uint8_t* line, std::uint32_t row, std::uint32_t col, std::uint32_t count) {
    std::int32_t* to = words.data() + std::size_t{row} * image.cols + col;
    if (image.element_bits == 32) {
      std::memcpy(to, line, count * 4u);
      return;
    }
    for (std::uint32_t j = 0; j < count; ++j) {
      std::int16_t half;
      std::memcpy(&half, line + 2 * j, sizeof half);
      to[j] = half;
    }
  });
  return words;
}

void gather_rows(Image& to, const Image& from, std::span<const std::uint32_t> rows) {
  const std::uint32_t line_bytes = from.edge / 2;
  for (std::uint32_t r = 0; r < to.rows; ++r) {
    const std::uint32_t source = rows[r];
    for (std::uint32_t bj = 0; bj < to.block_cols(); ++bj) {
      std::memcpy(to.block(r / to.edge, bj) + std::size_t{r % to.edge} * line_bytes,
                  from.block(source / from.edge, bj) + std::size_t{source % from.edge} * line_bytes, line_bytes);
    }
  }
}

namespace {

// A row of 4-bit codes, two a byte, that grows at its end. Every code past the end is zero.
class PackedRow {
 public:
  // `slack` bytes may be written, and are, past the last code.
  PackedRow(std::size_t bytes, std::size_t slack) : bytes_(bytes + slack + 1) {}
  const std::uint8_t* data() const { return bytes_.data(); }
  void clear() { end_ = 0; }
  // `count` codes, packed from a byte's low half on; the odd half of the last byte must be zero.
  void append(const std::uint8_t* codes, std::size_t count) {
    const std::size_t bytes = (count + 1) / 2;
    std::uint8_t* to = bytes_.data() + end_ / 2;
    if (end_ % 2 == 0) {
      std::memcpy(to, codes, bytes);
    } else {
      to[0] = static_cast<std::uint8_t>((to[0] & 15) | codes[0] << 4);
      for (std::size_t i = 1; i < bytes; ++i) to[i] = static_cast<std::uint8_t>(codes[i - 1] >> 4 | codes[i] << 4);
      to[bytes] = codes[bytes - 1] >> 4;
    }
    end_ += count;
  }

 private:
  std::vector<std::uint8_t> bytes_;
  std::size_t end_ = 0;
};

}  // namespace

void unfold(Image& to, const Image& from, const Window& w, std::uint8_t pad_code) {
  const std::uint32_t line_bytes = from.edge / 2;
  // The source with whole rows side by side: block lines put together are a packed row.
  const std::size_t stride = std::size_t{from.block_cols()} * line_bytes;
  std::vector<std::uint8_t> rows(from.rows * stride);
  for (std::uint32_t r = 0; r < from.rows; ++r) {
    for (std::uint32_t bj = 0; bj < from.block_cols(); ++bj) {
      std::memcpy(&rows[r * stride + std::size_t{bj} * line_bytes],
                  from.block(r / from.edge, bj) + std::size_t{r % from.edge} * line_bytes, line_bytes);
    }
  }
  std::vector<std::uint8_t> pad((from.cols + 1) / 2, static_cast<std::uint8_t>(pad_code * 17));
  if (from.cols % 2 != 0) pad.back() = pad_code;

  PackedRow packed(std::size_t{to.block_cols()} * line_bytes, pad.size());
  for (std::uint32_t r = 0; r < to.rows; ++r) {
    const std::uint32_t x = r % w.out_width, y = r / w.out_width % w.out_height, n = r / w.out_width / w.out_height;
    packed.clear();
    for (std::uint32_t i = 0; i < w.kernel_h; ++i) {
      const std::uint32_t ky = w.reversed ? w.kernel_h - 1 - i : i;
      const std::int64_t sy = source_coordinate(w, y, ky, w.pad_h, w.height);
      const std::size_t line = (std::size_t{n} * w.height + static_cast<std::size_t>(std::max<std::int64_t>(sy, 0))) * w.width;
      for (std::uint32_t j = 0; j < w.kernel_w; ++j) {
        const std::uint32_t kx = w.reversed ? w.kernel_w - 1 - j : j;
        const std::int64_t sx = sy < 0 ? -1 : source_coordinate(w, x, kx, w.pad_w, w.width);
        packed.append(sx < 0 ? pad.data() : &rows[(line + static_cast<std::size_t>(sx)) * stride], from.cols);
      }
    }
    for (std::uint32_t bj = 0; bj < to.block_cols(); ++bj) {
      std::memcpy(to.block(r / to.edge, bj) + std::size_t{r % to.edge} * line_bytes,
                  packed.data() + std::size_t{bj} * line_bytes, line_bytes);
    }
  }
}

}  // namespace cuatro::sim
