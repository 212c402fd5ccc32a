// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
//
// The endurance run: round after round on the whole block in turn with every shape, each a process of its own with a seed of its
// own; a difference is reduced to few steps before it is told.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <numeric>
#include <random>

#include "cli/stop_signals.h"
#include "soak_process.h"
#include "soak_steps.h"

using namespace cuatro;
using Clock = std::chrono::steady_clock;

namespace {

using tb::RoundResult;
using tb::print_steps;
using tb::run_process;

// From so many rounds on each kind must have occurred, whatever the seeds; and from so many those of the long rounds, one in 251.
constexpr std::uint64_t kRoundsOfAll = 100, kRoundsOfLong = 251;
constexpr std::string_view kOfLong = "rounds of 16-bit counts come round";

struct Options {
  std::uint64_t seed = 0, seeds = 0;
  double minutes = 30;
  std::string shape, steps, folder = "soak";
  std::uint32_t side = 0, round_seconds = 900;
  bool calm = false, talk = false, every_kind = false;
};

std::string word(std::string_view kind) { return std::string(kind); }

class Soak {
 public:
  Soak(Options options, std::filesystem::path programs) : options_(std::move(options)) {
    for (const auto& entry : std::filesystem::directory_iterator(programs)) {
      const std::string name = entry.path().filename();
      if (!entry.is_regular_file() || !name.starts_with("soak_Rows") || name.find(options_.shape) == std::string::npos) continue;
      shapes_.push_back(entry.path());
    }
    std::sort(shapes_.begin(), shapes_.end());
    if (shapes_.empty()) throw std::runtime_error(programs.string() + ": no shape is built here that has '" + options_.shape + "' in its name");
    std::filesystem::create_directories(options_.folder);
  }

  int run() {
    fmt::print("seeds from {} on, {} shapes; one round again: {}\n", options_.seed, shapes_.size(), again(options_.seed, "…"));
    const bool single = !options_.steps.empty() || options_.talk;
    for (; !over() && !stop_.requested(); ++rounds_) {
      const std::uint64_t seed = options_.seed + rounds_;
      if (options_.talk) return talk(seed);
      const RoundResult result = round(seed, options_.steps, options_.calm, options_.side);
      if (result.stopped) break;
      for (const auto& [name, count] : result.counts) counts_[name] += count;
      if (!result.good) {
        failed(seed, result, single);
        summary();
        return 1;
      }
      progress();
    }
    return summary() ? 0 : 1;
  }

 private:
  double seconds() const { return std::chrono::duration<double>(Clock::now() - begin_).count(); }
  bool over() const { return options_.seeds != 0 ? rounds_ >= options_.seeds : seconds() >= 60 * options_.minutes; }
  const std::filesystem::path& shape_of(std::uint64_t seed) const { return shapes_[seed % shapes_.size()]; }

  std::vector<std::string> command(std::uint64_t seed, const std::string& steps, bool calm, std::uint32_t side) const {
    std::vector<std::string> args{shape_of(seed), "--seed", std::to_string(seed), "--folder", options_.folder};
    args.insert(args.end(), {"--seconds", std::to_string(options_.round_seconds)});
    if (!steps.empty()) args.insert(args.end(), {"--ops", steps});
    if (calm) args.push_back("--calm");
    if (side != 0) args.insert(args.end(), {"--side", std::to_string(side)});
    return args;
  }
  RoundResult round(std::uint64_t seed, const std::string& steps, bool calm, std::uint32_t side) {
    return run_process(command(seed, steps, calm, side), [this] { return stop_.requested(); });
  }

  int talk(std::uint64_t seed) const {
    std::vector<std::string> args = command(seed, options_.steps, options_.calm, options_.side);
    args.push_back("--talk");
    std::vector<char*> raw;
    for (std::string& arg : args) raw.push_back(arg.data());
    raw.push_back(nullptr);
    std::fflush(stdout);
    execv(raw[0], raw.data());
    throw std::runtime_error(args[0] + " cannot be started");
  }

