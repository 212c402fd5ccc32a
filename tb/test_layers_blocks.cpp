// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "gradient_check.h"

#include "device/input_error.h"
#include "golden/golden_device.h"
#include "layers/batch_norm.h"
#include "layers/column_scale.h"
#include "layers/conv2d.h"
#include "layers/linear.h"
#include "layers/residual.h"
#include "layers/softmax_loss.h"
#include "matmul/device_engine.h"

using namespace cuatro::nn;
using cuatro::InputError;
using gradient_check::check;
using gradient_check::random_array;

namespace {

Linear::Config linear(std::uint32_t in, std::uint32_t out) {
  Linear::Config c;
  c.name = "fc", c.in = in, c.out = out;
  return c;
}

Conv2d::Config conv(std::uint32_t channels, std::uint32_t filters, std::uint32_t kernel, std::uint32_t stride) {
  Conv2d::Config c;
  c.name = "conv", c.channels = channels, c.filters = filters;
  c.kernel = kernel, c.stride = stride, c.padding = kernel / 2;
  return c;
}

// A float engine that asks for columns of one size, as the 4-bit one may.
class ColumnEngine final : public MatmulEngine {
 public:
  std::string_view name() const override { return "columns"; }
  void begin_step(const StepInfo& step) override { to_.begin_step(step); }
  std::optional<float> column_clip(const OperandSite&) const override { return 0.0F; }
  Operand quantize(std::span<const float> values, std::uint32_t rows, std::uint32_t cols, OperandSite& site) override {
    if (site.kind == OperandKind::weight) weights.assign(values.begin(), values.end());
    return to_.quantize(values, rows, cols, site);
  }
  Operand unfold(const Operand& operand, const Window& window) override { return to_.unfold(operand, window); }
  Operand take_rows(const Operand& operand, std::uint32_t first, std::uint32_t count) override {
    return to_.take_rows(operand, first, count);
  }
  Array multiply(const Product& product) override { return to_.multiply(product); }
  std::vector<Array> multiply(std::span<const Product> products, std::span<const Delivery> later) override {
    return to_.multiply(products, later);
  }
  std::vector<float> weights;  // as the layer handed them over

 private:
  FloatEngine to_{Precision::fp32};
};

}  // namespace

TEST_CASE("linear: columns brought to one size change no result, forward or backward, and an empty column is kept") {
  constexpr std::uint32_t in = 24, out = 9;
  std::vector<std::vector<float>> results[2];
  for (const bool columns : {false, true}) {
    std::mt19937 random(5);
    NetBuilder builder(1);
    Linear layer(linear(in, out), builder);
    LayerState state;
    layer.collect(state);
    std::vector<float>& w = state.weights[0]->value;
    for (std::size_t i = 0; i < w.size(); ++i) w[i] *= i % out == 4 ? 0.0F : std::ldexp(1.0F, static_cast<int>(i % out) - 6);
    ColumnEngine scaling;
    FloatEngine plain(Precision::fp32);
    MatmulEngine& engine = columns ? static_cast<MatmulEngine&>(scaling) : plain;
    const Array y = layer.forward(engine, random_array({3, 4, in}, random), true);
    const Array dx = layer.backward(engine, random_array({3, 4, out}, random));
    results[columns] = {y.data, dx.data, state.weights[0]->gradient, state.weights[1]->gradient};
    if (!columns) continue;
    for (std::uint32_t c = 0; c < out; ++c) {
      float most = 0;
      for (std::uint32_t r = 0; r < in; ++r) most = std::max(most, std::abs(scaling.weights[r * out + c]));
      CHECK(most == (c == 4 ? 0.0F : 1.0F));
    }
  }
  for (std::size_t k = 0; k < 4; ++k) {
    for (std::size_t i = 0; i < results[0][k].size(); ++i) {
      INFO(k << " element " << i);
      CHECK(results[1][k][i] == Approx(static_cast<double>(results[0][k][i])).epsilon(1e-4).margin(1e-6));
    }
  }
}

