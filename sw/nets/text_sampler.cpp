// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "nets/text_sampler.h"

#include <algorithm>
#include <fmt/format.h>
#include <functional>

#include "device/input_error.h"
#include "golden/random.h"
#include "layers/float_math.h"
#include "nn/random_bits.h"
#include "nn/streams.h"

namespace cuatro::nn {
namespace {

// The symbol that 32 random bits pick. Of equal logits the first symbol counts as the likelier.
std::uint8_t pick(std::span<const float> logits, const SampleOptions& options, std::uint32_t bits) {
  const auto top = std::max_element(logits.begin(), logits.end());
  if (options.temperature == 0) return static_cast<std::uint8_t>(top - logits.begin());
  float least = *std::min_element(logits.begin(), logits.end());
  if (options.top_k != 0 && options.top_k < logits.size()) {
    std::vector<float> sorted(logits.begin(), logits.end());
    std::nth_element(sorted.begin(), sorted.begin() + (options.top_k - 1), sorted.end(), std::greater<>());
    least = sorted[options.top_k - 1];
  }
  std::vector<float> weight(logits.size());
  float sum = 0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    weight[i] = logits[i] >= least ? exp_fixed((logits[i] - *top) / options.temperature) : 0.0F;
    sum += weight[i];
  }
  // 24 of the bits: exact in a float, and less than 1.
  float rest = static_cast<float>(bits >> 8) * 0x1p-24F * sum;
  for (std::size_t i = 0; i < weight.size(); ++i) {
    rest -= weight[i];
    if (rest < 0) return static_cast<std::uint8_t>(i);
  }
  return static_cast<std::uint8_t>(top - logits.begin());  // rounding left a crumb
}

}  // namespace

std::vector<std::uint8_t> generate(Network& network, MatmulEngine& engine, std::span<const std::uint8_t> prompt,
                                   const SampleOptions& options) {
  if (prompt.empty()) throw InputError("the prompt is empty, expected at least one character");
  if (!(options.temperature >= 0)) {
    throw InputError(fmt::format("temperature {} is out of range, expected 0 or more", options.temperature));
  }
  const std::uint64_t key =
      golden::stream_key(options.seed, 0, stream_tensor(0, TensorRole::order), kDrawSample);
  std::vector<std::uint8_t> text(prompt.begin(), prompt.end());
  for (std::uint32_t i = 0; i < options.count; ++i) {
    const auto seen = static_cast<std::uint32_t>(std::min<std::size_t>(text.size(), options.context));
    Batch batch;
    batch.tokens.assign(text.end() - seen, text.end());
    batch.context = seen;
    engine.begin_step({i, false});
    const Array logits = network.infer(engine, batch);
    text.push_back(pick(std::span(logits.data).last(logits.cols()), options, random_bits(key, i)));
  }
  return {text.begin() + static_cast<std::ptrdiff_t>(prompt.size()), text.end()};
}

}  // namespace cuatro::nn
