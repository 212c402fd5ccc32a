// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "cli/svg_chart.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <numeric>

namespace cuatro::cli {
namespace {

constexpr double kWidth = 560, kHeight = 280, kLeft = 58, kRight = 14, kTop = 14, kBottom = 46;
constexpr std::size_t kStretches = 160;

struct Axis {
  double low = 0, high = 1, from = 0, to = 1;  // values, pixels
  double operator()(double value) const { return from + (value - low) / (high - low) * (to - from); }
};

// Steps first .. last as one point.
struct Stretch {
  double x, mean, low, high;
};

std::vector<Stretch> stretches(const Series& series, double scale) {
  const std::size_t count = std::min(series.x.size(), series.y.size());
  const std::size_t each = std::max<std::size_t>(1, (count + kStretches - 1) / kStretches);
  std::vector<Stretch> list;
  for (std::size_t begin = 0; begin < count; begin += each) {
    Stretch s{0, 0, std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
    double finite = 0;
    for (std::size_t i = begin; i < std::min(begin + each, count); ++i) {
      const double y = scale * series.y[i];
      if (!std::isfinite(y)) continue;
      s = {s.x + series.x[i], s.mean + y, std::min(s.low, y), std::max(s.high, y)};
      ++finite;
    }
    if (finite > 0) list.push_back({s.x / finite, s.mean / finite, s.low, s.high});
  }
  return list;
}

std::string text(double x, double y, const char* anchor, const std::string& style, const std::string& content) {
  return fmt::format("<text class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n", style, x, y, anchor,
                     content);
}

std::string line(const char* style, double x1, double y1, double x2, double y2) {
  return fmt::format("<line class=\"{}\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>\n", style, x1, y1,
                     x2, y2);
}

}  // namespace

std::string escape_html(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

std::vector<double> nice_ticks(double low, double high, int count) {
  const double raw = (high - low) / count, power = std::pow(10.0, std::floor(std::log10(raw)));
  double step = 10 * power;
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= raw * 0.999) {
      step = factor * power;
      break;
    }
  }
  std::vector<double> ticks;
  // Never more, also where the range is so small beside its ends that i + 1 is i.
  double i = std::ceil(low / step - 1e-9);
  for (; i * step <= high + step * 1e-9 && ticks.size() < 4 * static_cast<std::size_t>(count); ++i)
    ticks.push_back(i * step + 0.0);  // no -0
  return ticks;
}

std::string draw(const LineChart& chart) {
  std::vector<std::vector<Stretch>> curves;
  Axis x{0, 1, kLeft, kWidth - kRight};
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const Series& series : chart.series) {
    curves.push_back(stretches(series, chart.y_scale));
    for (const Stretch& s : curves.back()) {
      x.high = std::max(x.high, s.x);
      low = std::min(low, s.mean);
      high = std::max(high, s.mean);
    }
  }
  if (low > high) return "";
  if (chart.to_zero) low = std::min(low, 0.0);
  const double room = high > low ? 0.04 * (high - low) : std::max(1e-3, std::abs(high) * 0.1);
  const Axis y{chart.to_zero ? low : low - room, high + room, kHeight - kBottom, kTop};
  const auto clamped = [&](double value) { return y(std::clamp(value, y.low, y.high)); };

  std::string svg =
      fmt::format("<svg id=\"{}\" class=\"chart\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{} over {}\">\n",
                  chart.id, kWidth, kHeight, chart.y_label, chart.x_label);
  for (const double tick : nice_ticks(y.low, y.high, 5)) {
    svg += line("grid", kLeft, y(tick), kWidth - kRight, y(tick)) +
           text(kLeft - 8, y(tick) + 4, "end", "tick", fmt::format("{:.6g}", tick));
  }
  for (const double tick : nice_ticks(x.low, x.high, 6)) {
    svg += line("axis", x(tick), kHeight - kBottom, x(tick), kHeight - kBottom + 4) +
           text(x(tick), kHeight - kBottom + 18, "middle", "tick", fmt::format("{:.6g}", tick));
  }
  svg += line("axis", kLeft, kHeight - kBottom, kWidth - kRight, kHeight - kBottom);
  svg += text((kLeft + kWidth - kRight) / 2, kHeight - 8, "middle", "label", chart.x_label);
  svg += fmt::format(
      "<text class=\"label\" text-anchor=\"middle\" transform=\"translate(14 {:.1f}) rotate(-90)\">{}</text>\n",
      (kTop + kHeight - kBottom) / 2, chart.y_label);
  for (std::size_t i = 0; i < curves.size(); ++i) {
    if (curves[i].empty()) continue;
    std::string upper, lower, mean;
    for (const Stretch& s : curves[i]) {
      mean += fmt::format("{}{:.1f},{:.1f}", mean.empty() ? "" : " ", x(s.x), y(s.mean));
      upper += fmt::format("{:.1f},{:.1f} ", x(s.x), clamped(s.high));
      lower = fmt::format("{:.1f},{:.1f} ", x(s.x), clamped(s.low)) + lower;
    }
    const Series& series = chart.series[i];
    svg += fmt::format("<polygon class=\"band {}\" points=\"{}{}\"/>\n", series.style, upper, lower);
    svg += fmt::format("<polyline class=\"curve {}\" points=\"{}\"><title>{}</title></polyline>\n", series.style, mean,
                       escape_html(series.name));
  }
  return svg + "</svg>\n";
}

std::string draw(const Histogram& h) {
  constexpr double kW = 250, kH = 96, kBase = 70, kSide = 6;
  const double sum = static_cast<double>(std::accumulate(h.counts.begin(), h.counts.end(), std::uint64_t{0}));
  if (sum == 0) return "";
  const double most = static_cast<double>(*std::max_element(h.counts.begin(), h.counts.end()));
  const double each = (kW - 2 * kSide) / static_cast<double>(h.counts.size());
  const auto x = [&](int exponent) { return kSide + each * (exponent - h.first); };
  std::string svg = fmt::format(
      "<svg id=\"{}\" class=\"histogram\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"histogram of magnitudes\">\n",
      h.id, kW, kH);
  svg += fmt::format(
      "<rect class=\"range\" x=\"{:.1f}\" y=\"4\" width=\"{:.1f}\" height=\"{:.1f}\"><title>range of the "
      "codes</title></rect>\n",
      x(h.codes_low), x(h.codes_high) - x(h.codes_low), kBase - 4);
  for (std::size_t i = 0; i < h.counts.size(); ++i) {
    if (h.counts[i] == 0) continue;
    const int exponent = h.first + static_cast<int>(i);
    const double share = static_cast<double>(h.counts[i]) / sum,
                 height = (kBase - 8) * static_cast<double>(h.counts[i]) / most;
    svg += fmt::format(
        "<rect class=\"bar\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"><title>2^{} to 2^{}: {:.2f} "
        "%</title></rect>\n",
        x(exponent) + 0.5, kBase - height, std::max(0.5, each - 1), height, exponent, exponent + 1, 100 * share);
  }
  svg += line("axis", kSide, kBase, kW - kSide, kBase);
  const int last = h.first + static_cast<int>(h.counts.size());
  for (int tick = (h.first + 7) / 8 * 8; tick < last; tick += 8) {
    svg +=
        line("axis", x(tick), kBase, x(tick), kBase + 3) +
        text(x(tick), kBase + 16, "middle", "tick", fmt::format("2<tspan class=\"power\" dy=\"-4\">{}</tspan>", tick));
  }
  return svg + "</svg>\n";
}

}  // namespace cuatro::cli
