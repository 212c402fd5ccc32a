// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdlib>

#include "verilated.h"

namespace cuatro::sim {

// Where a model is built for it (verilate.cmake), every register and RAM begins with random bits, others for each seed: what
// depends on them is not hardware. CUATRO_POWER_UP=<seed>, 1 unless it says otherwise; 0 begins with zeros.
class PowerUpContext : public VerilatedContext {
 public:
  PowerUpContext() {
    const char* const text = std::getenv("CUATRO_POWER_UP");
    const int seed = text == nullptr ? 1 : std::atoi(text);
    for (VerilatedContext* const context : {static_cast<VerilatedContext*>(this), counting()}) {
      if (context == nullptr) continue;
      context->randReset(seed == 0 ? 0 : 2);
      context->randSeed(seed);
    }
  }

 private:
  // Models that count what is reached are all in the default context (verilate.cmake).
#if VM_COVERAGE
  static VerilatedContext* counting() { return Verilated::defaultContextp(); }
#else
  static VerilatedContext* counting() { return nullptr; }
#endif
};

}  // namespace cuatro::sim
