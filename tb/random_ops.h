// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "device/lockstep.h"
#include "operation_cover.h"

// Random legal operations on two devices in lock-step: check() compares all they leave, and throws what names a difference.
// Where an operation takes a point of operation_cover.h, what it sets is as it says, and the rest is drawn.
namespace cuatro::test {

class RandomOps {
 public:
  using Point = OperationCover::Point;
  inline static const Point kAny = Point(kOperationAxes, -1);

  RandomOps(LockstepDevice& device, std::uint64_t seed) : device_(device), rng_(seed) {}
  RandomOps(Device& first, Device& second, std::uint64_t seed)
      : own_(std::make_unique<LockstepDevice>(first, second, std::filesystem::temp_directory_path())), device_(*own_), rng_(seed) {}

  // What follows is drawn as from a new one's seed.
  void reseed(std::uint64_t seed) { rng_.seed(seed); }

  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(rng_() % n); }
  bool one_in(std::uint32_t n) { return below(n) == 0; }

  Tensor codes(std::uint32_t rows, std::uint32_t cols, Format format) {
    std::vector<std::uint8_t> values(std::size_t{rows} * cols);
    for (auto& v : values) v = static_cast<std::uint8_t>(below(16));
    return device_.upload_codes(values, rows, cols, format);
  }
  Tensor mask(std::uint32_t rows, std::uint32_t cols) {
    std::vector<std::uint8_t> values(std::size_t{rows} * cols);
    for (auto& v : values) v = static_cast<std::uint8_t>(below(2));
    return device_.upload_mask(values, rows, cols);
  }
  Tensor raw(std::uint32_t rows, std::uint32_t cols) {
    std::vector<std::int32_t> values(std::size_t{rows} * cols);
    for (auto& v : values) v = word();
    return device_.upload_raw(values, rows, cols);
  }
  // Two halves a word, neither -2^15.
  Tensor states(std::uint32_t rows, std::uint32_t cols) {
    std::vector<std::int32_t> values(std::size_t{rows} * cols);
    for (auto& v : values) {
      const auto half = [&] { return std::max(word() >> 16, -32767); };
      v = static_cast<std::int32_t>(static_cast<std::uint32_t>(half()) << 16 | (static_cast<std::uint32_t>(half()) & 0xFFFF));
    }
    return device_.upload_raw(values, rows, cols);
  }
  // Words of every magnitude, corners included.
  std::int32_t word() {
    switch (below(8)) {
      case 0: return 0;
      case 1: return std::vector<std::int32_t>{INT32_MIN, INT32_MAX, -1, 1, 8, -8, 5, 10}[below(8)];
      default: return static_cast<std::int32_t>(rng_()) >> below(32);
    }
  }

  Output output(bool allow_raw, const Point& fixed = kAny) {
    Output out;
    out.format = static_cast<OutFormat>(below(allow_raw ? 5 : 4));
    if (fixed[kKind] >= 0) out.format = output_of(fixed[kKind]).format;
    switch (out.format) {
      case OutFormat::raw:
      case OutFormat::update: break;                 // an update is a command of its own
      case OutFormat::int4:
      case OutFormat::uint4: out.rounding = static_cast<Rounding>(below(3)); break;
      case OutFormat::log4:
        out.rounding = std::vector<Rounding>{Rounding::nearest, Rounding::stochastic, Rounding::tpr,
                                             Rounding::two_term}[below(4)];
        break;
      case OutFormat::log2:
        out.rounding = std::vector<Rounding>{Rounding::nearest, Rounding::stochastic, Rounding::two_term}[below(3)];
        break;
    }
    if (fixed[kKind] >= 0) out.rounding = output_of(fixed[kKind]).rounding;
    out.shift = one_in(6) ? static_cast<int>(below(48)) - 16 : static_cast<int>(below(12));
    out.mult = one_in(3) ? static_cast<int>(below(256)) : 128;
    out.write_mask = out.format != OutFormat::raw && has(fixed[kMasks], kMaskOut, one_in(2));
    out.key = rng_();
    out.for_host = one_in(2);
    return out;
  }

