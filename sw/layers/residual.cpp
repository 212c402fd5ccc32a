// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "layers/residual.h"

#include <fmt/format.h>

#include "device/input_error.h"
#include "nn/join.h"

namespace cuatro::nn {
namespace {

void add(Array& to, const Array& from) {
  if (to.shape != from.shape) {
    throw InputError(fmt::format("residual block: the branch gives [{}], the shortcut [{}]",
                                 join(to.shape, ", "), join(from.shape, ", ")));
  }
  for (std::size_t i = 0; i < to.data.size(); ++i) to.data[i] += from.data[i];
}

}  // namespace

Array Residual::forward(MatmulEngine& engine, Array x, bool training) {
  Array y = branch_.forward(engine, x, training);
  add(y, shortcut_.forward(engine, std::move(x), training));
  return y;
}

Array Residual::backward(MatmulEngine& engine, Array dy) {
  Array dx = branch_.backward(engine, dy);
  add(dx, shortcut_.backward(engine, std::move(dy)));
  return dx;
}

void Residual::collect(LayerState& state) {
  branch_.collect(state);
  shortcut_.collect(state);
}

}  // namespace cuatro::nn
