// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/engines.h"
#include "cli/train_options.h"
#include "cli/models.h"
#include "device/input_error.h"
#include "nn/join.h"

namespace cuatro::cli {
namespace {

int info(const std::string& engine) {
  if (!engine.empty()) {
    require_engine(engine);
    if (engine != "rtl") throw InputError(fmt::format("--engine {}: only rtl has registers", engine));
    fmt::print("registers\n{}", describe_registers());
    return 0;
  }
  fmt::print("engines\n");
  for (const EngineInfo& engine : engines()) fmt::print("  {:<8}{}\n", engine.name, engine.description);
  fmt::print(
      "\n4-bit formats\n"
      "  int4    -8..7 (quantizers emit -7..7): weights\n"
      "  uint4   0..15: activations after ReLU, pixels; an affine zero-point 0..15 as operand A\n"
      "  log4    0, +-4^0..4^6: gradients, radix 4\n"
      "  log2    0, +-2^0..2^6: gradients, radix 2\n"
      "\ngradient roundings\n"
      "  nearest, stochastic: all formats; tpr (two-phase): log4; two terms: log4, log2\n");
  const TrainOptions defaults;
  nn::RecipeNames mlp_recipe = defaults.quant.recipe;
  mlp_recipe.scaling = "delayed";
  fmt::print("\nmodels\n");
  for (const ModelInfo& model : models()) fmt::print("  {:<12}{}\n", model.name, model.description);
  fmt::print("\ndata sets\n  {}\n", nn::join(nn::data_names(), ", "));
  fmt::print(
      "\ndefaults of `cuatro train`\n  engine {}, model {}, data {}, epochs {}, batch {}, lr {}, seed {}\n  {}\n",
      default_engine(), defaults.model, defaults.data, defaults.epochs, defaults.batch, defaults.lr, defaults.seed,
      nn::describe(nn::make_recipe(mlp_recipe)));
  return 0;
}

}  // namespace

void add_info(CLI::App& app, Run& run) {
  auto engine = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("info", "engines, formats, array shape, defaults");
  command->add_option("--engine", *engine, "rtl: what the registers of the simulated block say");
  command->final_callback([engine, &run] { run = [engine] { return info(*engine); }; });
}

}  // namespace cuatro::cli
