// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "sim/axi_board.h"
#include "soak_counts.h"

// One round of the endurance run: a fresh block, random steps, everything compared.
namespace cuatro::tb {

// Steps from the first to the last.
struct StepRange {
  std::uint32_t first = 0, last = 0;
};

// What a round is made of. The same one does the same, cycle by cycle.
struct SoakRound {
  std::uint64_t seed = 1;
  std::vector<StepRange> steps;          // those that are done; empty = all of them. Each draws from its own seed
  bool calm = false;                     // a memory without stalls, latency or limits
  std::uint32_t side = 0;                // of operations, at most; 0 = drawn
  bool talk = false;                     // says what it does
  std::filesystem::path folder;          // of replay files
  std::function<void(std::uint32_t)> on_step;          // told of each before it is done; may be empty
};

// A simulated block of some shape, and its memory's probe.
struct SoakBoard {
  std::unique_ptr<sim::Board> board;
  sim::MemoryProbe* probe = nullptr;
};
using MakeSoakBoard = std::function<SoakBoard(const sim::MemoryTiming&)>;

// Something is not as it must be.
struct SoakFailure : std::runtime_error {
  SoakFailure(std::uint32_t at, const std::string& what) : std::runtime_error(what), step(at) {}
  std::uint32_t step;                    // that came last
};

// Throws SoakFailure; the counts are up to date then.
void run_soak_round(const SoakRound& round, const MakeSoakBoard& make, SoakCounts& counts);

}  // namespace cuatro::tb
