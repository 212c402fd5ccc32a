// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

// The cells of a library as cells.py dumps them. Units: ps, fF, V, fJ, µW.
namespace cuatro::energy {

enum Edge : unsigned { kRise = 0, kFall = 1 };

// Values over input slew and output load: bilinear between the points, linear beyond them.
class Table {
 public:
  Table() = default;
  Table(std::vector<double> slews, std::vector<double> loads, std::vector<std::vector<double>> values)
      : slews_(std::move(slews)), loads_(std::move(loads)), values_(std::move(values)) {}
  bool empty() const { return values_.empty(); }
  double at(double slew, double load) const;

 private:
  std::vector<double> slews_, loads_;
  std::vector<std::vector<double>> values_;
};

// 0 or 1 for each state; see Cell.
using States = std::vector<std::uint8_t>;

struct Timing {
  unsigned output, input;
  bool same_edge, opposite_edge;     // what the sense allows
  States when;                       // empty: always
  std::array<Table, 2> delay, slew;  // by output edge
  // Whether an input edge causes an output edge through this arc.
  bool caused_by(Edge input_edge, Edge output_edge) const {
    return input_edge == output_edge ? same_edge : opposite_edge;
  }
};

struct Power {
  int output;      // -1: drawn by the input's transition itself
  unsigned input;  // the related pin
  std::string rail;
  States when;
  std::array<Table, 2> energy;  // by edge of the output, or of the input without one
};

// A state is a number: bit i is input i; a flip-flop's stored bit follows the inputs.
struct Cell {
  struct Input {
    std::string name;
    double capacitance;
  };
  struct Output {
    std::string name;
    States function;
  };
  std::string name;
  std::vector<Input> inputs;
  std::vector<Output> outputs;
  int clock = -1;  // input, of a flip-flop
  States next, reset;
  std::vector<double> leakage;  // by state
  std::vector<Timing> timing;
  std::vector<Power> power;

  bool sequential() const { return clock >= 0; }
  std::size_t states() const { return leakage.size(); }
  unsigned stored_bit() const { return static_cast<unsigned>(inputs.size()); }

  // Mean of the arcs from an input to an output edge whose condition holds in `state` (taken after the
  // input's transition); without such a condition, of the arcs without one; else of all. 0 without any arc.
  double delay(unsigned output, unsigned input, Edge edge, std::size_t state, double slew, double load) const;
  // Energy of an output's transition that the input causes, or of an input's own (output = -1):
  // chosen by `state` like the delay, and summed over the rails.
  double energy(int output, unsigned input, Edge edge, std::size_t state, double slew, double load) const;
  // Worst slew of an output edge that an input edge causes, negative if it causes none.
  double slew(unsigned output, unsigned input, Edge input_edge, Edge edge, double slew, double load) const;
};

struct Library {
  double volts = 0;
  double reference_slew = 0;  // of an inverter that drives four of its kind
  std::map<std::string, Cell> cells;
};

Library read_library(const nlohmann::json& dump);

}  // namespace cuatro::energy
