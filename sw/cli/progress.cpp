// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "cli/progress.h"

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace cuatro::cli {
namespace {

constexpr int kBarWidth = 24;
constexpr double kRedrawSeconds = 0.1, kPlainSeconds = 5;

std::string clock(double seconds) {
  const auto s = static_cast<std::uint64_t>(seconds + 0.5);
  return s >= 3600 ? fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60)
                   : fmt::format("{}:{:02}", s / 60, s % 60);
}

int terminal_width() {
  winsize size{};
  return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

// [====>    ] in `width` columns.
std::string bar(std::uint64_t step, std::uint64_t total, int width) {
  const auto filled = static_cast<int>(static_cast<std::uint64_t>(width) * step / total);
  return fmt::format("[{:=<{}}{:<{}}] ", "", filled, filled < width ? ">" : "", width - filled);
}

std::string describe(const ProgressState& s, double eta) {
  std::string text = fmt::format("{}/{}  loss {:.3f}  acc {:.1f} %  {:.0f} img/s", s.step, s.total, s.loss,
                                 100 * s.accuracy, s.images_per_second);
  if (s.cycles != 0)
    text += fmt::format("  {:.1f} Mcycles  MAC {:.0f} %", static_cast<double>(s.cycles) * 1e-6, 100 * s.utilisation);
  if (s.gmacs > 0) text += fmt::format("  {:.1f} GMAC/s", s.gmacs);
  return text + "  ETA " + clock(eta);
}

}  // namespace

Progress::Progress(bool quiet) : quiet_(quiet), terminal_(isatty(STDOUT_FILENO) != 0) {}

void Progress::show(const ProgressState& s) {
  if (quiet_) return;
  const auto now = Clock::now();
  const bool last = s.step == s.total;
  const double since = std::chrono::duration<double>(now - shown_).count();
  if (!last && drawn_ && since < (terminal_ ? kRedrawSeconds : kPlainSeconds)) return;
  const double spent = std::chrono::duration<double>(now - begin_).count();
  const double each = spent / static_cast<double>(s.step - first_);
  const std::string text = describe(s, each * static_cast<double>(s.total - s.step));
  if (terminal_) {
    // One line only, or the carriage return would not find its start: first the bar gives way, then the text.
    const int room = terminal_width() - 4 - static_cast<int>(text.size());
    const std::string front = room >= 5 ? bar(s.step, s.total, std::min(room, kBarWidth)) : "";
    fmt::print("\r\033[K{}{:.{}}", front, text, std::max(0, terminal_width() - 1 - static_cast<int>(front.size())));
  } else {
    fmt::print("step {}\n", text);
  }
  std::fflush(stdout);
  drawn_ = true;
  shown_ = now;
}

void Progress::note(const std::string& text) {
  if (quiet_) return;
  finish();
  fmt::print("{}\n", text);
  std::fflush(stdout);
}

void Progress::finish() {
  if (!quiet_ && terminal_ && drawn_) fmt::print("\n");
  drawn_ = false;
  std::fflush(stdout);
}

}  // namespace cuatro::cli
