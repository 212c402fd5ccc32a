// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include <fmt/format.h>

#include "data/datasets.h"
#include "device/input_error.h"
#include "nn/dataset.h"
#include "nn/join.h"

// Which sets there are, apart from loading them: options are checked without any data.
namespace cuatro::nn {

std::vector<std::string> data_names() {
  std::vector<std::string> names = dataset_names();
  names.insert(names.end(), {"fsdd", "tinyshakespeare"});
  return names;
}

DataKind data_kind(const std::string& name) {
  if (name == "fsdd") return DataKind::speech;
  if (name == "tinyshakespeare") return DataKind::text;
  for (const std::string& known : dataset_names()) {
    if (known == name) return DataKind::images;
  }
  throw InputError(fmt::format("--data {}: unknown, choose from {}", name, join(data_names(), ", ")));
}

}  // namespace cuatro::nn
