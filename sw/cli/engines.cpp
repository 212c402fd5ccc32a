// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "cli/engines.h"

#include <algorithm>
#include <fmt/format.h>

#include "device/input_error.h"
#include "golden/golden_device.h"
#include "nn/join.h"
#ifdef CUATRO_WITH_RTL
#include "sim/cuatro_regs.h"
#include "sim/rtl_device.h"
#endif

namespace cuatro::cli {

std::vector<EngineInfo> engines() {
  std::vector<EngineInfo> list;
#ifdef CUATRO_WITH_RTL
  const sim::CoreShape shape = make_rtl_device()->shape();
  list.push_back(
      {"rtl",
       fmt::format(
           "the hardware itself, simulated by Verilator: {} x {} x {} array, {} MACs a cycle, {} results a cycle",
           shape.rows, shape.cols, shape.lanes, shape.macs_per_cycle(), shape.drain_width)});
#endif
  list.push_back({"golden", "bit-true software model of the hardware; equal results, no clock"});
  list.push_back({"fp32", "32-bit float baseline on the host, for comparison"});
  list.push_back({"fp16", "half-precision operands, 32-bit sums, loss scaling: the other baseline"});
  return list;
}

std::string default_engine() {
#ifdef CUATRO_WITH_RTL
  return "rtl";
#else
  return "golden";
#endif
}

void require_engine(const std::string& name) {
  std::vector<std::string> names{"golden", "fp32", "fp16"};
#ifdef CUATRO_WITH_RTL
  names.insert(names.begin(), "rtl");
#endif
  if (std::find(names.begin(), names.end(), name) != names.end()) return;
  throw InputError(fmt::format("--engine {}: unknown, choose from {}", name, nn::join(names, ", ")));
}

bool is_float(const std::string& engine) { return engine == "fp32" || engine == "fp16"; }

void add_memory_options(CLI::App& command, MemoryOptions& options) {
  command.add_option("--mem-latency", options.latency, "rtl: cycles from an address to its data, and from data to its answer")
      ->check(CLI::Range(1, 100000))->capture_default_str()->configurable(false);
  command.add_option("--mem-gbps", options.gbps, "rtl: bandwidth of the memory in GB/s at a clock of 1 GHz; 0 = a beat a cycle, read and written")
      ->check(CLI::Range(0.0, 1e6))->capture_default_str()->configurable(false);
}

std::string describe_registers() {
  std::string text;
#ifdef CUATRO_WITH_RTL
  const std::unique_ptr<sim::Board> board = sim::make_default_board();
  const auto value = [&](std::uint32_t reg) { return board->read(reg).data; };
  const std::uint32_t array = value(regs::CAPS_ARRAY), width = value(regs::CAPS_WIDTH), depth = value(regs::CAPS_DEPTH);
  const auto line = [&](const char* name, std::uint32_t word, const std::string& meaning) {
    text += fmt::format("  {:<12}{:#010x}  {}\n", name, word, meaning);
  };
  line("ID", value(regs::ID), value(regs::ID) == regs::ID_VALUE ? "cuatro" : "unknown");
  line("VERSION", value(regs::VERSION), fmt::format("version {}", value(regs::VERSION)));
  line("CAPS_ARRAY", array, fmt::format("{} rows, {} columns, {} lanes", regs::CAPS_ARRAY_ROWS.get(array), regs::CAPS_ARRAY_COLS.get(array), regs::CAPS_ARRAY_LANES.get(array)));
  line("CAPS_WIDTH", width, fmt::format("{} results a cycle, AXI of {} data bits and {} address bits", regs::CAPS_WIDTH_DRAIN.get(width), regs::CAPS_WIDTH_DATA_BITS.get(width), regs::CAPS_WIDTH_ADDR_BITS.get(width)));
  line("CAPS_DEPTH", depth, fmt::format("{} words of A and of B, {} of C and of R{}, windows of {} lines", 1u << regs::CAPS_DEPTH_OPERAND.get(depth), 1u << regs::CAPS_DEPTH_RESULT.get(depth), regs::CAPS_DEPTH_MULTIPLIER.get(depth) != 0 ? ", rescaling factor" : "", 1u << regs::CAPS_DEPTH_WINDOW.get(depth)));
  line("STATUS", value(regs::STATUS), (value(regs::STATUS) & regs::STATUS_IDLE.put(1)) != 0 ? "idle" : "busy");
#endif
  return text;
}

Engine::Engine(const EngineOptions& options) {
  require_engine(options.name);
  if (!options.trace.empty() && options.name != "rtl") throw InputError("--trace: only --engine rtl has a waveform");
  if (options.name == "golden") device_ = std::make_unique<golden::GoldenDevice>();
#ifdef CUATRO_WITH_RTL
  if (options.name == "rtl") {
    sim::MemoryTiming timing;
    timing.latency = static_cast<std::uint32_t>(options.memory.latency);
    timing.bytes_per_cycle = options.memory.gbps;
    auto rtl = make_rtl_device(timing);
    macs_per_cycle_ = rtl->shape().macs_per_cycle();
    if (!options.trace.empty()) rtl->open_trace(options.trace);
    device_ = std::move(rtl);
  }
#endif
  if (!device_) throw InputError(fmt::format("--engine {}: is no device", options.name));
  if (options.lockstep) {
    reference_ = std::make_unique<golden::GoldenDevice>();
    lockstep_ = std::make_unique<LockstepDevice>(*device_, *reference_, ".");
  }
}

}  // namespace cuatro::cli
