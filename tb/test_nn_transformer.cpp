// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "catch.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "device/device.h"
#include "device/input_error.h"
#include "layers/attention.h"
#include "layers/embedding.h"
#include "layers/feed_forward.h"
#include "layers/layer_norm.h"
#include "layers/row_reduce.h"
#include "matmul/float_engine.h"
#include "nets/text_sampler.h"
#include "nets/transformer.h"
#include "numeric_gradient.h"
#include "temp_folder.h"

using namespace cuatro;
using namespace cuatro::nn;
using numeric::random_values;

namespace {

using Values = std::vector<double>;

std::map<std::string, Values> weights_of(Layer& layer) {
  LayerState state;
  layer.collect(state);
  std::map<std::string, Values> result;
  for (const Weights* w : state.weights) result[w->name] = Values(w->value.begin(), w->value.end());
  return result;
}

// Makes biases and norms differ from what they start as, so that a test sees them.
void stir(Layer& layer) {
  LayerState state;
  layer.collect(state);
  std::uint32_t seed = 100;
  for (Weights* w : state.weights) {
    const auto change = random_values(w->value.size(), seed++, 0.3F);
    for (std::size_t i = 0; i < change.size(); ++i) w->value[i] += change[i];
  }
}

// x [rows × in] · w [in × out] + b
Values linear(const Values& x, const Values& w, const Values& b) {
  const std::size_t out = b.size(), in = w.size() / out;
  Values y(x.size() / in * out);
  for (std::size_t i = 0; i < y.size(); ++i) {
    y[i] = b[i % out];
    for (std::size_t k = 0; k < in; ++k) y[i] += x[i / out * in + k] * w[k * out + i % out];
  }
  return y;
}

// The textbook: softmax(Q·Kᵀ / sqrt(head width) + bias of the distance) with nothing after position t, times V, for
// [N, T, width]. `longest`: how many distances the table of biases has.
Values attention(const Values& x, std::map<std::string, Values> w, std::size_t context, std::size_t width,
                 std::size_t heads, std::size_t longest) {
  const Values qkv = linear(x, w["a.qkv.weight"], w["a.qkv.bias"]);
  const std::size_t head = width / heads;
  Values o(x.size());
  for (std::size_t n = 0; n < x.size() / width / context; ++n) {
    for (std::size_t t = 0; t < context; ++t) {
      for (std::size_t h = 0; h < heads; ++h) {
        const auto at = [&](std::size_t position, std::size_t block, std::size_t c) {
          return qkv[(n * context + position) * 3 * width + block * width + h * head + c];
        };
        Values p(t + 1);
        double sum = 0;
        for (std::size_t j = 0; j <= t; ++j) {
          double s = 0;
          for (std::size_t c = 0; c < head; ++c) s += at(t, 0, c) * at(j, 1, c);
          p[j] = std::exp(s / std::sqrt(static_cast<double>(head)) + w["a.bias"][(h + 1) * longest - 1 - (t - j)]);
          sum += p[j];
        }
        for (std::size_t c = 0; c < head; ++c) {
          for (std::size_t j = 0; j <= t; ++j) o[(n * context + t) * width + h * head + c] += p[j] / sum * at(j, 2, c);
        }
      }
    }
  }
  return linear(o, w["a.out.weight"], w["a.out.bias"]);
}

double largest_difference(const Array& y, const Values& expected) {
  REQUIRE(y.data.size() == expected.size());
  double most = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    most = std::max(most, std::abs(static_cast<double>(y.data[i]) - expected[i]));
  }
  return most;
}

Values doubles(const Array& x) { return {x.data.begin(), x.data.end()}; }

Batch random_batch(std::uint32_t examples, std::uint32_t context, std::uint32_t symbols, std::uint32_t seed) {
  Batch batch;
  batch.context = context;
  for (const float v : random_values(2 * examples * context, seed)) {
    auto& half = batch.tokens.size() < examples * context ? batch.tokens : batch.labels;
    half.push_back(static_cast<std::uint8_t>((v + 1.0F) / 2.0F * static_cast<float>(symbols) * 0.999F));
  }
  return batch;
}

constexpr Transformer::Config kTiny{.symbols = 7, .context = 6, .layers = 2, .width = 8, .heads = 2};
// With this seed no ReLU of the net changes sides within the differences' step.
constexpr std::uint64_t kSmoothSeed = 11;

}  // namespace

