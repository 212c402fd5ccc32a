// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "layers/net_builder.h"

#include <cmath>

#include "nn/init.h"

namespace cuatro::nn {

Weights NetBuilder::matrix(const std::string& name, Array::Shape shape, std::uint32_t fan_in, float gain) {
  Weights w;
  w.name = name;
  const auto count = static_cast<std::uint32_t>(Array::size_of(shape) / fan_in);
  w.shape = std::move(shape);
  for (const std::int32_t v : initial_weights(seed_, next_matrix_, fan_in, count)) {
    w.value.push_back(std::ldexp(static_cast<float>(v), -kInitFrac) * gain);
  }
  ++next_matrix_;
  w.gradient.assign(w.value.size(), 0.0F);
  return w;
}

Weights NetBuilder::vector(const std::string& name, std::uint32_t size, float value) {
  Weights w;
  w.name = name;
  w.shape = {size};
  w.value.assign(size, value);
  w.gradient.assign(size, 0.0F);
  w.decay = false;
  return w;
}

}  // namespace cuatro::nn
