// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <csignal>

namespace cuatro::cli {

// SIGINT and SIGTERM held back while this lives: the program asks between steps instead of being
// interrupted inside one. Make it before any thread starts.
class StopSignals {
 public:
  StopSignals() {
    sigemptyset(&held_);
    sigaddset(&held_, SIGINT);
    sigaddset(&held_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &held_, &before_);
  }
  ~StopSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  bool requested() {
    const timespec now{0, 0};
    stop_ = stop_ || sigtimedwait(&held_, nullptr, &now) > 0;
    return stop_;
  }

 private:
  sigset_t held_, before_;
  bool stop_ = false;
};

}  // namespace cuatro::cli
