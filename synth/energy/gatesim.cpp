// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cell.h"
#include "netlist.h"
#include "simulator.h"

// cuatro_energy: energy of a mapped netlist under given stimulus. A stimulus file names the inputs in
// its first line, and has a line a cycle with their values in hexadecimal; `=port` stands for what the
// flip-flops of that output hold after the clock edge. A trace is the outputs in the same form.
namespace cuatro::energy {
namespace {

struct Options {
  std::string cells, netlist, stimulus, trace, mode = "delays", clock = "clk_i";
  std::vector<std::string> groups, output_loads, group_loads;
  std::uint64_t skip = 0, count = UINT64_MAX;
};

nlohmann::json read_json(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw Error(fmt::format("{}: cannot be read", path));
  return nlohmann::json::parse(file);
}

std::vector<std::string> words(const std::string& line) {
  std::istringstream in(line);
  return {std::istream_iterator<std::string>(in), {}};
}

std::pair<std::string, std::string> pair_of(const std::string& text, const char* option) {
  const std::size_t at = text.find('=');
  if (at == std::string::npos) throw Error(fmt::format("{} {}: expected name=value", option, text));
  return {text.substr(0, at), text.substr(at + 1)};
}

std::map<std::string, double> numbers_of(const std::vector<std::string>& texts, const char* option) {
  std::map<std::string, double> out;
  for (const std::string& text : texts) {
    const auto [name, value] = pair_of(text, option);
    out[name] = std::stod(value);
  }
  return out;
}

void append_hex(std::vector<std::uint8_t>& bits, const std::string& hex, std::size_t width) {
  for (std::size_t i = 0; i < width; ++i) {
    const std::size_t digit = i / 4;
    const char c = digit < hex.size() ? hex[hex.size() - 1 - digit] : '0';
    const int value = c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
    bits.push_back(static_cast<std::uint8_t>(value >> i % 4 & 1));
  }
}

std::string to_hex(const std::uint8_t* bits, std::size_t width) {
  std::string hex;
  for (std::size_t digit = (width + 3) / 4; digit-- > 0;) {
    int value = 0;
    for (std::size_t i = 0; i < 4 && 4 * digit + i < width; ++i) value |= bits[4 * digit + i] << i;
    hex += "0123456789abcdef"[value];
  }
  return hex;
}

class Stimulus {
 public:
  Stimulus(const std::string& path, const Netlist& netlist) : file_(path), path_(path), netlist_(netlist) {
    if (!file_) throw Error(fmt::format("{}: cannot be read", path));
    std::string line;
    std::getline(file_, line);
    const std::vector<std::string> names = words(line);
    for (const Port& port : netlist.inputs) {
      const auto found = std::find(names.begin(), names.end(), port.name);
      if (found == names.end()) throw Error(fmt::format("{}: no column for input {}", path, port.name));
      columns_.push_back(static_cast<std::size_t>(found - names.begin()));
    }
    count_ = names.size();
    if (count_ != columns_.size())
      throw Error(fmt::format("{}: {} columns, the netlist has {} inputs", path, count_, columns_.size()));
  }
  // False at the end of the file. `follows`: the net of each bit that is Simulator::kFollow.
  bool next(std::vector<std::uint8_t>& bits, std::vector<Net>& follows) {
    std::string line;
    if (!std::getline(file_, line)) return false;
    ++line_;
    const std::vector<std::string> values = words(line);
    if (values.size() != count_) {
      throw Error(
          fmt::format("{}: cycle {} has {} values, expected {}", path_, line_, values.size(), count_));
    }
    bits.clear();
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::string& value = values[columns_[i]];
      const std::size_t width = netlist_.inputs[i].nets.size();
      if (value[0] == '=') {
        follow(value.substr(1), width, bits, follows);
      } else {
        append_hex(bits, value, width);
      }
    }
    return true;
  }

 private:
  void follow(const std::string& output, std::size_t width, std::vector<std::uint8_t>& bits,
              std::vector<Net>& follows) {
    const auto port = std::find_if(netlist_.outputs.begin(), netlist_.outputs.end(),
                                   [&](const Port& p) { return p.name == output; });
    if (port == netlist_.outputs.end() || port->nets.size() != width || port->nets[0] < 0) {
      throw Error(
          fmt::format("{}: cycle {} follows {}, expected an output of {} bits", path_, line_, output, width));
    }
    follows.resize(std::max(follows.size(), bits.size() + width));
    for (Net n : port->nets) {
      follows[bits.size()] = n;
      bits.push_back(Simulator::kFollow);
    }
  }

