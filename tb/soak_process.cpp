// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "soak_process.h"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>
#include <sstream>
#include <system_error>

namespace cuatro::tb {

namespace {

// All that it prints, errors too.
std::string output_of(const std::vector<std::string>& command, const std::function<bool()>& stop, int& status, bool& stopped) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  const pid_t child = fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    dup2(ends[1], STDERR_FILENO);
    close(ends[0]);
    close(ends[1]);
    std::vector<char*> args;
    for (const std::string& arg : command) args.push_back(const_cast<char*>(arg.c_str()));
    args.push_back(nullptr);
    execv(args[0], args.data());
    _exit(127);
  }
  close(ends[1]);
  std::string output;
  std::array<char, 4096> part;
  for (;;) {
    pollfd readable{ends[0], POLLIN, 0};
    const int some = poll(&readable, 1, 200);
    if (!stopped && stop()) {
      stopped = true;
      kill(child, SIGKILL);
    }
    if (some <= 0) continue;
    const ssize_t n = read(ends[0], part.data(), part.size());
    if (n == 0) break;
    if (n > 0) output.append(part.data(), static_cast<std::size_t>(n));
  }
  close(ends[0]);
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
  return output;
}

}  // namespace

RoundResult run_process(const std::vector<std::string>& command, const std::function<bool()>& stop) {
  RoundResult result;
  int status = 0;
  std::istringstream lines(output_of(command, stop, status, result.stopped));
  if (result.stopped) return result;
  std::string other;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string first, rest;
    std::uint64_t number = 0;
    words >> first;
    if (first == "at" && words >> number) {
      result.last_step = static_cast<std::uint32_t>(number);
    } else if ((first == "count" || first == "failed") && words >> number && std::getline(words >> std::ws, rest)) {
      if (first == "count") result.counts[rest] += number;
      else result.failure = rest;
    } else {
      other += line + "\n";
    }
  }
  result.good = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  if (result.good) return result;
  if (result.failure.empty()) {
    result.failure = !WIFSIGNALED(status)             ? "exit code " + std::to_string(WEXITSTATUS(status))
                     : WTERMSIG(status) == SIGALRM ? std::string("no end in sight: the time for a round is over")
                                                      : std::string("ended by ") + strsignal(WTERMSIG(status));
    if (!other.empty()) result.failure += "; it said:\n" + other.substr(other.size() > 4000 ? other.size() - 4000 : 0);
  }
  return result;
}

}  // namespace cuatro::tb