  // One GEMM of up to `most` in M, N and K. Appends what it left to the list that check() reads.
  void gemm(std::uint32_t most, const Point& fixed = kAny, std::uint32_t edge = 1) {
    const Sizes sizes = gemm_sizes(most, fixed, edge);
    const auto [m, n, k] = sizes;
    Gemm op;
    op.a_format = static_cast<AFormat>(either(fixed[kFormatA], below(3)));
    op.zero_point = op.a_format == AFormat::affine ? static_cast<int>(below(16)) : 0;
    op.a_transposed = has(fixed[kOrientation], kTransposeA, one_in(2));
    op.b_transposed = has(fixed[kOrientation], kTransposeB, one_in(2));
    op.out = output(true, fixed);
    op.out.transpose = has(fixed[kOrientation], kTransposeR, one_in(2));
    const Format b_format = std::vector<Format>{Format::int4, Format::log4, Format::log2}[either(fixed[kFormatB], below(3))];
    const Format a_format = op.a_format == AFormat::int4 ? Format::int4 : Format::uint4;
    const bool two = fixed[kTerms] >= 0 ? fixed[kTerms] > 0 : one_in(2);
    op.term_shift = !two ? 0 : fixed[kTerms] > 0 ? fixed[kTerms] - 1 : static_cast<int>(below(3));
    const std::uint32_t rows = op.out.transpose ? n : m, cols = op.out.transpose ? m : n;

    const Tensor a = op.a_transposed ? codes(k, m, a_format) : codes(m, k, a_format);
    const Tensor b = op.b_transposed ? codes(n, k, b_format) : codes(k, n, b_format);
    Tensor b2, addend, gate;
    if (two) b2 = op.b_transposed ? codes(n, k, b_format) : codes(k, n, b_format);
    std::vector<std::int32_t> bias;
    switch (either(fixed[kAddend], (below(3) + 1) % 3)) {
      case 1:
        bias.resize(n);
        for (auto& v : bias) v = word();
        op.bias = bias;
        break;
      case 2: addend = raw(rows, cols); break;
      default: break;
    }
    if (addend || !bias.empty()) op.addend_shift = static_cast<int>(below(3));
    if (has(fixed[kMasks], kMaskIn, one_in(2))) gate = mask(rows, cols);

    const std::string label = "gemm " + std::to_string(m) + "x" + std::to_string(k) + "x" + std::to_string(n) +
                              describe(op.out) + (two ? " two-term" : "") + (bias.empty() ? "" : " bias") +
                              (addend ? " addend" : "") + (gate ? " masked" : "");
    op.a = a, op.b = b, op.b2 = b2, op.addend = addend, op.mask = gate;
    device_.gemm(op, label);
    again_ = op;
    again_bias_ = bias;
    again_.bias = {};
  }

  // The last gemm() once more, of the same tensors, which may still be where it wanted them; false without one.
  bool again() {
    if (!again_.a) return false;
    again_.out.key = rng_();
    Gemm op = again_;
    op.bias = again_bias_;
    device_.gemm(op, "the same again");
    return true;
  }

  // A raw result that 16 bits hold, up to the last value of K and of the bias at which they do; what reads it: a quantize command, and another
  // GEMM whose addend it is.
  void halves(std::uint32_t most, bool addend) {
    const std::uint32_t m = 1 + below(most), n = 1 + below(most), k = 1 + below(std::min(most, 511u));
    Gemm op;
    op.a = codes(m, k, Format::int4), op.b = codes(k, n, Format::int4);
    op.out.transpose = one_in(2);
    op.out.for_host = true;
    std::vector<std::int32_t> bias;
    if (one_in(2)) {
      bias.resize(n);
      const auto room = static_cast<std::int32_t>(INT16_MAX - 64 * k);
      for (auto& v : bias) v = one_in(2) ? room : -room;
      op.bias = bias;
    }
    const std::string label = "halves " + std::to_string(m) + "x" + std::to_string(k) + "x" + std::to_string(n) + describe(op.out) + (bias.empty() ? "" : " bias");
    const Tensor raw = device_.gemm(op, label).raw;
    Quantize codes;
    codes.raw = raw;
    codes.out = output(false);
    device_.quantize(codes, "quantize of " + label);
    if (!addend) return;
    op.bias = {};
    op.addend = raw;
    op.addend_shift = static_cast<int>(below(3));
    device_.gemm(op, "added to " + label);
  }

