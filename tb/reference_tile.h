// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <vector>

#include "golden/codes.h"
#include "harness.h"

// The MAC tile as plain loops, for the benches of mac_tile and mac_array.
namespace cuatro::tb {

struct OperandFormats {
  AFormat a = AFormat::int4;
  int zero_point = 0;
  Format b = Format::int4;
};

// All of them: INT4, UINT4 and the sixteen zero points, each with INT4, LOG4 and LOG2.
inline std::vector<OperandFormats> all_operand_formats() {
  std::vector<OperandFormats> all;
  for (const Format b : {Format::int4, Format::log4, Format::log2}) {
    all.push_back({AFormat::int4, 0, b});
    all.push_back({AFormat::uint4, 0, b});
    for (int zero_point = 0; zero_point < 16; ++zero_point) all.push_back({AFormat::affine, zero_point, b});
  }
  return all;
}

// A zero point that the format does not use is random too.
inline OperandFormats random_operand_formats(Random& random) {
  static constexpr Format b_formats[] = {Format::int4, Format::log4, Format::log2};
  return {static_cast<AFormat>(random.below(3)), static_cast<int>(random.bits(4)),
          b_formats[random.below(3)]};
}

// Element (row or column, lane) at [row or column · lanes + lane].
using Codes = std::vector<std::uint8_t>;

inline Codes random_codes(Random& random, std::size_t count) {
  Codes codes(count);
  for (auto& code : codes) code = static_cast<std::uint8_t>(random.bits(4));
  return codes;
}

// MAC_LATENCY and DRAIN_LATENCY of cuatro_pkg.
constexpr unsigned mac_latency = 4, drain_latency = 3;

// Call load() or not, drain() as often as wanted, then cycle(), for each cycle of the tile.
class ReferenceTile {
 public:
  ReferenceTile(unsigned rows, unsigned cols, unsigned lanes)
      : rows_(rows), cols_(cols), lanes_(lanes), acc_(rows * cols), shadow_(rows * cols) {}

  // Sums are modulo 2^32. A captured one can be drained mac_latency cycles later.
  void load(const OperandFormats& formats, const Codes& a, const Codes& b, std::uint64_t lane_valid, bool first,
            unsigned shift, bool capture) {
    std::vector<std::int32_t> a_values(a.size()), b_values(b.size());
    for (unsigned i = 0; i < a.size(); ++i) a_values[i] = golden::decode_a(formats.a, formats.zero_point, a[i]);
    for (unsigned i = 0; i < b.size(); ++i) {
      b_values[i] = (lane_valid >> (i % lanes_) & 1) != 0 ? golden::decode(formats.b, b[i]) : 0;
    }
    for (unsigned r = 0; r < rows_; ++r) {
      for (unsigned c = 0; c < cols_; ++c) {
        std::uint32_t sum = first ? 0 : acc_[r * cols_ + c] << shift;
        for (unsigned l = 0; l < lanes_; ++l) {
          sum += static_cast<std::uint32_t>(a_values[r * lanes_ + l] * b_values[c * lanes_ + l]);
        }
        acc_[r * cols_ + c] = sum;
      }
    }
    if (capture) {
      captured_ = acc_;
      wait_ = mac_latency;
    }
  }

  // Captures are at least mac_latency cycles apart.
  bool may_capture() const { return wait_ == 0; }

  void cycle() {
    if (wait_ != 0 && --wait_ == 0) shadow_ = captured_;
  }

  // `count` results of a lanes × lanes block of the shadow, line after line from `line` on: rows
  // of the block or, transposed, columns.
  std::vector<std::uint64_t> drain(bool transpose, unsigned row_block, unsigned col_block, unsigned line,
                                   unsigned count) const {
    std::vector<std::uint64_t> results(count);
    for (unsigned i = 0; i < count; ++i) {
      const unsigned along = line + i / lanes_, across = i % lanes_;
      const unsigned r = row_block * lanes_ + (transpose ? across : along);
      const unsigned c = col_block * lanes_ + (transpose ? along : across);
      results[i] = shadow_[r * cols_ + c];
    }
    return results;
  }

 private:
  unsigned rows_, cols_, lanes_, wait_ = 0;
  std::vector<std::uint32_t> acc_, captured_, shadow_;
};

}  // namespace cuatro::tb
