// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "device/device.h"
#include "nn/model.h"
#include "nn/recipe.h"

namespace cuatro::nn {

// The scale exponent of a tensor that is quantized every step, and whether it was chosen from
// data yet. Saved in checkpoints: delayed scaling makes it part of the training state.
struct TensorScale {
  std::int32_t exponent = 0;
  std::int32_t known = 0;
};

enum class Range { activation, gradient };

// A quantized tensor: real value = code value · 2^exponent (codes2's own exponent follows from
// the rounding).
struct Quantized {
  Result result;
  int exponent = 0;
};

// Runs GEMMs whose results are quantized with scales that follow the tensors' ranges.
// Delayed: with the scale of the last step, and nothing is read before settle(). Current, and
// the others without history: the result leaves raw, its range chooses the scale, and a
// quantize command makes the codes.
class ScaledOutputs {
 public:
  ScaledOutputs(Device& device, const Recipe& recipe) : device_(device), recipe_(recipe) {}

  // op.out: format, rounding, write_mask, transpose and key are the caller's, shift is chosen
  // here. source_exponent: of the accumulator. `scale` must live until settle().
  Quantized gemm(Gemm op, TensorScale& scale, Range range, int source_exponent, std::string_view label);
  // The same with the scale as it is: inference.
  Quantized gemm_frozen(Gemm op, const TensorScale& scale, Range range, int source_exponent, std::string_view label);

  // Reads the ranges of the step's tensors and moves their scales on.
  void settle();
  Saturation& saturation() { return saturation_; }
  const Saturation& saturation() const { return saturation_; }

 private:
  struct Pending {
    TensorScale* scale;
    Range range;
    int source_exponent;
    Quantized output;
    bool adapt;  // false where the scale was chosen from this very tensor, or stays
  };
  Quantized streamed(Gemm& op, int exponent, int source_exponent, std::string_view label);
  Quantized spilled(Gemm& op, TensorScale& scale, Range range, int source_exponent, std::string_view label);
  std::uint32_t top(Range range) const;
  int wish(Range range, std::uint32_t absmax, int headroom) const;

  Device& device_;
  const Recipe& recipe_;
  std::vector<Pending> pending_;
  Saturation saturation_;
};

}  // namespace cuatro::nn
