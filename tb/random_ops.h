// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "catch.h"
#include "device/device.h"

// Random legal operations, issued alike on two devices, and the comparison of all they leave.
namespace cuatro::test {

struct TensorPair {
  Tensor first, second;
};

class RandomOps {
 public:
  RandomOps(Device& first, Device& second, std::uint32_t seed) : first_(first), second_(second), rng_(seed) {}

  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(rng_() % n); }
  bool one_in(std::uint32_t n) { return below(n) == 0; }

  TensorPair codes(std::uint32_t rows, std::uint32_t cols, Format format) {
    std::vector<std::uint8_t> values(std::size_t{rows} * cols);
    for (auto& v : values) v = static_cast<std::uint8_t>(below(16));
    return {first_.upload_codes(values, rows, cols, format), second_.upload_codes(values, rows, cols, format)};
  }
  TensorPair mask(std::uint32_t rows, std::uint32_t cols) {
    std::vector<std::uint8_t> values(std::size_t{rows} * cols);
    for (auto& v : values) v = static_cast<std::uint8_t>(below(2));
    return {first_.upload_mask(values, rows, cols), second_.upload_mask(values, rows, cols)};
  }
  TensorPair raw(std::uint32_t rows, std::uint32_t cols) {
    std::vector<std::int32_t> values(std::size_t{rows} * cols);
    for (auto& v : values) v = word();
    return {first_.upload_raw(values, rows, cols), second_.upload_raw(values, rows, cols)};
  }
  // Two halves a word, neither -2^15.
  TensorPair states(std::uint32_t rows, std::uint32_t cols) {
    std::vector<std::int32_t> values(std::size_t{rows} * cols);
    for (auto& v : values) {
      const auto half = [&] { return std::max(word() >> 16, -32767); };
      v = static_cast<std::int32_t>(static_cast<std::uint32_t>(half()) << 16 | (static_cast<std::uint32_t>(half()) & 0xFFFF));
    }
    return {first_.upload_raw(values, rows, cols), second_.upload_raw(values, rows, cols)};
  }
  // Words of every magnitude, corners included.
  std::int32_t word() {
    switch (below(8)) {
      case 0: return 0;
      case 1: return std::vector<std::int32_t>{INT32_MIN, INT32_MAX, -1, 1, 8, -8, 5, 10}[below(8)];
      default: return static_cast<std::int32_t>(rng_()) >> below(32);
    }
  }

  Output output(bool allow_raw) {
    Output out;
    out.format = static_cast<OutFormat>(below(allow_raw ? 5 : 4));
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
    out.shift = one_in(6) ? static_cast<int>(below(48)) - 16 : static_cast<int>(below(12));
    out.mult = one_in(3) ? static_cast<int>(below(256)) : 128;
    out.write_mask = out.format != OutFormat::raw && one_in(2);
    out.key = rng_();
    return out;
  }

  // One GEMM of up to `most` in M, N and K. Appends what it left to the list that check() reads.
  void gemm(std::uint32_t most) {
    const std::uint32_t m = 1 + below(most), n = 1 + below(most), k = 1 + below(most);
    Gemm op;
    op.a_format = static_cast<AFormat>(below(3));
    op.zero_point = op.a_format == AFormat::affine ? static_cast<int>(below(16)) : 0;
    op.a_transposed = one_in(2);
    op.b_transposed = one_in(2);
    op.out = output(true);
    op.out.transpose = one_in(2);
    const Format b_format = std::vector<Format>{Format::int4, Format::log4, Format::log2}[below(3)];
    const Format a_format = op.a_format == AFormat::int4 ? Format::int4 : Format::uint4;
    const bool two = one_in(2);
    op.term_shift = two ? static_cast<int>(below(3)) : 0;
    const std::uint32_t rows = op.out.transpose ? n : m, cols = op.out.transpose ? m : n;

    const TensorPair a = op.a_transposed ? codes(k, m, a_format) : codes(m, k, a_format);
    const TensorPair b = op.b_transposed ? codes(n, k, b_format) : codes(k, n, b_format);
    TensorPair b2, addend, gate;
    if (two) b2 = op.b_transposed ? codes(n, k, b_format) : codes(k, n, b_format);
    std::vector<std::int32_t> bias;
    switch (below(3)) {
      case 0:
        bias.resize(n);
        for (auto& v : bias) v = word();
        op.bias = bias;
        break;
      case 1: addend = raw(rows, cols); break;
      default: break;
    }
    if (addend.first || !bias.empty()) op.addend_shift = static_cast<int>(below(3));
    if (one_in(2)) gate = mask(rows, cols);

    const std::string label = "gemm " + std::to_string(m) + "x" + std::to_string(k) + "x" + std::to_string(n) +
                              describe(op.out) + (two ? " two-term" : "") + (bias.empty() ? "" : " bias") +
                              (addend.first ? " addend" : "") + (gate.first ? " masked" : "");
    Gemm on_first = op, on_second = op;
    on_first.a = a.first, on_first.b = b.first, on_first.b2 = b2.first;
    on_first.addend = addend.first, on_first.mask = gate.first;
    on_second.a = a.second, on_second.b = b.second, on_second.b2 = b2.second;
    on_second.addend = addend.second, on_second.mask = gate.second;
    results_.push_back({label, first_.gemm(on_first, label), second_.gemm(on_second, label)});
  }

