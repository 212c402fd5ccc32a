// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "device/validate.h"

#include <algorithm>
#include <cstddef>
#include <string>

namespace cuatro {
namespace {

std::string where(std::string_view call, std::string_view label) {
  std::string text(call);
  if (!label.empty()) text.append(" (").append(label).append(")");
  return text;
}

[[noreturn]] void refuse(const std::string& call, std::string_view field, const std::string& value,
                         std::string_view why) {
  throw DeviceError(call + ": " + std::string(field) + " = " + value + " " + std::string(why));
}

std::string text(Format format) {
  constexpr const char* names[] = {"int4", "uint4", "log4", "log2"};
  const auto i = static_cast<std::size_t>(format);
  return i < std::size(names) ? names[i] : std::to_string(i);
}

std::string text(OutFormat format) {
  return format == OutFormat::raw ? "raw" : format == OutFormat::update ? "update" : text(static_cast<Format>(format));
}

std::string text(Rounding rounding) {
  constexpr const char* names[] = {"nearest", "floor", "stochastic", "tpr", "two_term"};
  const auto i = static_cast<std::size_t>(rounding);
  return i < std::size(names) ? names[i] : std::to_string(i);
}

std::string text(TensorKind kind) {
  constexpr const char* names[] = {"codes", "mask", "raw"};
  const auto i = static_cast<std::size_t>(kind);
  return i < std::size(names) ? names[i] : std::to_string(i);
}

std::string text(std::uint32_t rows, std::uint32_t cols) {
  return std::to_string(rows) + " x " + std::to_string(cols);
}

void check_range(const std::string& call, std::string_view field, std::int64_t value, std::int64_t low,
                 std::int64_t high) {
  if (value >= low && value <= high) return;
  refuse(call, field, std::to_string(value),
         "is outside " + std::to_string(low) + ".." + std::to_string(high));
}

void check_kind(const std::string& call, std::string_view field, const Tensor& tensor, TensorKind kind) {
  if (!tensor) refuse(call, field, "(empty)", "where a tensor of " + text(kind) + " is needed");
  if (tensor.kind != kind)
    refuse(call, field, text(tensor.kind), "where a tensor of " + text(kind) + " is needed");
}

void check_shape(const std::string& call, std::string_view field, const Tensor& tensor, Shape shape) {
  if (tensor.rows == shape.rows && tensor.cols == shape.cols) return;
  refuse(call, field, text(tensor.rows, tensor.cols), "where " + text(shape.rows, shape.cols) + " is needed");
}

// Which roundings a format has: the contract's table.
bool has_rounding(OutFormat format, Rounding rounding) {
  switch (rounding) {
    case Rounding::nearest:
      return format != OutFormat::update;
    case Rounding::floor:
      return format == OutFormat::int4 || format == OutFormat::uint4;
    case Rounding::stochastic:
      return format != OutFormat::raw;
    case Rounding::tpr:
      return format == OutFormat::log4;
    case Rounding::two_term:
      return format == OutFormat::log4 || format == OutFormat::log2;
  }
  return false;
}

void check_output(const std::string& call, const Output& out) {
  check_range(call, "out.format", static_cast<int>(out.format), 0, 5);
  check_range(call, "out.rounding", static_cast<int>(out.rounding), 0, 4);
  if (!has_rounding(out.format, out.rounding)) {
    refuse(call, "out.rounding", text(out.rounding), "does not exist for out.format = " + text(out.format));
  }
  check_range(call, "out.shift", out.shift, kMinShift, kMaxShift);
  check_range(call, "out.mult", out.mult, 0, 255);
}

void check_a(const std::string& call, const Gemm& op) {
  check_kind(call, "a", op.a, TensorKind::codes);
  check_range(call, "a_format", static_cast<int>(op.a_format), 0, 2);
  const Format needed = op.a_format == AFormat::int4 ? Format::int4 : Format::uint4;
  if (op.a.format != needed) {
    refuse(call, "a.format", text(op.a.format), "where a_format needs " + text(needed));
  }
  check_range(call, "zero_point", op.zero_point, 0, op.a_format == AFormat::affine ? 15 : 0);
}

void check_b(const std::string& call, const Gemm& op) {
  check_kind(call, "b", op.b, TensorKind::codes);
  if (op.b.format == Format::uint4) refuse(call, "b.format", "uint4", "where int4, log4 or log2 is needed");
  check_range(call, "term_shift", op.term_shift, 0, op.b2 ? 2 : 0);
  if (!op.b2) return;
  check_kind(call, "b2", op.b2, TensorKind::codes);
  check_shape(call, "b2", op.b2, {op.b.rows, op.b.cols});
  if (op.b2.format != op.b.format) {
    refuse(call, "b2.format", text(op.b2.format), "where b.format = " + text(op.b.format));
  }
}

void check_addend(const std::string& call, const Gemm& op, std::uint32_t n, Shape stored) {
  const bool present = !op.bias.empty() || op.addend;
  check_range(call, "addend_shift", op.addend_shift, 0, present ? 2 : 0);
  if (!op.bias.empty() && op.addend) {
    refuse(call, "addend", text(op.addend.rows, op.addend.cols),
           "beside a bias: only one of them is possible");
  }
  if (!op.bias.empty() && op.bias.size() != n) {
    refuse(call, "bias", std::to_string(op.bias.size()) + " words", "where N = " + std::to_string(n));
  }
  if (op.addend) {
    check_kind(call, "addend", op.addend, TensorKind::raw);
    check_shape(call, "addend", op.addend, stored);
  }
}

void check_mask(const std::string& call, const Tensor& mask, Shape shape) {
  if (!mask) return;
  check_kind(call, "mask", mask, TensorKind::mask);
  check_shape(call, "mask", mask, shape);
}

void check_update(const std::string& call, const Gemm& op, Shape stored) {
  const Update& update = op.update;
  if (op.out.format != OutFormat::update) {
    if (update.state) refuse(call, "update.state", "(set)", "where out.format = " + text(op.out.format));
    return;
  }
  check_kind(call, "update.state", update.state, TensorKind::raw);
  check_shape(call, "update.state", update.state, stored);
  check_range(call, "update.lr_shift", update.lr_shift, 0, 15);
  check_range(call, "update.code_shift", update.code_shift, 0, 15);
  check_range(call, "out.shift", op.out.shift, kMinUpdateShift, kMaxUpdateShift);
  check_range(call, "out.mult", op.out.mult, 128, 128);
  const auto absent = [&](std::string_view field, bool set) {
    if (set) refuse(call, field, "(set)", "beside an update, which has none");
  };
  absent("bias", !op.bias.empty());
  absent("addend", static_cast<bool>(op.addend));
  absent("mask", static_cast<bool>(op.mask));
  absent("out.write_mask", op.out.write_mask);
}

void check_size(const std::string& call, std::string_view field, std::size_t size, std::uint32_t rows,
                std::uint32_t cols) {
  if (rows == 0 || cols == 0) refuse(call, "rows x cols", text(rows, cols), "is empty");
  if (size == std::size_t{rows} * cols) return;
  refuse(call, field, std::to_string(size) + " elements", "where rows x cols = " + text(rows, cols));
}

}  // namespace

GemmShape validate_gemm_any_k(const Gemm& op, std::string_view label) {
  const std::string call = where("gemm", label);
  check_a(call, op);
  check_b(call, op);
  const GemmShape shape{op.a_transposed ? op.a.cols : op.a.rows, op.b_transposed ? op.b.rows : op.b.cols,
                        op.a_transposed ? op.a.rows : op.a.cols};
  const std::uint32_t k_of_b = op.b_transposed ? op.b.cols : op.b.rows;
  if (shape.k != k_of_b) {
    refuse(call, "K of a", std::to_string(shape.k), "where K of b = " + std::to_string(k_of_b));
  }
  const Shape stored = op.out.transpose ? Shape{shape.n, shape.m} : Shape{shape.m, shape.n};
  check_addend(call, op, shape.n, stored);
  check_mask(call, op.mask, stored);
  check_output(call, op.out);
  check_update(call, op, stored);
  return shape;
}

GemmShape validate_gemm(const Gemm& op, std::string_view label) {
  const GemmShape shape = validate_gemm_any_k(op, label);
  const std::uint32_t limit = op.b2 ? kMaxKTwoTerms : kMaxK;
  if (shape.k > limit) {
    refuse(where("gemm", label), "K", std::to_string(shape.k),
           "exceeds " + std::to_string(limit) + (op.b2 ? " for two terms" : " for one term"));
  }
  return shape;
}

Shape validate_quantize(const Quantize& op, std::string_view label) {
  const std::string call = where("quantize", label);
  Shape shape{op.rows, op.cols};
  if (op.raw) {
    if (op.data != nullptr)
      refuse(call, "data", "(set)", "beside a raw tensor: only one of them is possible");
    check_kind(call, "raw", op.raw, TensorKind::raw);
    if (op.rows != 0 || op.cols != 0) check_shape(call, "raw", op.raw, shape);
    shape = {op.raw.rows, op.raw.cols};
  } else {
    if (op.data == nullptr) refuse(call, "data", "(null)", "without a raw tensor: one of them is needed");
    check_range(call, "type", static_cast<int>(op.type), 0, 2);
    if (op.rows == 0 || op.cols == 0) refuse(call, "rows x cols", text(op.rows, op.cols), "is empty");
  }
  check_mask(call, op.mask, shape);
  check_output(call, op.out);
  if (op.out.transpose) refuse(call, "out.transpose", "true", "where only a gemm can transpose");
  if (op.out.format == OutFormat::update) refuse(call, "out.format", "update", "where only a gemm can update");
  return shape;
}

void validate_gather(const Tensor& codes, std::span<const std::uint32_t> rows) {
  check_kind("gather_rows", "codes", codes, TensorKind::codes);
  if (rows.empty()) refuse("gather_rows", "rows", "0 rows", "is empty");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i] >= codes.rows) {
      refuse("gather_rows", "rows[" + std::to_string(i) + "]", std::to_string(rows[i]),
             "where the tensor has " + std::to_string(codes.rows) + " rows");
    }
  }
}