  std::string again(std::uint64_t seed, const std::string& steps, bool calm = false, std::uint32_t side = 0) const {
    std::string text = fmt::format("soak --seed {} --seeds 1", seed);
    if (!options_.shape.empty()) text += " --shape " + options_.shape;
    if (!steps.empty()) text += " --ops " + steps;
    if (calm) text += " --calm";
    if (side != 0) text += fmt::format(" --side {}", side);
    return text;
  }

  // Fewer steps, a calm memory, small operations: whatever still fails.
  void failed(std::uint64_t seed, const RoundResult& first, bool as_it_is) {
    end_line();
    fmt::print("FAILED: seed {}, round {}, {}\n  {}\n", seed, rounds_ + 1, shape_of(seed).filename().string(), first.failure);
    std::string steps = options_.steps;
    bool calm = options_.calm;
    std::uint32_t side = options_.side;
    RoundResult last = first;
    if (!as_it_is) {
      fmt::print("reducing it\n");
      const auto still = [&](const std::string& s, bool c, std::uint32_t edge) {
        if (stop_.requested()) return false;
        RoundResult result = round(seed, s, c, edge);
        if (result.good || result.stopped) return false;
        last = std::move(result);
        return true;
      };
      std::vector<std::uint32_t> kept(first.last_step + 1);
      std::iota(kept.begin(), kept.end(), 0u);
      for (std::size_t chunk = std::max<std::size_t>(1, kept.size() / 2);; chunk /= 2) {
        for (std::size_t at = 0; at < kept.size() && kept.size() > 1;) {
          std::vector<std::uint32_t> fewer(kept.begin(), kept.begin() + static_cast<std::ptrdiff_t>(at));
          fewer.insert(fewer.end(), kept.begin() + static_cast<std::ptrdiff_t>(std::min(kept.size(), at + chunk)), kept.end());
          if (!fewer.empty() && still(print_steps(fewer), calm, side)) kept = std::move(fewer);
          else at += chunk;
        }
        if (chunk == 1) break;
      }
      steps = print_steps(kept);
      if (still(steps, true, side)) calm = true;
      for (std::uint32_t edge : {32u, 16u, 8u, 4u, 2u, 1u}) {
        if (!still(steps, calm, edge)) break;
        side = edge;
      }
      fmt::print("reduced to {} of {} steps{}{}\n", kept.size(), first.last_step + 1, calm ? ", a memory without stalls" : "",
                 side != 0 ? fmt::format(", sizes up to {}", side) : "");
    }
    const std::string command = "build/tb/" + again(seed, steps, calm, side);
    const std::filesystem::path file = std::filesystem::path(options_.folder) / fmt::format("failure-{}.txt", seed);
    std::ofstream(file) << command << "\n\n" << last.failure << "\n\nbefore it was reduced:\n" << first.failure << "\n";
    fmt::print("  {}\nrun it again with\n  {}\nor with --talk to see its steps; written to {}\n", last.failure, command, file.string());
  }

  void progress() {
    const double now = seconds();
    const bool terminal = isatty(STDOUT_FILENO) != 0;
    if (now - shown_ < (terminal ? 1 : 20)) return;
    shown_ = now;
    const double rate = static_cast<double>(rounds_ + 1) / now;
    const double left = options_.seeds != 0 ? static_cast<double>(options_.seeds - rounds_ - 1) / rate : 60 * options_.minutes - now;
    fmt::print("{}{} rounds, seed {}, {} operations, {:.1f} M cycles, {} errors, {} resets, {:.1f} rounds/s, {:.0f} s left{}",
               terminal ? "\r" : "", rounds_ + 1, options_.seed + rounds_, counts_["operations"],
               static_cast<double>(counts_["cycles"]) / 1e6, errors(), resets(), rate, std::max(0.0, left), terminal ? "  " : "\n");
    std::fflush(stdout);
    line_open_ = terminal;
  }
  template <class Wanted>
  std::uint64_t sum(Wanted wanted) const {
    std::uint64_t sum = 0;
    for (const auto& [name, count] : counts_) sum += wanted(std::string_view(name)) ? count : 0;
    return sum;
  }
  std::uint64_t errors() const {
    return sum([](std::string_view name) {
      return name.starts_with("bus error") || name.starts_with("entry refused") || name == "command refused" || name == "ring overfilled";
    });
  }
  std::uint64_t resets() const {
    return sum([](std::string_view name) { return name.starts_with("soft reset") || name.starts_with("device left"); });
  }
  void end_line() {
    if (line_open_) fmt::print("\n");
    line_open_ = false;
  }

