// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/engines.h"
#include "cli/train_options.h"
#include "data/datasets.h"
#include "nets/network_model.h"
#include "nn/model.h"

namespace cuatro::cli {

// The only place that knows model names.
struct ModelInfo {
  std::string name, description;
  nn::DataKind data;
};
std::vector<ModelInfo> models();
// Throws InputError unless `name` is a model, and `data` of a kind that it takes.
void require_model(const std::string& name, const std::string& data);

// The model of these options on this data, which must outlive it; `engine` null = float on the host.
std::unique_ptr<nn::Model> make_model(const TrainOptions& options, const nn::DataSet& data, Engine* engine);

}  // namespace cuatro::cli
