// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "gradient_check.h"

#include <set>

#include "device/input_error.h"
#include "nets/image_nets.h"
#include "nets/optimizer.h"

using namespace cuatro::nn;
using cuatro::InputError;
using gradient_check::random_array;

namespace {

// Class k is a bright bar whose row is k, on noise.
Batch bars(ImageShape image, std::uint32_t count, std::uint32_t classes, std::mt19937& random) {
  Batch batch;
  batch.x = random_array({count, image.height, image.width, image.channels}, random, 0.25F);
  for (float& v : batch.x.data) v += 0.25F;
  const std::size_t line = std::size_t{image.width} * image.channels;
  for (std::uint32_t n = 0; n < count; ++n) {
    const std::uint32_t k = n % classes;
    batch.labels.push_back(static_cast<std::uint8_t>(k));
    for (std::size_t i = 0; i < line * 3; ++i) batch.x.data[(n * image.height + k * 3) * line + i] += 0.5F;
  }
  return batch;
}

struct Built {
  std::string name;
  std::unique_ptr<Network> net;
};

std::vector<Built> all(ImageShape image, std::uint32_t classes, std::uint64_t seed) {
  std::vector<Built> nets;
  nets.push_back({"mlp", make_mlp(image, {24, 12}, classes, seed)});
  nets.push_back({"lenet", make_lenet(image, classes, seed)});
  nets.push_back({"resnet8", make_resnet(image, 8, classes, seed)});
  nets.push_back({"resnet14", make_resnet(image, 14, classes, seed)});
  return nets;
}

std::size_t parameters(Network& net) {
  std::size_t count = 0;
  for (const auto* w : net.state().weights) count += w->value.size();
  return count;
}

}  // namespace

TEST_CASE("the nets have the sizes of their plans") {
  CHECK(parameters(*make_mlp({}, {256, 128}, 10, 1)) == 784 * 256 + 256 + 256 * 128 + 128 + 128 * 10 + 10);
  CHECK(parameters(*make_lenet({}, 10, 1)) ==
        25 * 16 + 16 + 25 * 16 * 32 + 32 + 4 * 4 * 32 * 128 + 128 + 128 * 10 + 10);
  const std::size_t stem = 9 * 16 + 32, stage1 = 2 * (9 * 16 * 16 + 32);
  const std::size_t stage2 = 9 * 16 * 32 + 9 * 32 * 32 + 16 * 32 + 3 * 64;
  const std::size_t stage3 = 9 * 32 * 64 + 9 * 64 * 64 + 32 * 64 + 3 * 128;
  CHECK(parameters(*make_resnet({}, 8, 10, 1)) == stem + stage1 + stage2 + stage3 + 650);
  const std::size_t more = 2 * (9 * 16 * 16 + 32) + 2 * (9 * 32 * 32 + 64) + 2 * (9 * 64 * 64 + 128);
  CHECK(parameters(*make_resnet({}, 14, 10, 1)) == stem + stage1 + stage2 + stage3 + more + 650);
}

TEST_CASE("names of weights and sites and the sites' random streams are unique in a net") {
  for (const Built& built : all({16, 16, 1}, 4, 1)) {
    LayerState state = built.net->state();
    std::set<std::string> names;
    std::set<std::uint32_t> streams;
    for (const auto* w : state.weights) CHECK(names.insert(w->name).second);
    for (const Buffer& b : state.buffers) CHECK(names.insert(b.name).second);
    for (const auto* s : state.sites) {
      CHECK(names.insert(s->name).second);
      CHECK(streams.insert(s->stream).second);
    }
  }
}

TEST_CASE("equal seeds give equal nets, other seeds others") {
  for (std::size_t i = 0; i < 4; ++i) {
    const auto one = all({16, 16, 1}, 4, 1), two = all({16, 16, 1}, 4, 1), other = all({16, 16, 1}, 4, 2);
    CHECK(one[i].net->state().weights[0]->value == two[i].net->state().weights[0]->value);
    CHECK(one[i].net->state().weights[0]->value != other[i].net->state().weights[0]->value);
  }
}