Shape validate_unfold(const Tensor& codes, const Window& w, std::uint8_t pad_code) {
  check_kind("unfold", "codes", codes, TensorKind::codes);
  check_range("unfold", "pad_code", pad_code, 0, 15);
  constexpr std::int64_t most = 65'535;  // 16-bit address generators; no sum of sizes wraps
  check_range("unfold", "kernel_h", w.kernel_h, 1, most);
  check_range("unfold", "kernel_w", w.kernel_w, 1, most);
  check_range("unfold", "stride", w.stride, 1, most);
  check_range("unfold", "dilation", w.dilation, 1, most);
  check_range("unfold", "pad_h", w.pad_h, 0, most);
  check_range("unfold", "pad_w", w.pad_w, 0, most);
  check_range("unfold", "height", w.height, 1, most);
  check_range("unfold", "width", w.width, 1, most);
  check_range("unfold", "out_height", w.out_height, 1, most);
  check_range("unfold", "out_width", w.out_width, 1, most);
  const std::uint64_t pixels = std::uint64_t{w.height} * w.width;
  if (w.images == 0 || codes.rows % pixels != 0 || codes.rows / pixels != w.images) {
    refuse("unfold", "images x height x width",
           std::to_string(w.images) + " x " + std::to_string(w.height) + " x " + std::to_string(w.width),
           "where the tensor has " + std::to_string(codes.rows) + " rows");
  }
  const std::uint64_t positions = std::uint64_t{w.out_height} * w.out_width;
  const std::uint64_t taps = std::uint64_t{w.kernel_h} * w.kernel_w;
  constexpr std::uint64_t limit = UINT32_MAX;
  if (positions > limit / w.images || taps > limit / codes.cols) {
    refuse("unfold", "rows x cols",
           std::to_string(w.images) + "*" + std::to_string(positions) + " x " + std::to_string(taps) + "*" +
               std::to_string(codes.cols),
           "where 32 bits must hold each");
  }
  return {static_cast<std::uint32_t>(w.images * positions), static_cast<std::uint32_t>(taps * codes.cols)};
}

