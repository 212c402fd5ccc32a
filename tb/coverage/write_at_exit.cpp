// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
//
// In builds for coverage every model counts in the default context and outlives its bench (sim/verilate.cmake);
// what they counted together goes to the file CUATRO_COVERAGE when the bench ends.
#include <cstdlib>

#include "verilated.h"
#include "verilated_cov.h"

namespace {

void write() {
  if (const char* path = std::getenv("CUATRO_COVERAGE")) Verilated::defaultContextp()->coveragep()->write(path);
}

// The context is made first, so that it is still there at the end.
[[maybe_unused]] const bool registered = [] {
  Verilated::defaultContextp()->coveragep();
  return std::atexit(write) == 0;
}();

}  // namespace