  // Updates of one state, each of what the one before left, of up to `most` rows, columns and K.
  void updates(std::uint32_t most, int count, const Point& fixed = kAny, std::uint32_t edge = 1) {
    const Sizes sizes = gemm_sizes(most, fixed, edge);
    const auto [m, n, k] = sizes;
    Gemm op;
    op.a_format = static_cast<AFormat>(either(fixed[kFormatA], below(3)));
    op.zero_point = op.a_format == AFormat::affine ? static_cast<int>(below(16)) : 0;
    op.a_transposed = has(fixed[kOrientation], kTransposeA, one_in(2));
    op.b_transposed = has(fixed[kOrientation], kTransposeB, false);
    op.out.format = OutFormat::update;
    op.out.rounding = Rounding::stochastic;
    op.out.transpose = has(fixed[kOrientation], kTransposeR, one_in(2));
    const Format b_format = std::vector<Format>{Format::int4, Format::log4, Format::log2}[either(fixed[kFormatB], below(3))];
    const Format a_format = op.a_format == AFormat::int4 ? Format::int4 : Format::uint4;
    const bool two = fixed[kTerms] >= 0 ? fixed[kTerms] > 0 : one_in(2);
    op.term_shift = !two ? 0 : fixed[kTerms] > 0 ? fixed[kTerms] - 1 : static_cast<int>(below(3));
    const auto b_codes = [&] { return op.b_transposed ? codes(n, k, b_format) : codes(k, n, b_format); };
    const Tensor a = op.a_transposed ? codes(k, m, a_format) : codes(m, k, a_format), b = b_codes();
    Tensor b2;
    if (two) b2 = b_codes();
    Tensor state = states(op.out.transpose ? n : m, op.out.transpose ? m : n);
    for (int i = 0; i < count; ++i) {
      op.out.shift = one_in(3) ? static_cast<int>(below(32)) - 4 : static_cast<int>(below(12));
      op.out.key = rng_();
      op.update.lr_shift = static_cast<int>(below(one_in(3) ? 16 : 6));
      op.update.code_shift = static_cast<int>(below(16));
      op.a = a, op.b = b, op.b2 = b2, op.update.state = state;
      const std::string label = "update " + std::to_string(m) + "x" + std::to_string(k) + "x" + std::to_string(n) +
                                describe(op.out) + (two ? " two-term" : "") + " s " + std::to_string(op.update.lr_shift) +
                                " c " + std::to_string(op.update.code_shift);
      last_ = device_.gemm(op, label);
      state = last_.raw;
    }
    if (fixed == kAny && one_in(2)) reader(most);
  }

  // A product with the codes that were made last, on either side as far as their format allows, with both terms if there are two.
  void reader(std::uint32_t most) {
    Gemm op;
    const bool right = last_.codes.format != Format::int4 || !one_in(4), transposed = one_in(2);
    if (right) {
      op.b2 = last_.codes2;
      if (op.b2) op.term_shift = static_cast<int>(below(3));
    }
    const std::uint32_t k = (right == transposed) ? last_.codes.cols : last_.codes.rows;
    const Tensor other = right ? codes(1 + below(most), k, Format::int4) : codes(k, 1 + below(most), Format::int4);
    op.a = right ? other : last_.codes;
    op.b = right ? last_.codes : other;
    (right ? op.b_transposed : op.a_transposed) = transposed;
    const std::string label = std::string("product with the codes on the ") + (right ? "right" : "left") + (transposed ? ", transposed" : "");
    device_.gemm(op, label);
  }

