// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "layers/lstm.h"

#include <algorithm>

#include "layers/float_math.h"

namespace cuatro::nn {
namespace {

// The gates of one example and time step, `hidden` values each.
template <class T>
struct Gates {
  T *i, *f, *g, *o;
  Gates(T* z, std::uint32_t hidden) : i(z), f(z + hidden), g(z + 2 * hidden), o(z + 3 * hidden) {}
};

// z becomes σ(z_i), σ(z_f), tanh(z_g), σ(z_o). `before`: cells of the time step before.
void step_forward(float* __restrict z, const float* __restrict before, float* __restrict cell, float* __restrict h,
                  std::uint32_t hidden) {
  const Gates<float> gate(z, hidden);
  for (std::uint32_t j = 0; j < 2 * hidden; ++j) z[j] = sigmoid_fixed(z[j]);
  for (std::uint32_t j = 0; j < hidden; ++j) gate.g[j] = tanh_fixed(gate.g[j]);
  for (std::uint32_t j = 0; j < hidden; ++j) gate.o[j] = sigmoid_fixed(gate.o[j]);
  for (std::uint32_t j = 0; j < hidden; ++j) cell[j] = gate.f[j] * before[j] + gate.i[j] * gate.g[j];
  for (std::uint32_t j = 0; j < hidden; ++j) h[j] = gate.o[j] * tanh_fixed(cell[j]);
}

// dz from dh and dc, the gradients of this step's h and c; dc becomes that of the cell of the step before.
void step_backward(const float* __restrict gates, const float* __restrict before, const float* __restrict cell,
                   const float* __restrict dh, float* __restrict dc, float* __restrict dz, std::uint32_t hidden) {
  const Gates<const float> gate(gates, hidden);
  const Gates<float> d(dz, hidden);
  for (std::uint32_t j = 0; j < hidden; ++j) {
    const float i = gate.i[j], f = gate.f[j], g = gate.g[j], o = gate.o[j], squashed = tanh_fixed(cell[j]);
    const float total = dc[j] + dh[j] * o * (1.0F - squashed * squashed);
    d.i[j] = total * g * i * (1.0F - i);
    d.f[j] = total * before[j] * f * (1.0F - f);
    d.g[j] = total * i * (1.0F - g * g);
    d.o[j] = dh[j] * squashed * o * (1.0F - o);
    dc[j] = total * f;
  }
}

}  // namespace

Lstm::Lstm(const Config& config, NetBuilder& builder)
    : config_(config),
      // Uniform ±sqrt(2 / fan_in) into tanh, where He's ±sqrt(6 / fan_in) is for a ReLU.
      wx_(builder.matrix(config.name + ".wx", {config.in, 4 * config.hidden}, config.in, 0.57735F)),
      wh_(builder.matrix(config.name + ".wh", {config.hidden, 4 * config.hidden}, config.hidden, 0.57735F)),
      bias_(builder.vector(config.name + ".bias", 4 * config.hidden)),
      x_site_(builder.site(config.name + ".x", config.input)),
      wx_site_(builder.site(config.name + ".wx", OperandKind::weight)),
      wh_site_(builder.site(config.name + ".wh", OperandKind::weight)),
      h_step_site_(builder.site(config.name + ".h_t", OperandKind::signed_values)),
      h_site_(builder.site(config.name + ".h", OperandKind::signed_values)),
      dz_step_site_(builder.site(config.name + ".dz_t", OperandKind::gradient)),
      dz_site_(builder.site(config.name + ".dz", OperandKind::gradient)) {
  // Remember at first (Gers et al.).
  std::fill_n(bias_.value.begin() + config.hidden, config.hidden, 1.0F);
}

Array Lstm::forward(MatmulEngine& engine, Array x, bool training) {
  const std::uint32_t steps = x.shape[0], examples = x.shape[1], hidden = config_.hidden, width = 4 * hidden;
  const Operand wx = engine.quantize(wx_.value, config_.in, width, wx_site_);
  const Operand wh = engine.quantize(wh_.value, hidden, width, wh_site_);
  const Operand input = engine.quantize(x.data, x.rows(), x.cols(), x_site_);
  Array z = engine.multiply({input, false, wx, false, Pass::forward, config_.name + " x"});
  Array cells({steps, examples, hidden}), h({steps, examples, hidden});
  const std::size_t step_size = std::size_t{examples} * hidden;
  const std::vector<float> zeros(hidden);
  for (std::uint32_t t = 0; t < steps; ++t) {
    Array recurrent;
    if (t > 0) {
      const std::span before(&h.data[(t - 1) * step_size], step_size);
      recurrent = engine.multiply({engine.quantize(before, examples, hidden, h_step_site_), false, wh, false,
                                   Pass::forward, config_.name + " h"});
    }
    for (std::uint32_t n = 0; n < examples; ++n) {
      const std::size_t at = t * step_size + std::size_t{n} * hidden;
      float* row = &z.data[4 * at];
      for (std::uint32_t j = 0; j < width; ++j) row[j] += bias_.value[j];
      if (t > 0) {
        for (std::uint32_t j = 0; j < width; ++j) row[j] += recurrent.data[std::size_t{n} * width + j];
      }
      step_forward(row, t > 0 ? &cells.data[at - step_size] : zeros.data(), &cells.data[at], &h.data[at], hidden);
    }
  }
  if (training) {
    x_operand_ = input, wx_operand_ = wx, wh_operand_ = wh;
    gates_ = std::move(z), cells_ = std::move(cells), h_ = h;
  }
  return h;
}

Array Lstm::backward(MatmulEngine& engine, Array dy) {
  const std::uint32_t steps = dy.shape[0], examples = dy.shape[1], hidden = config_.hidden, width = 4 * hidden;
  const std::size_t step_size = std::size_t{examples} * hidden;
  Array dz({steps * examples, width});
  const std::vector<float> zeros(hidden);
  std::vector<float> dc(step_size);
  for (std::uint32_t t = steps; t-- > 0;) {
    float* dh = &dy.data[t * step_size];
    if (t + 1 < steps) {
      const std::span after(&dz.data[4 * (t + 1) * step_size], 4 * step_size);
      const Array recurrent = engine.multiply({engine.quantize(after, examples, width, dz_step_site_), false,
                                               wh_operand_, true, Pass::input_gradient, config_.name + " dH"});
      for (std::size_t i = 0; i < step_size; ++i) dh[i] += recurrent.data[i];
    }
    for (std::uint32_t n = 0; n < examples; ++n) {
      const std::size_t in_step = std::size_t{n} * hidden, at = t * step_size + in_step;
      step_backward(&gates_.data[4 * at], t > 0 ? &cells_.data[at - step_size] : zeros.data(), &cells_.data[at],
                    dh + in_step, &dc[in_step], &dz.data[4 * at], hidden);
    }
  }
  std::fill(bias_.gradient.begin(), bias_.gradient.end(), 0.0F);
  for (std::size_t i = 0; i < dz.data.size(); i += width) {
    for (std::uint32_t j = 0; j < width; ++j) bias_.gradient[j] += dz.data[i + j];
  }

  const Operand g = engine.quantize(dz.data, dz.rows(), width, dz_site_);
  std::vector<Product> products{{x_operand_, true, g, false, Pass::weight_gradient, config_.name + " dWx"}};
  if (config_.input_gradient) {
    products.push_back({g, false, wx_operand_, true, Pass::input_gradient, config_.name + " dX"});
  }
  if (steps > 1) {  // h_{t-1} of the time steps from the second on
    const std::uint32_t rows = (steps - 1) * examples;
    const Operand before = engine.quantize(std::span(h_.data).first(rows * std::size_t{hidden}), rows, hidden, h_site_);
    products.push_back({before, true, engine.take_rows(g, examples, rows), false, Pass::weight_gradient,
                        config_.name + " dWh"});
  }
  std::vector<Array> results = engine.multiply(products);
  wx_.gradient = std::move(results[0].data);
  if (steps > 1) {
    wh_.gradient = std::move(results.back().data);
  } else {
    std::fill(wh_.gradient.begin(), wh_.gradient.end(), 0.0F);
  }
  x_operand_ = wx_operand_ = wh_operand_ = {};
  if (!config_.input_gradient) return {};
  results[1].shape = {steps, examples, config_.in};
  return std::move(results[1]);
}

void Lstm::collect(LayerState& state) {
  state.weights.insert(state.weights.end(), {&wx_, &wh_, &bias_});
  state.sites.insert(state.sites.end(), {&x_site_, &wx_site_, &wh_site_, &h_step_site_, &h_site_, &dz_step_site_,
                                         &dz_site_});
}

}  // namespace cuatro::nn