  // False if a kind that must have occurred has not.
  bool summary() {
    end_line();
    fmt::print("\n{} rounds in {:.0f} s, seeds from {} on, {} errors, {} resets{}\n", rounds_, seconds(), options_.seed, errors(), resets(),
               stop_.requested() ? ", interrupted" : "");
    std::vector<std::string> missing;
    for (const std::string_view kind : tb::kSoakTotals) fmt::print("{:>16} {}\n", counts_[word(kind)], kind);
    for (const std::string_view kind : tb::kSoakKinds) {
      const std::uint64_t count = counts_[word(kind)];
      fmt::print("{:>16} {}\n", count, kind);
      const std::uint64_t enough = kind == kOfLong ? kRoundsOfLong : options_.every_kind ? 1 : kRoundsOfAll;
      if (count == 0 && rounds_ >= enough) missing.push_back(word(kind));
    }
    for (const std::string& kind : missing) fmt::print("FAILED: {} never occurred in {} rounds\n", kind, rounds_);
    // A name that is not in the lists would never be missed.
    const auto listed = [](const auto& list, std::string_view name) { return std::find(std::begin(list), std::end(list), name) != std::end(list); };
    const std::uint64_t unlisted = sum([&](std::string_view name) { return !listed(tb::kSoakKinds, name) && !listed(tb::kSoakTotals, name); });
    if (unlisted != 0) fmt::print("FAILED: kinds are counted that soak_counts.h does not list\n");
    return missing.empty() && unlisted == 0;
  }

  Options options_;
  std::vector<std::filesystem::path> shapes_;
  cli::StopSignals stop_;
  tb::SoakCounts counts_;
  std::uint64_t rounds_ = 0;
  Clock::time_point begin_ = Clock::now();
  double shown_ = 0;
  bool line_open_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{"Random rounds on the Verilated block in lock-step with the golden device, until the time is over"};
  auto* seed = app.add_option("--seed", options.seed, "of the first round; else one is drawn");
  app.add_option("--seeds", options.seeds, "so many rounds, whatever time they take");
  app.add_option("--minutes", options.minutes)->capture_default_str();
  app.add_option("--shape", options.shape, "only shapes with this in their name, as Rows4");
  app.add_option("--ops", options.steps, "only these steps of a round, as 0-4,7");
  app.add_option("--side", options.side, "operations no larger than that");
  app.add_flag("--calm", options.calm, "a memory without stalls");
  app.add_flag("--talk", options.talk, "one round that says what it does");
  app.add_flag("--every-kind", options.every_kind, "each kind must occur, but for those of long rounds, however few rounds there are");
  app.add_option("--folder", options.folder, "for failures and replay files")->capture_default_str();
  app.add_option("--round-seconds", options.round_seconds, "a round that takes longer has failed")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  if (seed->count() == 0) options.seed = std::random_device{}() % 1'000'000'000;
  try {
    return Soak(options, std::filesystem::canonical("/proc/self/exe").parent_path()).run();
  } catch (const std::exception& error) {
    fmt::print(stderr, "soak: {}\n", error.what());
    return 2;
  }
}