  // Updates of one state, each of what the one before left, of up to `most` rows, columns and K.
  void updates(std::uint32_t most, int count) {
    const std::uint32_t m = 1 + below(most), n = 1 + below(most), k = 1 + below(most);
    Gemm op;
    op.a_format = static_cast<AFormat>(below(3));
    op.zero_point = op.a_format == AFormat::affine ? static_cast<int>(below(16)) : 0;
    op.a_transposed = one_in(2);
    op.out.format = OutFormat::update;
    op.out.rounding = Rounding::stochastic;
    op.out.transpose = one_in(2);
    const Format b_format = std::vector<Format>{Format::int4, Format::log4, Format::log2}[below(3)];
    const Format a_format = op.a_format == AFormat::int4 ? Format::int4 : Format::uint4;
    const bool two = one_in(2);
    op.term_shift = two ? static_cast<int>(below(3)) : 0;
    const TensorPair a = op.a_transposed ? codes(k, m, a_format) : codes(m, k, a_format), b = codes(k, n, b_format);
    TensorPair b2;
    if (two) b2 = codes(k, n, b_format);
    TensorPair state = states(op.out.transpose ? n : m, op.out.transpose ? m : n);
    for (int i = 0; i < count; ++i) {
      op.out.shift = one_in(3) ? static_cast<int>(below(32)) - 4 : static_cast<int>(below(12));
      op.out.key = rng_();
      op.update.lr_shift = static_cast<int>(below(one_in(3) ? 16 : 6));
      op.update.code_shift = static_cast<int>(below(16));
      Gemm on_first = op, on_second = op;
      on_first.a = a.first, on_first.b = b.first, on_first.b2 = b2.first, on_first.update.state = state.first;
      on_second.a = a.second, on_second.b = b.second, on_second.b2 = b2.second, on_second.update.state = state.second;
      const std::string label = "update " + std::to_string(m) + "x" + std::to_string(k) + "x" + std::to_string(n) +
                                describe(op.out) + (two ? " two-term" : "") + " s " + std::to_string(op.update.lr_shift) +
                                " c " + std::to_string(op.update.code_shift);
      results_.push_back({label, first_.gemm(on_first, label), second_.gemm(on_second, label)});
      state = {results_.back().first.raw, results_.back().second.raw};
    }
    if (one_in(2)) reader(most);
  }

  // A product with the codes that were made last, on either side as far as their format allows, with both terms if there are two.
  void reader(std::uint32_t most) {
    const Tensor first = results_.back().first.codes, second = results_.back().second.codes;
    Gemm on_first, on_second;
    const bool right = first.format != Format::int4 || !one_in(4), transposed = one_in(2);
    if (right) {
      on_first.b2 = results_.back().first.codes2, on_second.b2 = results_.back().second.codes2;
      if (on_first.b2) on_first.term_shift = on_second.term_shift = static_cast<int>(below(3));
    }
    const std::uint32_t k = (right == transposed) ? first.cols : first.rows;
    const TensorPair other = right ? codes(1 + below(most), k, Format::int4) : codes(k, 1 + below(most), Format::int4);
    if (right) {
      on_first.a = other.first, on_first.b = first, on_second.a = other.second, on_second.b = second;
      on_first.b_transposed = on_second.b_transposed = transposed;
    } else {
      on_first.a = first, on_first.b = other.first, on_second.a = second, on_second.b = other.second;
      on_first.a_transposed = on_second.a_transposed = transposed;
    }
    const std::string label = std::string("product with the codes on the ") + (right ? "right" : "left") + (transposed ? ", transposed" : "");
    results_.push_back({label, first_.gemm(on_first, label), second_.gemm(on_second, label)});
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
    Result one = first_.quantize(op, label), two = second_.quantize(op, label);
    one.codes = first_.unfold(one.codes, w, pad);
    two.codes = second_.unfold(two.codes, w, pad);
    if (one.codes2) {
      one.codes2 = first_.unfold(one.codes2, w, pad);
      two.codes2 = second_.unfold(two.codes2, w, pad);
    }
    results_.push_back({label, one, two});
    if (!one_in(4)) reader(most);
  }

