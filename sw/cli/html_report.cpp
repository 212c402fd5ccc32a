// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "cli/html_report.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "cli/engines.h"
#include "cli/report_style.h"
#include "cli/svg_chart.h"
#include "cli/totals.h"
#include "device/atomic_file.h"
#include "device/input_error.h"

namespace cuatro::cli {
namespace {

using nlohmann::json;

constexpr int kLowestExponent = -24;  // of SiteCounts' first bin

std::string grouped(std::uint64_t value) {
  const std::string digits = std::to_string(value);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i != 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

// Small shares keep two digits that mean something.
std::string percent(double share) {
  const double value = 100 * share;
  return value == 0      ? "0 %"
         : value < 0.001 ? "&lt; 0.001 %"
         : value < 1     ? fmt::format("{:.3f} %", value)
                         : fmt::format("{:.2f} %", value);
}

double ratio(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

std::string fact(const std::string& value, const std::string& what, const char* style = "") {
  return fmt::format("<div class=\"fact {}\"><b>{}</b><span>{}</span></div>\n", style, value, what);
}

std::string meter(double share) {
  return fmt::format("<span class=\"meter\"><i style=\"width:{:.1f}%\"></i></span>", 100 * std::clamp(share, 0.0, 1.0));
}

std::uint64_t count_of(const json& summary, const char* key) {
  return summary.contains(key) && summary[key].is_number_unsigned() ? summary[key].get<std::uint64_t>() : 0;
}

bool is_text(const RunRecord& run) { return run.summary.contains("bits_per_character"); }

// The exponents between which the gradient codes of one digit lie: [low, high).
std::pair<int, int> code_range(nn::OperandKind kind, const std::string& config) {
  if (kind == nn::OperandKind::weight || kind == nn::OperandKind::signed_values) return {0, 3};  // 1 .. 7
  if (kind == nn::OperandKind::positive) return {0, 4};
  if (config.find("grad-format = \"log4\"") != std::string::npos) return {0, 13};
  if (config.find("grad-format = \"int4\"") != std::string::npos) return {0, 3};
  return {0, 7};
}

std::string headline(const RunRecord& run, const std::optional<RunRecord>& baseline) {
  const json& s = run.summary;
  std::string html = fmt::format(
      "<h1>{} on {}, engine {}</h1>\n<p class=\"soft\">{}. Seed {}, {} steps of {} examples.</p>\n<div "
      "class=\"facts\">\n",
      escape_html(run.text("model")), escape_html(run.text("data")), escape_html(run.text("engine")),
      escape_html(run.text("net")), count_of(s, "seed"), grouped(count_of(s, "steps")), count_of(s, "batch"));
  const std::string on = run.text("evaluated_on");
  if (is_text(run))
    html += fact(fmt::format("{:.4f}", s["bits_per_character"].get<double>()), on + " bits a character");
  if (const auto accuracy = run.evaluation()) html += fact(fmt::format("{:.2f} %", 100 * *accuracy), on + " accuracy");
  if (baseline && is_text(run) && is_text(*baseline)) {
    html += fact(fmt::format("{:+.4f}", s["bits_per_character"].get<double>() -
                                            baseline->summary["bits_per_character"].get<double>()),
                 "bits more than " + escape_html(baseline->text("engine")));
  } else if (baseline && run.evaluation() && baseline->evaluation()) {
    html +=
        fact(fmt::format("{:+.2f} pt", 100 * (*run.evaluation() - *baseline->evaluation())),
             fmt::format("against {}, {:.2f} %", escape_html(baseline->text("engine")), 100 * *baseline->evaluation()));
  }
  if (count_of(s, "cycles") != 0) {
    html += fact(fmt::format("{:.1f} %", 100 * s.value("mac_utilisation", 0.0)), "MAC utilisation");
    html += fact(grouped(count_of(s, "cycles")), "cycles of training");
  }
  if (s.contains("mismatch")) {
    html += fact("differs", "from golden: " + escape_html(run.text("mismatch")), "bad");
  } else if (count_of(s, "lockstep_commands") != 0) {
    html += fact("bit-exact", grouped(count_of(s, "lockstep_words")) + " words compared with golden", "good");
  }
  if (s.contains("seconds"))
    html += fact(fmt::format("{:.1f} s", s["seconds"].value("train", 0.0)), "training, wall time");
  return html + "</div>\n";
}

std::string curves(const RunRecord& run, const std::optional<RunRecord>& baseline) {
  const auto chart = [&](const char* id, const char* label, const std::vector<double> RunRecord::*values, double scale,
                         bool to_zero) {
    LineChart c{id, "training step", label, {}, scale, to_zero};
    if (baseline) c.series.push_back({baseline->text("engine"), "base", baseline->step, (*baseline).*values});
    c.series.push_back({run.text("engine"), "run", run.step, run.*values});
    return "<figure>" + draw(c) + "</figure>\n";
  };
  std::string html = "<h2>Training</h2>\n<div class=\"legend\"><span><i class=\"run\"></i>this run, " +
                     escape_html(run.text("engine")) + "</span>";
  if (baseline) {
    html += fmt::format("<span><i class=\"base\"></i>{}: {}</span>", escape_html(baseline->text("engine")),
                        escape_html(baseline->folder.filename().string()));
  }
  html +=
      "<span class=\"soft\">lines are means over neighbouring steps, bands their smallest and largest "
      "values</span></div>\n<div class=\"pair\">\n";
  return html + chart("loss", "training loss, nats", &RunRecord::loss, 1, true) +
         chart("accuracy", "training accuracy, %", &RunRecord::accuracy, 100, false) + "</div>\n";
}

std::string clipped_classes(const json& saturation) {
  std::string rows;
  for (const auto& [name, rate] : saturation.items()) {
    rows += fmt::format("<tr><td>{}</td><td>{}</td></tr>\n", escape_html(name), percent(rate.get<double>()));
  }
  return "<p></p>\n<div class=\"scroll\"><table id=\"classes\"><tr><th>all of the run</th><th>clipped</th></tr>\n" +
         rows + "</table></div>\n";
}

std::string quantizers(const RunRecord& run) {
  if (is_float(run.text("engine"))) return "";
  const std::string all = run.summary.contains("saturation") ? clipped_classes(run.summary["saturation"]) : "";
  if (run.sites.empty()) return all.empty() ? "" : "<h2>Quantizers</h2>\n" + all;
  std::string html =
      "<h2>Quantizers</h2>\n<p>Where a matrix becomes 4-bit codes. <b>Clipped</b>: the code saturated. <b>Lost</b>: "
      "the value was not zero, its code is zero "
      "(unbiased rounding loses small values in single draws, not on average).</p>\n<div class=\"scroll\"><table "
      "id=\"sites\"><tr><th>site</th>"
      "<th class=\"word\">holds</th><th>elements counted</th><th>clipped</th><th>lost</th></tr>\n";
  std::string histograms;
  for (const nn::SiteStatistics& site : run.sites) {
    const nn::SiteCounts& c = site.counts;
    const bool ranges = std::any_of(c.exponents.begin(), c.exponents.end(), [](std::uint64_t n) { return n != 0; });
    const double lost = ratio(c.underflow, c.elements);
    html += fmt::format("<tr><td>{}</td><td class=\"word\">{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                        escape_html(site.name), name_of(site.kind), grouped(c.elements),
                        percent(ratio(c.saturated, c.elements)), ranges ? percent(lost) + meter(lost) : "–");
    if (!ranges || site.kind != nn::OperandKind::gradient) continue;
    const auto [low, high] = code_range(site.kind, run.config);
    histograms +=
        fmt::format("<figure><figcaption>{}</figcaption>{}</figure>\n", escape_html(site.name),
                    draw(Histogram{"histogram-" + escape_html(site.name), c.exponents, kLowestExponent, low, high}));
  }
  html += "</table></div>\n" + all;
  if (!histograms.empty()) {
    html +=
        "<h2>Magnitudes of the gradients</h2>\n<p>Share of the values that are not zero by the power of two of "
        "|value|, in units of the smallest code "
        "of one digit.</p>\n<div class=\"legend\"><span><i class=\"range bar\" "
        "style=\"background:var(--good);opacity:.25\"></i>from the smallest code "
        "to the largest</span></div>\n<div class=\"many\">\n" +
        histograms + "</div>\n";
  }
  return html;
}

std::string hardware(const json& s) {
  const std::uint64_t cycles = count_of(s, "cycles");
  if (cycles == 0) return "";
  std::string rows;
  for (const auto& [key, what] :
       {std::pair{"busy_cycles", "a command at work"}, std::pair{"mac_cycles", "the array accumulates"},
        std::pair{"drain_stall_cycles", "the array waits for its drain"},
        std::pair{"load_cycles", "a beat into the scratchpads"}, std::pair{"store_cycles", "a beat out of them"}}) {
    const double share = ratio(count_of(s, key), cycles);
    rows += fmt::format("<tr><td>{}</td><td>{}</td><td>{}{}</td></tr>\n", what, grouped(count_of(s, key)),
                        percent(share), meter(share));
  }
  return fmt::format(
      "<h2>Hardware</h2>\n<p>{} cycles for {} commands with {} multiply-accumulates of 4 bits; the array does {} a "
      "cycle at most. The rows "
      "overlap.</p>\n<div class=\"scroll\"><table id=\"hardware\"><tr><th>in a "
      "cycle</th><th>cycles</th><th>share</th></tr>\n{}</table></div>\n",
      grouped(cycles), grouped(count_of(s, "commands")), grouped(count_of(s, "useful_macs")),
      grouped(count_of(s, "macs_per_cycle")), rows);
}

std::string products(const RunRecord& run) {
  const auto per_cycle = static_cast<double>(count_of(run.summary, "macs_per_cycle"));
  const std::uint64_t cycles = count_of(run.summary, "cycles");
  if (run.products.empty() || per_cycle == 0) return "";
  std::string rows;
  std::uint64_t named = 0;
  for (const LabelCycles& p : run.products) {
    named += p.cycles;
    const double used =
        p.cycles == 0 ? 0 : static_cast<double>(p.useful_macs) / (per_cycle * static_cast<double>(p.cycles));
    rows += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{:.1f} %{}</td></tr>\n",
                        escape_html(p.label), grouped(p.commands), grouped(p.useful_macs), grouped(p.cycles),
                        percent(ratio(p.cycles, cycles)), 100 * used, meter(used));
  }
  rows += fmt::format(
      "<tr><td class=\"soft\">quantize commands and stores after it</td><td></td><td></td><td>{}</td><td>{}</td><td></td></tr>\n",
      grouped(cycles - std::min(cycles, named)), percent(ratio(cycles - std::min(cycles, named), cycles)));
  return "<h2>Products</h2>\n<p>Cycles until each GEMM is answered, counted from the answer before: waits for its "
         "operands and for quantize "
         "commands are its own.</p>\n<div class=\"scroll\"><table id=\"products\"><tr><th>product</th><th>commands</th>"
         "<th>multiply-accumulates</th><th>cycles</th><th>share of all</th><th>MAC utilisation</th></tr>\n" +
         rows + "</table></div>\n";
}

std::string origin(const RunRecord& run, const std::optional<RunRecord>& baseline) {
  const auto digest = run.summary.find("weights_digest");  // null after a mismatch
  std::string html = fmt::format(
      "<h2>Configuration</h2>\n<pre id=\"config\">{}</pre>\n<p>SHA-256 of the weights: <code "
      "id=\"digest\">{}</code></p>\n",
      escape_html(run.config), digest != run.summary.end() && digest->is_string() ? escape_html(digest->get<std::string>()) : "none");
  if (baseline)
    html += fmt::format("<p>of the baseline: <code>{}</code></p>\n", escape_html(baseline->text("weights_digest")));
  return html;
}

}  // namespace

std::string html_report(const RunRecord& run, const std::optional<RunRecord>& baseline) {
  const std::string title = escape_html(run.text("model") + " on " + run.text("data") + ", " + run.text("engine"));
  std::string html =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width\">\n<title>" +
      title + "</title>\n<style>" + kReportStyle + "</style></head>\n<body><main>\n";
  html += headline(run, baseline) + curves(run, baseline) + quantizers(run);
  return html + hardware(run.summary) + products(run) + origin(run, baseline) + "</main></body></html>\n";
}

void write_html_report(const std::filesystem::path& folder, const std::optional<std::filesystem::path>& baseline) {
  const RunRecord run = read_run(folder);
  try {
    const std::optional<RunRecord> other = baseline ? std::optional(read_run(*baseline)) : find_baseline(run);
    write_file_atomically(folder / "report.html", html_report(run, other));
  } catch (const json::exception& e) {  // a summary with values of other types
    throw InputError(fmt::format("{}: not a run's summary ({})", (folder / "summary.json").string(), e.what()));
  }
}

}  // namespace cuatro::cli