TEST_CASE("what enters a product after a ReLU is positive: the sites that say so see no negative value") {
  struct Watching final : MatmulEngine {
    FloatEngine inner{Precision::fp32};
    int positive = 0;
    std::string_view name() const override { return "watching"; }
    void begin_step(const StepInfo& s) override { inner.begin_step(s); }
    Operand quantize(std::span<const float> values, std::uint32_t r, std::uint32_t c, OperandSite& site) override {
      if (site.kind == OperandKind::positive) {
        ++positive;
        CHECK(*std::min_element(values.begin(), values.end()) >= 0.0F);
      }
      return inner.quantize(values, r, c, site);
    }
    Operand unfold(const Operand& o, const Window& w) override { return inner.unfold(o, w); }
    Operand take_rows(const Operand& o, std::uint32_t f, std::uint32_t c) override { return inner.take_rows(o, f, c); }
    Array multiply(const Product& p) override { return inner.multiply(p); }
    std::vector<Array> multiply(std::span<const Product> p, std::span<const Delivery> later) override {
      return inner.multiply(p, later);
    }
  };
  std::mt19937 random(1);
  const Batch batch = bars({16, 16, 1}, 8, 4, random);
  const int expected[] = {3, 4, 10, 16};  // every product's input, each net
  const auto nets = all({16, 16, 1}, 4, 1);
  for (std::size_t i = 0; i < nets.size(); ++i) {
    Watching engine;
    nets[i].net->run(engine, batch, true);
    CHECK(engine.positive == expected[i]);
  }
}

// Along a random direction of all weights at once: every layer's gradient takes part in the sum.
TEST_CASE("the gradient of a whole net follows the numeric one") {
  std::mt19937 random(2);
  const Batch batch = bars({16, 16, 2}, 8, 4, random);
  for (const Built& built : all({16, 16, 2}, 4, 3)) {
    FloatEngine engine(Precision::fp32);
    const LayerState state = built.net->state();
    for (Weights* probed : state.weights) {
      built.net->run(engine, batch, true);
      // The direction of the gradient itself, whose slope is the norm: well above rounding.
      std::vector<float> direction = probed->gradient;
      double norm = 0;
      for (const float g : direction) norm += static_cast<double>(g) * static_cast<double>(g);
      norm = std::sqrt(norm);
      INFO(built.name << " " << probed->name);
      REQUIRE(norm > 1e-6);
      const float step = static_cast<float>(2e-3 / norm);
      const std::vector<float> kept = probed->value;
      const auto loss_at = [&](float s) {
        for (std::size_t i = 0; i < kept.size(); ++i) probed->value[i] = kept[i] + s * direction[i];
        return built.net->run(engine, batch, true).loss_sum / 8;
      };
      const double numeric = (loss_at(step) - loss_at(-step)) / (2.0 * static_cast<double>(step));
      probed->value = kept;
      // Steps of the ReLUs and maxima within ±step leave a few percent.
      CHECK(numeric == Approx(norm * norm).epsilon(0.05));
    }
  }
}

TEST_CASE("every net learns") {
  std::mt19937 random(3);
  const ImageShape image{16, 16, 1};
  for (const Built& built : all(image, 4, 1)) {
    FloatEngine engine(Precision::fp32);
    const LayerState state = built.net->state();
    const Batch probe = bars(image, 64, 4, random);
    OptimizerConfig config;
    BatchLoss loss;
    for (std::uint64_t step = 0; step < 30; ++step) {
      engine.begin_step({step, true});
      loss = built.net->run(engine, bars(image, 32, 4, random), true);
      optimizer_step(state.weights, config, 0.02F, step);
    }
    INFO(built.name);
    CHECK(loss.loss_sum / 32 < 0.7);  // ln 4 = 1.39 at the start
    const Array logits = built.net->infer(engine, probe);
    CHECK(logits.shape == Array::Shape{64, 4});
    const BatchLoss evaluated = built.net->run(engine, probe, false);
    CHECK(evaluated.count == 64);
    CHECK(evaluated.correct >= 58);
  }
}

TEST_CASE("the builders refuse sizes that do not fit") {
  CHECK_THROWS_AS(make_resnet({}, 9, 10, 1), InputError);
  CHECK_THROWS_AS(make_resnet({}, 2, 10, 1), InputError);
  CHECK_THROWS_AS(make_lenet({12, 28, 1}, 10, 1), InputError);
  CHECK_THROWS_AS(make_mlp({}, {16, 0}, 10, 1), InputError);
  CHECK_NOTHROW(make_lenet({16, 16, 1}, 10, 1));
}