TEST_CASE("row reductions: every length gives the sum and the largest value") {
  for (std::uint32_t count = 1; count < 40; ++count) {
    const auto values = random_values(count, count);
    double sum = 0;
    for (const float v : values) sum += static_cast<double>(v);
    CHECK(static_cast<double>(row_sum(count, [&](std::uint32_t i) { return values[i]; })) ==
          Approx(sum).margin(1e-5));
    CHECK(row_max(values.data(), count) == *std::max_element(values.begin(), values.end()));
  }
}

TEST_CASE("layer norm: each row has its mean and deviation taken out, then scale and shift") {
  FloatEngine engine(Precision::fp32);
  NetBuilder builder(1);
  LayerNorm norm("n", 11, builder);
  stir(norm);
  const Array x({2, 3, 11}, random_values(66, 2));
  const auto w = weights_of(norm);
  Values expected(66);
  for (std::size_t r = 0; r < 6; ++r) {
    double mean = 0, variance = 0;
    for (std::size_t c = 0; c < 11; ++c) mean += static_cast<double>(x.data[r * 11 + c]) / 11;
    for (std::size_t c = 0; c < 11; ++c) variance += std::pow(static_cast<double>(x.data[r * 11 + c]) - mean, 2) / 11;
    for (std::size_t c = 0; c < 11; ++c) {
      expected[r * 11 + c] = (static_cast<double>(x.data[r * 11 + c]) - mean) / std::sqrt(variance + 1e-5) *
                                 w.at("n.scale")[c] + w.at("n.shift")[c];
    }
  }
  CHECK(largest_difference(norm.forward(engine, x, false), expected) < 1e-5);
  numeric::check_gradients(norm, engine, {2, 3, 11}, 2e-3);
}

TEST_CASE("feed-forward: two linear layers with a ReLU between") {
  FloatEngine engine(Precision::fp32);
  NetBuilder builder(1);
  FeedForward mlp({.name = "f", .width = 5, .hidden = 9}, builder);
  stir(mlp);
  const Array x({4, 5}, random_values(20, 3));
  const auto w = weights_of(mlp);
  Values hidden = linear(doubles(x), w.at("f.up.weight"), w.at("f.up.bias"));
  for (double& h : hidden) h = std::max(h, 0.0);
  CHECK(largest_difference(mlp.forward(engine, x, false), linear(hidden, w.at("f.down.weight"), w.at("f.down.bias"))) <
        1e-5);
}

TEST_CASE("attention: the textbook's result, and gradients that differences confirm") {
  FloatEngine engine(Precision::fp32);
  NetBuilder builder(1);
  CausalAttention layer({.name = "a", .width = 12, .heads = 3, .context = 7}, builder);
  stir(layer);
  const Array x({2, 5, 12}, random_values(120, 4));
  const auto expected = attention(doubles(x), weights_of(layer), 5, 12, 3, 7);
  CHECK(largest_difference(layer.forward(engine, x, false), expected) < 1e-5);
  numeric::check_gradients(layer, engine, {2, 5, 12}, 3e-3);
}

TEST_CASE("attention: scores far apart neither overflow nor lose a row") {
  FloatEngine engine(Precision::fp32);
  NetBuilder builder(1);
  CausalAttention layer({.name = "a", .width = 4, .heads = 1, .context = 6}, builder);
  const Array x({1, 6, 4}, random_values(24, 5, 100.0F));
  const auto expected = attention(doubles(x), weights_of(layer), 6, 4, 1, 6);
  CHECK(largest_difference(layer.forward(engine, x, false), expected) < 1e-2);
}

TEST_CASE("attention: heads that do not divide the width and windows too long are refused") {
  NetBuilder builder(1);
  FloatEngine engine(Precision::fp32);
  CausalAttention layer({.name = "a", .width = 4, .heads = 2, .context = 3}, builder);
  CHECK_NOTHROW(layer.forward(engine, Array({1, 3, 4}), false));
  CHECK_THROWS_AS(layer.forward(engine, Array({1, 4, 4}), false), DeviceError);
  CHECK_THROWS_AS(CausalAttention({.name = "a", .width = 10, .heads = 4}, builder), DeviceError);
}

