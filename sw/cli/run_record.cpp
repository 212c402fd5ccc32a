// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "cli/run_record.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <sstream>
#include <tuple>

#include "cli/totals.h"
#include "device/input_error.h"

namespace cuatro::cli {
namespace fs = std::filesystem;
namespace {

std::string read_text(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw InputError(fmt::format("{}: cannot be opened", path.string()));
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

nlohmann::json read_summary(const fs::path& folder) {
  const fs::path path = folder / "summary.json";
  if (std::error_code error; !fs::exists(path, error)) {
    throw InputError(fmt::format("{}: no summary.json, so no run has ended there", folder.string()));
  }
  try {
    nlohmann::json summary = nlohmann::json::parse(read_text(path));
    if (!summary.is_object() || !summary.contains("engine"))
      throw InputError(fmt::format("{}: not a run's summary", path.string()));
    return summary;
  } catch (const nlohmann::json::exception& e) {
    throw InputError(fmt::format("{}: {}", path.string(), e.what()));
  }
}

constexpr std::array kAlike{"model", "data", "seed", "batch", "steps", "evaluated_on"};

// The columns step, loss and accuracy of metrics.csv.
void read_metrics(const fs::path& path, RunRecord& run) {
  std::istringstream in(read_text(path));
  std::string line, cell;
  std::getline(in, line);
  std::vector<std::vector<double>*> target;
  for (std::istringstream head(line); std::getline(head, cell, ',');) {
    target.push_back(cell == "step"       ? &run.step
                     : cell == "loss"     ? &run.loss
                     : cell == "accuracy" ? &run.accuracy
                                          : nullptr);
  }
  for (auto* column : {&run.step, &run.loss, &run.accuracy}) {
    if (std::count(target.begin(), target.end(), column) != 1) {
      throw InputError(fmt::format("{}: its first line does not name step, loss and accuracy once", path.string()));
    }
  }
  for (std::size_t number = 2; std::getline(in, line); ++number) {
    std::istringstream cells(line);
    std::size_t column = 0;
    for (; column < target.size() && std::getline(cells, cell, ','); ++column) {
      if (target[column] == nullptr) continue;
      char* end = nullptr;
      target[column]->push_back(std::strtod(cell.c_str(), &end));
      if (end == cell.c_str() || *end != '\0')
        throw InputError(fmt::format("{}:{}: '{}' is no number", path.string(), number, cell));
    }
    if (column != target.size())
      throw InputError(fmt::format("{}:{}: expected {} columns", path.string(), number, target.size()));
  }
}

bool same(const nlohmann::json& a, const nlohmann::json& b, const char* key) {
  return a.contains(key) && b.contains(key) && a[key] == b[key];
}

}  // namespace

std::optional<double> RunRecord::evaluation() const {
  for (const char* key : {"test_accuracy", "validation_accuracy"}) {
    if (summary.contains(key) && summary[key].is_number()) return summary[key].get<double>();
  }
  return std::nullopt;
}

RunRecord read_run(const fs::path& folder) {
  RunRecord run;
  run.folder = folder;
  run.summary = read_summary(folder);
  run.config = read_text(folder / "config.toml");
  read_metrics(folder / "metrics.csv", run);
  if (std::error_code error; fs::exists(folder / "sites.json", error)) {
    try {
      std::tie(run.sites, run.products) = layers_from_text(read_text(folder / "sites.json"));
    } catch (const InputError& e) {
      throw InputError(fmt::format("{}: {}", (folder / "sites.json").string(), e.what()));
    }
  }
  return run;
}

std::optional<RunRecord> find_baseline(const RunRecord& run) {
  if (run.text("engine") == "fp32") return std::nullopt;
  std::error_code error;
  std::vector<fs::path> candidates;
  const fs::path parent = fs::absolute(run.folder).lexically_normal().parent_path();
  for (fs::directory_iterator entry(parent, error), end; !error && entry != end; entry.increment(error)) {
    if (fs::exists(entry->path() / "summary.json", error)) candidates.push_back(entry->path());
  }
  std::sort(candidates.rbegin(), candidates.rend());
  for (const fs::path& folder : candidates) {
    try {
      const nlohmann::json summary = read_summary(folder);
      const bool alike =
          std::all_of(kAlike.begin(), kAlike.end(), [&](const char* key) { return same(summary, run.summary, key); });
      if (summary["engine"] == "fp32" && alike) return read_run(folder);
    } catch (const InputError&) {  // a neighbour's damage is not this run's
    }
  }
  return std::nullopt;
}

}  // namespace cuatro::cli