void validate_upload_codes(std::span<const std::uint8_t> codes, std::uint32_t rows, std::uint32_t cols,
                           Format format) {
  check_range("upload_codes", "format", static_cast<int>(format), 0, 3);
  check_size("upload_codes", "codes", codes.size(), rows, cols);
  const auto bad = std::find_if(codes.begin(), codes.end(), [](std::uint8_t code) { return code > 15; });
  if (bad == codes.end()) return;
  check_range("upload_codes", "codes[" + std::to_string(bad - codes.begin()) + "]", *bad, 0, 15);
}

void validate_upload_raw(std::span<const std::int32_t> words, std::uint32_t rows, std::uint32_t cols) {
  check_size("upload_raw", "words", words.size(), rows, cols);
}

void validate_upload_mask(std::span<const std::uint8_t> bits, std::uint32_t rows, std::uint32_t cols) {
  check_size("upload_mask", "bits", bits.size(), rows, cols);
  const auto bad = std::find_if(bits.begin(), bits.end(), [](std::uint8_t bit) { return bit > 1; });
  if (bad == bits.end()) return;
  check_range("upload_mask", "bits[" + std::to_string(bad - bits.begin()) + "]", *bad, 0, 1);
}

void validate_read(const Tensor& tensor, TensorKind kind, std::string_view call) {
  check_kind(std::string(call), "tensor", tensor, kind);
}

}  // namespace cuatro
