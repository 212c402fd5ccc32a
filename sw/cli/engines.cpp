// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "cli/engines.h"

#include <algorithm>
#include <fmt/format.h>

#include "device/input_error.h"
#include "golden/golden_device.h"
#include "nn/join.h"
#ifdef CUATRO_WITH_RTL
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

Engine::Engine(const EngineOptions& options) {
  require_engine(options.name);
  if (!options.trace.empty() && options.name != "rtl") throw InputError("--trace: only --engine rtl has a waveform");
  if (options.name == "golden") device_ = std::make_unique<golden::GoldenDevice>();
#ifdef CUATRO_WITH_RTL
  if (options.name == "rtl") {
    auto rtl = make_rtl_device();
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
