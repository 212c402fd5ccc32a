// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "Vcuatro_core.h"
#include "Vcuatro_core___024root.h"
#include "sim/rtl_device.h"
#include "sim/verilated_core.h"

namespace cuatro::sim {

std::unique_ptr<CoreModel> make_default_core() {
  return std::make_unique<VerilatedCore<Vcuatro_core>>(CoreShape{});
}

}  // namespace cuatro::sim

namespace cuatro {

std::unique_ptr<RtlDevice> make_rtl_device() { return make_rtl_device(sim::make_default_core()); }

}  // namespace cuatro
