// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "device/device.h"
#include "device/lockstep.h"

namespace cuatro::cli {

// The only place that knows engine names. `fp32` and `fp16` are listed but are no devices: the products are then
// computed on the host in float.
struct EngineInfo {
  std::string name, description;
};
std::vector<EngineInfo> engines();
std::string default_engine();
// Throws InputError unless `name` is an engine of this build.
void require_engine(const std::string& name);
// Whether an engine is float on the host.
bool is_float(const std::string& engine);

struct EngineOptions {
  std::string name;
  bool lockstep = false;  // check against golden
  std::string trace;      // FST waveform; rtl only
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
