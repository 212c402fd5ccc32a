// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "catch.h"

#include <cmath>
#include <random>

#include "nets/optimizer.h"

using namespace cuatro::nn;

namespace {

// Two tensors, one of them free of decay, and the same in double.
struct Pair {
  std::vector<Weights> weights;
  std::vector<std::vector<double>> value, moment1, moment2;

  explicit Pair(std::mt19937& random) : weights(2) {
    for (std::size_t t = 0; t < 2; ++t) {
      Weights& w = weights[t];
      w.decay = t == 0;
      for (std::size_t i = 0; i < 5 + t; ++i) w.value.push_back(std::normal_distribution<float>()(random));
      w.gradient.assign(w.value.size(), 0);
      value.emplace_back(w.value.begin(), w.value.end());
      moment1.emplace_back(w.value.size());
      moment2.emplace_back(w.value.size());
    }
  }
  std::vector<Weights*> pointers() { return {&weights[0], &weights[1]}; }
  void draw(std::mt19937& random, float spread) {
    for (Weights& w : weights) {
      for (float& g : w.gradient) g = std::normal_distribution<float>(0, spread)(random);
    }
  }
  double norm() const {
    double sum = 0;
    for (const Weights& w : weights) {
      for (const float g : w.gradient) sum += static_cast<double>(g) * static_cast<double>(g);
    }
    return std::sqrt(sum);
  }
  // update(value, gradient, moment1, moment2, decays)
  template <typename Update>
  void reference(double factor, Update update) {
    for (std::size_t t = 0; t < 2; ++t) {
      for (std::size_t i = 0; i < value[t].size(); ++i) {
        update(value[t][i], factor * static_cast<double>(weights[t].gradient[i]), moment1[t][i], moment2[t][i],
               weights[t].decay);
      }
    }
  }
  void compare() const {
    for (std::size_t t = 0; t < 2; ++t) {
      for (std::size_t i = 0; i < value[t].size(); ++i) {
        CHECK(weights[t].value[i] == Approx(value[t][i]).epsilon(1e-4).margin(1e-5));
      }
    }
  }
};

}  // namespace

TEST_CASE("sgd: v = momentum·v + g + decay·w, w -= lr·v; vectors do not decay") {
  std::mt19937 random(1);
  Pair pair(random);
  OptimizerConfig config;
  config.momentum = 0.8F, config.weight_decay = 0.1F;
  for (std::uint64_t step = 0; step < 20; ++step) {
    const double lr = 0.1 / static_cast<double>(step + 1);
    pair.draw(random, 1);
    optimizer_step(pair.pointers(), config, static_cast<float>(lr), step);
    pair.reference(1, [&](double& w, double g, double& v, double&, bool decays) {
      v = 0.8 * v + g + (decays ? 0.1 * w : 0);
      w -= lr * v;
    });
    pair.compare();
  }
}

TEST_CASE("adamw: bias-corrected moments and decoupled decay") {
  std::mt19937 random(2);
  Pair pair(random);
  OptimizerConfig config;
  config.rule = OptimizerConfig::Rule::adamw;
  config.beta1 = 0.8F, config.beta2 = 0.95F, config.epsilon = 1e-3F, config.weight_decay = 0.5F;
  for (std::uint64_t step = 0; step < 30; ++step) {
    const double lr = 0.05, n = static_cast<double>(step + 1);
    pair.draw(random, step < 15 ? 1.0F : 1e-3F);
    optimizer_step(pair.pointers(), config, static_cast<float>(lr), step);
    pair.reference(1, [&](double& w, double g, double& m, double& v, bool decays) {
      m = 0.8 * m + 0.2 * g;
      v = 0.95 * v + 0.05 * g * g;
      if (decays) w -= lr * 0.5 * w;
      w -= lr * (m / (1 - std::pow(0.8, n))) / (std::sqrt(v / (1 - std::pow(0.95, n))) + 1e-3);
    });
    pair.compare();
  }
}

TEST_CASE("clipping: one factor brings the norm of all gradients to the limit; smaller ones stay") {
  std::mt19937 random(3);
  Pair pair(random);
  OptimizerConfig config;
  config.momentum = 0, config.clip_norm = 2;
  for (const float spread : {0.01F, 0.5F, 3.0F, 100.0F}) {
    pair.draw(random, spread);
    const double factor = std::min(1.0, 2.0 / pair.norm());
    optimizer_step(pair.pointers(), config, 0.5F, 0);
    pair.reference(factor, [&](double& w, double g, double&, double&, bool) { w -= 0.5 * g; });
    pair.compare();
  }
}
