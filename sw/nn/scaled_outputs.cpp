// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "nn/scaled_outputs.h"

#include <algorithm>

#include "nn/scale.h"

namespace cuatro::nn {
namespace {

constexpr std::uint32_t kUint4Top = 15;

// Range of a raw result as its quantizer will see it: UINT4 clamps negatives, so they do not count.
std::uint32_t absmax_of(Device& device, const Result& raw, Range range) {
  if (range == Range::gradient) return device.stats(raw).absmax;
  const std::vector<std::int32_t> words = device.read_raw(raw.raw);
  return static_cast<std::uint32_t>(std::max(0, *std::max_element(words.begin(), words.end())));
}

}  // namespace

std::uint32_t ScaledOutputs::top(Range range) const {
  return range == Range::activation ? kUint4Top : recipe_.grad_top();
}

int ScaledOutputs::wish(Range range, std::uint32_t absmax, int headroom) const {
  return range == Range::activation ? activation_exponent(absmax, top(range))
                                    : gradient_exponent(absmax, top(range), headroom);
}

Quantized ScaledOutputs::streamed(Gemm& op, int exponent, int source_exponent, std::string_view label) {
  const Shift shift = shift_between(source_exponent, exponent);
  op.out.shift = shift.shift;
  return {device_.gemm(op, label), shift.exponent};
}

Quantized ScaledOutputs::spilled(Gemm& op, TensorScale& scale, Range range, int source_exponent,
                                 std::string_view label) {
  Quantize quantize;
  quantize.out = op.out;
  quantize.out.transpose = false;
  op.out.format = OutFormat::raw;
  op.out.rounding = Rounding::nearest;
  op.out.write_mask = false;
  op.out.for_host = true;
  const Result raw = device_.gemm(op, label);
  if (const std::uint32_t absmax = absmax_of(device_, raw, range); absmax > 0) {
    scale.exponent = source_exponent + wish(range, absmax, 0);
    scale.known = 1;
  }
  const Shift shift = shift_between(source_exponent, scale.exponent);
  quantize.raw = raw.raw;
  quantize.out.shift = shift.shift;
  return {device_.quantize(quantize, label), shift.exponent};
}

Quantized ScaledOutputs::gemm(Gemm op, TensorScale& scale, Range range, int source_exponent, std::string_view label) {
  const bool stream = recipe_.scaling != Scaling::current && scale.known != 0;
  const Quantized output =
      stream ? streamed(op, scale.exponent, source_exponent, label) : spilled(op, scale, range, source_exponent, label);
  const bool keep = recipe_.scaling == Scaling::current ||
                    (recipe_.scaling == Scaling::fixed && range == Range::gradient);
  pending_.push_back({&scale, range, source_exponent, output, !keep});
  return output;
}

Quantized ScaledOutputs::gemm_frozen(Gemm op, const TensorScale& scale, Range range, int source_exponent,
                                     std::string_view label) {
  TensorScale copy = scale;
  return copy.known != 0 ? streamed(op, copy.exponent, source_exponent, label)
                         : spilled(op, copy, range, source_exponent, label);
}

void ScaledOutputs::settle() {
  for (Pending& p : pending_) {
    const Stats stats = device_.stats(p.output.result);
    Saturation::Class& sum = p.range == Range::activation ? saturation_.activations : saturation_.gradients;
    sum.clipped += stats.saturated;
    sum.elements += std::uint64_t{p.output.result.codes.rows} * p.output.result.codes.cols;
    if (!p.adapt || stats.absmax == 0) continue;  // a tensor of zeros keeps its exponent
    if (p.range == Range::gradient && recipe_.scaling == Scaling::gradscale) {
      p.scale->exponent =
          p.output.exponent + gradscale_change(stats.absmax, p.source_exponent - p.output.exponent, top(p.range));
    } else {
      p.scale->exponent = p.source_exponent + wish(p.range, stats.absmax, 1);
    }
    p.scale->known = 1;
  }
  pending_.clear();
}

}  // namespace cuatro::nn
