// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "cell.h"

namespace cuatro::energy {

// Input that cannot be simulated; names the thing and what would be accepted.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A net, or a constant pin.
using Net = std::int32_t;
inline constexpr Net kZero = -1, kOne = -2;

struct Gate {
  std::string name;
  const Cell* cell = nullptr;
  std::vector<Net> inputs, outputs;
  std::size_t group = 0;
};

struct Port {
  std::string name;
  std::vector<Net> nets;  // bit 0 first
};

// A flat module of library cells with one clock.
struct Netlist {
  std::size_t nets = 0;
  Net clock = kZero;         // kZero: no flip-flops
  std::vector<Port> inputs;  // the clock excluded
  std::vector<Port> outputs;
  std::vector<Gate> gates;  // combinational ones after what they depend on
  std::vector<std::string> groups;
};

// Groups of gates: the first whose regular expression is found in the gate's name takes it.
using Groups = std::vector<std::pair<std::string, std::string>>;

// `design` is Yosys's write_json of one flattened module. Gates that no group takes form "other".
// Throws Error: unknown cells, two drivers, loops, undriven or gated clocks.
Netlist read_netlist(const nlohmann::json& design, const Library& library, const std::string& clock,
                     const Groups& groups);

}  // namespace cuatro::energy
