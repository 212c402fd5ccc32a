// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "nn/recipe.h"
#include "nn/trainer.h"

namespace cuatro::cli {

// What `cuatro train` is asked to do, by flags, a config file, or a run folder.
struct TrainOptions {
  std::string engine, model = "mlp", data = "fashion-mnist";
  std::int64_t epochs = 1, steps = 0, batch = 128, seed = 1;
  std::string lr = "2^-4";
  nn::RecipeNames recipe;
  bool val = false;
  std::string check;        // sample, all, off; empty = sample on rtl
  std::int64_t save = 100;  // steps between checkpoints, 0 = only at the end
  // Not part of a run's configuration:
  std::string preset, config, resume, run_dir, trace;
  bool quiet = false;

  nn::TrainPlan plan(std::uint32_t train_images) const;
};

// Flags of `train`, bound to options.
void add_options(CLI::App& train, TrainOptions& options);
// After parsing: reads --config or the config of --resume (flags win), fills what was left open,
// checks everything that needs no data. Throws InputError naming flag or file.
void complete(CLI::App& train, TrainOptions& options);
// The options as a TOML file that --config takes.
std::string config_text(const TrainOptions& options);
// What two runs must share for one to continue the other's checkpoint.
std::map<std::string, std::string> identity(const TrainOptions& options);
// "2^-6", "1/64" or "0.015625" → 6. Throws InputError.
int parse_learning_rate(const std::string& text);

}  // namespace cuatro::cli
