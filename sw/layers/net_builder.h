// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <string>

#include "layers/layer.h"

namespace cuatro::nn {

// Hands out initial weights and random streams while a net is built. Equal seeds and equal order of
// construction give equal nets, whatever engine they will run on.
class NetBuilder {
 public:
  explicit NetBuilder(std::uint64_t seed) : seed_(seed) {}

  // Uniform in ±gain · sqrt(6 / fan_in), from integers (nn/init.h): the same floats on every machine.
  Weights matrix(const std::string& name, Array::Shape shape, std::uint32_t fan_in, float gain = 1.0F);
  // All `value`, not subject to weight decay: biases, norms.
  Weights vector(const std::string& name, std::uint32_t size, float value = 0.0F);
  OperandSite site(const std::string& name, OperandKind kind) { return {name, kind, next_stream_++, 0, {}}; }

 private:
  std::uint64_t seed_;
  std::uint32_t next_matrix_ = 0, next_stream_ = 0;
};

}  // namespace cuatro::nn
