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

bool JobQueue::lost(const Wait& jobs) const {
  const auto within = [](std::uint32_t job, std::uint32_t after, std::uint32_t to) { return job > after && job <= to; };
  return std::any_of(lost_.begin(), lost_.end(), [&](const Lost& l) {
    for (unsigned lane = 0; lane < kLanes; ++lane) {
      if (within(jobs.commands[lane], l.after.commands[lane], l.to.commands[lane]) || within(jobs.stores[lane], l.after.stores[lane], l.to.stores[lane])) return true;
    }
    return false;
  });
}

}  // namespace cuatro::sim
