// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numbers>
#include <numeric>

#include "device/validate.h"
#include "golden/codes.h"
#include "golden/random.h"
#include "golden/update.h"
#include "matmul/site_counts.h"
#include "nn/mlp.h"
#include "nn/scale.h"
#include "nn/softmax.h"
#include "nn/streams.h"

// One step of IntegerMlp. The device runs behind its caller, so a step has two phases without
// reads: everything up to the logits, and everything from their gradient to the last dW. With the update on the device
// the second phase ends in the device's memory, and the next step's first phase is asked for while it is under way.
namespace cuatro::nn {
namespace {

constexpr int kPixelExponent = -4;  // codes are pixel >> 4, real values pixel / 256
constexpr int kWeightSourceBits = 10;
constexpr std::uint64_t kCountEvery = 16;  // steps between those whose sites are counted

// a · 2^-shift, half to even, saturating to 32 bits.
std::int32_t shift_half_even(std::int32_t a, int shift) {
  if (shift > 32) return 0;
  std::int64_t q = a;
  if (shift > 0) {
    const std::int64_t half = std::int64_t{1} << (shift - 1), odd = (q >> shift) & 1;
    q = (q + half - 1 + odd) >> shift;
  } else {
    q = q << std::min(-shift, 31);
  }
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(q, INT32_MIN, INT32_MAX));
}

// The weights as a 16-bit source for the quantizer: half the traffic of 32-bit words and the same
// codes. The lowest bit collects everything shifted out (as the sticky bit of a floating-point
// unit), so no comparison with a rounding boundary changes; clipping stays clipping.
std::vector<std::int16_t> narrow_sticky(const std::vector<std::int32_t>& words, int shift) {
  std::vector<std::int16_t> out(words.size());
  const std::int32_t lost = static_cast<std::int32_t>((std::uint32_t{1} << shift) - 1);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::int32_t sticky = (words[i] & lost) != 0;
    out[i] = static_cast<std::int16_t>(std::clamp((words[i] >> shift) | sticky, -32767, 32767));
  }
  return out;
}

// Column sums of a code matrix's values.
void add_columns(const std::vector<std::uint8_t>& codes, Format format, int scale, std::vector<std::int32_t>& sums) {
  std::array<std::int32_t, 16> value{};
  for (int c = 0; c < 16; ++c) value[c] = golden::decode(format, static_cast<std::uint8_t>(c)) * scale;
  const std::size_t cols = sums.size();
  for (std::size_t i = 0; i < codes.size(); i += cols) {
    for (std::size_t c = 0; c < cols; ++c) sums[c] += value[codes[i + c] & 15];
  }
}

BatchResult batch_result(const SoftmaxResult& softmax, std::size_t count) {
  return {static_cast<double>(softmax.loss_q16) / 65536.0 * std::numbers::ln2, softmax.correct,
          static_cast<std::uint32_t>(count)};
}

}  // namespace

void IntegerMlp::quantize_weights() {
  for (Layer& l : layers_) {
    if (on_device()) {
      if (!l.state) place(l);
      continue;
    }
    const int frac = config_.recipe.master.weight_frac;
    if (l.weight_sum_abs > 0) l.weight_exponent = nn::weight_exponent(l.weight_sum_abs, l.weight.weight.size()) - frac;
    quantize_weights(l, std::clamp(l.weight_exponent + frac - kWeightSourceBits, 0, 30));
  }
}

void IntegerMlp::quantize_weights(Layer& l, int narrow) {
  const int frac = config_.recipe.master.weight_frac;
  const std::vector<std::int16_t> source = narrow_sticky(l.weight.weight, narrow);
  const Shift shift = shift_between(narrow - frac, l.weight_exponent);
  l.weight_exponent = shift.exponent;
  Quantize op;
  op.type = SourceType::s16;
  op.data = source.data();
  op.rows = l.in;
  op.cols = l.out;
  op.out = {OutFormat::int4, Rounding::nearest, shift.shift};
  l.codes = device_.quantize(op, "W " + l.name);
}

// Weights and momentum into device memory, and the codes that an update would have left beside them.
void IntegerMlp::place(Layer& l) {
  std::vector<std::int32_t> words(l.weight.weight.size());
  for (std::size_t i = 0; i < words.size(); ++i) {
    words[i] = golden::WeightState{l.weight.momentum[i], l.weight.weight[i]}.word();
  }
  l.state = device_.upload_raw(words, l.in, l.out);
  quantize_weights(l, 0);
  l.weight = {};
}

