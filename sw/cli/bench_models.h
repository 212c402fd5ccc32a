// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <string>
#include <vector>

#include "cli/engines.h"

namespace cuatro::cli {

// How much longer a training step takes on rtl than on golden, in processor time.
struct ModelSpeed {
  std::string model;
  double rtl_seconds = 0, golden_seconds = 0;   // a step
  int steps = 0;                                // of each that were timed
  double utilisation = 0;                       // of the MAC array in those steps, 0 to 1
  double ratio() const { return rtl_seconds / golden_seconds; }
};

// Trains `model` by sw/configs/<model>-<data>.toml on both engines, step by step in turn, until rtl has taken
// `seconds`; the first two steps, which have no history, are not timed. Throws InputError if recipe or data are
// missing, and std::runtime_error if the weights differ in the end.
ModelSpeed measure_model(const std::string& model, const std::string& data, double seconds, const MemoryOptions& memory);

}  // namespace cuatro::cli
