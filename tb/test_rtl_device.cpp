// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
//
// The whole core behind the device interface against the golden device: one executable an
// elaboration (CORE_* macros).
#include "Vcuatro_core.h"
#include "catch.h"
#include "golden/golden_device.h"
#include "harness.h"
#include "nn/mlp.h"
#include "nn/trainer.h"
#include "random_ops.h"
#include "sim/rtl_device.h"
#include "sim/verilated_core.h"

namespace {

using namespace cuatro;

std::unique_ptr<RtlDevice> make_core() {
  sim::CoreShape shape;
  shape.rows = CORE_ROWS;
  shape.cols = CORE_COLS;
  shape.lanes = CORE_LANES;
  shape.drain_width = CORE_DRAINWIDTH;
  shape.operand_depth = CORE_OPERANDDEPTH;
  shape.result_depth = CORE_RESULTDEPTH;
  return make_rtl_device(std::make_unique<sim::VerilatedCore<Vcuatro_core>>(shape));
}

constexpr std::uint32_t kSide = CORE_LANES * 5 + 3;   // several tiles, ragged
constexpr int kRounds = 60;

std::uint32_t stream(std::uint32_t test) { return static_cast<std::uint32_t>(1000 * tb::seed()) + test; }

}  // namespace

TEST_CASE("random GEMMs leave what the golden device leaves", "[core]") {
  auto rtl = make_core();
  golden::GoldenDevice golden;
  test::RandomOps ops(*rtl, golden, stream(1));
  for (int i = 0; i < 2 * kRounds; ++i) {
    ops.gemm(kSide);
    ops.check();
  }
}

TEST_CASE("random quantize commands leave what the golden device leaves", "[core]") {
  auto rtl = make_core();
  golden::GoldenDevice golden;
  test::RandomOps ops(*rtl, golden, stream(2));
  for (int i = 0; i < kRounds; ++i) {
    ops.quantize(kSide);
    ops.check();
  }
}

TEST_CASE("commands run back to back, mixed, with no reset between", "[core]") {
  auto rtl = make_core();
  golden::GoldenDevice golden;
  test::RandomOps ops(*rtl, golden, stream(3));
  for (int i = 0; i < kRounds / 6; ++i) {
    for (int j = 0; j < 12; ++j) {
      if (ops.one_in(3)) ops.quantize(kSide);
      else ops.gemm(kSide);
    }
    ops.check();
  }
}

TEST_CASE("sizes of one and sizes beyond the scratchpads", "[core]") {
  auto rtl = make_core();
  golden::GoldenDevice golden;
  test::RandomOps ops(*rtl, golden, stream(4));
  for (int i = 0; i < 10; ++i) ops.gemm(1);
  ops.check();
  for (int i = 0; i < 6; ++i) {
    ops.gemm(CORE_LANES * 24);
    ops.check();
  }
}

TEST_CASE("windows over tensors that are still being written are those of the golden device", "[core]") {
  auto rtl = make_core();
  golden::GoldenDevice golden;
  test::RandomOps ops(*rtl, golden, stream(5));
  for (int i = 0; i < kRounds; ++i) {
    ops.unfold(kSide);
    if (i % 3 == 0) ops.gemm(kSide);
    if (i % 4 == 3) ops.check();
  }
  ops.check();
}

TEST_CASE("the counters count", "[core]") {
  auto rtl = make_core();
  golden::GoldenDevice golden;
  test::RandomOps ops(*rtl, golden, stream(5));
  ops.gemm(kSide);
  ops.check();
  const Counters c = rtl->counters(), g = golden.counters();
  REQUIRE(c.useful_macs == g.useful_macs);
  REQUIRE(c.cycles > c.mac_cycles);
  REQUIRE(c.mac_cycles * CORE_ROWS * CORE_COLS * CORE_LANES >= c.useful_macs);
  REQUIRE(c.load_cycles > 0);
  REQUIRE(c.store_cycles > 0);
  REQUIRE(c.busy_cycles <= c.cycles + 8);
}

namespace {

// A few steps of a small net on made-up images; the digest of all that training left.
std::string train(Device& device) {
  nn::Images images;
  images.count = 100;
  images.rows = images.cols = 6;
  for (std::uint32_t i = 0; i < images.count; ++i) {
    images.labels.push_back(static_cast<std::uint8_t>(i % 10));
    for (std::uint32_t j = 0; j < 36; ++j) images.pixels.push_back(static_cast<std::uint8_t>(37 * i + 91 * j + i * j));
  }
  nn::IntegerMlp model(device, {{36, 24, 18, 10}, nn::make_recipe({}), 3});
  nn::TrainPlan plan;
  plan.train_count = images.count;
  plan.batch = 40;
  plan.epochs = 3;
  plan.lr_shift = 4;
  plan.seed = 3;
  nn::Trainer trainer(model, images, plan);
  while (!trainer.done()) trainer.run_step();
  return model.digest();
}

}  // namespace

TEST_CASE("training ends in the same weights for every array shape and drain width", "[core]") {
  auto rtl = make_core();
  golden::GoldenDevice golden;
  REQUIRE(train(*rtl) == train(golden));
}
