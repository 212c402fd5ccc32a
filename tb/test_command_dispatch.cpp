// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: Rows=16 Cols=16 Lanes=16 DrainWidth=32 OperandDepth=2048 ResultDepth=2048 ResponseDepth=8; Rows=8 Cols=8 Lanes=4 DrainWidth=4 OperandDepth=64 ResultDepth=128 ResponseDepth=2
#include DUT_HEADER

#include <cstring>
#include <optional>
#include <vector>

#include "catch.h"
#include "descriptor_rules.h"
#include "harness.h"

using namespace cuatro;
using namespace cuatro::tb;

namespace {

const CoreShape shape{DUT_ROWS, DUT_COLS, DUT_LANES, DUT_DRAINWIDTH, DUT_OPERANDDEPTH, DUT_RESULTDEPTH};

constexpr unsigned kMostCycles = 80;  // of a check

// A legal or an illegal command of any operation.
Descriptor any(Random& random) {
  const unsigned op = static_cast<unsigned>(random.below(3));
  const Descriptor legal = random_legal(random, shape, op, 3 * DUT_LANES);
  Descriptor d = legal;
  if (random.chance(30))
    spoil(random, d, legal, kFieldOrder[random.below(kFieldOrder.size())], shape, random.chance(50));
  return d;
}

// In percent of the cycles; `release`: of those in which a response could leave.
struct Pace {
  unsigned cmd = 100, gemm = 100, quant = 100, answer = 100, release = 100;
};

class Bench {
 public:
  explicit Bench(const std::string& stream) : random(stream) {
    idle();
    dut_.reset();
  }

  Random random;
  unsigned taken = 0, left = 0, released = 0;

  // One cycle; `next` is offered until it is taken.
  void cycle(const Pace& pace, bool more) {
    if (!offered_ && more && random.chance(pace.cmd)) offered_ = any(random);
    dut_->cmd_valid_i = offered_.has_value();
    if (offered_) {
      const auto bits = offered_->bits();
      std::memcpy(dut_->cmd_desc_i.data(), bits.data(), sizeof bits);
    }
    dut_->gemm_ready_i = random.chance(pace.gemm);
    dut_->quant_ready_i = random.chance(pace.quant);
    dut_->answer_ready_i = random.chance(pace.answer);
    const bool release = released != left && random.chance(pace.release);
    dut_->release_i = release;

    // One command at a time, and a place for each response.
    if ((dut_->cmd_ready_o != 0) != (!inside_ && taken - released < DUT_RESPONSEDEPTH))
      FAIL("cmd_ready_o is " << +dut_->cmd_ready_o);
    if ((dut_->busy_o != 0) != (taken != released)) FAIL("busy_o is " << +dut_->busy_o);
    check_outputs();
    const bool enter = offered_ && dut_->cmd_ready_o != 0;
    const bool leave = (dut_->gemm_valid_o && dut_->gemm_ready_i) ||
                       (dut_->quant_valid_o && dut_->quant_ready_i) ||
                       (dut_->answer_valid_o && dut_->answer_ready_i);
    dut_.cycle();
    if (leave) {
      inside_.reset();
      shown_ = false;
    }
    if (enter) {
      inside_ = offered_;
      offered_.reset();
    }
    taken += enter ? 1 : 0;
    left += leave ? 1 : 0;
    released += release ? 1 : 0;
  }
  void finish() {
    for (int i = 0; i < 100; ++i) cycle({}, false);
    CHECK(taken == left);
    CHECK(left == released);
    CHECK(dut_->busy_o == 0);
    CHECK(dut_->cmd_ready_o == 1);
  }
  void reset() {
    idle();
    dut_.reset();
    offered_.reset();
    inside_.reset();
    shown_ = false;
    waited_ = 0;
    taken = left = released = 0;
  }

 private:
  void idle() {
    dut_->cmd_valid_i = dut_->gemm_ready_i = dut_->quant_ready_i = dut_->answer_ready_i = dut_->release_i = 0;
  }
  // The command inside shows, once it is checked, on the one side where it belongs, with all its bits.
  void check_outputs() {
    const bool checked = dut_->gemm_valid_o || dut_->quant_valid_o || dut_->answer_valid_o;
    if (inside_ && !checked) {
      if (shown_ || ++waited_ > kMostCycles) FAIL("a command does not leave");
      return;
    }
    shown_ = inside_.has_value();
    waited_ = 0;
    const Field field = inside_ ? illegal_field(*inside_, shape) : kNone;
    const bool legal = inside_ && field == kNone;
    const bool gemm = legal && inside_->op == kGemm, quant = legal && inside_->op == kQuantize,
               answer = inside_ && !gemm && !quant;
    if ((dut_->gemm_valid_o != 0) != gemm) FAIL("gemm_valid_o is " << +dut_->gemm_valid_o);
    if ((dut_->quant_valid_o != 0) != quant) FAIL("quant_valid_o is " << +dut_->quant_valid_o);
    if ((dut_->answer_valid_o != 0) != answer) FAIL("answer_valid_o is " << +dut_->answer_valid_o);
    if (!inside_) return;
    if (answer) {
      REQUIRE(dut_->answer_tag_o == inside_->tag);
      REQUIRE(to_text(static_cast<Field>(dut_->answer_field_o)) == to_text(field));
    } else {
      const auto bits = inside_->bits();
      REQUIRE(std::memcmp(dut_->desc_o.data(), bits.data(), sizeof bits) == 0);
    }
  }

  Dut<DUT> dut_;
  std::optional<Descriptor> offered_, inside_;
  bool shown_ = false;  // the command inside has been offered
  unsigned waited_ = 0;
};

}  // namespace

TEST_CASE("command_dispatch: GEMM and QUANTIZE go to their queues, NOP and illegal commands are answered") {
  Bench bench("routes");
  while (bench.taken < 3000) bench.cycle({}, true);
  bench.finish();
}

TEST_CASE("command_dispatch: all sides are valid/ready, nothing is lost and nothing left over") {
  for (const Pace& pace :
       {Pace{.cmd = 30}, Pace{.gemm = 10}, Pace{.quant = 10}, Pace{.answer = 10}, Pace{.release = 10},
        Pace{.cmd = 60, .gemm = 50, .quant = 50, .answer = 50, .release = 50}}) {
    Bench bench("pauses");
    while (bench.taken < 500) bench.cycle(pace, true);
    bench.finish();
  }
}

TEST_CASE("command_dispatch: a command is taken only while a place for its response is free") {
  Bench bench("credit");
  for (int round = 0; round < 5; ++round) {
    const unsigned before = bench.released;
    for (int i = 0; i < 200 + 40 * DUT_RESPONSEDEPTH; ++i) bench.cycle({.release = 0}, true);
    CHECK(bench.taken - before == DUT_RESPONSEDEPTH);
    // One response leaves, one command comes.
    while (bench.released == before) bench.cycle({.release = 100}, true);
    for (int i = 0; i < 80; ++i) bench.cycle({.release = 0}, true);
    CHECK(bench.taken - bench.released == DUT_RESPONSEDEPTH);
    bench.finish();
  }
}

TEST_CASE("command_dispatch: a reset forgets the command inside and the places that were taken") {
  Bench bench("reset");
  for (int round = 0; round < 50; ++round) {
    for (std::uint64_t i = bench.random.below(40); i != 0; --i) {
      bench.cycle({.gemm = 20, .quant = 20, .answer = 20, .release = 10}, true);
    }
    bench.reset();
    for (int i = 0; i < 40; ++i) bench.cycle({}, true);
    bench.finish();
  }
}
