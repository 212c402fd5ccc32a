// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "golden/gemm_pack.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <stdexcept>

#if defined(__SSSE3__)
#include <tmmintrin.h>
#endif

#include "golden/codes.h"

namespace cuatro::golden {
namespace {

// 8 × 8 bytes, rows[i] byte j to rows[j] byte i: swap 1, 2 and 4 byte blocks across the diagonal.
void transpose_block(std::uint64_t rows[8]) {
  constexpr std::uint64_t masks[3] = {0x00FF00FF00FF00FFu, 0x0000FFFF0000FFFFu, 0x00000000FFFFFFFFu};
  for (int level = 0; level < 3; ++level) {
    const int distance = 1 << level;
    for (int i = 0; i < 8; ++i) {
      if ((i & distance) != 0) continue;
      std::uint64_t& low = rows[i];
      std::uint64_t& high = rows[i + distance];
      const std::uint64_t swap = ((low >> (8 * distance)) ^ high) & masks[level];
      high ^= swap;
      low ^= swap << (8 * distance);
    }
  }
}

}  // namespace

PackSource pack_source_a(const GemmOperands& op) {
  const bool affine = op.a_format == AFormat::affine;
  return {op.a,
          {},
          op.a_unfolded,
          op.a_transposed,
          op.a_format == AFormat::int4 ? Format::int4 : Format::uint4,
          affine ? op.zero_point : 0,
          0,
          op.m,
          op.k};
}

PackSource pack_source_b(const GemmOperands& op) {
  return {op.b, op.b2, op.b_unfolded, !op.b_transposed, op.b_format, 0, op.term_shift, op.n, op.k};
}

void transpose_codes(const std::uint8_t* codes, std::size_t stride, std::size_t rows, std::size_t cols,
                     std::uint8_t* to) {
  static_assert(std::endian::native == std::endian::little);  // byte j of a word is column j
  const std::size_t whole_rows = rows / 8 * 8, whole_cols = cols / 8 * 8;
  for (std::size_t r = 0; r < whole_rows; r += 8) {
    for (std::size_t c = 0; c < whole_cols; c += 8) {
      std::uint64_t block[8];
      for (std::size_t i = 0; i < 8; ++i) std::memcpy(&block[i], codes + (r + i) * stride + c, 8);
      transpose_block(block);
      for (std::size_t i = 0; i < 8; ++i) std::memcpy(to + (c + i) * rows + r, &block[i], 8);
    }
  }
  for (std::size_t r = 0; r < rows; ++r) {
    const std::size_t done = r < whole_rows ? whole_cols : 0;
    for (std::size_t c = done; c < cols; ++c) to[c * rows + r] = codes[r * stride + c];
  }
}

Decoder::Decoder(const PackSource& source) : two_(!source.codes2.empty()) {
  for (std::uint8_t code = 0; code < 16; ++code) {
    const int value = golden::decode(source.format, code) - source.zero_point;
    table_[code] = static_cast<std::int16_t>(two_ ? value * (1 << source.term_shift) : value);
    table2_[code] = static_cast<std::int16_t>(two_ ? value : 0);
  }
}

#if defined(__SSSE3__)
namespace {

// A table of 16 words as two of bytes, which a shuffle looks up 16 at a time.
struct ByteTables {
  explicit ByteTables(const std::int16_t* table) {
    const __m128i first = _mm_loadu_si128(reinterpret_cast<const __m128i*>(table));
    const __m128i second = _mm_loadu_si128(reinterpret_cast<const __m128i*>(table + 8));
    const __m128i bytes = _mm_set1_epi16(0xff);
    low = _mm_packus_epi16(_mm_and_si128(first, bytes), _mm_and_si128(second, bytes));
    high = _mm_packus_epi16(_mm_srli_epi16(first, 8), _mm_srli_epi16(second, 8));
  }
  __m128i low, high;
};

}  // namespace
#endif

void Decoder::decode(const std::uint8_t* codes, const std::uint8_t* codes2, std::size_t count, std::int16_t* to) const {
  std::size_t i = 0;
#if defined(__SSSE3__)
  const auto load = [](const std::uint8_t* p) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)); };
  const auto store = [](std::int16_t* p, __m128i v) { _mm_storeu_si128(reinterpret_cast<__m128i*>(p), v); };
  const ByteTables one(table_), two(table2_);
  for (; i + 16 <= count; i += 16) {
    const __m128i code = load(codes + i);
    const __m128i low = _mm_shuffle_epi8(one.low, code), high = _mm_shuffle_epi8(one.high, code);
    __m128i first = _mm_unpacklo_epi8(low, high), second = _mm_unpackhi_epi8(low, high);
    if (two_) {
      const __m128i code2 = load(codes2 + i);
      const __m128i low2 = _mm_shuffle_epi8(two.low, code2), high2 = _mm_shuffle_epi8(two.high, code2);
      first = _mm_add_epi16(first, _mm_unpacklo_epi8(low2, high2));
      second = _mm_add_epi16(second, _mm_unpackhi_epi8(low2, high2));
    }
    store(to + i, first);
    store(to + i + 8, second);
  }
