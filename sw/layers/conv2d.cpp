// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "layers/conv2d.h"

#include <algorithm>
#include <fmt/format.h>

#include "device/input_error.h"
#include "layers/bias.h"
#include "nn/join.h"

namespace cuatro::nn {
namespace {

const Conv2d::Config& checked(const Conv2d::Config& c) {
  if (c.channels == 0 || c.filters == 0 || c.kernel == 0 || c.stride == 0 || c.padding >= c.kernel) {
    throw InputError(fmt::format("{}: {} channels, {} filters, kernel {}, stride {}, padding {}: expected sizes above "
                                 "0 and padding below the kernel's size",
                                 c.name, c.channels, c.filters, c.kernel, c.stride, c.padding));
  }
  return c;
}

}  // namespace

Conv2d::Conv2d(const Config& config, NetBuilder& builder)
    : config_(checked(config)),
      weight_(builder.matrix(config.name + ".weight", {config.kernel, config.kernel, config.channels, config.filters},
                             config.kernel * config.kernel * config.channels, config.init_gain)),
      bias_(builder.vector(config.name + ".bias", config.bias ? config.filters : 0)),
      x_site_(builder.site(config.name + ".x", config.input)),
      w_site_(builder.site(config.name + ".w", OperandKind::weight)),
      dy_site_(builder.site(config.name + ".dy", OperandKind::gradient)) {}

Window Conv2d::forward_window(const Array::Shape& x) const {
  const auto& c = config_;
  if (x.size() != 4 || x[3] != c.channels || x[1] + 2 * c.padding < c.kernel || x[2] + 2 * c.padding < c.kernel) {
    throw InputError(fmt::format("{}: input [{}], expected [N, H, W, {}] with H and W of at least {}", c.name,
                                 join(x, ", "), c.channels, c.kernel - std::min(c.kernel, 2 * c.padding)));
  }
  Window w;
  w.images = x[0], w.height = x[1], w.width = x[2];
  w.kernel_h = w.kernel_w = c.kernel;
  w.stride = c.stride;
  w.pad_h = w.pad_w = c.padding;
  w.out_height = (w.height + 2 * c.padding - c.kernel) / c.stride + 1;
  w.out_width = (w.width + 2 * c.padding - c.kernel) / c.stride + 1;
  return w;
}

// Over dy, whose rows stand a stride apart in the coordinates of x.
Window Conv2d::gradient_window() const {
  Window w = window_;
  w.height = window_.out_height, w.width = window_.out_width;
  w.out_height = window_.height, w.out_width = window_.width;
  w.stride = 1;
  w.dilation = config_.stride;
  w.pad_h = w.pad_w = config_.kernel - 1 - config_.padding;
  return w;
}

// [channels × kernel²·filters]: W read as one image of kernel² rows, channels wide, filters deep; the window
// is one column, so each channel gets all its taps. The codes are those of the forward pass.
Operand Conv2d::reversed_weight(MatmulEngine& engine) const {
  Window w;
  w.images = 1;
  w.height = w.kernel_h = config_.kernel * config_.kernel;
  w.width = w.out_width = config_.channels;
  w.out_height = 1;
  w.reversed = true;
  return engine.unfold(w_, w);
}

Array Conv2d::forward(MatmulEngine& engine, Array x, bool training) {
  const auto& c = config_;
  const Window window = forward_window(x.shape);
  const Operand w = engine.quantize(weight_.value, c.kernel * c.kernel * c.channels, c.filters, w_site_);
  const Operand unfolded = engine.unfold(engine.quantize(x.data, x.rows(), c.channels, x_site_), window);
  Array y = engine.multiply({unfolded, false, w, false, Pass::forward, c.name});
  if (c.bias) add_bias(y, bias_.value);
  y.shape = {window.images, window.out_height, window.out_width, c.filters};
  if (training) unfolded_ = unfolded, w_ = w, window_ = window;
  return y;
}

Array Conv2d::backward(MatmulEngine& engine, Array dy) {
  const auto& c = config_;
  const Operand g = engine.quantize(dy.data, dy.rows(), c.filters, dy_site_);
  const Delivery later{{unfolded_, true, g, false, Pass::weight_gradient, c.name + " dW"},
                       [this](Array dw) { weight_.gradient = std::move(dw.data); }};
  std::vector<Product> products;
  if (c.input_gradient) {
    products.push_back({engine.unfold(g, gradient_window()), false, reversed_weight(engine), true, Pass::input_gradient,
                        c.name + " dX"});
  }
  std::vector<Array> results = engine.multiply(products, std::span(&later, 1));
  if (c.bias) bias_gradient(dy, bias_.gradient);
  unfolded_ = w_ = {};
  if (!c.input_gradient) return {};
  results[0].shape = {window_.images, window_.height, window_.width, c.channels};
  return std::move(results[0]);
}

void Conv2d::collect(LayerState& state) {
  state.weights.push_back(&weight_);
  if (config_.bias) state.weights.push_back(&bias_);
  state.sites.insert(state.sites.end(), {&x_site_, &w_site_, &dy_site_});
}

}  // namespace cuatro::nn
