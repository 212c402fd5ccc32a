// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "device/gemm_wide.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <string>

#include "device/validate.h"

namespace cuatro {
namespace {

// The longest K whose 32-bit sum is exact, within the bound of a command. Two LOG4 terms with a shift
// of 2 are within that bound and can still wrap: |sum| ≤ 5 · 61,440 · K.
std::uint32_t exact_k(const Gemm& op) {
  if (!op.b2) return kMaxK;
  constexpr std::uint32_t largest_product = 15 * 4096;
  return std::min(kMaxKTwoTerms, (std::uint32_t{1} << 31) / (largest_product * ((1u << op.term_shift) + 1)));
}

// `count` steps of K from `first` on: a gather where K runs along rows; along columns the device has
// no such move, so the codes make a trip through the host.
Tensor slice(Device& device, const Tensor& codes, bool k_is_rows, std::uint32_t first, std::uint32_t count) {
  if (!codes) return {};
  if (k_is_rows) {
    std::vector<std::uint32_t> rows(count);
    std::iota(rows.begin(), rows.end(), first);
    return device.gather_rows(codes, rows);
  }
  const std::vector<std::uint8_t> all = device.read_codes(codes);
  std::vector<std::uint8_t> part;
  part.reserve(std::size_t{codes.rows} * count);
  for (std::size_t row = 0; row < codes.rows; ++row) {
    const auto from = all.begin() + static_cast<std::ptrdiff_t>(row * codes.cols + first);
    part.insert(part.end(), from, from + count);
  }
  return device.upload_codes(part, codes.rows, count, codes.format);
}

// `out` is S: rows of N words, or of M with a transposed result.
void add_bias(std::vector<std::int64_t>& out, const Gemm& op, const GemmShape& shape) {
  const std::int64_t scale = std::int64_t{1} << op.addend_shift;
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] += scale * op.bias[op.out.transpose ? i / shape.m : i % shape.n];
  }
}

}  // namespace

std::vector<std::int64_t> gemm_wide(Device& device, const Gemm& op, std::string_view label) {
  const GemmShape shape = validate_gemm_any_k(op, label);
  if (op.out.format != OutFormat::raw || op.out.write_mask) {
    throw DeviceError("gemm_wide (" + std::string(label) +
                      "): out.format = " + std::to_string(static_cast<int>(op.out.format)) +
                      (op.out.write_mask ? " with write_mask" : "") +
                      " where raw (4) without write_mask is needed");
  }

  std::vector<std::int64_t> sum(std::size_t{shape.m} * shape.n);
  const std::uint32_t limit = exact_k(op);
  for (std::uint32_t k = 0; k < shape.k; k += limit) {
    const std::uint32_t count = std::min(limit, shape.k - k);
    Gemm part = op;
    if (count < shape.k) {
      part.a = slice(device, op.a, op.a_transposed, k, count);
      part.b = slice(device, op.b, !op.b_transposed, k, count);
      part.b2 = slice(device, op.b2, !op.b_transposed, k, count);
    }
    part.bias = {};
    part.addend = {};
    part.addend_shift = 0;
    part.mask = {};
    const std::vector<std::int32_t> words = device.read_raw(device.gemm(part, label).raw);
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += words[i];
  }

  if (!op.bias.empty()) add_bias(sum, op, shape);
  if (op.addend) {
    const std::vector<std::int32_t> addend = device.read_raw(op.addend);
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += (std::int64_t{1} << op.addend_shift) * addend[i];
  }
  if (op.mask) {
    const std::vector<std::uint8_t> mask = device.read_mask(op.mask);
    for (std::size_t i = 0; i < sum.size(); ++i) {
      if (mask[i] == 0) sum[i] = 0;
    }
  }
  return sum;
}

}  // namespace cuatro
