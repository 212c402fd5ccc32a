// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "device/device.h"
#include "golden/output_stage.h"

namespace cuatro::golden {

// The device interface on the golden model: every call is done when it returns. Tensors live in host
// memory, row-major, one code or mask bit a byte. Counters: commands (gemm and quantize) and
// useful_macs; it has no clock. Not for several threads. Handles of another device are not accepted,
// which is the caller's care: nothing can check it.
class GoldenDevice final : public Device {
 public:
  std::string_view name() const override { return "golden"; }

  Result gemm(const Gemm& op, std::string_view label) override;
  Result quantize(const Quantize& op, std::string_view label) override;
  Tensor gather_rows(const Tensor& codes, std::span<const std::uint32_t> rows) override;
  Tensor unfold(const Tensor& codes, const Window& window, std::uint8_t pad_code) override;
  Tensor upload_codes(std::span<const std::uint8_t> codes, std::uint32_t rows, std::uint32_t cols,
                      Format format) override;
  Tensor upload_raw(std::span<const std::int32_t> words, std::uint32_t rows, std::uint32_t cols) override;
  Tensor upload_mask(std::span<const std::uint8_t> bits, std::uint32_t rows, std::uint32_t cols) override;

  std::vector<std::uint8_t> read_codes(const Tensor& tensor) override;
  std::vector<std::int32_t> read_raw(const Tensor& tensor) override;
  void view_raw(const Tensor& tensor, const std::function<void(std::span<const std::int32_t>)>& see) override;
  std::vector<std::uint8_t> read_mask(const Tensor& tensor) override;
  Stats stats(const Result& result) override;
  void sync() override {}
  Counters counters() override { return counters_; }

 private:
  Tensor store_bytes(Buffer<std::uint8_t> bytes, std::uint32_t rows, std::uint32_t cols, TensorKind kind,
                     Format format);
  Tensor store_words(Buffer<std::int32_t> words, std::uint32_t rows, std::uint32_t cols);
  Result store(OutputData data, std::uint32_t rows, std::uint32_t cols, OutFormat format);

  std::uint64_t last_id_ = 0;
  Counters counters_;
  std::vector<Stats> stats_;  // of command i + 1
};

}  // namespace cuatro::golden
