// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "cli/bench_models.h"

#include <fmt/format.h>

#include <ctime>
#include <memory>
#include <stdexcept>

#include "cli/engines.h"
#include "cli/models.h"
#include "cli/train_options.h"
#include "data/datasets.h"
#include "nn/trainer.h"

namespace cuatro::cli {
namespace {

constexpr int kUntimed = 2, kAtLeast = 2;

// A recipe on an engine.
struct Side {
  Side(TrainOptions recipe, const nn::DataSet& data, const char* name, const MemoryOptions& memory)
      : options(std::move(recipe)), engine(EngineOptions{name, false, "", memory}) {
    options.engine = name;
    model = make_model(options, data, &engine);
    trainer = std::make_unique<nn::Trainer>(*model, options.plan(data.train->count()));
    engine.device().sync();
  }
  double step() {
    const std::clock_t begin = std::clock();
    trainer->run_step();
    engine.device().sync();
    return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  }
  TrainOptions options;
  Engine engine;
  std::unique_ptr<nn::Model> model;
  std::unique_ptr<nn::Trainer> trainer;
};

TrainOptions read_recipe(const std::string& path) {
  TrainOptions options;
  CLI::App app;
  add_options(app, options);
  app.parse(std::vector<std::string>{"golden", "--engine", path, "--config"});  // CLI11 takes them last first
  complete(app, options);
  return options;
}

}  // namespace

ModelSpeed measure_model(const std::string& model, const std::string& data_name, double seconds, const MemoryOptions& memory) {
  const TrainOptions recipe = read_recipe(fmt::format("sw/configs/{}-{}.toml", model, data_name));
  nn::DataOptions wanted = recipe.data_options();
  wanted.with_test = false;
  const nn::DataSet data = nn::load_data(recipe.data, wanted);
  Side rtl(recipe, data, "rtl", memory), golden(recipe, data, "golden", memory);
  for (int i = 0; i < kUntimed; ++i) {
    rtl.step();
    golden.step();
  }
  ModelSpeed speed{model};
  const Counters before = rtl.engine.device().counters();
  while (speed.steps < kAtLeast || speed.rtl_seconds < seconds) {
    speed.rtl_seconds += rtl.step();
    speed.golden_seconds += golden.step();
    ++speed.steps;
  }
  if (rtl.model->digest() != golden.model->digest()) {
    throw std::runtime_error(fmt::format("{}: rtl and golden differ after {} steps", model, kUntimed + speed.steps));
  }
  const Counters after = rtl.engine.device().counters();
  speed.utilisation = static_cast<double>(after.useful_macs - before.useful_macs) /
                      (static_cast<double>(after.cycles - before.cycles) * rtl.engine.macs_per_cycle());
  speed.rtl_seconds /= speed.steps;
  speed.golden_seconds /= speed.steps;
  return speed;
}

}  // namespace cuatro::cli
