// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <string>

#include "cli/commands.h"
#include "cli/html_report.h"

namespace cuatro::cli {
namespace {

struct ReportOptions {
  std::string folder, compare;
};

int report(const ReportOptions& options) {
  const std::optional<std::filesystem::path> baseline =
      options.compare.empty() ? std::nullopt : std::optional<std::filesystem::path>(options.compare);
  write_html_report(options.folder, baseline);
  fmt::print("{}\n", (std::filesystem::path(options.folder) / "report.html").string());
  return 0;
}

}  // namespace

void add_report(CLI::App& app, Run& run) {
  CLI::App* sub = app.add_subcommand("report", "write report.html of a finished run: curves, quantizers, cycles");
  auto options = std::make_shared<ReportOptions>();
  sub->add_option("folder", options->folder, "run folder")->required();
  sub->add_option("--compare", options->compare,
                  "run folder of the baseline (default: the fp32 run beside it that is otherwise alike)");
  sub->final_callback([options, &run] { run = [options] { return report(*options); }; });
}

}  // namespace cuatro::cli
