// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "Vcuatro_axi.h"
#include "Vcuatro_axi___024root.h"
#include "sim/rtl_device.h"
#include "sim/verilated_board.h"

namespace cuatro::sim {

std::unique_ptr<Board> make_default_board(const MemoryTiming& timing) {
  return std::make_unique<VerilatedBoard<Vcuatro_axi>>(timing, 512);
}

}  // namespace cuatro::sim

namespace cuatro {

std::unique_ptr<RtlDevice> make_rtl_device(const sim::MemoryTiming& timing) {
  return make_rtl_device(sim::make_default_board(timing));
}

}  // namespace cuatro
