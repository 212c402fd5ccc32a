// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "cli/trained_model.h"

#include <fmt/format.h>

#include "cli/models.h"
#include "data/datasets.h"
#include "device/input_error.h"
#include "nn/checkpoint.h"

namespace cuatro::cli {

TrainedModel load_trained(const std::filesystem::path& folder, const std::string& engine) {
  const std::filesystem::path config = folder / "config.toml", checkpoint = folder / "checkpoint.safetensors";
  std::error_code ignored;
  for (const auto& file : {config, checkpoint}) {
    if (!std::filesystem::exists(file, ignored)) throw InputError(fmt::format("{}: no such file; is it a run folder?", file.string()));
  }
  TrainedModel trained;
  CLI::App app;
  add_options(app, trained.options);
  app.parse(std::vector<std::string>{config.string(), "--config"});  // CLI11 takes them last first
  complete(app, trained.options);
  TrainOptions& o = trained.options;
  o.engine = !engine.empty() ? engine : o.engine == "rtl" ? "golden" : o.engine;
  require_engine(o.engine);
  o.check = "off";
  nn::DataOptions wanted = o.data_options();
  wanted.with_test = false;
  trained.data = nn::load_data(o.data, wanted);
  if (!is_float(o.engine)) trained.engine = std::make_unique<Engine>(EngineOptions{o.engine, false, ""});
  trained.model = make_model(o, trained.data, trained.engine.get());
  nn::load_checkpoint(checkpoint, *trained.model, {});
  return trained;
}

}  // namespace cuatro::cli
