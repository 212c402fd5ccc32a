// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace cuatro::cli {

// Charts as SVG elements for an HTML page. Colours and type come from the page's style sheet, by the classes axis,
// grid, tick, curve and band with the series' own class, bar and range.

// A curve over steps. Not-finite values are left out.
struct Series {
  std::string name;   // in the tool tip
  std::string style;  // CSS class
  std::vector<double> x, y;
};

struct LineChart {
  std::string id, x_label, y_label;
  std::vector<Series> series;
  double y_scale = 1;      // 100 for percent
  bool to_zero = false;    // the axis begins at 0
};

// Curves of many points are drawn as the means of at most 160 stretches of steps, in a band from the smallest
// to the largest value of each stretch. "" if no series has a point.
std::string draw(const LineChart& chart);

// Bars of shares of the sum over bins of powers of two: bin i is 2^(first + i) up to twice that. The bins from
// `codes_low` up to `codes_high` (exponents) are marked as the range of the format's codes.
struct Histogram {
  std::string id;
  std::span<const std::uint64_t> counts;
  int first = 0, codes_low = 0, codes_high = 0;
};
std::string draw(const Histogram& histogram);

// Ticks of an axis from low to high (high > low): multiples of 1, 2 or 5 times a power of ten, about `count` of them.
std::vector<double> nice_ticks(double low, double high, int count);

std::string escape_html(const std::string& text);

}  // namespace cuatro::cli
