// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <queue>
#include <string>
#include <vector>

#include "cell.h"
#include "netlist.h"

namespace cuatro::energy {

// delays: every transition at its time, glitches included. settled: a net changes once a cycle at most.
enum class Mode { delays, settled };

// fJ, of one group's combinational cells or of its flip-flops.
struct Energy {
  double internal = 0;   // transitions of outputs and of inputs other than the clock
  double switching = 0;  // ½CV² of the nets it drives
  double clock = 0;      // clock pins: internal energy and ½CV², both edges of each cycle
  double leakage = 0;    // per ns: multiply by the period
  double transitions = 0;
};

struct Group {
  Energy logic, registers;
};

struct SimulatorOptions {
  Mode mode = Mode::delays;
  std::map<std::string, double>
      output_load;  // fF on each bit of an output port, beyond the netlist's own pins
  std::map<std::string, double> group_load;  // factor on the input capacitances that a group's gates present
};

// Simulates a netlist cycle by cycle and adds up the energy of its transitions.
//
// Loads are pin capacitances (no wires). Slews are fixed: the worst a net's driver makes, computed once from
// the inputs on, which (as the clock) have the library's reference slew. Inputs change when an average
// flip-flop's output does. Delays are inertial: a gate whose inputs ask for the present value again before
// its output has changed drops that change, so pulses shorter than the delay of their first edge vanish,
// and so does their energy. Inputs that change at one instant are evaluated together; the slowest sets
// the delay, and energy is the mean of their arcs. The first inputs only settle the netlist, uncounted, from
// flip-flops that hold zero.
class Simulator {
 public:
  Simulator(const Netlist& netlist, const Library& library, const SimulatorOptions& options);

  // One clock edge, the inputs' bits that follow it (ports in the netlist's order, bit 0 first), and the
  // time until everything has settled. A bit kFollow is what its net in `follows`, an output that depends on
  // flip-flops only, will be then.
  static constexpr std::uint8_t kFollow = 2;
  void cycle(const std::vector<std::uint8_t>& inputs, const std::vector<Net>& follows = {});
  std::vector<std::uint8_t> outputs() const;
  // Counts from here on.
  void restart();

  std::uint64_t cycles() const { return cycles_; }              // counted ones
  const std::vector<Group>& groups() const { return groups_; }  // as the netlist's
  double input_energy() const { return input_energy_; }         // fJ, ½CV² of the input pins
  double arrival() const { return worst_arrival_; }             // ps, latest time by static analysis
  double settled() const { return static_cast<double>(last_event_) / 1000; }  // ps, latest event so far

 private:
  struct Event {
    std::int64_t time;  // fs after the edge
    std::uint64_t number;
    Net net;
    bool operator>(const Event& o) const { return time != o.time ? time > o.time : number > o.number; }
  };
  struct Reader {
    std::uint32_t gate;
    std::uint32_t pin;
  };
  // What a gate's tables say at its slews and loads. An arc's index is (output · inputs + pin) · states +
  // state.
  struct Annotated {
    std::uint32_t arcs, pins;  // first entry in delay_ and energy_, and in pin_energy_
  };

  void connect(const SimulatorOptions& options);
  void annotate(const Library& library);
  Energy& account(const Gate& gate);
  void change(Net net, bool count);
  void schedule(Net net, std::int64_t time, double energy);
  std::uint8_t to_be(Net net) const;
  void launch(const std::vector<std::uint8_t>& inputs, const std::vector<Net>& follows);
  void clock_edge();
  void run_events();
  void run_settled();
  void touch(std::uint32_t gate, std::uint32_t pin);
  void end_cycle();

  const Netlist& netlist_;
  Mode mode_;
  double volts_;
  std::vector<double> load_;                 // fF by net
  std::vector<std::uint32_t> first_reader_;  // by net, into readers_
  std::vector<Reader> readers_;
  std::vector<std::uint32_t> driver_;        // gate by net, kNone for inputs
  std::vector<std::array<double, 2>> slew_;  // by net and edge
  std::vector<Annotated> annotated_;
  std::vector<std::int64_t> delay_;  // fs
  std::vector<float> energy_, pin_energy_;
  std::int64_t input_arrival_ = 0;
  double worst_arrival_ = 0;

  std::vector<std::uint8_t> value_;     // by net
  std::vector<std::uint32_t> state_;    // by gate
  std::vector<std::uint64_t> pending_;  // event number by net, 0 = none
  std::vector<float> pending_energy_;
  std::vector<std::uint32_t> changed_pins_;  // by gate, of the instant or, settled, of the cycle
  std::vector<std::uint32_t> touched_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> queue_;
  std::uint64_t events_ = 0, cycles_ = 0;
  std::int64_t last_event_ = 0;
  bool counting_ = false;

  std::vector<Group> groups_;
  double input_energy_ = 0;
};

}  // namespace cuatro::energy
