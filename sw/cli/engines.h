// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "device/device.h"
#include "device/lockstep.h"

namespace cuatro::cli {

// The only place that knows engine names. `fp32` and `fp16` are listed but are no devices: the products are then
// computed on the host in float.
struct EngineInfo {
  std::string name, description;
};
std::vector<EngineInfo> engines();
// What the registers of the rtl engine say, as lines of text.
std::string describe_registers();
std::string default_engine();
// Throws InputError unless `name` is an engine of this build.
void require_engine(const std::string& name);
// Whether an engine is float on the host.
bool is_float(const std::string& engine);

// The memory that the simulated block works on.
struct MemoryOptions {
  std::int64_t latency = 100;  // cycles
  double gbps = 0;             // GB/s at a clock of 1 GHz; 0 = a beat a cycle on each channel
};
void add_memory_options(CLI::App& command, MemoryOptions& options);

struct EngineOptions {
  std::string name;
  bool lockstep = false;  // check against golden
  std::string trace;      // FST waveform; rtl only
  MemoryOptions memory{};  // rtl only
};

// A device and, in lock-step, its golden reference.
class Engine {
 public:
  explicit Engine(const EngineOptions& options);
  Device& device() { return lockstep_ ? *lockstep_ : *device_; }
  LockstepDevice* lockstep() { return lockstep_.get(); }
  // Multiply-accumulates a cycle at most; 0 without a clock.
  std::uint32_t macs_per_cycle() const { return macs_per_cycle_; }

 private:
  std::unique_ptr<Device> device_, reference_;
  std::unique_ptr<LockstepDevice> lockstep_;
  std::uint32_t macs_per_cycle_ = 0;
};

}  // namespace cuatro::cli
