// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "device/device.h"
#include "matmul/operand_site.h"

namespace cuatro::cli {

// A finished run as its folder tells it.
struct RunRecord {
  std::filesystem::path folder;
  std::string config;                       // config.toml
  nlohmann::json summary;                   // summary.json
  std::vector<double> step, loss, accuracy; // a number a step; loss in nats, accuracy 0..1
  std::vector<nn::SiteStatistics> sites;    // empty for float engines
  std::vector<LabelCycles> products;        // empty for engines without a clock

  // Strings of the summary; empty when it has none.
  std::string text(const char* key) const { return summary.value(key, std::string()); }
  // Accuracy of the evaluation, 0..1; none after a mismatch.
  std::optional<double> evaluation() const;
};

// Throws InputError naming the file, also for a run that has not ended yet.
RunRecord read_run(const std::filesystem::path& folder);

// The fp32 run beside `run` that is like it in all but arithmetic: net, data, seed, batch and length; the last by
// name if there are several. None if there is none, or if `run` is one itself.
std::optional<RunRecord> find_baseline(const RunRecord& run);

}  // namespace cuatro::cli
