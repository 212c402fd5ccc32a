// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <optional>
#include <string>

#include "cli/run_record.h"

namespace cuatro::cli {

// A finished run as one HTML page: curves, beside those of a baseline if there is one, what its quantizers clipped and
// lost, cycles, configuration and digests. Self-contained: no scripts, and a browser is told to fetch nothing.
std::string html_report(const RunRecord& run, const std::optional<RunRecord>& baseline);

// Writes report.html into the run's folder, atomically; the baseline is find_baseline's unless given.
void write_html_report(const std::filesystem::path& folder, const std::optional<std::filesystem::path>& baseline = {});

}  // namespace cuatro::cli