TEST_CASE("columns: the range is the largest magnitude or a multiple of the mean, and limits what is levelled") {
  const std::vector<float> values = {1, -4, 0, 1e-30F,   //
                                     -3, 4, 0, 0,        //
                                     2, -4, 0, -1e-30F,  //
                                     2, 4, 0, 0};
  CHECK(column_ranges(values, 4, 0) == std::vector<float>{3, 4, 1, 1});
  const std::vector<float> clipped = column_ranges(values, 4, 1.25F);  // means 2, 4, 0
  CHECK(clipped == std::vector<float>{2.5F, 4, 1, 1});
  const std::vector<float> level = levelled(values, clipped);
  CHECK(level[0] == 0.4F);
  CHECK(level[4] == -1.0F);  // 3 / 2.5
  CHECK(level[5] == 1.0F);
}

TEST_CASE("linear: 4 bits with a scale a column serve columns of any size alike, with one scale the small ones vanish") {
  constexpr std::uint32_t in = 32, out = 4;
  for (const bool columns : {false, true}) {
    cuatro::golden::GoldenDevice device;
    QuantNames names;
    names.weight_scale = columns ? "column" : "tensor";
    names.rescale = "stretch";
    DeviceEngine engine(device, make_quant_config(names), 1);
    engine.begin_step({0, true});
    std::mt19937 random(5);
    NetBuilder builder(1);
    Linear layer(linear(in, out), builder);
    LayerState state;
    layer.collect(state);
    std::vector<float>& w = state.weights[0]->value;
    for (std::size_t i = 0; i < w.size(); ++i) w[i] = (i / out % 2 != 0 ? 1.0F : -1.0F) * std::ldexp(1.0F, -6 * static_cast<int>(i % out));
    Array x({1, in});
    for (std::uint32_t i = 0; i < in; ++i) x.data[i] = i % 2 != 0 ? 1.0F : -1.0F;
    const Array y = layer.forward(engine, x, true);
    for (std::uint32_t c = 0; c < out; ++c) {
      const double wanted = in * std::ldexp(1.0, -6 * static_cast<int>(c));
      INFO("column " << c << (columns ? " scaled" : ""));
      // All weights of a column are its largest and get the code 7; the stretched step is at most 1/128 too large.
      if (columns) CHECK(static_cast<double>(y.data[c]) == Approx(wanted).epsilon(1.0 / 64));
      if (!columns && c > 1) CHECK(y.data[c] == 0.0F);
    }
  }
}

TEST_CASE("linear: x·W + b on the last dimension, in double") {
  std::mt19937 random(1);
  NetBuilder builder(1);
  Linear layer(linear(5, 3), builder);
  LayerState state;
  layer.collect(state);
  state.weights[1]->value = {1, -2, 3};
  const Array x = random_array({2, 4, 5}, random);
  FloatEngine engine(Precision::fp32);
  const Array y = layer.forward(engine, x, false);
  REQUIRE(y.shape == Array::Shape{2, 4, 3});
  for (std::size_t r = 0; r < 8; ++r) {
    for (std::size_t c = 0; c < 3; ++c) {
      double sum = static_cast<double>(state.weights[1]->value[c]);
      for (std::size_t k = 0; k < 5; ++k) {
        sum += static_cast<double>(x.data[r * 5 + k]) * static_cast<double>(state.weights[0]->value[k * 3 + c]);
      }
      CHECK(y.data[r * 3 + c] == Approx(sum).margin(1e-6));
    }
  }
}

TEST_CASE("linear: gradients follow the numeric ones, with and without bias and input gradient") {
  std::mt19937 random(2);
  for (const bool bias : {true, false}) {
    for (const bool input : {true, false}) {
      Linear::Config c = linear(6, 17);
      c.bias = bias, c.input_gradient = input;
      NetBuilder builder(1);
      Linear layer(c, builder);
      gradient_check::Options options;
      options.input = input;
      check(layer, random_array({3, 2, 6}, random), random, options);
    }
  }
}