TEST_CASE("embedding: rows of both tables; gradients add up where a token comes again") {
  NetBuilder builder(1);
  Embedding embedding({"e", 3, 4, 2}, builder);
  LayerState state;
  embedding.collect(state);
  const std::vector<std::uint8_t> tokens{0, 2, 2, 1, 0, 0};
  const Array y = embedding.forward(tokens, 3, true);
  CHECK(y.shape == Array::Shape{2, 3, 2});
  Array dy(y.shape, random_values(12, 6));
  embedding.backward(dy);
  std::vector<float> token(6), position(8);
  for (std::size_t i = 0; i < 6; ++i) {
    for (std::size_t c = 0; c < 2; ++c) {
      CHECK(y.data[i * 2 + c] == state.weights[0]->value[tokens[i] * 2 + c] + state.weights[1]->value[i % 3 * 2 + c]);
      token[tokens[i] * 2 + c] += dy.data[i * 2 + c];
      position[i % 3 * 2 + c] += dy.data[i * 2 + c];
    }
  }
  CHECK(state.weights[0]->gradient == token);
  CHECK(state.weights[1]->gradient == position);
  CHECK_THROWS_AS(embedding.forward(std::vector<std::uint8_t>{3}, 1, false), DeviceError);
  CHECK_THROWS_AS(embedding.forward(std::vector<std::uint8_t>(5), 5, false), DeviceError);
}

TEST_CASE("transformer: every gradient of the mean loss is what differences give") {
  FloatEngine engine(Precision::fp32);
  Transformer net(kTiny, kSmoothSeed);
  const Batch batch = random_batch(2, 5, kTiny.symbols, 9);
  engine.begin_step({0, true});
  net.run(engine, batch, true);
  const auto loss = [&] {
    const BatchLoss l = net.run(engine, batch, false);
    return l.loss_sum / l.count;
  };
  const LayerState state = net.state();
  std::vector<std::vector<float>> gradients;
  for (const Weights* w : state.weights) gradients.push_back(w->gradient);
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    Weights& w = *state.weights[i];
    INFO(w.name);
    // A key's bias moves all scores of a row alike: its gradient is zero, and relative errors mean nothing.
    if (w.name.ends_with("qkv.bias")) {
      const float key = *std::max_element(&gradients[i][8], &gradients[i][16]);
      CHECK(std::abs(key) < 1e-6F);
    }
    CHECK(numeric::gradient_error(w.value, gradients[i], loss, 3e-3F) < 2e-2);
  }
}

TEST_CASE("transformer: a later symbol never changes an earlier position's logits") {
  FloatEngine engine(Precision::fp32);
  Transformer net(kTiny, 4);
  Batch batch = random_batch(2, 6, kTiny.symbols, 10);
  const Array before = net.infer(engine, batch);
  REQUIRE(before.shape == Array::Shape{2, 6, 7});
  for (std::uint32_t t = 0; t < 6; ++t) {
    Batch changed = batch;
    changed.tokens[t] = static_cast<std::uint8_t>((changed.tokens[t] + 1) % kTiny.symbols);
    const Array after = net.infer(engine, changed);
    const std::size_t first = std::size_t{t} * 7;  // of the first example
    CHECK(std::equal(before.data.begin(), before.data.begin() + first, after.data.begin()));
    for (std::uint32_t later = t; later < 6; ++later) {
      CHECK_FALSE(std::equal(before.data.begin() + later * 7, before.data.begin() + (later + 1) * 7,
                             after.data.begin() + later * 7));
    }
    CHECK(std::equal(before.data.begin() + 42, before.data.end(), after.data.begin() + 42));
  }
}

TEST_CASE("transformer: a shorter window gives the same logits as the start of a longer one") {
  FloatEngine engine(Precision::fp32);
  Transformer net(kTiny, 5);
  const Batch longer = random_batch(1, 6, kTiny.symbols, 11);
  Batch shorter;
  shorter.context = 4;
  shorter.tokens.assign(longer.tokens.begin(), longer.tokens.begin() + 4);
  const Array a = net.infer(engine, longer), b = net.infer(engine, shorter);
  for (std::size_t i = 0; i < b.data.size(); ++i) CHECK(b.data[i] == Approx(a.data[i]).margin(1e-5));
}

