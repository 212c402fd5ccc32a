// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "layers/attention.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "device/device.h"
#include "layers/float_math.h"
#include "layers/row_reduce.h"

namespace cuatro::nn {
namespace {

// The first head looks at neighbours, the last one far back.
constexpr float kFirstSlope = 1.0F, kNextSlope = 0.25F;

// Between [N, T, blocks · heads · head_width], block `block` of it, and [N, heads, T, head_width].
struct Heads {
  std::uint32_t images, context, heads, head_width, blocks, block;

  template <class Copy>  // copy(offset beside, offset in pairs)
  void each(Copy copy) const {
    for (std::uint32_t n = 0; n < images; ++n) {
      for (std::uint32_t h = 0; h < heads; ++h) {
        for (std::uint32_t t = 0; t < context; ++t) {
          copy(((std::size_t{n} * context + t) * blocks + block) * heads * head_width + h * head_width,
               ((std::size_t{n} * heads + h) * context + t) * head_width);
        }
      }
    }
  }
  std::vector<float> split(const std::vector<float>& beside) const {
    std::vector<float> pairs(std::size_t{images} * heads * context * head_width);
    each([&](std::size_t from, std::size_t to) { std::copy_n(&beside[from], head_width, &pairs[to]); });
    return pairs;
  }
};

// One product a pair, of the pair's rows of both operands.
std::vector<Product> per_pair(MatmulEngine& engine, const Operand& a, bool a_transposed, const Operand& b,
                              bool b_transposed, std::uint32_t context, Pass pass, const std::string& label) {
  std::vector<Product> products;
  for (std::uint32_t row = 0; row < a.rows; row += context) {
    products.push_back({engine.take_rows(a, row, context), a_transposed, engine.take_rows(b, row, context),
                        b_transposed, pass, label});
  }
  return products;
}

void append(std::vector<Product>& products, std::vector<Product> more) {
  std::move(more.begin(), more.end(), std::back_inserter(products));
}

}  // namespace

CausalAttention::CausalAttention(const Config& config, NetBuilder& builder)
    : config_(config),
      head_width_(config.width / config.heads),
      score_scale_(1.0F / std::sqrt(static_cast<float>(head_width_))),
      bias_(builder.vector(config.name + ".bias", config.heads * config.context)),
      qkv_({.name = config.name + ".qkv", .in = config.width, .out = 3 * config.width}, builder),
      out_({.name = config.name + ".out", .in = config.width, .out = config.width, .init_gain = config.out_gain},
           builder),
      q_site_(builder.site(config.name + ".q", OperandKind::signed_values)),
      k_site_(builder.site(config.name + ".k", OperandKind::signed_values)),
      v_site_(builder.site(config.name + ".v", OperandKind::signed_values)),
      e_site_(builder.site(config.name + ".e", OperandKind::positive)),
      do_site_(builder.site(config.name + ".do", OperandKind::gradient)),
      ds_site_(builder.site(config.name + ".ds", OperandKind::gradient)) {
  if (head_width_ * config.heads != config.width) {
    throw DeviceError(fmt::format("{}: {} heads do not divide a width of {}", config.name, config.heads, config.width));
  }
  bias_.shape = {config.heads, config.context};
  float slope = kFirstSlope;
  for (std::uint32_t h = 0; h < config.heads; ++h, slope *= kNextSlope) {
    for (std::uint32_t i = 0; i < config.context; ++i) {
      bias_.value[h * config.context + i] = -slope * static_cast<float>(config.context - 1 - i);
    }
  }
}

// The biases for the positions 0 .. t of a row of scores stand at this index and after it.
std::size_t CausalAttention::bias_index(std::uint32_t row, std::uint32_t context) const {
  return row / context % config_.heads * config_.context + (config_.context - 1 - row % context);
}

Array CausalAttention::forward(MatmulEngine& engine, Array x, bool training) {
  const std::uint32_t images = x.shape[0], context = x.shape[1], rows = images * config_.heads * context;
  if (context > config_.context) {
    throw DeviceError(fmt::format("{}: {} positions, expected at most {}", config_.name, context, config_.context));
  }
  const Array qkv = qkv_.forward(engine, std::move(x), training);
  const auto operand = [&](std::uint32_t block, OperandSite& site) {
    const Heads heads{images, context, config_.heads, head_width_, 3, block};
    return engine.quantize(heads.split(qkv.data), rows, head_width_, site);
  };
  const Operand q = operand(0, q_site_), k = operand(1, k_site_), v = operand(2, v_site_);

  const std::vector<Array> scores =
      engine.multiply(per_pair(engine, q, false, k, true, context, Pass::forward, config_.name + " QK"));
  std::vector<float> exps(std::size_t{rows} * context), inverse_sum(rows);
  for (std::uint32_t row = 0; row < rows; ++row) {
    const std::uint32_t seen = row % context + 1;
    const float* s = &scores[row / context].data[std::size_t{row % context} * context];
    float* e = &exps[std::size_t{row} * context];
    const float* bias = &bias_.value[bias_index(row, context)];
    for (std::uint32_t j = 0; j < seen; ++j) e[j] = s[j] * score_scale_ + bias[j];
    const float top = row_max(e, seen);
    for (std::uint32_t j = 0; j < seen; ++j) e[j] = exp_fixed(e[j] - top);
    inverse_sum[row] = 1.0F / row_sum(seen, [=](std::uint32_t j) { return e[j]; });
  }
  const Operand e = engine.quantize(exps, rows, context, e_site_);

  const std::vector<Array> sums =
      engine.multiply(per_pair(engine, e, false, v, false, context, Pass::forward, config_.name + " EV"));
  Array heads({images, context, config_.width});
  Heads{images, context, config_.heads, head_width_, 1, 0}.each([&](std::size_t to, std::size_t from) {
    const std::size_t row = from / head_width_;
    const float* sum = &sums[row / context].data[row % context * head_width_];
    for (std::uint32_t c = 0; c < head_width_; ++c) heads.data[to + c] = sum[c] * inverse_sum[row];
  });
  if (training) {
    q_ = q, k_ = k, v_ = v, e_ = e;
    exps_ = std::move(exps);
    inverse_sum_ = std::move(inverse_sum);
    heads_ = heads.data;
  }
  return out_.forward(engine, std::move(heads), training);
}

Array CausalAttention::backward(MatmulEngine& engine, Array dy) {
  const std::uint32_t images = dy.shape[0], context = dy.shape[1], rows = images * config_.heads * context;
  const Array d_heads = out_.backward(engine, std::move(dy));
  const Heads layout{images, context, config_.heads, head_width_, 1, 0};
  std::vector<float> d_out(std::size_t{rows} * head_width_), along(rows);
  layout.each([&](std::size_t from, std::size_t to) {
    const std::size_t row = to / head_width_;
    const float *g = &d_heads.data[from], *o = &heads_[from];
    float* scaled = &d_out[to];
    for (std::uint32_t c = 0; c < head_width_; ++c) scaled[c] = g[c] * inverse_sum_[row];
    along[row] = row_sum(head_width_, [=](std::uint32_t c) { return scaled[c] * o[c]; });
  });
  const Operand g = engine.quantize(d_out, rows, head_width_, do_site_);
  const std::uint32_t pairs = rows / context;
  auto products = per_pair(engine, g, false, v_, true, context, Pass::input_gradient, config_.name + " dE");
  append(products, per_pair(engine, e_, true, g, false, context, Pass::weight_gradient, config_.name + " dV"));
  const std::vector<Array> d_e_v = engine.multiply(products);

  std::vector<float> d_scores(std::size_t{rows} * context);
  std::fill(bias_.gradient.begin(), bias_.gradient.end(), 0.0F);
  for (std::uint32_t row = 0; row < rows; ++row) {
    const float* d_e = &d_e_v[row / context].data[std::size_t{row % context} * context];
    const float* e = &exps_[std::size_t{row} * context];
    float* d_s = &d_scores[std::size_t{row} * context];
    float* d_bias = &bias_.gradient[bias_index(row, context)];
    for (std::uint32_t j = 0; j <= row % context; ++j) {
      const float d = e[j] * (d_e[j] - along[row]);
      d_bias[j] += d;
      d_s[j] = d * score_scale_;
    }
  }
  const Operand s = engine.quantize(d_scores, rows, context, ds_site_);
  products = per_pair(engine, s, false, k_, false, context, Pass::input_gradient, config_.name + " dQ");
  append(products, per_pair(engine, s, true, q_, false, context, Pass::weight_gradient, config_.name + " dK"));
  const std::vector<Array> d_q_k = engine.multiply(products);

  Array d_qkv({images, context, 3 * config_.width});
  for (std::uint32_t block = 0; block < 3; ++block) {
    Heads{images, context, config_.heads, head_width_, 3, block}.each([&](std::size_t to, std::size_t from) {
      const std::size_t row = from / head_width_, pair = row / context;
      const Array& result = block == 0 ? d_q_k[pair] : block == 1 ? d_q_k[pairs + pair] : d_e_v[pairs + pair];
      std::copy_n(&result.data[row % context * head_width_], head_width_, &d_qkv.data[to]);
    });
  }
  q_ = k_ = v_ = e_ = {};
  return qkv_.backward(engine, std::move(d_qkv));
}

void CausalAttention::collect(LayerState& state) {
  state.weights.push_back(&bias_);
  qkv_.collect(state);
  out_.collect(state);
  state.sites.insert(state.sites.end(), {&q_site_, &k_site_, &v_site_, &e_site_, &do_site_, &ds_site_});
}

}  // namespace cuatro::nn
