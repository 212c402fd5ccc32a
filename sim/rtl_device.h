// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <memory>
#include <string>

#include "device/device.h"
#include "sim/axi_board.h"
#include "sim/core_model.h"

// The `rtl` engine: cuatro::Device on the hardware. Cuts operations of any size into commands that fit
// the scratchpads, and runs them when a result is asked for.
namespace cuatro {

class RtlDevice : public Device {
 public:
  virtual const sim::CoreShape& shape() const = 0;
  // Waveform of everything that runs from now on (FST). Throws std::runtime_error.
  virtual void open_trace(const std::string& path) = 0;
};

// Through registers and memory: the whole block.
std::unique_ptr<RtlDevice> make_rtl_device(std::unique_ptr<sim::Board> board);
// The shipping elaboration of it, in front of a simulated memory.
std::unique_ptr<RtlDevice> make_rtl_device(const sim::MemoryTiming& timing = {});
// The bare core through its ports, without a memory system: netlists, shapes.
std::unique_ptr<RtlDevice> make_core_device(std::unique_ptr<sim::CoreModel> core);

}  // namespace cuatro
