// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "descriptor_rules.h"
#include "golden/quantizers.h"
#include "golden/random.h"
#include "golden/range.h"
#include "golden/update.h"

// What a command leaves in R and answers, element by element in plain loops. Source:
// sw/golden/README.md, "Output stage", and the images of rtl/README.md.
namespace cuatro::tb {

using Bytes = std::vector<std::uint8_t>;

inline Bytes random_bytes(Random& random, std::size_t size) {
  Bytes bytes(size);
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random.bits(8));
  return bytes;
}

// Bits lsb + width - 1 .. lsb of an image, lowest bits first.
inline void put(Bytes& bytes, std::size_t lsb, unsigned width, std::uint64_t value) {
  for (unsigned i = 0; i < width; ++i) {
    auto& byte = bytes[(lsb + i) / 8];
    const auto one = static_cast<std::uint8_t>(1u << ((lsb + i) % 8));
    byte = static_cast<std::uint8_t>((value >> i & 1) != 0 ? byte | one : byte & ~one);
  }
}

// Number of element (row, col) in the blocks of a stored matrix of `cols` columns.
inline std::size_t element(unsigned row, unsigned col, unsigned cols, unsigned edge) {
  const std::size_t block = std::size_t{row / edge} * ceil_div(cols, edge) + col / edge;
  return block * edge * edge + std::size_t{row % edge} * edge + col % edge;
}

inline unsigned stored_rows(const Descriptor& d) {
  return d.transpose ? d.n : d.m;
}
inline unsigned stored_cols(const Descriptor& d) {
  return d.transpose ? d.m : d.n;
}

// A state word {v, w}; neither is ever -2^15.
inline std::uint32_t random_state(Random& random) {
  const auto half = [&] {
    const auto value = static_cast<std::int16_t>(random.chance(10) ? 0x7fff : random.word() >> 15);
    return static_cast<std::uint16_t>(value == -32768 ? -32767 : value);
  };
  const std::uint32_t v = half();
  return v << 16 | half();
}

struct Outcome {
  sim::Response response;
  std::map<std::uint16_t, Bytes> words;  // R
};

// `x`: accumulator plus addend, or source word, of every element of S, row-major; `keep`: its mask. Of an update `x`
// is the accumulator and `state` the old state.
inline Outcome outcome(const Descriptor& d, const CoreShape& s, const std::vector<std::uint32_t>& x,
                       const std::vector<char>& keep, const std::vector<std::uint32_t>& state = {}) {
  const unsigned rows = stored_rows(d), cols = stored_cols(d);
  const std::size_t block_elements = std::size_t{s.lanes} * s.lanes, word_bytes = s.word_bytes();
  const Needs n = needs(d, s);
  Outcome result;
  const auto word_at = [&](std::uint64_t addr) -> Bytes& {
    return result.words.try_emplace(static_cast<std::uint16_t>(addr), Bytes(word_bytes)).first->second;
  };
  for (std::uint64_t i = 0; i < n.r; ++i) word_at(d.r_base + i);
  for (std::uint64_t i = 0; i < n.r2; ++i) word_at(d.r2_base + i);
  for (std::uint64_t i = 0; i < n.mask_out; ++i) word_at(d.mask_out_base + i);

  const auto format = static_cast<OutFormat>(d.out_format);
  golden::Range range(format);
  for (unsigned row = 0; row < rows; ++row) {
    for (unsigned col = 0; col < cols; ++col) {
      const std::size_t i = std::size_t{row} * cols + col, e = element(row, col, cols, s.lanes);
      const std::size_t block = e / block_elements, in_block = e % block_elements;
      const auto a = static_cast<std::int32_t>(keep[i] != 0 ? x[i] : 0);
      if (d.mask_out) put(word_at(d.mask_out_base + block), in_block, 1, a > 0);
      if (format == OutFormat::raw) {
        put(word_at(d.r_base + e * 4 / word_bytes), e * 4 % word_bytes * 8, 32,
            static_cast<std::uint32_t>(a));
        range.add(a, false);
        continue;
      }
      if (format == OutFormat::update) {
        const auto next = golden::update_element(
            a, golden::WeightState::from_word(static_cast<std::int32_t>(state.at(i))), {d.shift, d.mult & 15, d.mult >> 4},
            golden::random_bytes(d.key, d.row0 + row, d.col0 + col));
        put(word_at(d.r_base + e * 4 / word_bytes), e * 4 % word_bytes * 8, 32,
            static_cast<std::uint32_t>(next.state.word()));
        put(word_at(d.r2_base + block), 4 * in_block, 4, next.code);
        range.add(next.state.w, next.saturated);
        continue;
      }
      const auto codes = golden::quantize_element(format, static_cast<Rounding>(d.rounding),
                                                  golden::rescale(a, d.shift, d.mult),
                                                  golden::random_byte(d.key, d.row0 + row, d.col0 + col));
      put(word_at(d.r_base + block), 4 * in_block, 4, codes.code1);
      if (n.r2 != 0) put(word_at(d.r2_base + block), 4 * in_block, 4, codes.code2);
      range.add(a, codes.saturated);
    }
  }
  const Stats& stats = range.stats();
  result.response = {d.tag, 0, stats.absmax, stats.sumabs, stats.saturated};
  return result;
}

}  // namespace cuatro::tb
