// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
//
// The whole core behind the device interface against the golden device: one executable an
// elaboration (DUT_* macros).
#include <algorithm>

#include "Vcuatro_core.h"
#include "catch.h"
#include "golden/golden_device.h"
#include "harness.h"
#include "nn/mlp.h"
#include "nn/trainer.h"
#include "operation_cover.h"
#include "random_ops.h"
#include "sim/rtl_device.h"
#include "sim/verilated_core.h"

namespace {

using namespace cuatro;

std::unique_ptr<RtlDevice> make_core() {
  sim::CoreShape shape;
  shape.rows = DUT_ROWS;
  shape.cols = DUT_COLS;
  shape.lanes = DUT_LANES;
  shape.drain_width = DUT_DRAINWIDTH;
  shape.operand_depth = DUT_OPERANDDEPTH;
  shape.result_depth = DUT_RESULTDEPTH;
  return make_core_device(std::make_unique<sim::VerilatedCore<Vcuatro_core>>(shape));
}

constexpr std::uint32_t kSide = DUT_LANES * 5 + 3;   // several tiles, ragged
constexpr std::uint32_t kMostK = DUT_OPERANDDEPTH / 4 * DUT_LANES;  // of an update: one command's
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
      else if (ops.one_in(6)) ops.halves(kSide, ops.one_in(2));
      else ops.gemm(kSide);
    }
    ops.check();
  }
}

TEST_CASE("every format pair with every output, orientation and remainder, and every command right behind every other", "[core]") {
  auto rtl = make_core();
  golden::GoldenDevice golden;
  // All at once on the smallest blocks, where a command takes the least; elsewhere every two of them.
  constexpr bool full = DUT_LANES == 4;
  test::OperationCover seen(*rtl, DUT_LANES, full ? test::Crosses::full : test::Crosses::pairs);
  test::RandomOps ops(seen, golden, stream(7));
  ops.fill(seen, 2 * DUT_LANES + 1, full ? 25000 : 3000);
  CHECK(seen.table().gaps() == "");
}

TEST_CASE("updates of one state, one after the other and among other commands", "[core]") {
  auto rtl = make_core();
  golden::GoldenDevice golden;
  test::RandomOps ops(*rtl, golden, stream(6));
  for (int i = 0; i < kRounds; ++i) {
    ops.updates(kSide, 3);
    if (i % 3 == 0) ops.gemm(kSide);
    if (i % 4 == 0) ops.quantize(kSide);
    if (i % 2 == 1) ops.check();
  }
  ops.check();
  for (int i = 0; i < 3; ++i) ops.updates(std::min<std::uint32_t>(DUT_LANES * 24, kMostK), 2);
  ops.check();
}

TEST_CASE("an update whose K needs partial sums is refused by name", "[core]") {
  auto rtl = make_core();
  Gemm op;
  op.out.format = OutFormat::update;
  op.out.rounding = Rounding::stochastic;
  op.update.state = rtl->upload_raw(std::vector<std::int32_t>(1), 1, 1);
  for (const std::uint32_t k : {kMostK, kMostK + 1}) {
    const std::vector<std::uint8_t> codes(k, 1);
    op.a = rtl->upload_codes(codes, 1, k, Format::int4);
    op.b = rtl->upload_codes(codes, k, 1, Format::int4);
    std::string what;
    try {
      rtl->gemm(op, "wide");
    } catch (const DeviceError& e) {
      what = e.what();
    }
    CHECK(what.empty() == (k == kMostK));
    if (k > kMostK) CHECK(what.find("(wide): K = " + std::to_string(k) + " where one command of this core takes " + std::to_string(kMostK)) != std::string::npos);
  }
}

TEST_CASE("the largest sums that 16 bits hold, and the next that they do not, are read as they are", "[core]") {
  auto rtl = make_core();
  struct Edge {
    AFormat a_format;
    std::uint8_t a;
    Format b_format;
    std::uint8_t b;
    int zero_point, a_value, b_value;
  };
  // -8 * -8, 15 * -8, -15 * 64, 15 * 4096: the largest of their formats.
  for (const Edge& e : {Edge{AFormat::int4, 8, Format::int4, 8, 0, -8, -8}, Edge{AFormat::uint4, 15, Format::int4, 8, 0, 15, -8},
                        Edge{AFormat::affine, 0, Format::log2, 7, 15, -15, 64}, Edge{AFormat::uint4, 15, Format::log4, 7, 0, 15, 4096}}) {
    for (const int term_shift : {-1, 0, 1, 2}) {
      const int product = e.a_value * e.b_value * (term_shift < 0 ? 1 : (1 << term_shift) + 1), magnitude = std::abs(product);
      const auto fits = static_cast<std::uint32_t>(INT16_MAX / magnitude);
      for (const std::uint32_t k : {std::max(1u, fits), fits + 1}) {
        const int room = INT16_MAX - static_cast<int>(k) * magnitude, sign = product < 0 ? -1 : 1;
        for (const std::int32_t bias : {0, room > 0 ? sign * room : 0, room > 0 ? sign * (room + 1) : 0}) {
          CAPTURE(e.a_value, e.b_value, term_shift, k, bias);
          Gemm op;
          op.a_format = e.a_format;
          op.zero_point = e.zero_point;
          op.a = rtl->upload_codes(std::vector<std::uint8_t>(k, e.a), 1, k, e.a_format == AFormat::int4 ? Format::int4 : Format::uint4);
          op.b = rtl->upload_codes(std::vector<std::uint8_t>(k, e.b), k, 1, e.b_format);
          if (term_shift >= 0) op.b2 = op.b, op.term_shift = term_shift;
          op.bias = std::span(&bias, 1);
          op.out.for_host = true;
          CHECK(rtl->read_raw(rtl->gemm(op, "edge").raw) == std::vector<std::int32_t>{static_cast<std::int32_t>(k) * product + bias});
        }
      }
    }
  }
}

