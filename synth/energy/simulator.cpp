// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "simulator.h"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>

namespace cuatro::energy {
namespace {

constexpr std::uint32_t kNone = ~std::uint32_t{0};
constexpr std::int64_t kFemto = 1000;  // fs in a ps

Edge edge_to(std::uint8_t value) {
  return value != 0 ? kRise : kFall;
}
std::size_t at(Net net) {
  return static_cast<std::size_t>(net);
}

}  // namespace

Simulator::Simulator(const Netlist& netlist, const Library& library, const SimulatorOptions& options)
    : netlist_(netlist), mode_(options.mode), volts_(library.volts) {
  connect(options);
  annotate(library);
  const std::size_t nets = netlist.nets, gates = netlist.gates.size();
  value_.assign(nets, 0);
  pending_.assign(nets, 0);
  pending_energy_.assign(nets, 0);
  changed_pins_.assign(gates, 0);
  groups_.resize(netlist.groups.size());
  // Everything is zero, and every gate must be looked at.
  state_.assign(gates, 0);
  for (std::uint32_t g = 0; g < gates; ++g) {
    const Gate& gate = netlist.gates[g];
    for (std::size_t i = 0; i < gate.inputs.size(); ++i) {
      if (gate.inputs[i] == kOne) state_[g] |= 1U << i;
    }
  }
  for (std::uint32_t g = 0; g < gates; ++g) {
    if (!netlist.gates[g].cell->sequential()) touch(g, 0);
    for (std::size_t o = 0; netlist.gates[g].cell->sequential() && o < netlist.gates[g].outputs.size(); ++o) {
      if (netlist.gates[g].cell->outputs[o].function[state_[g]] != 0)
        change(netlist.gates[g].outputs[o], false);
    }
  }
  run_settled();
}

void Simulator::connect(const SimulatorOptions& options) {
  std::vector<double> factor(netlist_.groups.size(), 1.0);
  for (const auto& [name, value] : options.group_load) {
    const auto found = std::find(netlist_.groups.begin(), netlist_.groups.end(), name);
    if (found == netlist_.groups.end()) throw Error(fmt::format("load of group {}: no such group", name));
    factor[static_cast<std::size_t>(found - netlist_.groups.begin())] = value;
  }
  load_.assign(netlist_.nets, 0);
  driver_.assign(netlist_.nets, kNone);
  first_reader_.assign(netlist_.nets + 1, 0);
  for (std::uint32_t g = 0; g < netlist_.gates.size(); ++g) {
    const Gate& gate = netlist_.gates[g];
    for (Net n : gate.outputs) driver_[at(n)] = g;
  }
  const auto each_pin = [&](auto&& visit) {
    for (std::uint32_t g = 0; g < netlist_.gates.size(); ++g) {
      const Gate& gate = netlist_.gates[g];
      for (std::uint32_t i = 0; i < gate.inputs.size(); ++i) {
        if (gate.inputs[i] >= 0 && gate.inputs[i] != netlist_.clock) visit(g, i, at(gate.inputs[i]));
      }
    }
  };
  each_pin([&](std::uint32_t g, std::uint32_t i, std::size_t net) {
    const Gate& gate = netlist_.gates[g];
    const bool inside = driver_[net] != kNone && netlist_.gates[driver_[net]].group == gate.group;
    load_[net] += gate.cell->inputs[i].capacitance * (inside ? 1.0 : factor[gate.group]);
    ++first_reader_[net + 1];
  });
  for (std::size_t n = 0; n < netlist_.nets; ++n) first_reader_[n + 1] += first_reader_[n];
  readers_.resize(first_reader_.back());
  std::vector<std::uint32_t> next(first_reader_.begin(), first_reader_.end() - 1);
  each_pin([&](std::uint32_t g, std::uint32_t i, std::size_t net) { readers_[next[net]++] = {g, i}; });
  for (const auto& [name, femtofarad] : options.output_load) {
    const auto port = std::find_if(netlist_.outputs.begin(), netlist_.outputs.end(),
                                   [&, wanted = name](const Port& p) { return p.name == wanted; });
    if (port == netlist_.outputs.end()) throw Error(fmt::format("load of output {}: no such port", name));
    for (Net n : port->nets) {
      if (n >= 0) load_[at(n)] += femtofarad;
    }
  }
}

// Slews, delays and energies at each gate's own loads, in topological order.
void Simulator::annotate(const Library& library) {
  slew_.assign(netlist_.nets, {library.reference_slew, library.reference_slew});
  std::vector<double> arrival(netlist_.nets, 0);
  double launch_sum = 0;
  std::size_t launches = 0;
  bool inputs_done = false;
  for (const Gate& gate : netlist_.gates) {
    const Cell& cell = *gate.cell;
    const auto inputs = static_cast<unsigned>(gate.inputs.size());
    if (!cell.sequential() && !inputs_done) {
      inputs_done = true;
      const double mean = launches == 0 ? 0 : launch_sum / static_cast<double>(launches);
      input_arrival_ = std::llround(mean * kFemto);
      for (const Port& port : netlist_.inputs) {
        for (Net n : port.nets) arrival[at(n)] = mean;
      }
    }
    const auto slew_of = [&](unsigned input, Edge edge) {
      return gate.inputs[input] < 0 ? library.reference_slew : slew_[at(gate.inputs[input])][edge];
    };
    annotated_.push_back(
        {static_cast<std::uint32_t>(delay_.size()), static_cast<std::uint32_t>(pin_energy_.size())});
    const std::size_t clock_bit = cell.sequential() ? std::size_t{1} << cell.clock : 0;
    for (unsigned o = 0; o < gate.outputs.size(); ++o) {
      const std::size_t net = at(gate.outputs[o]);
      std::array<double, 2> worst{-1, -1};
      for (unsigned i = 0; i < inputs; ++i) {
        const bool launches_here = cell.sequential() && static_cast<int>(i) == cell.clock;
        for (Edge in : {kRise, kFall}) {
          for (Edge out : {kRise, kFall}) {
            if (!cell.sequential() || launches_here) {
              worst[out] = std::max(worst[out], cell.slew(o, i, in, out, slew_of(i, in), load_[net]));
            }
          }
        }
        for (std::size_t s = 0; s < cell.states(); ++s) {
          const Edge in = (s >> i & 1) != 0 ? kRise : kFall;
          const Edge out = edge_to(cell.outputs[o].function[s]);
          const bool used = cell.sequential() ? launches_here && (s & clock_bit) != 0 : gate.inputs[i] >= 0;
          const double slew = slew_of(i, in);
          const double delay = used ? std::max(0.001, cell.delay(o, i, out, s, slew, load_[net])) : 0;
          delay_.push_back(std::llround(delay * kFemto));
          energy_.push_back(
              used ? static_cast<float>(cell.energy(static_cast<int>(o), i, out, s, slew, load_[net])) : 0);
          const double from = launches_here || !used ? 0 : arrival[at(gate.inputs[i])];
          if (used) arrival[net] = std::max(arrival[net], from + delay);
          if (launches_here && used) launch_sum += delay, ++launches;
        }
      }
      for (Edge e : {kRise, kFall}) slew_[net][e] = worst[e] >= 0 ? worst[e] : library.reference_slew;
      worst_arrival_ = std::max(worst_arrival_, arrival[net]);
    }
    for (unsigned i = 0; i < inputs; ++i) {
      for (std::size_t s = 0; s < cell.states(); ++s) {
        const Edge in = (s >> i & 1) != 0 ? kRise : kFall;
        const auto one = [&](std::size_t state) { return cell.energy(-1, i, in, state, slew_of(i, in), 0); };
        // A flip-flop's inputs arrive somewhere in the cycle: the mean of both clock levels.
        const bool is_clock = cell.sequential() && static_cast<int>(i) == cell.clock;
        pin_energy_.push_back(static_cast<float>(
            cell.sequential() && !is_clock ? (one(s | clock_bit) + one(s & ~clock_bit)) / 2 : one(s)));
      }
    }
  }
}

Energy& Simulator::account(const Gate& gate) {
  Group& group = groups_[gate.group];
  return gate.cell->sequential() ? group.registers : group.logic;
}

void Simulator::touch(std::uint32_t g, std::uint32_t pins) {
  // The highest bit keeps a gate on the list once, even without a changed pin (at the start).
  if (changed_pins_[g] == 0) touched_.push_back(g);
  changed_pins_[g] |= pins | 1U << 31;
}

// A net takes its other value; its readers see it.
void Simulator::change(Net net, bool count) {
  const std::uint8_t value = value_[at(net)] ^= 1;
  if (count) {
    const double half_cvv = load_[at(net)] * volts_ * volts_ / 2;
    if (driver_[at(net)] == kNone) {
      input_energy_ += half_cvv;
    } else {
      Energy& energy = account(netlist_.gates[driver_[at(net)]]);
      energy.switching += half_cvv;
      energy.transitions += 1;
    }
  }
  for (std::uint32_t r = first_reader_[at(net)]; r < first_reader_[at(net) + 1]; ++r) {
    const auto [g, pin] = readers_[r];
    const Cell& cell = *netlist_.gates[g].cell;
    state_[g] = (state_[g] & ~(1U << pin)) | static_cast<std::uint32_t>(value) << pin;
    if (count) {
      account(netlist_.gates[g]).internal +=
          pin_energy_[annotated_[g].pins + pin * cell.states() + state_[g]];
    }
    if (!cell.sequential()) touch(g, 1U << pin);
  }
}

void Simulator::schedule(Net net, std::int64_t time, double energy) {
  pending_[at(net)] = ++events_;
  pending_energy_[at(net)] = static_cast<float>(energy);
  queue_.push({time, events_, net});
}

// Flip-flops take what they see; in `settled` mode their outputs change at once.
void Simulator::clock_edge() {
  for (std::uint32_t g = 0; g < netlist_.gates.size(); ++g) {
    const Gate& gate = netlist_.gates[g];
    const Cell& cell = *gate.cell;
    if (!cell.sequential()) break;
    const std::uint32_t stored = 1U << cell.stored_bit(), clock = 1U << cell.clock;
    if (counting_) {
      account(gate).clock +=
          pin_energy_[annotated_[g].pins + static_cast<std::size_t>(cell.clock) * cell.states() +
                      (state_[g] | clock)] +
          cell.inputs[static_cast<std::size_t>(cell.clock)].capacitance * volts_ * volts_;
    }
    if ((cell.next[state_[g]] != 0) == ((state_[g] & stored) != 0)) continue;
    changed_pins_[g] = 1;
  }
  // Only now may outputs change: one flip-flop may feed the next.
  for (std::uint32_t g = 0; g < netlist_.gates.size() && netlist_.gates[g].cell->sequential(); ++g) {
    if (changed_pins_[g] == 0) continue;
    changed_pins_[g] = 0;
    const Gate& gate = netlist_.gates[g];
    const Cell& cell = *gate.cell;
    state_[g] ^= 1U << cell.stored_bit();
    for (std::size_t o = 0; o < gate.outputs.size(); ++o) {
      const std::size_t arc =
          annotated_[g].arcs +
          (o * gate.inputs.size() + static_cast<std::size_t>(cell.clock)) * cell.states() +
          (state_[g] | 1U << cell.clock);
      if (mode_ == Mode::delays) {
        schedule(gate.outputs[o], delay_[arc], energy_[arc]);
      } else {
        if (counting_) account(gate).internal += energy_[arc];
        change(gate.outputs[o], counting_);
      }
    }
  }
}

// What a net will be when this edge has come through, whether or not its event, or those before it, have come: flip-flops may
// have gates behind them, as those that store the inverse.
std::uint8_t Simulator::to_be(Net net) const {
  if (net < 0) return net == kOne;
  const std::uint32_t driver = driver_[at(net)];
  if (driver == kNone || netlist_.gates[driver].cell->sequential()) return value_[at(net)] ^ static_cast<std::uint8_t>(pending_[at(net)] != 0);
  const Gate& gate = netlist_.gates[driver];
  std::uint32_t state = 0;
  for (std::size_t i = 0; i < gate.inputs.size(); ++i) state |= std::uint32_t{to_be(gate.inputs[i])} << i;
  const auto output = std::find(gate.outputs.begin(), gate.outputs.end(), net) - gate.outputs.begin();
  return gate.cell->outputs[static_cast<std::size_t>(output)].function[state] != 0;
}

void Simulator::launch(const std::vector<std::uint8_t>& inputs, const std::vector<Net>& follows) {
  std::size_t bit = 0;
  for (const Port& port : netlist_.inputs) {
    for (Net n : port.nets) {
      if (bit >= inputs.size()) throw Error(fmt::format("{} input bits given, more expected", inputs.size()));
      std::uint8_t wanted = inputs[bit];
      if (wanted == kFollow) wanted = to_be(follows.at(bit));
      ++bit;
      if (wanted == value_[at(n)]) continue;
      if (mode_ == Mode::delays && counting_) {
        schedule(n, input_arrival_, 0);
      } else {
        change(n, counting_);
      }
    }
  }
  if (bit != inputs.size()) throw Error(fmt::format("{} input bits given, expected {}", inputs.size(), bit));
}

void Simulator::run_events() {
  while (!queue_.empty()) {
    const std::int64_t now = queue_.top().time;
    for (; !queue_.empty() && queue_.top().time == now; queue_.pop()) {
      const Event event = queue_.top();
      if (pending_[at(event.net)] != event.number) continue;
      pending_[at(event.net)] = 0;
      last_event_ = std::max(last_event_, now);
      if (const std::uint32_t driver = driver_[at(event.net)]; driver != kNone) {
        account(netlist_.gates[driver]).internal += pending_energy_[at(event.net)];
      }
      change(event.net, true);
    }
    for (const std::uint32_t g : touched_) {
      const Gate& gate = netlist_.gates[g];
      const Cell& cell = *gate.cell;
      const std::uint32_t pins = changed_pins_[g];
      changed_pins_[g] = 0;
      for (std::size_t o = 0; o < gate.outputs.size(); ++o) {
        const Net net = gate.outputs[o];
        const bool pending = pending_[at(net)] != 0;
        if ((cell.outputs[o].function[state_[g]] != 0) == ((value_[at(net)] != 0) != pending)) continue;
        if (pending) {  // back to the present value before it changed
          pending_[at(net)] = 0;
          continue;
        }
        std::int64_t delay = 0;
        double energy = 0;
        int causes = 0;
        for (std::size_t i = 0; i < gate.inputs.size(); ++i) {
          if ((pins >> i & 1) == 0) continue;
          const std::size_t arc =
              annotated_[g].arcs + (o * gate.inputs.size() + i) * cell.states() + state_[g];
          delay = std::max(delay, delay_[arc]);
          energy += energy_[arc];
          ++causes;
        }
        schedule(net, now + delay, energy / causes);
      }
    }
    touched_.clear();
  }
}

void Simulator::run_settled() {
  // `touched_` is only a list of marks here: the gates stand in topological order.
  touched_.clear();
  for (std::uint32_t g = 0; g < netlist_.gates.size(); ++g) {
    if (changed_pins_[g] == 0) continue;
    const Gate& gate = netlist_.gates[g];
    const Cell& cell = *gate.cell;
    const std::uint32_t pins = changed_pins_[g];
    changed_pins_[g] = 0;
    for (std::size_t o = 0; o < gate.outputs.size(); ++o) {
      const Net net = gate.outputs[o];
      if ((cell.outputs[o].function[state_[g]] != 0) == (value_[at(net)] != 0)) continue;
      if (counting_) {
        double energy = 0;
        int causes = 0;
        for (std::size_t i = 0; i < gate.inputs.size(); ++i) {
          if ((pins >> i & 1) == 0) continue;
          energy += energy_[annotated_[g].arcs + (o * gate.inputs.size() + i) * cell.states() + state_[g]];
          ++causes;
        }
        account(gate).internal += energy / causes;
      }
      change(net, counting_);
    }
  }
  touched_.clear();
}

// At the end of a cycle: leakage of the settled states and the clock's falling edge.
void Simulator::end_cycle() {
  for (std::uint32_t g = 0; g < netlist_.gates.size(); ++g) {
    const Gate& gate = netlist_.gates[g];
    const Cell& cell = *gate.cell;
    Energy& energy = account(gate);
    if (!cell.sequential()) {
      energy.leakage += cell.leakage[state_[g]];
      continue;
    }
    const std::uint32_t clock = 1U << cell.clock;
    energy.leakage += (cell.leakage[state_[g] | clock] + cell.leakage[state_[g] & ~clock]) / 2;
    energy.clock += pin_energy_[annotated_[g].pins + static_cast<std::size_t>(cell.clock) * cell.states() +
                                (state_[g] & ~clock)];
  }
  ++cycles_;
}

void Simulator::cycle(const std::vector<std::uint8_t>& inputs, const std::vector<Net>& follows) {
  if (!counting_) {  // the first inputs only settle the netlist
    launch(inputs, follows);
    run_settled();
    counting_ = true;
    return;
  }
  clock_edge();
  launch(inputs, follows);
  if (mode_ == Mode::delays) {
    run_events();
  } else {
    run_settled();
  }
  end_cycle();
}

void Simulator::restart() {
  groups_.assign(groups_.size(), {});
  input_energy_ = 0;
  cycles_ = 0;
}

std::vector<std::uint8_t> Simulator::outputs() const {
  std::vector<std::uint8_t> bits;
  for (const Port& port : netlist_.outputs) {
    for (Net n : port.nets) bits.push_back(n < 0 ? n == kOne : value_[at(n)]);
  }
  return bits;
}

}  // namespace cuatro::energy
