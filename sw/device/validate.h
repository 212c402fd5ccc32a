// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "device/device.h"

// What a device accepts: one set of checks for every engine, so that all refuse the same calls with
// the same words. Each throws DeviceError naming call, label, field and value, and what is accepted.
// Source of the bounds: sw/golden/README.md.
namespace cuatro {

// |product| ≤ 15 · 4096: 32 bits hold the sum of this many products, two terms with LOG4's shift of 1.
inline constexpr std::uint32_t kMaxK = 34'952;
inline constexpr std::uint32_t kMaxKTwoTerms = 11'650;

inline constexpr int kMinShift = -16;
inline constexpr int kMaxShift = 31;
// Of an update.
inline constexpr int kMinUpdateShift = -4;
inline constexpr int kMaxUpdateShift = 27;

struct GemmShape {
  std::uint32_t m = 0, n = 0, k = 0;
  bool operator==(const GemmShape&) const = default;
};

struct Shape {
  std::uint32_t rows = 0, cols = 0;
  bool operator==(const Shape&) const = default;
};

// Return the sizes that the operands agree on.
GemmShape validate_gemm(const Gemm& op, std::string_view label);
Shape validate_quantize(const Quantize& op, std::string_view label);

// The same without the bound on K, for a caller who splits it.
GemmShape validate_gemm_any_k(const Gemm& op, std::string_view label);

void validate_gather(const Tensor& codes, std::span<const std::uint32_t> rows);
// Returns the shape of the result.
Shape validate_unfold(const Tensor& codes, const Window& window, std::uint8_t pad_code);
void validate_upload_codes(std::span<const std::uint8_t> codes, std::uint32_t rows, std::uint32_t cols,
                           Format format);
void validate_upload_raw(std::span<const std::int32_t> words, std::uint32_t rows, std::uint32_t cols);
void validate_upload_mask(std::span<const std::uint8_t> bits, std::uint32_t rows, std::uint32_t cols);

// `call`: "read_codes", …
void validate_read(const Tensor& tensor, TensorKind kind, std::string_view call);

}  // namespace cuatro
