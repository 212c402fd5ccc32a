// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "sim/job_queue.h"

#include <algorithm>

namespace cuatro::sim {

void Wait::merge(const Wait& other) {
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    loads[lane] = std::max(loads[lane], other.loads[lane]);
    commands[lane] = std::max(commands[lane], other.commands[lane]);
    stores[lane] = std::max(stores[lane], other.stores[lane]);
  }
}

}  // namespace cuatro::sim
