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

// Codes in the orientation that a packer reads: rows `stride` apart.
struct View {
  const std::uint8_t* data;
  std::size_t stride;
  const std::uint8_t* row(std::size_t i) const { return data + i * stride; }
};

View oriented(std::span<const std::uint8_t> codes, const PackSource& source, Range lines, Range k, bool k_major,
              std::vector<std::uint8_t>& turned) {
  const Range rows = source.k_major ? k : lines, cols = source.k_major ? lines : k;
  const std::size_t stride = source.k_major ? source.lines : source.k;
  const std::uint8_t* from = codes.data() + rows.begin * stride + cols.begin;
  if (source.k_major == k_major) return {from, stride};
  turned.resize(rows.count * cols.count);
  transpose_codes(from, stride, rows.count, cols.count, turned.data());
  return {turned.data(), rows.count};
}

// One or two terms, in that orientation.
struct Terms {
  Terms(const PackSource& source, Range lines, Range k, bool k_major)
      : two(!source.codes2.empty()), first(oriented(source.codes, source, lines, k, k_major, turned)) {
    if (two) second = oriented(source.codes2, source, lines, k, k_major, turned2);
  }
  std::vector<std::uint8_t> turned, turned2;
  bool two;
  View first, second{};
};

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

void pack_left(const PackSource& source, Range lines, Range k, std::int16_t* to) {
  const std::size_t stride = (k.count + 1) / 2 * 2;
  const Terms terms(source, lines, k, false);
  with_decoder(source, [&](auto decoder) {
    for (std::size_t line = 0; line < lines.count; ++line, to += stride) {
      const std::uint8_t* first = terms.first.row(line);
      if (!terms.two) {
        for (std::size_t i = 0; i < k.count; ++i) to[i] = static_cast<std::int16_t>(decoder(first[i]));
      } else {
        const std::uint8_t* second = terms.second.row(line);
        for (std::size_t i = 0; i < k.count; ++i) {
          to[i] = static_cast<std::int16_t>(decoder(first[i]) * (1 << source.term_shift) + decoder(second[i]));
        }
      }
      if (stride != k.count) to[k.count] = 0;
    }
  });
}

void pack_right(const PackSource& source, Range lines, Range k, std::size_t block, std::int16_t* to) {
  const std::size_t pairs = (k.count + 1) / 2;
  const Terms terms(source, lines, k, true);
  std::vector<std::int16_t> values(2 * lines.count);  // of two steps of K
  std::int16_t* const even = values.data();
  std::int16_t* const odd = even + lines.count;
  with_decoder(source, [&](auto decoder) {
    const auto decode_row = [&](std::size_t row, std::int16_t* decoded) {
      const std::uint8_t* first = terms.first.row(row);
      if (!terms.two) {
        for (std::size_t i = 0; i < lines.count; ++i) decoded[i] = static_cast<std::int16_t>(decoder(first[i]));
        return;
      }
      const std::uint8_t* second = terms.second.row(row);
      for (std::size_t i = 0; i < lines.count; ++i) {
        decoded[i] = static_cast<std::int16_t>(decoder(first[i]) * (1 << source.term_shift) + decoder(second[i]));
      }
    };
    for (std::size_t pair = 0; pair < pairs; ++pair) {
      decode_row(2 * pair, even);
      if (2 * pair + 1 < k.count) {
        decode_row(2 * pair + 1, odd);
      } else {
        std::fill_n(odd, lines.count, std::int16_t{0});
      }
      for (std::size_t line = 0; line < lines.count; line += block) {
        std::int16_t* panel = to + (line * pairs + pair * block) * 2;
        const std::size_t count = std::min(block, lines.count - line);
        for (std::size_t j = 0; j < count; ++j) {
          panel[2 * j] = even[line + j];
          panel[2 * j + 1] = odd[line + j];
        }
      }
    }
  });
}

}  // namespace cuatro::golden