TEST_CASE("sizes of one and sizes beyond the scratchpads", "[core]") {
  auto rtl = make_core();
  golden::GoldenDevice golden;
  test::RandomOps ops(*rtl, golden, stream(4));
  for (int i = 0; i < 10; ++i) ops.gemm(1);
  ops.check();
  for (int i = 0; i < 6; ++i) {
    ops.gemm(DUT_LANES * 24);
    ops.check();
  }
}

TEST_CASE("windows over tensors that are still being written are those of the golden device", "[core]") {
  auto rtl = make_core();
  golden::GoldenDevice golden;
  test::RandomOps ops(*rtl, golden, stream(5));
  for (int i = 0; i < kRounds; ++i) {
    ops.unfold(kSide, DUT_LANES);
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
  REQUIRE(c.mac_cycles * DUT_ROWS * DUT_COLS * DUT_LANES >= c.useful_macs);
  REQUIRE(c.load_cycles > 0);
  REQUIRE(c.store_cycles > 0);
  REQUIRE(c.busy_cycles <= c.cycles + 8);
}

TEST_CASE("every cycle up to the last GEMM's answer belongs to one label", "[core]") {
  auto rtl = make_core();
  const auto operand = [&](std::uint32_t rows, std::uint32_t cols) {
    return rtl->upload_codes(std::vector<std::uint8_t>(std::size_t{rows} * cols, 1), rows, cols, Format::int4);
  };
  Gemm small, large;
  small.a = operand(20, 30);
  small.b = operand(30, 10);
  large.a = operand(150, 90);
  large.b = large.b2 = operand(90, 70);
  for (int i = 0; i < 3; ++i) {
    rtl->gemm(small, "small");
    rtl->gemm(large, "large");
    rtl->sync();
  }
  const std::vector<LabelCycles> labels = rtl->cycles_by_label();
  REQUIRE(labels.size() == 2);
  CHECK(labels[0].label == "large");
  CHECK(labels[1].label == "small");
  CHECK(labels[1].commands >= 3);
  CHECK(labels[1].useful_macs == 3 * 20 * 30 * 10);
  CHECK(labels[0].useful_macs == 3 * 2 * 150 * 90 * 70);
  const Counters c = rtl->counters();
  CHECK(labels[0].commands + labels[1].commands == c.commands);
  const std::uint64_t macs_per_cycle = DUT_ROWS * DUT_COLS * DUT_LANES;
  for (const LabelCycles& l : labels) CHECK(l.cycles * macs_per_cycle >= l.useful_macs);
  CHECK(labels[0].cycles > labels[1].cycles);
  // What is left over are the stores of the three last results.
  const std::uint64_t named = labels[0].cycles + labels[1].cycles;
  CHECK(named < c.cycles);
  CHECK(c.cycles - named < c.cycles / 4);
}

namespace {

// A few steps of a small net on made-up images; the digest of all that training left.
std::string train(Device& device, const char* update) {
  nn::Images images;
  images.count = 100;
  images.rows = images.cols = 6;
  for (std::uint32_t i = 0; i < images.count; ++i) {
    images.labels.push_back(static_cast<std::uint8_t>(i % 10));
    for (std::uint32_t j = 0; j < 36; ++j) images.pixels.push_back(static_cast<std::uint8_t>(37 * i + 91 * j + i * j));
  }
  nn::RecipeNames names;
  names.update = update;
  names.master_bits = 16;
  nn::IntegerMlp model(device, {{36, 24, 18, 10}, nn::make_recipe(names), 3});
  nn::TrainPlan plan;
  plan.train_count = images.count;
  plan.batch = 40;
  plan.epochs = 3;
  plan.learning_rate = 0x1p-4;
  plan.seed = 3;
  model.use(nn::Part::train, images);
  nn::Trainer trainer(model, plan);
  while (!trainer.done()) trainer.run_step();
  return model.digest();
}

}  // namespace

TEST_CASE("training ends in the same weights for every array shape and drain width", "[core]") {
  auto rtl = make_core();
  golden::GoldenDevice golden;
  for (const char* update : {"host", "device"}) {
    INFO("update " << update);
    REQUIRE(train(*rtl, update) == train(golden, update));
  }
}