#endif
  for (; i < count; ++i) to[i] = value(codes[i], two_ ? codes2[i] : 0);
}

Packer::Packer(const PackSource& source, bool left) : source_(source), decoder_(source) {
  if (source.unfolded == nullptr) return;
  if (source.k_major == left) throw std::logic_error("Packer: unfolded images stand the other way");
  const std::size_t rows = left ? source.lines : source.k, channels = source.unfolded->channels;
  std::span<const std::uint8_t> images = source.codes, images2 = source.codes2;
  const Unfolded u = narrowed(*source.unfolded, rows, images);
  if (!images2.empty()) narrowed(*source.unfolded, rows, images2);
  first_row_ = u.first_row;
  view_.emplace(u.window, channels, decoder_.value(u.pad_code, u.pad_code),
                [&](std::size_t pixel, std::size_t count, std::int16_t* to) {
                  const std::size_t at = pixel * channels;
                  decoder_.decode(&images[at], images2.empty() ? nullptr : &images2[at], count * channels, to);
                });
}

Packer::Rows Packer::oriented(std::span<const std::uint8_t> codes, Range lines, Range k, bool k_major,
                              Buffer<std::uint8_t>& turned) {
  if (codes.empty()) return {};
  const Range rows = source_.k_major ? k : lines, cols = source_.k_major ? lines : k;
  const std::size_t stride = source_.k_major ? source_.lines : source_.k;
  const std::uint8_t* from = codes.data() + rows.begin * stride + cols.begin;
  if (source_.k_major == k_major) return {from, stride};
  turned.resize(rows.count * cols.count);
  transpose_codes(from, stride, rows.count, cols.count, turned.data());
  return {turned.data(), rows.count};
}

void Packer::pack_left(Range lines, Range k, std::int16_t* to) {
  const std::size_t stride = (k.count + 1) / 2 * 2;
  if (view_) {
    view_->copy_rows(first_row_ + lines.begin, lines.count, k.begin, k.count, to, stride);
  } else {
    const Rows first = oriented(source_.codes, lines, k, false, turned_);
    const Rows second = oriented(source_.codes2, lines, k, false, turned2_);
    for (std::size_t line = 0; line < lines.count; ++line) {
      decoder_.decode(first.row(line), second.row(line), k.count, to + line * stride);
    }
  }
  if (stride == k.count) return;
  for (std::size_t line = 0; line < lines.count; ++line) to[line * stride + k.count] = 0;
}

void Packer::pack_right(Range lines, Range k, std::size_t block, std::int16_t* to) {
  const std::size_t pairs = (k.count + 1) / 2;
  const std::size_t stride = lines.count + kSlack;
  values_.resize(2 * stride);  // of two steps of K
  std::int16_t* const even = values_.data();
  std::int16_t* const odd = even + stride;
  Rows first, second;
  if (!view_) {
    first = oriented(source_.codes, lines, k, true, turned_);
    second = oriented(source_.codes2, lines, k, true, turned2_);
  }
  for (std::size_t pair = 0; pair < pairs; ++pair) {
    const std::size_t steps = std::min<std::size_t>(2, k.count - 2 * pair);
    if (view_) {
      view_->copy_rows(first_row_ + k.begin + 2 * pair, steps, lines.begin, lines.count, even, stride);
    } else {
      for (std::size_t i = 0; i < steps; ++i) {
        decoder_.decode(first.row(2 * pair + i), second.row(2 * pair + i), lines.count, even + i * stride);
      }
    }
    if (steps == 1) std::fill_n(odd, lines.count, std::int16_t{0});
    for (std::size_t line = 0; line < lines.count; line += block) {
      std::int16_t* panel = to + (line * pairs + pair * block) * 2;
      const std::size_t count = std::min(block, lines.count - line);
      for (std::size_t j = 0; j < count; ++j) {
        panel[2 * j] = even[line + j];
        panel[2 * j + 1] = odd[line + j];
      }
    }
  }
}

}  // namespace cuatro::golden
