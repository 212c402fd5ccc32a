// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "cli/engines.h"
#include "cli/train_options.h"
#include "data/examples.h"
#include "nn/model.h"

namespace cuatro::cli {

// A trained net as its run folder holds it.
struct TrainedModel {
  TrainOptions options;
  nn::DataSet data;  // its test part is left out
  std::unique_ptr<Engine> engine;
  std::unique_ptr<nn::Model> model;
};

// `engine` empty = the one that trained it, with golden for rtl: the same bits, faster. Throws InputError for a
// folder without config.toml and checkpoint.
TrainedModel load_trained(const std::filesystem::path& folder, const std::string& engine);

}  // namespace cuatro::cli
