// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <sstream>
#include <string>

#include "harness.h"
#include "sim/core_model.h"
#include "sim/descriptor.h"

// Which descriptors are legal, in 64-bit arithmetic, and random ones of either kind. Written from
// rtl/README.md (images), sw/golden/README.md (formats, roundings, bounds) and the encodings of
// rtl/cuatro_pkg.sv.
namespace cuatro::tb {

using sim::CoreShape;
using sim::Descriptor;

enum Field : unsigned {
  kNone,
  kOp,
  kM,
  kN,
  kK,
  kABase,
  kBBase,
  kB2Base,
  kCBase,
  kMaskInBase,
  kRBase,
  kR2Base,
  kMaskOutBase,
  kAFormat,
  kBFormat,
  kOutFormat,
  kRounding,
  kAddend,
  kTermShift,
  kAddendShift,
  kShift,
  kSource,
  kTranspose,
  kTwoTerms
};

// The order in which an illegal descriptor's fields are named.
inline constexpr std::array kFieldOrder{
    kOp,        kM,      kN,      kK,           kAFormat,   kBFormat,  kTermShift,  kTwoTerms,
    kTranspose, kSource, kAddend, kAddendShift, kOutFormat, kRounding, kShift,      kABase,
    kBBase,     kB2Base, kCBase,  kMaskInBase,  kRBase,     kR2Base,   kMaskOutBase};

constexpr unsigned kNop = 0, kGemm = 1, kQuantize = 2;
constexpr unsigned kInt4 = 0, kUint4 = 1, kLog4 = 2, kLog2 = 3, kRaw = 4, kUpdate = 5;
constexpr unsigned kNearest = 0, kFloor = 1, kStochastic = 2, kTpr = 3, kTwoTerm = 4;

constexpr std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) {
  return (a + b - 1) / b;
}

// The contract's table; a raw word is not rounded, its code is NEAREST.
inline bool has_rounding(unsigned format, unsigned rounding) {
  switch (format) {
    case kInt4:
    case kUint4:
      return rounding == kNearest || rounding == kFloor || rounding == kStochastic;
    case kLog4:
      return rounding == kNearest || rounding == kStochastic || rounding == kTpr || rounding == kTwoTerm;
    case kLog2:
      return rounding == kNearest || rounding == kStochastic || rounding == kTwoTerm;
    case kUpdate:
      return rounding == kStochastic;
    default:
      return rounding == kNearest;
  }
}

// Words of every image a command reads or writes; 0 = it has none.
struct Needs {
  std::uint64_t a = 0, b = 0, b2 = 0, c = 0, mask_in = 0, r = 0, r2 = 0, mask_out = 0;
};

inline Needs needs(const Descriptor& d, const CoreShape& s) {
  const std::uint64_t t = s.lanes, word_bits = std::uint64_t{s.word_bytes()} * 8;
  const std::uint64_t blocks = ceil_div(d.m, t) * ceil_div(d.n, t);
  const auto words = [&](std::uint64_t element_bits) {
    return blocks * ceil_div(t * t * element_bits, word_bits);
  };
  Needs n;
  if (d.op == kGemm) {
    n.a = ceil_div(d.m, s.rows) * ceil_div(d.k, t);
    n.b = ceil_div(d.n, s.cols) * ceil_div(d.k, t);
    if (d.two_terms) n.b2 = n.b;
    if (d.addend == 1) n.c = ceil_div(std::uint64_t{d.n} * 32, word_bits);
    if (d.addend == 2) n.c = words(32);
  } else if (d.op == kQuantize) {
    n.c = words(8u << d.source);
  }
  if (d.mask_in) n.mask_in = blocks;
  n.r = d.out_format == kRaw || d.out_format == kUpdate ? words(32) : blocks;
  if (d.rounding == kTpr || d.rounding == kTwoTerm || d.out_format == kUpdate) n.r2 = blocks;
  if (d.mask_out) n.mask_out = blocks;
  return n;
}

inline constexpr std::array kBaseFields{kABase,      kBBase, kB2Base, kCBase,
                                        kMaskInBase, kRBase, kR2Base, kMaskOutBase};

