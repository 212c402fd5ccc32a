// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "golden/gemm_pack.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "golden/codes.h"

namespace cuatro::golden {
namespace {

// The formats again, free of branches so that loops over them become vector code.
// The tests hold them against decode() for all codes.
struct DecodeInt4 {
  std::int32_t operator()(std::int32_t code) const { return (code ^ 8) - 8; }
};
struct DecodeUint4 {
  std::int32_t zero_point;
  std::int32_t operator()(std::int32_t code) const { return code - zero_point; }
};
template <int Bits>  // log2 of the base
struct DecodeLog {
  std::int32_t operator()(std::int32_t code) const {
    const std::int32_t magnitude = (1 << (Bits * (code & 7))) >> Bits;  // e = 0 shifts out to zero
    const std::int32_t sign = -(code >> 3);
    return (magnitude ^ sign) - sign;
  }
};

template <class Function>
void with_decoder(const PackSource& source, Function function) {
  switch (source.format) {
    case Format::int4:
      function(DecodeInt4{});
      break;
    case Format::uint4:
      function(DecodeUint4{source.zero_point});
      break;
    case Format::log4:
      function(DecodeLog<2>{});
      break;
    case Format::log2:
      function(DecodeLog<1>{});
      break;
  }
}

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

std::size_t round_up(std::size_t value, std::size_t unit) {
  return (value + unit - 1) / unit * unit;
}

// Terms of one stored operand, brought to the orientation that a packer reads.
struct Terms {
  std::vector<std::uint8_t> turned, turned2;
  const std::uint8_t* first;
  const std::uint8_t* second;  // null: one term
};

Terms oriented(const PackSource& source, bool k_major) {
  Terms terms{{}, {}, source.codes.data(), source.codes2.empty() ? nullptr : source.codes2.data()};
  if (source.k_major == k_major) return terms;
  const std::size_t rows = source.k_major ? source.k : source.lines;
  const std::size_t cols = source.k_major ? source.lines : source.k;
  terms.turned = transpose_codes(source.codes, rows, cols);
  terms.first = terms.turned.data();
  if (terms.second != nullptr) {
    terms.turned2 = transpose_codes(source.codes2, rows, cols);
    terms.second = terms.turned2.data();
  }
  return terms;
}

}  // namespace

PackSource pack_source_a(const GemmOperands& op) {
  const bool affine = op.a_format == AFormat::affine;
  return {op.a,
          {},
          op.a_transposed,
          op.a_format == AFormat::int4 ? Format::int4 : Format::uint4,
          affine ? op.zero_point : 0,
          0,
          op.m,
          op.k};
}

PackSource pack_source_b(const GemmOperands& op) {
  return {op.b, op.b2, !op.b_transposed, op.b_format, 0, op.term_shift, op.n, op.k};
}

std::vector<std::uint8_t> transpose_codes(std::span<const std::uint8_t> codes, std::size_t rows,
                                          std::size_t cols) {
  static_assert(std::endian::native == std::endian::little);  // byte j of a word is column j
  std::vector<std::uint8_t> out(codes.size());
  const std::size_t whole_rows = rows / 8 * 8, whole_cols = cols / 8 * 8;
  for (std::size_t r = 0; r < whole_rows; r += 8) {
    for (std::size_t c = 0; c < whole_cols; c += 8) {
      std::uint64_t block[8];
      for (std::size_t i = 0; i < 8; ++i) std::memcpy(&block[i], &codes[(r + i) * cols + c], 8);
      transpose_block(block);
      for (std::size_t i = 0; i < 8; ++i) std::memcpy(&out[(c + i) * rows + r], &block[i], 8);
    }
  }
  for (std::size_t r = 0; r < rows; ++r) {
    const std::size_t done = r < whole_rows ? whole_cols : 0;
    for (std::size_t c = done; c < cols; ++c) out[c * rows + r] = codes[r * cols + c];
  }
  return out;
}

std::vector<std::int16_t> pack_left(const PackSource& source, std::size_t block) {
  const std::size_t stride = round_up(source.k, 2);
  std::vector<std::int16_t> out(round_up(source.lines, block) * stride);
  const Terms terms = oriented(source, false);
  with_decoder(source, [&](auto decoder) {
    for (std::size_t line = 0; line < source.lines; ++line) {
      const std::uint8_t* first = terms.first + line * source.k;
      std::int16_t* to = &out[line * stride];
      if (terms.second == nullptr) {
        for (std::size_t k = 0; k < source.k; ++k) to[k] = static_cast<std::int16_t>(decoder(first[k]));
      } else {
        const std::uint8_t* second = terms.second + line * source.k;
        for (std::size_t k = 0; k < source.k; ++k) {
          const std::int32_t value = decoder(first[k]) * (1 << source.term_shift) + decoder(second[k]);
          to[k] = static_cast<std::int16_t>(value);
        }
      }
    }
  });
  return out;
}

std::vector<std::int16_t> pack_right(const PackSource& source, std::size_t block) {
  const std::size_t pairs = (source.k + 1) / 2;
  const std::size_t lines = source.lines;
  std::vector<std::int16_t> out(round_up(lines, block) * pairs * 2);
  const Terms terms = oriented(source, true);
  with_decoder(source, [&](auto decoder) {
    for (std::size_t k = 0; k < source.k; ++k) {
      const std::uint8_t* first = terms.first + k * lines;
      const std::uint8_t* second = terms.second == nullptr ? nullptr : terms.second + k * lines;
      for (std::size_t line = 0; line < lines; line += block) {
        std::int16_t* to = &out[line * pairs * 2 + k / 2 * block * 2 + k % 2];
        const std::size_t count = std::min(block, lines - line);
        for (std::size_t j = 0; j < count; ++j) {
          std::int32_t value = decoder(first[line + j]);
          if (second != nullptr) value = value * (1 << source.term_shift) + decoder(second[line + j]);
          to[2 * j] = static_cast<std::int16_t>(value);
        }
      }
    }
  });
  return out;
}

}  // namespace cuatro::golden
