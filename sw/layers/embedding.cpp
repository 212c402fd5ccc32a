// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "layers/embedding.h"

#include <algorithm>
#include <fmt/format.h>

#include "device/device.h"

namespace cuatro::nn {
namespace {
// Initial entries have the variance 2 · gain² / width of their own width: a row's norm is sqrt(2) · gain.
constexpr float kInitGain = 1.0F;
}  // namespace

Embedding::Embedding(const Config& config, NetBuilder& builder)
    : config_(config),
      token_(builder.matrix(config.name + ".token", {config.symbols, config.width}, config.width, kInitGain)),
      position_(builder.matrix(config.name + ".position", {config.context, config.width}, config.width, kInitGain)) {
  token_.decay = position_.decay = false;
}

Array Embedding::forward(std::span<const std::uint8_t> tokens, std::uint32_t context, bool training) {
  if (context == 0 || context > config_.context || tokens.size() % context != 0) {
    throw DeviceError(fmt::format("{}: {} tokens in windows of {}; windows have 1 to {}", config_.name, tokens.size(),
                                  context, config_.context));
  }
  const std::uint32_t width = config_.width;
  Array y({static_cast<std::uint32_t>(tokens.size()) / context, context, width});
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i] >= config_.symbols) {
      throw DeviceError(fmt::format("{}: token {} of {} symbols", config_.name, tokens[i], config_.symbols));
    }
    const float* token = &token_.value[std::size_t{tokens[i]} * width];
    const float* position = &position_.value[i % context * width];
    for (std::uint32_t c = 0; c < width; ++c) y.data[i * width + c] = token[c] + position[c];
  }
  if (training) tokens_.assign(tokens.begin(), tokens.end());
  return y;
}

void Embedding::backward(const Array& dy) {
  const std::uint32_t width = config_.width, context = dy.shape[1];
  std::fill(token_.gradient.begin(), token_.gradient.end(), 0.0F);
  std::fill(position_.gradient.begin(), position_.gradient.end(), 0.0F);
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    float* token = &token_.gradient[std::size_t{tokens_[i]} * width];
    float* position = &position_.gradient[i % context * width];
    for (std::uint32_t c = 0; c < width; ++c) {
      token[c] += dy.data[i * width + c];
      position[c] += dy.data[i * width + c];
    }
  }
}

void Embedding::collect(LayerState& state) { state.weights.insert(state.weights.end(), {&token_, &position_}); }

}  // namespace cuatro::nn