constexpr std::uint16_t Descriptor::*base_of(Field field) {
  switch (field) {
    case kABase:
      return &Descriptor::a_base;
    case kBBase:
      return &Descriptor::b_base;
    case kB2Base:
      return &Descriptor::b2_base;
    case kCBase:
      return &Descriptor::c_base;
    case kMaskInBase:
      return &Descriptor::mask_in_base;
    case kRBase:
      return &Descriptor::r_base;
    case kR2Base:
      return &Descriptor::r2_base;
    case kMaskOutBase:
      return &Descriptor::mask_out_base;
    default:
      return nullptr;
  }
}

inline Field illegal_field(const Descriptor& d, const CoreShape& s) {
  if (d.op > kQuantize) return kOp;
  if (d.op == kNop) return kNone;
  const bool gemm = d.op == kGemm, quantize = d.op == kQuantize, update = gemm && d.out_format == kUpdate;
  const Needs n = needs(d, s);
  const auto too_far = [](std::uint64_t base, std::uint64_t words, std::uint64_t depth) {
    return words != 0 && base + words > depth;
  };
  // One term: K · 15 · 4096 < 2^31; two terms with term_shift 1 are three times that.
  const std::uint64_t max_k = (std::uint64_t{1} << 31) / (15 * 4096) / (d.two_terms ? 3 : 1);
  struct Rule {
    Field field;
    bool broken;
  };
  const Rule rules[] = {
      {kM, d.m == 0},
      {kN, d.n == 0},
      {kK, gemm && (d.k == 0 || d.k > max_k)},
      {kAFormat, gemm && d.a_format == 3},
      {kBFormat, gemm && d.b_format == 1},
      {kTermShift, gemm && d.term_shift == 3},
      {kTwoTerms, quantize && d.two_terms},
      {kTranspose, quantize && d.transpose},
      {kSource, quantize && d.source == 3},
      {kAddend, d.addend == 3 || (quantize && d.addend != 0) || (update && d.addend != 2)},
      {kAddendShift, d.addend_shift == 3 || (update && d.addend_shift != 0)},
      {kOutFormat, d.out_format > kUpdate || (d.out_format == kUpdate && (quantize || d.mask_in || d.mask_out)) ||
                       (d.out_format == kRaw && (quantize || d.mask_out))},
      {kRounding, !has_rounding(d.out_format, d.rounding)},
      {kShift, d.shift < -16 || d.shift > 31 || (update && (d.shift < -4 || d.shift > 27))},
      {kABase, too_far(d.a_base, n.a, s.operand_depth)},
      {kBBase, too_far(d.b_base, n.b, s.operand_depth)},
      {kB2Base, too_far(d.b2_base, n.b2, s.operand_depth)},
      {kCBase, too_far(d.c_base, n.c, s.result_depth)},
      {kMaskInBase, too_far(d.mask_in_base, n.mask_in, s.result_depth)},
      {kRBase, too_far(d.r_base, n.r, s.result_depth)},
      {kR2Base, too_far(d.r2_base, n.r2, s.result_depth)},
      {kMaskOutBase, too_far(d.mask_out_base, n.mask_out, s.result_depth)},
  };
  for (const Rule& rule : rules) {
    if (rule.broken) return rule.field;
  }
  return kNone;
}

// ---- random descriptors

// Every field random, used or not.
inline Descriptor random_bits(Random& random) {
  Descriptor d;
  d.op = static_cast<std::uint8_t>(random.bits(4));
  d.a_format = static_cast<std::uint8_t>(random.bits(2));
  d.b_format = static_cast<std::uint8_t>(random.bits(2));
  d.out_format = static_cast<std::uint8_t>(random.bits(3));
  d.rounding = static_cast<std::uint8_t>(random.bits(3));
  d.addend = static_cast<std::uint8_t>(random.bits(2));
  d.source = static_cast<std::uint8_t>(random.bits(2));
  d.two_terms = random.chance(50);
  d.transpose = random.chance(50);
  d.mask_in = random.chance(50);
  d.mask_out = random.chance(50);
  d.term_shift = static_cast<std::uint8_t>(random.bits(2));
  d.addend_shift = static_cast<std::uint8_t>(random.bits(2));
  d.zero_point = static_cast<std::uint8_t>(random.bits(4));
  d.shift = static_cast<std::int8_t>(random.between(-32, 31));
  d.mult = static_cast<std::uint8_t>(random.bits(8));
  for (std::uint16_t* word : {&d.tag, &d.m, &d.n, &d.k, &d.a_base, &d.b_base, &d.b2_base, &d.c_base,
                              &d.mask_in_base, &d.r_base, &d.r2_base, &d.mask_out_base, &d.row0, &d.col0}) {
    *word = static_cast<std::uint16_t>(random.bits(16));
  }
  d.key = random.bits();
  return d;
}