Parameter IntegerMlp::weight_of(const Layer& l) const {
  if (!l.state) return l.weight;
  Parameter weight;
  for (const std::int32_t word : device_.read_raw(l.state)) {
    const golden::WeightState state = golden::WeightState::from_word(word);
    weight.weight.push_back(state.w);
    weight.momentum.push_back(state.v);
  }
  return weight;
}

std::vector<std::int32_t> IntegerMlp::accumulator_bias(const Layer& layer, int exponent) const {
  std::vector<std::int32_t> bias(layer.out);
  for (std::size_t i = 0; i < bias.size(); ++i) {
    bias[i] = shift_half_even(layer.bias.weight[i], exponent + config_.recipe.master.weight_frac);
  }
  return bias;
}

std::vector<IntegerMlp::Activation> IntegerMlp::forward_hidden(int images, std::span<const std::uint32_t> rows,
                                                               bool training) {
  std::vector<Activation> x{
      {{.codes = device_.gather_rows(images_.at(static_cast<std::size_t>(images)), rows), .codes2 = {}, .mask = {}, .raw = {}}, kPixelExponent}};
  for (std::size_t i = 0; i + 1 < layers_.size(); ++i) {
    Layer& l = layers_[i];
    const int exponent = x.back().exponent + l.weight_exponent;
    const std::vector<std::int32_t> bias = accumulator_bias(l, exponent);
    Gemm op;
    op.a = x.back().y.codes;
    op.a_format = AFormat::uint4;
    op.b = l.codes.codes;
    op.bias = bias;
    op.out = {OutFormat::uint4, Rounding::nearest};
    op.out.write_mask = training;
    const std::string label = "Y " + l.name;
    const Quantized y = training ? outputs_.gemm(op, l.output, Range::activation, exponent, label)
                                 : outputs_.gemm_frozen(op, l.output, Range::activation, exponent, label);
    x.push_back({y.result, y.exponent});
  }
  return x;
}

Result IntegerMlp::forward_logits(const Activation& x, int& exponent) {
  const Layer& l = layers_.back();
  exponent = x.exponent + l.weight_exponent;
  const std::vector<std::int32_t> bias = accumulator_bias(l, exponent);
  Gemm op;
  op.a = x.y.codes;
  op.a_format = AFormat::uint4;
  op.b = l.codes.codes;
  op.bias = bias;
  op.out.for_host = true;
  return device_.gemm(op, "logits");
}

Output IntegerMlp::gradient_output(std::size_t layer, std::uint64_t step) const {
  Output out{config_.recipe.grad_format, config_.recipe.grad_rounding};
  out.key = golden::stream_key(config_.seed, step, stream_tensor(layer, TensorRole::gradient), kDrawDevice);
  return out;
}

IntegerMlp::Gradient IntegerMlp::as_gradient(const Quantized& q) const {
  const Tensor &one = q.result.codes, &two = q.result.codes2;
  if (config_.recipe.two_terms()) {
    const int exponent = q.exponent - config_.recipe.term_shift();
    return {one, two, one, two, exponent, exponent, q.result};
  }
  if (config_.recipe.grad_rounding == Rounding::tpr) {  // the odd grid is 2·4^k
    return config_.recipe.tpr_swap ? Gradient{two, {}, one, {}, q.exponent + 1, q.exponent, q.result}
                                   : Gradient{one, {}, two, {}, q.exponent, q.exponent + 1, q.result};
  }
  return {one, {}, one, {}, q.exponent, q.exponent, q.result};
}

// The host made this tensor and knows its range, so its scale is this step's unless it is fixed.
IntegerMlp::Gradient IntegerMlp::quantize_logit_gradient(std::span<const std::int16_t> gradient, std::uint32_t absmax,
                                                         std::uint64_t step) {
  Layer& l = layers_.back();
  if (absmax > 0 && (config_.recipe.scaling != Scaling::fixed || l.gradient.known == 0)) {
    l.gradient.exponent = gradient_exponent(absmax, config_.recipe.grad_top(), 0) - kSoftmaxFrac;
    l.gradient.known = 1;
  }
  const Shift shift = shift_between(-kSoftmaxFrac, l.gradient.exponent);
  Quantize op;
  op.type = SourceType::s16;
  op.data = gradient.data();
  op.rows = static_cast<std::uint32_t>(gradient.size() / l.out);
  op.cols = l.out;
  op.out = gradient_output(layers_.size() - 1, step);
  op.out.shift = shift.shift;
  return as_gradient({device_.quantize(op, "dY " + l.name), shift.exponent});
}

