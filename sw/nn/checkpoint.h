// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "nn/model.h"

namespace cuatro::nn {

struct Checkpoint {
  std::uint64_t step = 0;                       // steps done
  std::map<std::string, std::string> identity;  // what a run must have in common to continue: seed, data, …
  std::string totals;                           // the caller's running totals, as text
};

// The model's state and the above as one safetensors file, written atomically.
void save_checkpoint(const std::filesystem::path& path, const Model& model, const Checkpoint& checkpoint);

// Restores the model. Throws InputError naming the file and the field for a damaged file, or one of
// another net, recipe or run: every entry of `identity` must be equal.
Checkpoint load_checkpoint(const std::filesystem::path& path, Model& model,
                           const std::map<std::string, std::string>& identity);

}  // namespace cuatro::nn