TEST_CASE("sequential: layers in order forward, in reverse order backward; empty, the identity") {
  std::mt19937 random(3);
  NetBuilder builder(1);
  Sequential net;
  const Array x = random_array({4, 3}, random);
  FloatEngine engine(Precision::fp32);
  CHECK(net.forward(engine, x, true).data == x.data);
  CHECK(net.backward(engine, x).data == x.data);
  Linear::Config first = linear(3, 7);
  first.bias = false;  // the norm would take it out again
  net.add<Linear>(first, builder);
  net.add<BatchNorm>("norm", 7, builder);
  net.add<Linear>(linear(7, 2), builder);
  LayerState state;
  net.collect(state);
  CHECK(state.weights.size() == 5);
  CHECK(state.sites.size() == 6);
  CHECK(state.buffers.size() == 2);
  check(net, x, random, {1.0F / 64, 1e-2, true});
}

TEST_CASE("residual: branch plus input, and branch plus projection") {
  std::mt19937 random(4);
  for (const bool projection : {false, true}) {
    NetBuilder builder(1);
    Sequential branch, shortcut;
    branch.add<Conv2d>(conv(2, projection ? 3 : 2, 3, projection ? 2 : 1), builder);
    if (projection) shortcut.add<Conv2d>(conv(2, 3, 1, 2), builder);
    Residual block(std::move(branch), std::move(shortcut));
    const Array x = random_array({1, 5, 5, 2}, random);
    check(block, x, random);

    // The same two parts by hand.
    NetBuilder again(1);
    Conv2d main(conv(2, projection ? 3 : 2, 3, projection ? 2 : 1), again);
    FloatEngine engine(Precision::fp32);
    Array expected = main.forward(engine, x, false);
    Array other = x;
    if (projection) other = Conv2d(conv(2, 3, 1, 2), again).forward(engine, x, false);
    for (std::size_t i = 0; i < expected.data.size(); ++i) expected.data[i] += other.data[i];
    CHECK(block.forward(engine, x, false).data == expected.data);
  }
}

TEST_CASE("residual: refuses a branch and a shortcut of different shapes") {
  NetBuilder builder(1);
  Sequential branch;
  branch.add<Conv2d>(conv(2, 3, 3, 1), builder);
  Residual block(std::move(branch), {});
  FloatEngine engine(Precision::fp32);
  CHECK_THROWS_AS(block.forward(engine, Array({1, 4, 4, 2}), false), InputError);
}

TEST_CASE("softmax loss: value and gradient of the mean, in double; shifting logits changes nothing") {
  std::mt19937 random(5);
  const Array logits = random_array({4, 5}, random, 6);
  const std::vector<std::uint8_t> labels{0, 4, 2, 2};
  for (const float shift : {0.0F, 64.0F, -64.0F}) {
    Array z = logits;
    for (float& v : z.data) v += shift;
    const Array shifted = z;
    const BatchLoss loss = softmax_loss(z, labels, true);
    double expected = 0;
    std::uint32_t correct = 0;
    for (std::size_t r = 0; r < 4; ++r) {
      double sum = 0;
      std::size_t top = 0;
      for (std::size_t c = 0; c < 5; ++c) {
        sum += std::exp(static_cast<double>(shifted.data[r * 5 + c] - shift));
        if (shifted.data[r * 5 + c] > shifted.data[r * 5 + top]) top = c;
      }
      correct += top == labels[r];
      expected += std::log(sum) - static_cast<double>(shifted.data[r * 5 + labels[r]] - shift);
      for (std::size_t c = 0; c < 5; ++c) {
        const double p = std::exp(static_cast<double>(shifted.data[r * 5 + c] - shift)) / sum;
        CHECK(z.data[r * 5 + c] == Approx((p - (c == labels[r] ? 1.0 : 0.0)) / 4).margin(1e-7));
      }
    }
    CHECK(loss.loss_sum == Approx(expected));
    CHECK(loss.correct == correct);
    CHECK(loss.count == 4);
    Array untouched = shifted;
    CHECK(softmax_loss(untouched, labels, false).loss_sum == loss.loss_sum);
    CHECK(untouched.data == shifted.data);
  }
}
