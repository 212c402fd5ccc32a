// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "netlist.h"

#include <fmt/format.h>
#include <algorithm>
#include <regex>
#include <unordered_map>

namespace cuatro::energy {
namespace {

// Yosys's bit numbers as nets without gaps.
class Numbering {
 public:
  Net operator()(const nlohmann::json& bit) {
    // An unused value may be either: the flow sets it to zero.
    if (bit.is_string()) return bit == "1" ? kOne : kZero;
    return of_.try_emplace(bit.get<std::int64_t>(), static_cast<Net>(of_.size())).first->second;
  }
  std::vector<Net> all(const nlohmann::json& bits) {
    std::vector<Net> out;
    for (const auto& bit : bits) out.push_back((*this)(bit));
    return out;
  }
  std::size_t size() const { return of_.size(); }

 private:
  std::unordered_map<std::int64_t, Net> of_;
};

// An asynchronous set or reset must be tied off: no state that the constants allow has it active.
void check_reset(const Gate& gate) {
  std::size_t fixed = 0, value = 0;
  for (std::size_t i = 0; i < gate.inputs.size(); ++i) {
    if (gate.inputs[i] < 0) fixed |= std::size_t{1} << i;
    if (gate.inputs[i] == kOne) value |= std::size_t{1} << i;
  }
  for (std::size_t s = 0; s < gate.cell->reset.size(); ++s) {
    if ((s & fixed) == value && gate.cell->reset[s] != 0) {
      throw Error(
          fmt::format("flip-flop {} ({}): its asynchronous set or reset is used, expected constants there",
                      gate.name, gate.cell->name));
    }
  }
}

Gate gate_of(const std::string& name, const nlohmann::json& json, const Library& library, Numbering& number,
             std::size_t& unconnected) {
  const auto found = library.cells.find(json.at("type"));
  if (found == library.cells.end()) {
    throw Error(fmt::format("{}: the library has no cell {}", name, json.at("type").get<std::string>()));
  }
  Gate gate{name, &found->second, {}, {}};
  const auto& pins = json.at("connections");
  for (const Cell::Input& pin : gate.cell->inputs) {
    if (!pins.contains(pin.name) || pins[pin.name].size() != 1) {
      throw Error(fmt::format("{} ({}): nothing drives its input {}", name, gate.cell->name, pin.name));
    }
    gate.inputs.push_back(number(pins[pin.name][0]));
  }
  for (const Cell::Output& pin : gate.cell->outputs) {
    const bool used = pins.contains(pin.name) && pins[pin.name].size() == 1;
    gate.outputs.push_back(used ? number(pins[pin.name][0])
                                : number(-static_cast<std::int64_t>(++unconnected)));
  }
  if (gate.cell->sequential()) check_reset(gate);
  return gate;
}

// Flip-flops first, then each combinational gate after its drivers.
void order(std::vector<Gate>& gates, std::size_t nets) {
  std::vector<std::vector<std::size_t>> readers(nets);
  std::vector<int> waits(gates.size(), 0);
  std::vector<char> driven_by_logic(nets, 0);
  for (const Gate& g : gates) {
    for (Net n : g.outputs) driven_by_logic[static_cast<std::size_t>(n)] = !g.cell->sequential();
  }
  std::vector<std::size_t> sequence, ready;
  for (std::size_t i = 0; i < gates.size(); ++i) {
    if (gates[i].cell->sequential()) {
      sequence.push_back(i);
      continue;
    }
    for (Net n : gates[i].inputs) {
      if (n >= 0 && driven_by_logic[static_cast<std::size_t>(n)]) {
        readers[static_cast<std::size_t>(n)].push_back(i);
        ++waits[i];
      }
    }
    if (waits[i] == 0) ready.push_back(i);
  }
  for (std::size_t at = 0; at < ready.size(); ++at) {
    for (Net n : gates[ready[at]].outputs) {
      for (std::size_t reader : readers[static_cast<std::size_t>(n)]) {
        if (--waits[reader] == 0) ready.push_back(reader);
      }
    }
  }
  sequence.insert(sequence.end(), ready.begin(), ready.end());
  if (sequence.size() != gates.size()) {
    const auto stuck = std::find_if(waits.begin(), waits.end(), [](int w) { return w > 0; });
    throw Error(fmt::format("a combinational loop through {}",
                            gates[static_cast<std::size_t>(stuck - waits.begin())].name));
  }
  std::vector<Gate> sorted;
  for (std::size_t i : sequence) sorted.push_back(std::move(gates[i]));
  gates = std::move(sorted);
}

}  // namespace

Netlist read_netlist(const nlohmann::json& design, const Library& library, const std::string& clock,
                     const Groups& groups) {
  const auto& modules = design.at("modules");
  const auto top = std::find_if(modules.begin(), modules.end(), [](const nlohmann::json& m) {
    return !m.at("cells").empty() && !m.value("attributes", nlohmann::json::object()).contains("blackbox");
  });
  if (top == modules.end()) throw Error("the netlist has no module with cells");
  Netlist netlist;
  Numbering number;
  std::size_t unconnected = 0;
  for (const auto& [name, port] : top->at("ports").items()) {
    std::vector<Net> nets = number.all(port.at("bits"));
    const std::string direction = port.at("direction");
    if (name == clock) {
      netlist.clock = nets.at(0);
    } else {
      (direction == "input" ? netlist.inputs : netlist.outputs).push_back({name, std::move(nets)});
    }
  }
  std::vector<std::regex> patterns;
  for (const auto& [name, pattern] : groups) {
    netlist.groups.push_back(name);
    patterns.emplace_back(pattern, std::regex::optimize);
  }
  netlist.groups.push_back("other");
  for (const auto& [name, cell] : top->at("cells").items()) {
    Gate gate = gate_of(name, cell, library, number, unconnected);
    gate.group = static_cast<std::size_t>(
        std::find_if(patterns.begin(), patterns.end(),
                     [&](const std::regex& r) { return std::regex_search(name, r); }) -
        patterns.begin());
    if (gate.cell->sequential() &&
        (netlist.clock < 0 || gate.inputs[static_cast<std::size_t>(gate.cell->clock)] != netlist.clock)) {
      throw Error(
          fmt::format("flip-flop {} ({}): its clock is not the input {}", name, gate.cell->name, clock));
    }
    netlist.gates.push_back(std::move(gate));
  }
  netlist.nets = number.size();

  std::vector<char> drivers(netlist.nets, 0);
  for (const Port& port : netlist.inputs) {
    for (Net n : port.nets) drivers[static_cast<std::size_t>(n)] = 1;
  }
  if (netlist.clock >= 0) drivers[static_cast<std::size_t>(netlist.clock)] = 1;
  for (const Gate& g : netlist.gates) {
    for (Net n : g.outputs) {
      if (n < 0 || drivers[static_cast<std::size_t>(n)]++ != 0) {
        throw Error(fmt::format("{} ({}): something else drives its output too", g.name, g.cell->name));
      }
    }
  }
  for (const Gate& g : netlist.gates) {
    for (std::size_t i = 0; i < g.inputs.size(); ++i) {
      if (g.inputs[i] >= 0 && drivers[static_cast<std::size_t>(g.inputs[i])] == 0) {
        throw Error(fmt::format("{} ({}): nothing drives its input {}", g.name, g.cell->name,
                                g.cell->inputs[i].name));
      }
    }
  }
  order(netlist.gates, netlist.nets);
  return netlist;
}

}  // namespace cuatro::energy
