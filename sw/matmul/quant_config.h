// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nn/recipe.h"

namespace cuatro::nn {

// The size of a quantization step: a power of two, or stretched by the output stage's 8-bit multiplier so that the
// range reaches the largest code within 1/128.
enum class Rescale { pow2, stretch };

// Signed activations: INT4, or UINT4 with a zero-point chosen from the smallest and largest value.
enum class SignedFormat { int4, affine };

// Weights of linear layers: one scale for all, or one for each output (column) beside the tensor's.
enum class WeightScale { tensor, column };

// The magnitude that gets the largest code: the tensor's largest, or a multiple of its mean |x|.
struct Clip {
  float mean_multiple = 0;  // 0 = largest
};

// How the operands of one site become codes.
struct SiteQuant {
  Recipe recipe;  // gradients, and when the range is taken; its master format is not used here
  Rescale rescale = Rescale::pow2;
  Clip weight_clip{3.2F};  // step = 3.2·E|w|/7, the rule of nn/scale.h
  Clip activation_clip;
  SignedFormat signed_format = SignedFormat::int4;
  WeightScale weight_scale = WeightScale::tensor;
  // Digits of activations and of weights: 1 or 2. Two make (4 · digit 1 + digit 2) · step / 4, with 71 levels (positive
  // values: 68), and take twice the passes of one.
  int activation_terms = 1, weight_terms = 1;
};

// Everything that decides how a net's operands are quantized.
struct QuantConfig {
  SiteQuant base;
  std::vector<std::pair<std::string, SiteQuant>> overrides;  // shell pattern of a site's name; the first match counts
  std::uint32_t count_every = 16;  // SiteCounts look at every so many'th training step; 0 = never

  const SiteQuant& of(const std::string& site_name) const;
};

// The same as users name it: a member is a flag and a key (grad_format: --grad-format, "grad-format").
struct QuantNames {
  RecipeNames recipe{.scaling = "current"};  // scaling current, delayed or fixed
  std::string rescale = "pow2";              // pow2 stretch
  std::string weight_clip = "3.2";           // absmax, or a multiple of mean |w|
  std::string activation_clip = "absmax";    // absmax, or a multiple of mean |x|
  std::string signed_format = "int4";        // int4 affine
  std::string weight_scale = "tensor";       // tensor column
  int activation_terms = 1, weight_terms = 1;
  // "fc2.*: grad-terms=2, rescale=stretch": what differs at the sites that the pattern names.
  std::vector<std::string> overrides;
  std::uint32_t count_every = 16;
};

// Throws InputError naming flag and value: unknown, or a combination that the hardware lacks.
QuantConfig make_quant_config(const QuantNames& names);
// One canonical line, equal for configurations that compute the same.
std::string describe(const QuantConfig& config);

}  // namespace cuatro::nn