TEST_CASE("transformer: names of weights and sites, and random streams, are unique; seeds differ") {
  Transformer net(kTiny, 6), same(kTiny, 6), other(kTiny, 7);
  const LayerState state = net.state();
  std::map<std::string, int> names;
  std::map<std::uint32_t, int> streams;
  for (const Weights* w : state.weights) ++names[w->name];
  for (const OperandSite* s : state.sites) ++names[s->name], ++streams[s->stream];
  CHECK(names.size() == state.weights.size() + state.sites.size());
  CHECK(streams.size() == state.sites.size());
  CHECK(state.weights[0]->value == same.state().weights[0]->value);
  CHECK(state.weights[0]->value != other.state().weights[0]->value);
}

TEST_CASE("sampler: a function of net, prompt and options; greedy takes the likeliest symbol") {
  FloatEngine engine(Precision::fp32);
  Transformer net(kTiny, 8);
  const std::vector<std::uint8_t> prompt{1, 2, 3, 4, 5, 6, 0, 1};
  const SampleOptions options{.count = 40, .context = 6, .temperature = 1.0F, .top_k = 0, .seed = 5};
  const auto text = generate(net, engine, prompt, options);
  REQUIRE(text.size() == 40);
  CHECK(text == generate(net, engine, prompt, options));
  auto changed = options;
  changed.seed = 6;
  CHECK(text != generate(net, engine, prompt, changed));
  changed = options;
  changed.count = 10;  // a shorter text is the beginning of the longer one
  CHECK(std::vector(text.begin(), text.begin() + 10) == generate(net, engine, prompt, changed));

  changed = options;
  changed.temperature = 0;
  const auto greedy = generate(net, engine, prompt, changed);
  changed.temperature = 1;
  changed.top_k = 1;
  CHECK(greedy == generate(net, engine, prompt, changed));
  Batch batch;
  batch.context = 6;
  batch.tokens.assign(prompt.end() - 6, prompt.end());
  const Array logits = net.infer(engine, batch);
  CHECK(greedy[0] == std::max_element(logits.data.end() - 7, logits.data.end()) - (logits.data.end() - 7));
}

TEST_CASE("sampler: symbols come as often as the net says, and top-k leaves the others out") {
  // A net that always predicts the same: logits ln 1, ln 2, ln 4, ln 8.
  class Fixed final : public Network {
   public:
    std::string describe() const override { return "fixed"; }
    BatchLoss run(MatmulEngine&, const Batch&, bool) override { return {}; }
    Array infer(MatmulEngine&, const Batch&) override {
      return Array({1, 1, 4}, {0.0F, 0.6931472F, 1.3862944F, 2.0794415F});
    }
    LayerState state() override { return {}; }
  } net;
  FloatEngine engine(Precision::fp32);
  const std::vector<std::uint8_t> prompt{0};
  const auto shares = [&](float temperature, std::uint32_t top_k) {
    std::vector<double> share(4);
    constexpr std::uint32_t kCount = 20'000;
    for (const auto s : generate(net, engine, prompt, {kCount, 1, temperature, top_k, 3})) share[s] += 1.0 / kCount;
    return share;
  };
  const auto all = shares(1.0F, 0);
  for (int i = 0; i < 4; ++i) CHECK(all[i] == Approx((1 << i) / 15.0).margin(0.015));
  const auto cold = shares(0.5F, 0);  // squares of the odds
  for (int i = 0; i < 4; ++i) CHECK(cold[i] == Approx((1 << 2 * i) / 85.0).margin(0.015));
  const auto two = shares(1.0F, 2);
  CHECK(two[0] + two[1] == 0);
  CHECK(two[3] == Approx(2.0 / 3.0).margin(0.015));
}

TEST_CASE("sampler: an empty prompt and a negative temperature are errors of the user") {
  FloatEngine engine(Precision::fp32);
  Transformer net(kTiny, 9);
  const std::vector<std::uint8_t> prompt{0};
  CHECK(message_of<InputError>([&] { generate(net, engine, {}, {}); }).find("prompt") != std::string::npos);
  CHECK(message_of<InputError>([&] { generate(net, engine, prompt, {1, 6, -1.0F, 0, 0}); }).find("temperature -1") !=
        std::string::npos);
}