  static std::string describe(const Output& out) {
    return " format " + std::to_string(static_cast<int>(out.format)) + " rounding " +
           std::to_string(static_cast<int>(out.rounding)) + " shift " + std::to_string(out.shift) + " mult " +
           std::to_string(out.mult) + (out.transpose ? " transposed" : "") + (out.write_mask ? " mask out" : "");
  }

  void quantize(std::uint32_t most) {
    const std::uint32_t rows = 1 + below(most), cols = 1 + below(most);
    Quantize op;
    op.type = static_cast<SourceType>(below(3));
    op.rows = rows;
    op.cols = cols;
    op.out = output(false);
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
    Quantize on_first = op, on_second = op;
    if (one_in(3)) {
      const TensorPair source = raw(rows, cols);
      on_first.data = on_second.data = nullptr;
      on_first.raw = source.first;
      on_second.raw = source.second;
    }
    if (one_in(3)) {
      const TensorPair gate = mask(rows, cols);
      on_first.mask = gate.first;
      on_second.mask = gate.second;
    }
    const std::string label = "quantize " + std::to_string(rows) + "x" + std::to_string(cols) + describe(op.out) +
                              " source " + std::to_string(static_cast<int>(op.type)) + (on_first.mask ? " masked" : "");
    results_.push_back({label, first_.quantize(on_first, label), second_.quantize(on_second, label)});
  }

  // Compares everything since the last check; Catch2 names what differs.
  void check() {
    for (const Pair& pair : results_) {
      INFO(pair.label);
      compare_codes(pair.first.codes, pair.second.codes);
      compare_codes(pair.first.codes2, pair.second.codes2);
      REQUIRE(static_cast<bool>(pair.first.raw) == static_cast<bool>(pair.second.raw));
      if (pair.first.raw) {
        compare_words(first_.read_raw(pair.first.raw), second_.read_raw(pair.second.raw), pair.first.raw.cols);
      }
      REQUIRE(static_cast<bool>(pair.first.mask) == static_cast<bool>(pair.second.mask));
      if (pair.first.mask) {
        compare_words(first_.read_mask(pair.first.mask), second_.read_mask(pair.second.mask), pair.first.mask.cols);
      }
      const Stats a = first_.stats(pair.first), b = second_.stats(pair.second);
      REQUIRE(a.absmax == b.absmax);
      REQUIRE(a.sumabs == b.sumabs);
      REQUIRE(a.saturated == b.saturated);
    }
    results_.clear();
  }

 private:
  struct Pair {
    std::string label;
    Result first, second;
  };
  void compare_codes(const Tensor& a, const Tensor& b) {
    REQUIRE(static_cast<bool>(a) == static_cast<bool>(b));
    if (!a) return;
    REQUIRE(a.rows == b.rows);
    REQUIRE(a.cols == b.cols);
    compare_words(first_.read_codes(a), second_.read_codes(b), a.cols);
  }

  // One line for the first difference, not two whole tensors.
  template <class T>
  static void compare_words(const std::vector<T>& a, const std::vector<T>& b, std::uint32_t cols) {
    REQUIRE(a.size() == b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (a[i] == b[i]) continue;
      INFO("row " << i / cols << " column " << i % cols);
      REQUIRE(static_cast<std::int64_t>(a[i]) == static_cast<std::int64_t>(b[i]));
    }
  }

  Device& first_;
  Device& second_;
  std::mt19937_64 rng_;
  std::vector<Pair> results_;
};

}  // namespace cuatro::test
