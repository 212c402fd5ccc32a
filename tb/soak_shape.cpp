// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
//
// One round of the endurance run on one shape of the block, as `soak` starts it.
#include DUT_HEADER

#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <unistd.h>

#include "sim/verilated_board.h"
#include "soak_round.h"
#include "soak_steps.h"

using namespace cuatro;

int main(int argc, char** argv) {
  tb::SoakRound round;
  for (int i = 1; i < argc; ++i) {
    const std::string option = argv[i], value = i + 1 < argc ? argv[i + 1] : "";
    if (option == "--calm") round.calm = true;
    else if (option == "--talk") round.talk = true;
    else if (++i; option == "--seed") round.seed = std::stoull(value);
    else if (option == "--ops") round.steps = tb::parse_steps(value);
    else if (option == "--side") round.side = static_cast<std::uint32_t>(std::stoul(value));
    else if (option == "--folder") round.folder = value;
    else if (option == "--seconds") alarm(static_cast<unsigned>(std::stoul(value)));    // a round that hangs ends all the same
    else return std::fprintf(stderr, "%s: unknown option\n", option.c_str()), 2;
  }
  // Progress is lost with a model that aborts, not what it says before.
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
  round.on_step = [](std::uint32_t step) { fmt::print("at {}\n", step); };
  tb::SoakCounts counts;
  int code = 0;
  try {
    tb::run_soak_round(round, [](const sim::MemoryTiming& timing) {
      auto board = std::make_unique<sim::VerilatedBoard<DUT>>(timing, DUT_DATABITS);
      sim::MemoryProbe* const probe = &board->axi();
      return tb::SoakBoard{std::move(board), probe};
    }, counts);
  } catch (const tb::SoakFailure& failure) {
    fmt::print("failed {} {}\n", failure.step, failure.what());
    code = 1;
  }
  for (const auto& [name, count] : counts) fmt::print("count {} {}\n", count, name);
  return code;
}
