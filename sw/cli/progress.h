// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace cuatro::cli {

// What the progress line shows after a step.
struct ProgressState {
  std::uint64_t step = 0, total = 0;  // steps done
  double loss = 0, accuracy = 0;      // this step's; this epoch's so far, 0..1
  double images_per_second = 0;
  std::uint64_t cycles = 0;           // simulated; 0 = an engine without a clock
  double utilisation = 0, gmacs = 0;  // of the MAC array; simulated GMAC/s
};

// A bar that redraws itself on a terminal, a plain line now and then elsewhere.
class Progress {
 public:
  explicit Progress(bool quiet);
  void start(std::uint64_t step) { first_ = step, begin_ = Clock::now(); }  // steps done when the run begins or goes on
  void show(const ProgressState& state);
  void note(const std::string& text);  // a line of its own
  void finish();

 private:
  using Clock = std::chrono::steady_clock;
  bool quiet_, terminal_;
  bool drawn_ = false;
  std::uint64_t first_ = 0;
  Clock::time_point begin_ = Clock::now(), shown_{};
};

}  // namespace cuatro::cli
