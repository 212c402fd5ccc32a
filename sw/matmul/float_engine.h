// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include "matmul/matmul_engine.h"

namespace cuatro::nn {

enum class Precision { fp32, fp16 };

// The baselines: products on the host with FP32 accumulation. `fp16` rounds every operand to IEEE half
// precision first (to nearest even, subnormals kept), gradients after multiplying them by `loss_scale`, a power of
// two that the products take out again: what mixed-precision training does. Values beyond half's range
// saturate at ±65504 and count as saturated at their site.
class FloatEngine final : public MatmulEngine {
 public:
  explicit FloatEngine(Precision precision, float loss_scale = 1024.0F)
      : precision_(precision), loss_scale_(precision == Precision::fp16 ? loss_scale : 1.0F) {}

  std::string_view name() const override { return precision_ == Precision::fp16 ? "fp16" : "fp32"; }
  void begin_step(const StepInfo& step) override { training_ = step.training; }
  Operand quantize(std::span<const float> values, std::uint32_t rows, std::uint32_t cols, OperandSite& site) override;
  Operand unfold(const Operand& operand, const Window& window) override;
  Operand take_rows(const Operand& operand, std::uint32_t first, std::uint32_t count) override;
  Array multiply(const Product& product) override;
  std::vector<Array> multiply(std::span<const Product> products, std::span<const Delivery> later = {}) override;

 private:
  Precision precision_;
  float loss_scale_;
  bool training_ = true;
};

// x rounded to half precision and back.
float through_half(float x);

}  // namespace cuatro::nn