// dX of `layer`, which is the dY of the layer before it: a LOG operand is always B, so the
// product is taken transposed and the drain turns it back.
IntegerMlp::Gradient IntegerMlp::backward_input(std::size_t layer, const Gradient& dy, const Tensor& mask,
                                                std::uint64_t step) {
  const Layer& l = layers_[layer];
  Gemm op;
  op.a = l.codes.codes;
  op.b = dy.dx;
  op.b2 = dy.dx2;
  op.b_transposed = true;
  op.term_shift = config_.recipe.term_shift();
  op.mask = mask;
  op.out = gradient_output(layer - 1, step);
  op.out.transpose = true;
  Layer& before = layers_[layer - 1];
  return as_gradient(
      outputs_.gemm(op, before.gradient, Range::gradient, l.weight_exponent + dy.dx_exponent, "dY " + before.name));
}

Gemm IntegerMlp::backward_weight(const Activation& x, const Gradient& dy) const {
  Gemm op;
  op.a = x.y.codes;
  op.a_transposed = true;
  op.a_format = AFormat::uint4;
  op.b = dy.dw;
  op.b2 = dy.dw2;
  op.term_shift = config_.recipe.term_shift();
  return op;
}

// Of dY as dW sees it, in its units.
Result IntegerMlp::column_sums(const Layer& layer, const Gradient& dy) {
  if (ones_.cols != dy.dw.rows) {
    const std::vector<std::uint8_t> ones(dy.dw.rows, 1);
    Quantize op;
    op.type = SourceType::u8;
    op.data = ones.data();
    op.rows = 1;
    op.cols = dy.dw.rows;
    op.out = {OutFormat::int4, Rounding::nearest};
    ones_ = device_.quantize(op, "ones").codes;
  }
  Gemm op;
  op.a = ones_;
  op.b = dy.dw;
  op.b2 = dy.dw2;
  op.term_shift = config_.recipe.term_shift();
  return device_.gemm(op, "db " + layer.name);
}

// Asks for a layer's dW, with its update where that is the device's. The codes of this step stay in use till update().
IntegerMlp::WeightGradient IntegerMlp::ask_update(std::size_t layer, const Activation& x, const Gradient& dy, int lr_shift,
                                                  std::uint64_t step) {
  const Layer& l = layers_[layer];
  Gemm op = backward_weight(x, dy);
  WeightGradient gradient;
  if (on_device()) {
    const MasterFormat& format = config_.recipe.master;
    const std::uint64_t sum_abs = device_.stats(l.codes).sumabs;  // of the update before: long done
    const int code_shift =
        sum_abs == 0 ? l.weight_exponent + format.weight_frac : nn::weight_exponent(sum_abs, std::uint64_t{l.in} * l.out);
    op.update = {l.state, lr_shift + format.momentum_frac - format.weight_frac, std::clamp(code_shift, 0, 15)};
    const int log2_batch = std::bit_width(dy.dw.rows - 1);        // rounded up
    const int shift = log2_batch - format.momentum_frac - (x.exponent + dy.dw_exponent);
    op.out = {OutFormat::update, Rounding::stochastic, std::clamp(shift, kMinUpdateShift, kMaxUpdateShift)};
    op.out.key = golden::stream_key(config_.seed, step, stream_tensor(layer, TensorRole::weight), kDrawDevice);
    gradient.weight_exponent = op.update.code_shift - format.weight_frac;
  }
  gradient.dw = device_.gemm(op, "dW " + l.name);
  return gradient;
}

std::vector<std::int32_t> IntegerMlp::bias_gradient(const WeightGradient& gradient, const Gradient& dy) {
  if (on_device()) return device_.read_raw(gradient.db.raw);
  std::vector<std::int32_t> sums(dy.dw.cols);
  add_columns(device_.read_codes(dy.dw), config_.recipe.code_format(), 1 << config_.recipe.term_shift(), sums);
  if (dy.dw2) add_columns(device_.read_codes(dy.dw2), config_.recipe.code_format(), 1, sums);
  return sums;
}

void IntegerMlp::update(std::size_t layer, const WeightGradient& gradient, const Activation& x, const Gradient& dy,
                        int lr_shift, std::uint64_t step) {
  Layer& l = layers_[layer];
  const MasterFormat& format = config_.recipe.master;
  const auto key = [&](TensorRole role) {
    return golden::stream_key(config_.seed, step, stream_tensor(layer, role), kDrawUpdate);
  };
  const std::uint32_t batch = dy.dw.rows;
  outputs_.saturation().weights.clipped += device_.stats(l.codes).saturated;
  outputs_.saturation().weights.elements += std::uint64_t{l.in} * l.out;
  if (on_device()) {
    l.state = gradient.dw.raw;
    l.codes = gradient.dw;
    l.weight_exponent = gradient.weight_exponent;
  } else {
    l.weight_sum_abs = sgd_update(l.weight, device_.read_raw(gradient.dw.raw), {x.exponent + dy.dw_exponent, batch}, lr_shift,
                                  key(TensorRole::weight), format);
  }
  sgd_update(l.bias, bias_gradient(gradient, dy), {dy.dw_exponent, batch}, lr_shift, key(TensorRole::bias), format);
}

