// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "device/device.h"
#include "forwarding_device.h"
#include "functional_cover.h"

// Which operations a device has been asked for, as a functional cover: formats, roundings, orientations, remainders, what was
// still under way, and errors.
namespace cuatro::test {

// A kind is a command with its output: format and rounding.
struct OutputKind {
  OutFormat format;
  Rounding rounding;
  const char* name;
};
inline constexpr OutputKind kOutputs[] = {
    {OutFormat::int4, Rounding::nearest, "int4 nearest"},        {OutFormat::int4, Rounding::floor, "int4 floor"},
    {OutFormat::int4, Rounding::stochastic, "int4 stochastic"},  {OutFormat::uint4, Rounding::nearest, "uint4 nearest"},
    {OutFormat::uint4, Rounding::floor, "uint4 floor"},          {OutFormat::uint4, Rounding::stochastic, "uint4 stochastic"},
    {OutFormat::log4, Rounding::nearest, "log4 nearest"},        {OutFormat::log4, Rounding::stochastic, "log4 stochastic"},
    {OutFormat::log4, Rounding::tpr, "log4 two-phase"},          {OutFormat::log4, Rounding::two_term, "log4 two-term"},
    {OutFormat::log2, Rounding::nearest, "log2 nearest"},        {OutFormat::log2, Rounding::stochastic, "log2 stochastic"},
    {OutFormat::log2, Rounding::two_term, "log2 two-term"},      {OutFormat::raw, Rounding::nearest, "raw"},
    {OutFormat::update, Rounding::stochastic, "update"},
};
inline constexpr int kGemmKinds = std::size(kOutputs), kRawKind = 13, kUpdateKind = 14;
inline constexpr int kQuantizeKinds = 13;                      // behind those of the GEMM; all but the last two
inline constexpr int kKinds = kGemmKinds + kQuantizeKinds, kNothing = kKinds;
constexpr const OutputKind& output_of(int kind) { return kOutputs[kind < kGemmKinds ? kind : kind - kGemmKinds]; }

enum OperationAxis : unsigned {
  kKind,
  // of a GEMM
  kFormatA, kFormatB, kOrientation, kRemainder, kTerms, kAddend,
  // of both
  kMasks,
  // of a quantize command
  kSource, kBlocks,
  // of both: whether anything was asked for before it and not waited for, and its kind; the error before it, or that came while
  // it was under way
  kBehind, kBefore, kAfterError, kUnderError,
  kOperationAxes
};
// Values that are sums of bits.
enum : int { kTransposeA = 1, kTransposeB = 2, kTransposeR = 4, kRaggedM = 1, kRaggedN = 2, kRaggedK = 4, kMaskIn = 1, kMaskOut = 2 };
enum : int { kRaggedRows = 1, kRaggedCols = 2 };

// Which combinations must be seen.
enum class Crosses {
  full,    // every format pair x output x orientation x remainder x alone or right behind another
  pairs,   // every two of them; output x formats in full
};

class OperationCover final : public ForwardingDevice {
 public:
  using Point = FunctionalCover::Point;

  // `edge`: of a block; sizes that are no multiple of it leave a remainder. `errors`: names of those that must be seen.
  OperationCover(Device& to, std::uint32_t edge, Crosses crosses, std::vector<std::string> errors = {})
      : ForwardingDevice(to), edge_(edge), table_(axes(std::move(errors)), exists) {
    if (crosses == Crosses::full) table_.must({kKind, kFormatA, kFormatB, kOrientation, kRemainder, kBehind});
    for (const auto& cross : std::vector<std::vector<unsigned>>{
             {kKind, kFormatA, kFormatB}, {kKind, kOrientation}, {kKind, kRemainder}, {kFormatA, kFormatB, kOrientation},
             {kFormatA, kFormatB, kRemainder}, {kOrientation, kRemainder}, {kFormatA, kFormatB, kTerms}, {kKind, kAddend, kMasks},
             {kKind, kSource}, {kKind, kBlocks}, {kSource, kBlocks, kMasks}, {kKind, kBefore}, {kKind, kUnderError}, {kKind, kAfterError}}) {
      table_.must(cross);
    }
  }

  const FunctionalCover& table() const { return table_; }
  std::uint32_t edge() const { return edge_; }
  int before() const { return under_way_.empty() ? kNothing : under_way_.back(); }

  Result gemm(const Gemm& op, std::string_view label) override {
    see(point(op));
    return to_.gemm(op, label);
  }
  Result quantize(const Quantize& op, std::string_view label) override {
    see(point(op));
    return to_.quantize(op, label);
  }
  // Who reads has waited for everything, as far as is counted here.
  std::vector<std::uint8_t> read_codes(const Tensor& tensor) override { return waited(to_.read_codes(tensor)); }
  std::vector<std::int32_t> read_raw(const Tensor& tensor) override { return waited(to_.read_raw(tensor)); }
  std::vector<std::uint8_t> read_mask(const Tensor& tensor) override { return waited(to_.read_mask(tensor)); }
  Stats stats(const Result& result) override { return waited(to_.stats(result)); }
  void sync() override {
    to_.sync();
    under_way_.clear();
  }
  // The error of that number has ended what was under way.
  void error(int which) {
    for (const int kind : under_way_) {
      Point at = table_.anything();
      at[kKind] = kind;
      at[kUnderError] = which;
      table_.see(at);
    }
    under_way_.clear();
    after_error_ = which;
  }

