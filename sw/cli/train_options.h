// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "cli/engines.h"
#include "data/datasets.h"
#include "matmul/quant_config.h"
#include "nn/recipe.h"
#include "nn/trainer.h"

namespace cuatro::cli {

// What `cuatro train` is asked to do, by flags, a config file, or a run folder.
struct TrainOptions {
  TrainOptions() { quant.recipe.scaling.clear(); }

  std::string engine, model = "mlp", data = "fashion-mnist";
  std::int64_t epochs = 1, steps = 0, batch = 128, seed = 1;
  std::string lr = "2^-4", schedule = "step";
  std::int64_t warmup = 0;
  std::string optimizer = "sgd";
  double momentum = 0.875, weight_decay = 0, clip_norm = 0;
  std::int64_t shift = 0;  // augmentation of images
  bool mirror = false;
  std::int64_t width = 128, depth = 2, heads = 4, context = 64;  // of recurrent nets and transformers
  nn::QuantNames quant;  // quant.recipe.scaling empty = as the model needs
  bool val = false;
  std::string check;        // sample, all, off; empty = sample on rtl
  std::int64_t save = 100;  // steps between checkpoints, 0 = only at the end
  // Not part of a run's configuration:
  std::string preset, config, resume, run_dir, trace;
  MemoryOptions memory;
  bool quiet = false;

  nn::TrainPlan plan(std::uint32_t train_examples) const;
  nn::DataOptions data_options() const;
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
// "2^-6", "1/64" or "0.015625" → 0.015625. Throws InputError unless it is in 2^-20 .. 1.
double parse_learning_rate(const std::string& text);

}  // namespace cuatro::cli
