// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "catch.h"

#include <cmath>
#include <map>
#include <string>
#include <utility>

#include "golden/golden_device.h"
#include "layers/lstm.h"
#include "matmul/device_engine.h"
#include "matmul/float_engine.h"
#include "nets/lstm_net.h"
#include "nets/optimizer.h"

using namespace cuatro::nn;

namespace {

float random_value(std::uint32_t& state, float range) {
  state = state * 1664525 + 1013904223;
  return (static_cast<float>(state >> 8) * 0x1p-23F - 1.0F) * range;
}

struct Shape {
  std::uint32_t steps, examples, in, hidden;
};

// Parameters and input in double, and the LSTM as its textbook formulas: one number at a time, libm.
struct Reference {
  Shape s;
  std::vector<double> x, wx, wh, b;

  std::vector<double> outputs() const {
    const auto sigmoid = [](double v) { return 1 / (1 + std::exp(-v)); };
    std::vector<double> y;
    std::vector<double> h(s.examples * s.hidden), c(h);
    for (std::uint32_t t = 0; t < s.steps; ++t) {
      const std::vector<double> before = h;
      for (std::uint32_t n = 0; n < s.examples; ++n) {
        for (std::uint32_t j = 0; j < s.hidden; ++j) {
          double z[4];
          for (std::uint32_t gate = 0; gate < 4; ++gate) {
            const std::uint32_t col = gate * s.hidden + j;
            z[gate] = b[col];
            for (std::uint32_t i = 0; i < s.in; ++i) {
              z[gate] += x[(t * s.examples + n) * s.in + i] * wx[i * 4 * s.hidden + col];
            }
            for (std::uint32_t i = 0; i < s.hidden; ++i) {
              z[gate] += before[n * s.hidden + i] * wh[i * 4 * s.hidden + col];
            }
          }
          double& cell = c[n * s.hidden + j];
          cell = sigmoid(z[1]) * cell + sigmoid(z[0]) * std::tanh(z[2]);
          h[n * s.hidden + j] = sigmoid(z[3]) * std::tanh(cell);
        }
      }
      y.insert(y.end(), h.begin(), h.end());
    }
    return y;
  }

  double weighted(const std::vector<double>& by) const {
    const auto y = outputs();
    double sum = 0;
    for (std::size_t i = 0; i < y.size(); ++i) sum += y[i] * by[i];
    return sum;
  }
};

std::vector<double> widened(const std::vector<float>& v) { return {v.begin(), v.end()}; }

}  // namespace

TEST_CASE("LSTM: outputs are those of the formulas, gradients their numeric derivatives") {
  const Shape s = GENERATE(Shape{5, 3, 4, 6}, Shape{1, 2, 3, 2}, Shape{9, 1, 2, 17});
  NetBuilder builder(11);
  Lstm lstm({.name = "l", .in = s.in, .hidden = s.hidden}, builder);
  LayerState state;
  lstm.collect(state);
  REQUIRE(state.weights.size() == 3);
  Weights &wx = *state.weights[0], &wh = *state.weights[1], &bias = *state.weights[2];
  for (std::uint32_t j = 0; j < 4 * s.hidden; ++j) CHECK(bias.value[j] == (j / s.hidden == 1 ? 1.0F : 0.0F));
  std::uint32_t noise = 3;
  for (float& v : bias.value) v += random_value(noise, 0.5F);
  Array x({s.steps, s.examples, s.in}), dy({s.steps, s.examples, s.hidden});
  for (float& v : x.data) v = random_value(noise, 2.0F);
  for (float& v : dy.data) v = random_value(noise, 1.0F);

  FloatEngine engine(Precision::fp32);
  engine.begin_step({0, true});
  Reference reference{s, widened(x.data), widened(wx.value), widened(wh.value), widened(bias.value)};
  const Array y = lstm.forward(engine, x, true);
  CHECK(y.shape == dy.shape);
  const auto wanted = reference.outputs();
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    CHECK(static_cast<double>(y.data[i]) == Approx(wanted[i]).margin(2e-6));
  }

  const Array dx = lstm.backward(engine, dy);
  CHECK(dx.shape == x.shape);
  const std::vector<double> by = widened(dy.data);
  const auto compare = [&](const char* name, std::vector<double>& parameter, const std::vector<float>& gradient) {
    REQUIRE(parameter.size() == gradient.size());
    for (std::size_t i = 0; i < parameter.size(); ++i) {
      const double middle = parameter[i], step = 1e-5;
      parameter[i] = middle + step;
      const double above = reference.weighted(by);
      parameter[i] = middle - step;
      const double below = reference.weighted(by);
      parameter[i] = middle;
      INFO(name << " " << i);
      CHECK(static_cast<double>(gradient[i]) == Approx((above - below) / (2 * step)).margin(2e-5));
    }
  };
  compare("x", reference.x, dx.data);
  compare("wx", reference.wx, wx.gradient);
  compare("wh", reference.wh, wh.gradient);
  compare("bias", reference.b, bias.gradient);

  // Not training keeps nothing and changes nothing of the result.
  CHECK(lstm.forward(engine, x, false).data == y.data);
}