// The fields that an update binds.
inline void make_update(Random& random, Descriptor& d) {
  d.out_format = kUpdate;
  d.rounding = kStochastic;
  d.addend = 2;
  d.addend_shift = 0;
  d.mask_in = d.mask_out = false;
  d.shift = static_cast<std::int8_t>(random.between(-4, 27));
}

// A legal command of operation `op`, M, N and K at most `most`, every image somewhere in its
// scratchpad, often at one of its ends. The images may overlap.
inline Descriptor random_legal(Random& random, const CoreShape& s, unsigned op, unsigned most) {
  for (;;) {
    Descriptor d = random_bits(random);
    d.op = static_cast<std::uint8_t>(op);
    if (op == kNop) return d;
    const auto size = [&] {
      return static_cast<std::uint16_t>(1 +
                                        random.below(random.chance(50) ? most : std::min(most, 2 * s.lanes)));
    };
    d.m = size();
    d.n = size();
    d.k = size();
    d.a_format = static_cast<std::uint8_t>(random.below(3));
    d.b_format = static_cast<std::uint8_t>(std::array{0, 2, 3}[random.below(3)]);
    d.term_shift = static_cast<std::uint8_t>(random.below(3));
    d.addend_shift = static_cast<std::uint8_t>(random.below(3));
    d.shift = static_cast<std::int8_t>(random.between(-16, 31));
    d.out_format = static_cast<std::uint8_t>(random.below(op == kGemm ? 6 : 4));
    do d.rounding = static_cast<std::uint8_t>(random.below(5));
    while (!has_rounding(d.out_format, d.rounding));
    if (d.out_format == kRaw) d.mask_out = false;
    d.addend = static_cast<std::uint8_t>(op == kGemm ? random.below(3) : 0);
    if (d.out_format == kUpdate) make_update(random, d);
    if (op == kQuantize) {
      d.source = static_cast<std::uint8_t>(random.below(3));
      d.two_terms = d.transpose = false;
    }
    const Needs n = needs(d, s);
    const auto place = [&](std::uint16_t& base, std::uint64_t words, std::uint64_t depth) {
      if (words == 0 || words > depth) return words == 0;
      const std::uint64_t last = depth - words;
      base = static_cast<std::uint16_t>(random.chance(30)   ? last
                                        : random.chance(20) ? 0
                                                            : random.below(last + 1));
      return true;
    };
    if (place(d.a_base, n.a, s.operand_depth) && place(d.b_base, n.b, s.operand_depth) &&
        place(d.b2_base, n.b2, s.operand_depth) && place(d.c_base, n.c, s.result_depth) &&
        place(d.mask_in_base, n.mask_in, s.result_depth) && place(d.r_base, n.r, s.result_depth) &&
        place(d.r2_base, n.r2, s.result_depth) && place(d.mask_out_base, n.mask_out, s.result_depth)) {
      return d;
    }
  }
}

