// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "cli/models.h"

#include <fmt/format.h>

#include "device/input_error.h"
#include "nn/join.h"

// Which nets there are, apart from making them.
namespace cuatro::cli {

std::vector<ModelInfo> models() {
  return {{"mlp", "perceptron 784-256-128-10; on a device integer from end to end", nn::DataKind::images},
          {"lenet", "two 5×5 convolutions, two linear layers", nn::DataKind::images},
          {"resnet8", "residual net of 8 layers with batch norm", nn::DataKind::images},
          {"resnet20", "the same with 20 layers", nn::DataKind::images},
          {"lstm", "recurrent net on log-mel frames", nn::DataKind::speech},
          {"transformer", "decoder-only, predicts the next character", nn::DataKind::text}};
}

void require_model(const std::string& name, const std::string& data) {
  std::vector<std::string> names;
  for (const ModelInfo& m : models()) {
    names.push_back(m.name);
    if (m.name != name) continue;
    if (m.data != nn::data_kind(data)) throw InputError(fmt::format("--model {}: does not take --data {}", name, data));
    return;
  }
  throw InputError(fmt::format("--model {}: unknown, choose from {}", name, nn::join(names, ", ")));
}

}  // namespace cuatro::cli
