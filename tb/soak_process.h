// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "soak_counts.h"

// A round as a process of its own: an assertion of the model, a crash or a hang ends the round, not the run.
namespace cuatro::tb {

struct RoundResult {
  bool good = false;
  bool stopped = false;                  // before its end, because that was asked for
  std::uint32_t last_step = 0;           // of one that failed
  std::string failure;                   // what it said, or how it died
  SoakCounts counts;
};

// `stop` is asked several times a second; a round is ended then, and tells nothing.
RoundResult run_process(const std::vector<std::string>& command, const std::function<bool()>& stop);

}  // namespace cuatro::tb
