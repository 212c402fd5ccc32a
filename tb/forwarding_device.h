// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include "device/device.h"

// Passes everything on; tests override what they watch or break.
class ForwardingDevice : public cuatro::Device {
 public:
  explicit ForwardingDevice(cuatro::Device& to) : to_(to) {}
  std::string_view name() const override { return to_.name(); }
  cuatro::Result gemm(const cuatro::Gemm& op, std::string_view label) override { return to_.gemm(op, label); }
  cuatro::Result quantize(const cuatro::Quantize& op, std::string_view label) override {
    return to_.quantize(op, label);
  }
  cuatro::Tensor gather_rows(const cuatro::Tensor& codes, std::span<const std::uint32_t> rows) override {
    return to_.gather_rows(codes, rows);
  }
  cuatro::Tensor unfold(const cuatro::Tensor& codes, const cuatro::Window& window, std::uint8_t pad_code) override {
    return to_.unfold(codes, window, pad_code);
  }
  cuatro::Tensor upload_codes(std::span<const std::uint8_t> codes, std::uint32_t rows, std::uint32_t cols,
                              cuatro::Format format) override {
    return to_.upload_codes(codes, rows, cols, format);
  }
  cuatro::Tensor upload_raw(std::span<const std::int32_t> words, std::uint32_t rows, std::uint32_t cols) override {
    return to_.upload_raw(words, rows, cols);
  }
  cuatro::Tensor upload_mask(std::span<const std::uint8_t> bits, std::uint32_t rows, std::uint32_t cols) override {
    return to_.upload_mask(bits, rows, cols);
  }
  std::vector<std::uint8_t> read_codes(const cuatro::Tensor& tensor) override { return to_.read_codes(tensor); }
  std::vector<std::int32_t> read_raw(const cuatro::Tensor& tensor) override { return to_.read_raw(tensor); }
  std::vector<std::uint8_t> read_mask(const cuatro::Tensor& tensor) override { return to_.read_mask(tensor); }
  cuatro::Stats stats(const cuatro::Result& result) override { return to_.stats(result); }
  void sync() override { to_.sync(); }
  cuatro::Counters counters() override { return to_.counters(); }

 protected:
  cuatro::Device& to_;
};
