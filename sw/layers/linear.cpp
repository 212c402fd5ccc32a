// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "layers/linear.h"

#include "layers/bias.h"
#include "layers/column_scale.h"

namespace cuatro::nn {

Linear::Linear(const Config& config, NetBuilder& builder)
    : config_(config),
      weight_(builder.matrix(config.name + ".weight", {config.in, config.out}, config.in, config.init_gain)),
      bias_(builder.vector(config.name + ".bias", config.bias ? config.out : 0)),
      x_site_(builder.site(config.name + ".x", config.input)),
      w_site_(builder.site(config.name + ".w", OperandKind::weight)),
      dy_site_(builder.site(config.name + ".dy", OperandKind::gradient)) {}

Array Linear::forward(MatmulEngine& engine, Array x, bool training) {
  x_shape_ = x.shape;
  const std::optional<float> clip = engine.column_clip(w_site_);
  scales_ = clip ? column_ranges(weight_.value, config_.out, *clip) : std::vector<float>{};
  const std::vector<float> level = clip ? levelled(weight_.value, scales_) : std::vector<float>{};
  const Operand w = engine.quantize(clip ? level : weight_.value, config_.in, config_.out, w_site_);
  const Operand input = engine.quantize(x.data, x.rows(), x.cols(), x_site_);
  Array y = engine.multiply({input, false, w, false, Pass::forward, config_.name});
  if (!scales_.empty()) scale_columns(y.data, scales_);
  if (config_.bias) add_bias(y, bias_.value);
  y.shape = x_shape_;
  y.shape.back() = config_.out;
  if (training) x_ = input, w_ = w;
  return y;
}

Array Linear::backward(MatmulEngine& engine, Array dy) {
  if (config_.bias) bias_gradient(dy, bias_.gradient);
  if (!scales_.empty()) scale_columns(dy.data, scales_);
  const Operand g = engine.quantize(dy.data, dy.rows(), dy.cols(), dy_site_);
  const Delivery later{{x_, true, g, false, Pass::weight_gradient, config_.name + " dW"}, [this](Array dw) {
                         weight_.gradient = std::move(dw.data);
                         if (!scales_.empty()) unscale_columns(weight_.gradient, scales_);
                       }};
  std::vector<Product> products;
  if (config_.input_gradient) products.push_back({g, false, w_, true, Pass::input_gradient, config_.name + " dX"});
  std::vector<Array> results = engine.multiply(products, std::span(&later, 1));
  x_ = w_ = {};
  if (!config_.input_gradient) return {};
  results[0].shape = x_shape_;
  return std::move(results[0]);
}

void Linear::collect(LayerState& state) {
  state.weights.push_back(&weight_);
  if (config_.bias) state.weights.push_back(&bias_);
  state.sites.insert(state.sites.end(), {&x_site_, &w_site_, &dy_site_});
}

}  // namespace cuatro::nn
