// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include <array>
#include <string>

#include "cli/html_report.h"
#include "cli/run_folder.h"
#include "fuzz.h"
#include "temp_folder.h"

using namespace cuatro;

// A run folder of which one file is the input, by its first byte: the report reads it all, a continued run its metrics.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const TempFolder parent;
  static const std::filesystem::path folder = parent / "run";
  std::filesystem::create_directory(folder);
  static const std::string header = "step,loss,accuracy";
  static const std::array<std::pair<const char*, std::string>, 4> good{
      {{"summary.json", R"({"engine":"golden","weights_digest":"00"})"},
       {"metrics.csv", header + "\n1,2.0,0.5\n"},
       {"sites.json", R"({"sites":[],"products":[]})"},
       {"config.toml", "model = \"mlp\"\n"}}};
  if (size == 0) return 0;
  const std::size_t chosen = data[0] % good.size();
  for (std::size_t i = 0; i < good.size(); ++i) {
    const std::string& text = good[i].second;
    write_file(folder / good[i].first, i == chosen ? std::vector(data + 1, data + size) : std::vector<std::uint8_t>(text.begin(), text.end()));
  }
  fuzz::accepts(folder, [&] { cli::write_html_report(folder, folder); });
  fuzz::accepts(folder, [&] { cli::write_html_report(folder); });
  if (good[chosen].first != std::string_view("metrics.csv")) return 0;
  cli::MetricsFile continued(folder / "metrics.csv", header, 1000);
  continued.append("1001,0,0");
  fuzz::accepts(folder, [&] { cli::write_html_report(folder, folder); });
  return 0;
}
