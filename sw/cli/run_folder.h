// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "cli/train_options.h"

namespace cuatro::cli {

// The folder of one run: config.toml, metrics.csv, checkpoint.safetensors, summary.json, sites.json, report.html.
class RunFolder {
 public:
  // A new folder (--run-dir or runs/<time-model-data-engine-seed>) with its config, or the one of
  // --resume. Throws InputError naming the folder.
  static RunFolder open(const TrainOptions& options);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path checkpoint() const { return path_ / "checkpoint.safetensors"; }
  std::filesystem::path metrics() const { return path_ / "metrics.csv"; }
  std::filesystem::path summary() const { return path_ / "summary.json"; }
  std::filesystem::path sites() const { return path_ / "sites.json"; }

 private:
  explicit RunFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

// metrics.csv: a header, then a line a step beginning with its number. Every line is written
// whole or not at all, so a killed or full disk leaves a file that can be continued.
class MetricsFile {
 public:
  // Keeps the lines of steps 1 .. keep and drops what came later: a run continues from its checkpoint.
  MetricsFile(const std::filesystem::path& path, const std::string& header, std::uint64_t keep);
  ~MetricsFile();
  MetricsFile(const MetricsFile&) = delete;
  MetricsFile& operator=(const MetricsFile&) = delete;
  void append(const std::string& line);  // throws InputError

 private:
  std::filesystem::path path_;
  int fd_ = -1;
  std::uint64_t size_ = 0;
};

}  // namespace cuatro::cli