// Makes `field` of `d` illegal, where `legal` is the descriptor without the error; the smallest
// illegal value with `nearest`. False: the command has no such field, or it would undo an error that is in `d` already.
inline bool spoil(Random& random, Descriptor& d, const Descriptor& legal, Field field, const CoreShape& s,
                  bool nearest) {
  const bool gemm = legal.op == kGemm, quantize = legal.op == kQuantize, update = legal.out_format == kUpdate;
  if (field != kOp && !gemm && !quantize) return false;
  const Needs n = needs(legal, s);
  const auto pick = [&](std::uint64_t low, std::uint64_t high) {
    return nearest ? low : low + random.below(high - low + 1);
  };
  const auto beyond = [&](std::uint64_t words, std::uint64_t depth) {
    if (words == 0 || depth - words + 1 > 0xffff) return false;
    d.*base_of(field) = static_cast<std::uint16_t>(pick(depth - words + 1, 0xffff));
    return true;
  };
  switch (field) {
    case kOp:
      d.op = static_cast<std::uint8_t>(pick(3, 15));
      return true;
    case kM:
      d.m = 0;
      return true;
    case kN:
      d.n = 0;
      return true;
    case kK:
      d.k = static_cast<std::uint16_t>(random.chance(50) ? 0 : pick(legal.two_terms ? 11651 : 34953, 0xffff));
      return gemm;
    case kAFormat:
      d.a_format = 3;
      return gemm;
    case kBFormat:
      d.b_format = 1;
      return gemm;
    case kTermShift:
      d.term_shift = 3;
      return gemm;
    case kTwoTerms:
      d.two_terms = true;
      return quantize;
    case kTranspose:
      d.transpose = true;
      return quantize;
    case kSource:
      d.source = 3;
      return quantize;
    case kAddend:
      d.addend = static_cast<std::uint8_t>(update ? std::array{0, 1, 3}[random.below(3)] : gemm ? 3 : pick(1, 3));
      return true;
    case kAddendShift:
      d.addend_shift = static_cast<std::uint8_t>(update ? pick(1, 3) : 3);
      return true;
    case kOutFormat:
      // A GEMM of format 5 would be an update without its other fields; of another format, an update's are legal.
      if (quantize)
        d.out_format = static_cast<std::uint8_t>(pick(kRaw, 7));
      else if (update)
        (random.chance(50) ? d.mask_in : d.mask_out) = true;
      else if (legal.mask_out && random.chance(30))
        d.out_format = kRaw;
      else
        d.out_format = static_cast<std::uint8_t>(pick(kUpdate + 1, 7));
      return true;
    case kRounding:
      do d.rounding = static_cast<std::uint8_t>(random.bits(3));
      while (has_rounding(legal.out_format, d.rounding));
      return true;
    case kShift:
      if (update)
        d.shift = static_cast<std::int8_t>(random.chance(50) ? pick(28, 31) : -static_cast<int>(pick(5, 32)));
      else
        d.shift = static_cast<std::int8_t>(-static_cast<int>(pick(17, 32)));
      return true;
    case kABase:
      return beyond(n.a, s.operand_depth);
    case kBBase:
      return beyond(n.b, s.operand_depth);
    case kB2Base:
      return beyond(n.b2, s.operand_depth);
    case kCBase:
      return beyond(n.c, s.result_depth);
    case kMaskInBase:
      return beyond(n.mask_in, s.result_depth);
    case kRBase:
      return beyond(n.r, s.result_depth);
    case kR2Base:
      return beyond(n.r2, s.result_depth);
    case kMaskOutBase:
      return beyond(n.mask_out, s.result_depth);
    default:
      return false;
  }
}

// ---- messages

inline std::string to_text(const Descriptor& d) {
  std::ostringstream out;
  out << "op " << +d.op << " m " << d.m << " n " << d.n << " k " << d.k << " a_format " << +d.a_format
      << " b_format " << +d.b_format << " out_format " << +d.out_format << " rounding " << +d.rounding
      << " addend " << +d.addend << " source " << +d.source << " two_terms " << d.two_terms << " transpose "
      << d.transpose << " mask_in " << d.mask_in << " mask_out " << d.mask_out << " term_shift "
      << +d.term_shift << " addend_shift " << +d.addend_shift << " shift " << +d.shift << " mult " << +d.mult
      << " bases a " << d.a_base << " b " << d.b_base << " b2 " << d.b2_base << " c " << d.c_base
      << " mask_in " << d.mask_in_base << " r " << d.r_base << " r2 " << d.r2_base << " mask_out "
      << d.mask_out_base;
  return out.str();
}

// "legal" or the name of the field.
inline std::string to_text(Field field) {
  return field == kNone ? "legal" : std::string(sim::field_name(static_cast<std::uint8_t>(field)));
}

}  // namespace cuatro::tb