  // Some rows of codes that a quantize command has just been asked for, in any order or as they stand, and a product with them.
  void gather(std::uint32_t most) {
    const std::uint32_t rows = 1 + below(most), cols = 1 + below(most);
    std::vector<std::int32_t> words(std::size_t{rows} * cols);
    for (auto& v : words) v = static_cast<std::int32_t>(rng_());
    Quantize op;
    op.rows = rows, op.cols = cols;
    op.data = words.data();
    op.out.shift = 28;
    op.out.format = OutFormat::int4;
    last_ = device_.quantize(op, "gather from " + std::to_string(rows) + "x" + std::to_string(cols));
    std::vector<std::uint32_t> picked(1 + below(rows));
    const std::uint32_t first = below(rows - static_cast<std::uint32_t>(picked.size()) + 1);
    const bool as_they_stand = one_in(2);
    for (std::uint32_t i = 0; i < picked.size(); ++i) picked[i] = as_they_stand ? first + i : below(rows);
    last_.codes = device_.gather_rows(last_.codes, picked);
    reader(most);
  }

  // The window over codes that a quantize command has just been asked for, and a product with it. Every other time the channels
  // are whole blocks: what the hardware unfolds.
  void unfold(std::uint32_t most, std::uint32_t edge) {
    const auto pick = [&](std::uint32_t low, std::uint32_t high) { return low + below(high - low + 1); };
    const Window w{pick(1, 3), pick(1, 6), pick(1, 6), pick(1, 4), pick(1, 4), pick(1, 3),
                   pick(0, 3), pick(0, 3), pick(1, 3), pick(1, 6), pick(1, 6), pick(0, 1) != 0};
    Quantize op;
    op.rows = w.images * w.height * w.width;
    op.cols = one_in(2) ? 1 + below(most) : edge * (1 + below(3));
    op.out.format = OutFormat::int4;
    op.out.shift = 28;
    if (one_in(2)) {
      op.out.format = OutFormat::log2;
      op.out.rounding = Rounding::two_term;
      op.out.shift = 20;
    }
    std::vector<std::int32_t> words(std::size_t{op.rows} * op.cols);
    for (auto& v : words) v = static_cast<std::int32_t>(rng_());
    op.data = words.data();
    const auto pad = static_cast<std::uint8_t>(below(16));
    const std::string label = "unfold of " + std::to_string(op.rows) + "x" + std::to_string(op.cols);
    last_ = device_.quantize(op, label);
    last_.codes = device_.unfold(last_.codes, w, pad);
    if (last_.codes2) last_.codes2 = device_.unfold(last_.codes2, w, pad);
    if (!one_in(4)) reader(most);
  }

  static std::string describe(const Output& out) {
    return " format " + std::to_string(static_cast<int>(out.format)) + " rounding " +
           std::to_string(static_cast<int>(out.rounding)) + " shift " + std::to_string(out.shift) + " mult " +
           std::to_string(out.mult) + (out.transpose ? " transposed" : "") + (out.write_mask ? " mask out" : "");
  }

  void quantize(std::uint32_t most, const Point& fixed = kAny, std::uint32_t edge = 1) {
    const std::uint32_t rows = size(most, edge, fixed[kBlocks], kRaggedRows), cols = size(most, edge, fixed[kBlocks], kRaggedCols);
    Quantize op;
    op.type = static_cast<SourceType>(below(3));
    if (fixed[kSource] >= 0 && fixed[kSource] < 3) op.type = static_cast<SourceType>(fixed[kSource]);
    op.rows = rows;
    op.cols = cols;
    op.out = output(false, fixed);
    std::vector<std::int32_t> words(std::size_t{rows} * cols);
    std::vector<std::int16_t> halves(words.size());
    std::vector<std::uint8_t> bytes(words.size());
    for (std::size_t i = 0; i < words.size(); ++i) {
      words[i] = word();
      halves[i] = static_cast<std::int16_t>(words[i]);
      bytes[i] = static_cast<std::uint8_t>(words[i]);
    }
    op.data = op.type == SourceType::s32 ? static_cast<const void*>(words.data())
              : op.type == SourceType::s16 ? static_cast<const void*>(halves.data())
                                           : static_cast<const void*>(bytes.data());
    const bool tensor = one_in(3);
    if (fixed[kSource] >= 0 ? fixed[kSource] == 3 : tensor) {
      op.raw = raw(rows, cols);
      op.data = nullptr;
    }
    if (has(fixed[kMasks], kMaskIn, one_in(3))) op.mask = mask(rows, cols);
    const std::string label = "quantize " + std::to_string(rows) + "x" + std::to_string(cols) + describe(op.out) +
                              " source " + std::to_string(static_cast<int>(op.type)) + (op.mask ? " masked" : "");
    device_.quantize(op, label);
  }

