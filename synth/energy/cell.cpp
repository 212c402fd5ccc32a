// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "cell.h"

#include <algorithm>

namespace cuatro::energy {
namespace {

// The interval of an axis around x, and x's place in it: below 0 or above 1 beyond the ends.
std::pair<std::size_t, double> place(const std::vector<double>& axis, double x) {
  if (axis.size() < 2) return {0, 0.0};
  const auto above = std::upper_bound(axis.begin() + 1, axis.end() - 1, x);
  const auto i = static_cast<std::size_t>(above - axis.begin()) - 1;
  return {i, (x - axis[i]) / (axis[i + 1] - axis[i])};
}

States states_of(const std::string& text) {
  States out(text.size());
  std::transform(text.begin(), text.end(), out.begin(),
                 [](char c) { return static_cast<std::uint8_t>(c == '1'); });
  return out;
}

std::array<Table, 2> tables_of(const nlohmann::json& edges) {
  const auto one = [&](const char* edge) {
    if (!edges.contains(edge)) return Table();
    const nlohmann::json& t = edges[edge];
    return Table(t["slews"], t["loads"], t["values"]);
  };
  return {one("rise"), one("fall")};
}

// Mean of value(entry) over the entries whose condition holds; the rule of Cell::delay.
template <class Entry, class Value>
double mean_where(const std::vector<const Entry*>& entries, std::size_t state, Value value) {
  const auto mean = [&](auto&& chosen) {
    double sum = 0;
    int count = 0;
    for (const Entry* e : entries) {
      if (chosen(*e)) sum += value(*e), ++count;
    }
    return std::pair{count, count == 0 ? 0.0 : sum / count};
  };
  if (auto [n, v] = mean([&](const Entry& e) { return !e.when.empty() && e.when[state] != 0; }); n > 0)
    return v;
  if (auto [n, v] = mean([](const Entry& e) { return e.when.empty(); }); n > 0) return v;
  return mean([](const Entry&) { return true; }).second;
}

}  // namespace

double Table::at(double slew, double load) const {
  const auto [i, x] = place(slews_, slew);
  const auto [j, y] = place(loads_, load);
  const auto along = [&](std::size_t row) {
    const std::vector<double>& v = values_[row];
    return v.size() < 2 ? v[0] : v[j] + y * (v[j + 1] - v[j]);
  };
  return values_.size() < 2 ? along(0) : along(i) + x * (along(i + 1) - along(i));
}

double Cell::delay(unsigned output, unsigned input, Edge edge, std::size_t state, double slew,
                   double load) const {
  const Edge input_edge = (state >> input & 1) != 0 ? kRise : kFall;
  std::vector<const Timing*> arcs;
  for (const bool any_sense : {false, true}) {
    for (const Timing& t : timing) {
      if (t.output == output && t.input == input && !t.delay[edge].empty() &&
          (any_sense || t.caused_by(input_edge, edge))) {
        arcs.push_back(&t);
      }
    }
    if (!arcs.empty()) break;
  }
  return mean_where(arcs, state, [&](const Timing& t) { return t.delay[edge].at(slew, load); });
}

double Cell::energy(int output, unsigned input, Edge edge, std::size_t state, double slew,
                    double load) const {
  std::map<std::string, std::vector<const Power*>> rails;
  for (const Power& p : power) {
    if (p.output == output && p.input == input && !p.energy[edge].empty()) rails[p.rail].push_back(&p);
  }
  double sum = 0;
  for (const auto& [name, entries] : rails) {
    // An input's own tables with conditions say nothing of the states they leave out.
    const bool covers_all = output >= 0 || std::any_of(entries.begin(), entries.end(), [&](const Power* p) {
                              return p->when.empty() || p->when[state] != 0;
                            });
    if (covers_all)
      sum += mean_where(entries, state, [&](const Power& p) { return p.energy[edge].at(slew, load); });
  }
  return sum;
}

double Cell::slew(unsigned output, unsigned input, Edge input_edge, Edge edge, double slew,
                  double load) const {
  double worst = -1;
  for (const Timing& t : timing) {
    if (t.output == output && t.input == input && t.caused_by(input_edge, edge) && !t.slew[edge].empty()) {
      worst = std::max(worst, std::max(0.0, t.slew[edge].at(slew, load)));
    }
  }
  return worst;
}

Library read_library(const nlohmann::json& dump) {
  Library library;
  library.volts = dump.at("volts");
  for (const nlohmann::json& c : dump.at("cells")) {
    Cell cell;
    cell.name = c.at("name");
    for (const auto& pin : c.at("inputs")) cell.inputs.push_back({pin.at("name"), pin.at("capacitance")});
    for (const auto& pin : c.at("outputs"))
      cell.outputs.push_back({pin.at("name"), states_of(pin.at("function"))});
    cell.clock = c.at("clock");
    cell.next = states_of(c.at("next"));
    cell.reset = states_of(c.at("reset"));
    cell.leakage = c.at("leakage").get<std::vector<double>>();
    for (const auto& t : c.at("timing")) {
      const std::string sense = t.at("sense");
      cell.timing.push_back({t.at("output"), t.at("input"), sense != "negative_unate",
                             sense != "positive_unate", states_of(t.at("when")), tables_of(t.at("delay")),
                             tables_of(t.at("slew"))});
    }
    for (const auto& p : c.at("power")) {
      cell.power.push_back(
          {p.at("output"), p.at("input"), p.at("rail"), states_of(p.at("when")), tables_of(p.at("energy"))});
    }
    library.cells.emplace(cell.name, std::move(cell));
  }
  // A chain of inverters, each with four as its load, soon has one slew for both edges' mean.
  const Cell& inverter = library.cells.at(dump.at("inverter"));
  const double load = 4 * inverter.inputs[0].capacitance;
  double slew = 0;
  for (int stage = 0; stage < 32; ++stage) {
    slew =
        (inverter.slew(0, 0, kFall, kRise, slew, load) + inverter.slew(0, 0, kRise, kFall, slew, load)) / 2;
  }
  library.reference_slew = slew;
  return library;
}

}  // namespace cuatro::energy
