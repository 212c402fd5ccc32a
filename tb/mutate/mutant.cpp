// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// Which mutation of a model that tb/mutate/netlist wrote is active: CUATRO_MUTANT, without it none.
#include <cstdlib>

extern "C" int cuatro_mutant() {
  const char* text = std::getenv("CUATRO_MUTANT");
  return text != nullptr ? std::atoi(text) : 0;
}