  std::ifstream file_;
  std::string path_;
  const Netlist& netlist_;
  std::vector<std::size_t> columns_;
  std::size_t count_ = 0, line_ = 0;
};

nlohmann::json to_json(const Energy& e) {
  return {{"internal_fj", e.internal},
          {"switching_fj", e.switching},
          {"clock_fj", e.clock},
          {"leakage_fj_per_ns", e.leakage},
          {"transitions", e.transitions}};
}

nlohmann::json result_of(const Simulator& simulator, const Netlist& netlist) {
  nlohmann::json result{{"cycles", simulator.cycles()},
                        {"arrival_ps", simulator.arrival()},
                        {"settled_ps", simulator.settled()},
                        {"input_fj", simulator.input_energy()},
                        {"gates", netlist.gates.size()}};
  for (std::size_t g = 0; g < netlist.groups.size(); ++g) {
    result["groups"][netlist.groups[g]] = {{"logic", to_json(simulator.groups()[g].logic)},
                                           {"registers", to_json(simulator.groups()[g].registers)}};
  }
  return result;
}

void run(const Options& options) {
  const Library library = read_library(read_json(options.cells));
  Groups groups;
  for (const std::string& text : options.groups) groups.push_back(pair_of(text, "--group"));
  const Netlist netlist = read_netlist(read_json(options.netlist), library, options.clock, groups);
  Simulator simulator(
      netlist, library,
      {options.mode == "settled" ? Mode::settled : Mode::delays,
       numbers_of(options.output_loads, "--output-load"), numbers_of(options.group_loads, "--group-load")});
  Stimulus stimulus(options.stimulus, netlist);
  std::ofstream trace;
  if (!options.trace.empty()) {
    trace.open(options.trace);
    for (const Port& port : netlist.outputs) trace << port.name << ' ';
    trace << '\n';
  }
  std::vector<std::uint8_t> bits;
  std::vector<Net> follows;
  nlohmann::json result;
  for (std::uint64_t cycle = 0; stimulus.next(bits, follows); ++cycle) {
    simulator.cycle(bits, follows);
    if (cycle == options.skip && options.skip > 0) simulator.restart();
    if (simulator.cycles() == options.count) result = result_of(simulator, netlist);
    if (!trace.is_open()) continue;
    const std::vector<std::uint8_t> outputs = simulator.outputs();
    std::size_t bit = 0;
    for (const Port& port : netlist.outputs) {
      trace << to_hex(&outputs[bit], port.nets.size()) << ' ';
      bit += port.nets.size();
    }
    trace << '\n';
  }
  if (result.is_null()) {
    if (options.count != UINT64_MAX) {
      throw Error(
          fmt::format("--count {}: the stimulus has {} cycles to count", options.count, simulator.cycles()));
    }
    result = result_of(simulator, netlist);
  }
  std::cout << result.dump(1) << '\n';
}

}  // namespace
}  // namespace cuatro::energy

int main(int argc, char** argv) {
  cuatro::energy::Options options;
  CLI::App app{"energy of a mapped netlist under given stimulus: JSON on standard output"};
  app.add_option("--cells", options.cells, "cells as cells.py dumps them")->required();
  app.add_option("--netlist", options.netlist, "write_json of the flattened module")->required();
  app.add_option("--stimulus", options.stimulus, "input values, a line a cycle; the first is not counted")
      ->required();
  app.add_option("--mode", options.mode, "delays: with glitches; settled: without")
      ->check(CLI::IsMember({"delays", "settled"}));
  app.add_option("--clock", options.clock, "clock input");
  app.add_option("--group", options.groups, "name=regex of gate names; the first that fits takes a gate");
  app.add_option("--output-load", options.output_loads, "port=fF on each of its bits");
  app.add_option("--group-load", options.group_loads,
                 "group=factor on the loads it presents to other groups");
  app.add_option("--skip", options.skip, "cycles after the first line that are not counted");
  app.add_option("--count", options.count, "cycles that are counted after them; all by default");
  app.add_option("--trace", options.trace, "settled outputs of every cycle");
  CLI11_PARSE(app, argc, argv);
  try {
    cuatro::energy::run(options);
  } catch (const std::exception& e) {
    std::cerr << "cuatro_energy: " << e.what() << '\n';
    return 1;
  }
  return 0;
}