TEST_CASE("LSTM net: gradients are those of the mean loss") {
  const std::uint32_t layers = GENERATE(1U, 2U);
  LstmNet net({.in = 3, .hidden = 5, .layers = layers, .classes = 4, .seed = 2});
  FloatEngine engine(Precision::fp32);
  engine.begin_step({0, true});
  Batch batch;
  batch.x = Array({6, 7, 3});
  std::uint32_t noise = 5;
  for (float& v : batch.x.data) v = random_value(noise, 2.0F);
  batch.labels = {0, 3, 1, 2, 2, 0};
  (void)net.run(engine, batch, true);
  for (Weights* w : net.state().weights) {
    const std::vector<float> gradient = w->gradient;
    for (std::size_t i = 0; i < w->value.size(); i += 3) {
      const float middle = w->value[i], step = 0x1p-7F;
      w->value[i] = middle + step;
      const double above = net.run(engine, batch, false).loss_sum;
      w->value[i] = middle - step;
      const double below = net.run(engine, batch, false).loss_sum;
      w->value[i] = middle;
      INFO(w->name << " " << i);
      CHECK(static_cast<double>(gradient[i]) == Approx((above - below) / (2 * 0x1p-7) / 6).epsilon(2e-3).margin(5e-5));
    }
  }
}

namespace {

// Two pulses on two bands: the class is which comes first.
Batch which_first() {
  Batch batch;
  batch.x = Array({40, 8, 2});
  for (std::uint32_t n = 0; n < 40; ++n) {
    const std::uint32_t early = n % 4, late = 4 + n / 4 % 4, first = n % 2 ^ (n / 20);
    batch.x.data[(n * 8 + early) * 2 + first] = 1.0F;
    batch.x.data[(n * 8 + late) * 2 + 1 - first] = 1.0F;
    batch.labels.push_back(static_cast<std::uint8_t>(first));
  }
  return batch;
}

// The first and the last step's loss.
std::pair<BatchLoss, BatchLoss> train(LstmNet& net, MatmulEngine& engine, const Batch& batch, std::uint64_t steps) {
  OptimizerConfig config;
  config.rule = OptimizerConfig::Rule::adamw;
  std::pair<BatchLoss, BatchLoss> losses;
  for (std::uint64_t step = 0; step < steps; ++step) {
    engine.begin_step({step, true});
    losses.second = net.run(engine, batch, true);
    if (step == 0) losses.first = losses.second;
    const LayerState state = net.state();
    optimizer_step(state.weights, config, 0.02F, step);
  }
  return losses;
}

double mean(const BatchLoss& loss) { return loss.loss_sum / loss.count; }

}  // namespace

TEST_CASE("LSTM net: run and infer agree, and it learns what only the order of frames tells") {
  LstmNet net({.in = 2, .hidden = 12, .classes = 2, .seed = 3});
  FloatEngine engine(Precision::fp32);
  const Batch batch = which_first();
  const auto [first, last] = train(net, engine, batch, 150);
  CHECK(mean(first) == Approx(0.693).margin(0.1));
  CHECK(last.correct == 40);
  CHECK(mean(last) < 0.05);
  const Array logits = net.infer(engine, batch);
  REQUIRE(logits.shape == Array::Shape{40, 2});
  std::uint32_t correct = 0;
  for (std::uint32_t n = 0; n < 40; ++n) {
    correct += (logits.data[2 * n + 1] > logits.data[2 * n]) == (batch.labels[n] == 1);
  }
  CHECK(correct == net.run(engine, batch, false).correct);
  CHECK(net.describe() == "lstm 1 × 12 on 2 bands, 2 classes");
}

TEST_CASE("LSTM net: two layers learn the same in 4 bits on the device, and again to the same bits") {
  const Batch batch = which_first();
  std::vector<float> weights[2];
  for (auto& all : weights) {
    cuatro::golden::GoldenDevice device;
    DeviceEngine engine(device, make_quant_config({.rescale = "stretch", .count_every = 1}), 3);
    LstmNet net({.in = 2, .hidden = 12, .layers = 2, .classes = 2, .seed = 3});
    const auto [first, last] = train(net, engine, batch, 150);
    CHECK(mean(first) == Approx(0.693).margin(0.1));
    CHECK(last.correct == 40);
    CHECK(mean(last) < 0.1);
    const LayerState state = net.state();
    for (const Weights* w : state.weights) all.insert(all.end(), w->value.begin(), w->value.end());
    // Every product was of codes: a site a matrix, the recurrence's once for every time step but one.
    std::map<std::string, std::uint64_t> elements;
    for (const OperandSite* site : state.sites) elements[site->name] = site->counts.elements / 150;
    CHECK(elements["lstm1.x"] == 8 * 40 * 2);
    CHECK(elements["lstm1.h_t"] == 7 * 40 * 12);
    CHECK(elements["lstm2.x"] == 8 * 40 * 12);
    CHECK(elements["lstm2.dz_t"] == 7 * 40 * 48);
    CHECK(elements["lstm2.dz"] == 8 * 40 * 48);
    CHECK(elements["fc.dy"] == 40 * 2);
  }
  CHECK(weights[0] == weights[1]);
}