 private:
  static std::vector<Axis> axes(std::vector<std::string> errors) {
    std::vector<std::string> kinds;
    for (int kind = 0; kind < kKinds; ++kind) kinds.push_back(std::string(kind < kGemmKinds ? "gemm " : "quantize ") + output_of(kind).name);
    std::vector<std::string> before = kinds;
    before.push_back("nothing");
    return {{"kind", kinds},
            {"A", {"int4", "uint4", "affine"}},
            {"B", {"int4", "log4", "log2"}},
            {"transposed", {"none", "A", "B", "A B", "R", "A R", "B R", "A B R"}},
            {"remainder of", {"none", "M", "N", "M N", "K", "M K", "N K", "M N K"}},
            {"terms", {"one", "two", "two, shifted by 1", "two, shifted by 2"}},
            {"addend", {"none", "bias", "matrix"}},
            {"masks", {"none", "in", "out", "in and out"}},
            {"source", {"u8", "s16", "s32", "tensor"}},
            {"remainder of", {"none", "rows", "cols", "rows cols"}},
            {"begun", {"alone", "behind another"}},
            {"right behind", before},
            {"after", errors},
            {"under way at", errors}};
  }

  static bool exists(const Point& at) {
    const int kind = at[kKind];
    if (kind < 0) return true;
    const auto any = [&](unsigned first, unsigned last) { return std::any_of(at.begin() + first, at.begin() + last + 1, [](int value) { return value >= 0; }); };
    if (kind < kGemmKinds && any(kSource, kBlocks)) return false;
    if (kind >= kGemmKinds && any(kFormatA, kAddend)) return false;
    if (kind == kRawKind && at[kMasks] >= kMaskOut) return false;
    return kind != kUpdateKind || (at[kMasks] <= 0 && at[kAddend] <= 0);
  }

  int ragged(std::uint32_t size, int bit) const { return size % edge_ != 0 ? bit : 0; }
  static int kind_of(const Output& out, int first) {
    for (int kind = 0; kind < kGemmKinds; ++kind) {
      const bool rounds = kind != kRawKind;
      if (kOutputs[kind].format == out.format && (!rounds || kOutputs[kind].rounding == out.rounding)) return first + kind;
    }
    throw std::logic_error("an output that is in no table");
  }

  Point point(const Gemm& op) const {
    Point at = table_.anything();
    at[kKind] = kind_of(op.out, 0);
    at[kFormatA] = static_cast<int>(op.a_format);
    at[kFormatB] = op.b.format == Format::int4 ? 0 : op.b.format == Format::log4 ? 1 : 2;
    at[kOrientation] = (op.a_transposed ? kTransposeA : 0) + (op.b_transposed ? kTransposeB : 0) + (op.out.transpose ? kTransposeR : 0);
    at[kRemainder] = ragged(op.a_transposed ? op.a.cols : op.a.rows, kRaggedM) + ragged(op.b_transposed ? op.b.rows : op.b.cols, kRaggedN) +
                     ragged(op.a_transposed ? op.a.rows : op.a.cols, kRaggedK);
    at[kTerms] = op.b2 ? 1 + op.term_shift : 0;
    at[kAddend] = !op.bias.empty() ? 1 : op.addend ? 2 : 0;
    at[kMasks] = (op.mask ? kMaskIn : 0) + (op.out.write_mask ? kMaskOut : 0);
    return at;
  }
  Point point(const Quantize& op) const {
    Point at = table_.anything();
    at[kKind] = kind_of(op.out, kGemmKinds);
    at[kSource] = op.raw ? 3 : static_cast<int>(op.type);
    at[kBlocks] = ragged(op.raw ? op.raw.rows : op.rows, kRaggedRows) + ragged(op.raw ? op.raw.cols : op.cols, kRaggedCols);
    at[kMasks] = (op.mask ? kMaskIn : 0) + (op.out.write_mask ? kMaskOut : 0);
    return at;
  }

  void see(Point at) {
    at[kBehind] = under_way_.empty() ? 0 : 1;
    at[kBefore] = before();
    at[kAfterError] = std::exchange(after_error_, -1);
    table_.see(at);
    under_way_.push_back(at[kKind]);
  }
  template <class Value>
  Value waited(Value value) {
    under_way_.clear();
    return value;
  }

  std::uint32_t edge_;
  FunctionalCover table_;
  std::vector<int> under_way_;           // kinds asked for since the last wait
  int after_error_ = -1;
};

}  // namespace cuatro::test