  // A command of which at least that is so.
  void command(std::uint32_t most, const Point& fixed, std::uint32_t edge) {
    if (fixed[kKind] == kUpdateKind) return updates(most, 1, fixed, edge);
    const bool quantizes = fixed[kKind] >= kGemmKinds || fixed[kSource] >= 0 || fixed[kBlocks] >= 0;
    quantizes ? quantize(most, fixed, edge) : gemm(most, fixed, edge);
  }

  // Asks for commands that fill the cover's empty cells, errors apart, until none is left or `at_most` have been asked for. Most of
  // them run back to back.
  void fill(const OperationCover& cover, std::uint32_t most, std::uint32_t at_most) {
    const auto no_error = [](const Point& at) { return at[kUnderError] < 0 && at[kAfterError] < 0; };
    // What needs no other command before it.
    const auto at_once = [&](const Point& at) {
      if (cover.before() == kNothing && at[kBehind] == 1) return false;
      return no_error(at) && (at[kBefore] < 0 || at[kBefore] == kNothing || at[kBefore] == cover.before());
    };
    Point last;
    for (std::uint32_t i = 0; i < at_most; ++i) {
      Point next = cover.table().wanted(rng_(), at_once).value_or(last);
      if (next == last) {
        // There is none, or it did not come: a command that others are wanted behind.
        const auto later = cover.table().wanted(rng_(), no_error);
        if (!later) break;
        next = kAny;
        next[kKind] = (*later)[kBefore] == kNothing ? -1 : (*later)[kBefore];
      }
      last = next;
      const bool any = next[kBehind] < 0 && next[kBefore] < 0;
      if (next[kBehind] == 0 || next[kBefore] == kNothing || (any && one_in(24))) check();
      command(most, next, cover.edge());
    }
    check();
  }

  // Compares everything since the last check.
  void check() { device_.compare_pending(); }

 private:
  struct Sizes {
    std::uint32_t m, n, k;
  };
  // A multiple of `edge`, if that is asked for, or none.
  std::uint32_t size(std::uint32_t most, std::uint32_t edge, int remainder, int bit) {
    const std::uint32_t drawn = 1 + below(most);
    if (remainder < 0) return drawn;
    if ((remainder & bit) == 0) return (drawn + edge - 1) / edge * edge;
    return drawn % edge == 0 ? drawn - 1 : drawn;
  }
  Sizes gemm_sizes(std::uint32_t most, const Point& fixed, std::uint32_t edge) {
    const std::uint32_t m = size(most, edge, fixed[kRemainder], kRaggedM), n = size(most, edge, fixed[kRemainder], kRaggedN);
    return {m, n, size(most, edge, fixed[kRemainder], kRaggedK)};
  }
  static std::uint32_t either(int fixed, std::uint32_t drawn) { return fixed < 0 ? drawn : static_cast<std::uint32_t>(fixed); }
  static bool has(int fixed, int bit, bool drawn) { return fixed < 0 ? drawn : (fixed & bit) != 0; }

  std::unique_ptr<LockstepDevice> own_;
  LockstepDevice& device_;
  std::mt19937_64 rng_;
  Result last_;                          // whose codes reader() takes
  Gemm again_;
  std::vector<std::int32_t> again_bias_;
};

}  // namespace cuatro::test