// For the report. Of what the drain rounds only the codes are known, and by the ReLU's mask what was not zero: a result
// that cancelled to zero exactly passes for a lost one.
void IntegerMlp::count_sites(const std::vector<Activation>& x, const std::vector<Gradient>& dy,
                             const SoftmaxResult& softmax) {
  const auto nonzero = [](const auto& values) {
    return static_cast<std::uint64_t>(std::count_if(values.begin(), values.end(), [](auto v) { return v != 0; }));
  };
  const auto count = [&](const Result& result, int term_shift, std::uint64_t values, SiteCounts& counts) {
    count_codes(device_, result, 0, values, counts);
    count_code_exponents(device_, result, term_shift, counts);
  };
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    Layer& l = layers_[i];
    count(l.codes, 0, nonzero(weight_of(l).weight), l.weight_counts);
    std::uint64_t gradients = nonzero(softmax.gradient);
    if (i + 1 < layers_.size()) {
      gradients = nonzero(device_.read_mask(x[i + 1].y.mask));
      count(x[i + 1].y, 0, gradients, l.output_counts);
    }
    count(dy[i].codes, config_.recipe.term_shift(), gradients, l.gradient_counts);
  }
}

BatchResult IntegerMlp::train_step(int images, std::span<const std::uint32_t> rows,
                                   std::span<const std::uint8_t> labels, int lr_shift, std::uint64_t step) {
  quantize_weights();
  const std::vector<Activation> x = forward_hidden(images, rows, true);
  int exponent = 0;
  const Result logits = forward_logits(x.back(), exponent);
  const SoftmaxResult softmax =
      softmax_cross_entropy(device_.read_raw(logits.raw), layers_.back().out, exponent, labels);

  const std::size_t count = layers_.size();
  std::vector<Gradient> dy(count);
  std::vector<WeightGradient> dw(count);
  dy[count - 1] = quantize_logit_gradient(softmax.gradient, softmax.absmax, step);
  for (std::size_t l = count; l-- > 0;) {
    if (l > 0) dy[l - 1] = backward_input(l, dy[l], x[l].y.mask, step);
    if (!on_device()) dw[l] = ask_update(l, x[l], dy[l], lr_shift, step);
  }
  if (on_device()) {
    // What the host waits for comes first; the updates, which it does not wait for, last.
    std::vector<Result> db(count);
    for (std::size_t l = count; l-- > 0;) db[l] = column_sums(layers_[l], dy[l]);
    for (std::size_t l = count; l-- > 0;) {
      dw[l] = ask_update(l, x[l], dy[l], lr_shift, step);
      dw[l].db = db[l];
    }
  }
  // Everything is asked for; reads only from here on.
  if (step % kCountEvery == 0) count_sites(x, dy, softmax);
  for (std::size_t l = count; l-- > 0;) update(l, dw[l], x[l], dy[l], lr_shift, step);
  outputs_.settle();
  return batch_result(softmax, labels.size());
}

Array IntegerMlp::infer(const Batch& batch) {
  const std::uint32_t count = batch.x.shape.at(0), features = config_.sizes.front();
  Images images{count, 1, features, {}, std::vector<std::uint8_t>(count)};
  for (const float v : batch.x.data) images.pixels.push_back(static_cast<std::uint8_t>(v * 256.0F));
  std::vector<std::uint32_t> rows(count);
  std::iota(rows.begin(), rows.end(), 0U);
  quantize_weights();
  const int handle = add_images(images);
  int exponent = 0;
  const Result logits = forward_logits(forward_hidden(handle, rows, false).back(), exponent);
  images_.pop_back();
  Array result({count, layers_.back().out});
  const std::vector<std::int32_t> words = device_.read_raw(logits.raw);
  std::transform(words.begin(), words.end(), result.data.begin(),
                 [&](std::int32_t w) { return std::ldexp(static_cast<float>(w), exponent); });
  return result;
}

BatchResult IntegerMlp::evaluate(int images, std::span<const std::uint32_t> rows,
                                 std::span<const std::uint8_t> labels) {
  quantize_weights();
  const std::vector<Activation> x = forward_hidden(images, rows, false);
  int exponent = 0;
  const std::vector<std::int32_t> logits = device_.read_raw(forward_logits(x.back(), exponent).raw);
  return batch_result(softmax_cross_entropy(logits, layers_.back().out, exponent, labels), labels.size());
}

}  // namespace cuatro::nn
