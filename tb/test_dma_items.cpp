// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: default
#include DUT_HEADER

#include "catch.h"
#include "harness.h"

using namespace cuatro;
using tb::Dut;

namespace {

constexpr std::uint64_t kMask = (std::uint64_t{1} << 40) - 1;

struct Job {
  unsigned rows, cols, item, subs, sub;
  std::uint64_t base, pitch, addr, col_step, row_step;
  bool sub_rows;
};

Job draw(tb::Random& random, unsigned rows, unsigned cols, unsigned subs) {
  return {rows, cols, static_cast<unsigned>(random.below(16)), subs, static_cast<unsigned>(random.below(subs)),
          random.bits(40), random.bits(32), random.bits(16), random.bits(16), random.bits(16), random.chance(50)};
}

class Bench {
 public:
  Bench() { dut_->load_i = dut_->step_i = 0; }

  // All items of a job, with pauses.
  void run(tb::Random& random, const Job& job, unsigned pause_percent) {
    INFO("rows " << job.rows << " cols " << job.cols << " item " << job.item << " sub-blocks " << job.subs << " sub_rows " << job.sub_rows);
    load(job);
    for (unsigned r = 0; r < job.rows; ++r) {
      for (unsigned c = 0; c < job.cols; ++c) {
        const bool last = c + 1 == job.cols && r + 1 == job.rows;
        if (!same(job, r, c)) FAIL("row " << r << " column " << c);
        // The next job is loaded in the cycle of the last item's step; a load before it changes nothing that is seen.
        while (random.chance(pause_percent)) {
          dut_->step_i = 0;
          dut_->load_i = last && random.chance(50);
          dut_.cycle();
          if (!same(job, r, c)) FAIL("row " << r << " column " << c << " after a pause");
        }
        dut_->step_i = !last;
        dut_->load_i = 0;
        if (!last) dut_.cycle();
      }
    }
  }

 private:
  void load(const Job& job) {
    dut_->base_i = job.base;
    dut_->pitch_i = job.pitch;
    dut_->rows_i = static_cast<std::uint16_t>(job.rows);
    dut_->cols_i = static_cast<std::uint16_t>(job.cols);
    dut_->item_i = static_cast<std::uint8_t>(job.item);
    dut_->addr_i = static_cast<std::uint16_t>(job.addr);
    dut_->col_step_i = static_cast<std::uint16_t>(job.col_step);
    dut_->row_step_i = static_cast<std::uint16_t>(job.row_step);
    dut_->sub_rows_i = job.sub_rows;
    dut_->sub_i = static_cast<std::uint8_t>(job.sub);
    dut_->sub_last_i = static_cast<std::uint8_t>(job.subs - 1);
    dut_->load_i = dut_->step_i = 1;
    dut_.cycle();
  }
  // Whether the outputs are those of the item. Blocks before it count in one direction; whole words add.
  bool same(const Job& job, unsigned r, unsigned c) {
    const std::uint64_t blocks = job.sub + (job.sub_rows ? r : c), words = blocks / job.subs;
    const std::uint64_t at = job.addr + (job.sub_rows ? words * job.row_step + c * job.col_step : r * job.row_step + words * job.col_step);
    const bool row_last = c + 1 == job.cols;
    return dut_->byte_o == ((job.base + r * job.pitch + (std::uint64_t{c} << job.item)) & kMask) && dut_->addr_o == (at & 0xffff) &&
           dut_->sub_o == blocks % job.subs && (dut_->row_last_o != 0) == row_last && (dut_->last_o != 0) == (row_last && r + 1 == job.rows);
  }
  Dut<DUT> dut_;
};

}  // namespace

TEST_CASE("dma_items: places in memory and scratchpad of every item, sub-blocks counted along rows or between them") {
  tb::Random random("jobs");
  Bench bench;
  for (int i = 0; i < 2000; ++i) {
    const auto rows = static_cast<unsigned>(random.between(1, 6)), cols = static_cast<unsigned>(random.between(1, 9));
    bench.run(random, draw(random, rows, cols, static_cast<unsigned>(random.between(1, 4))), 30);
  }
}

TEST_CASE("dma_items: the longest rows, the most rows and sub-blocks") {
  tb::Random random("long");
  Bench bench;
  for (const bool sub_rows : {false, true}) {
    for (const bool wide : {false, true}) {
      Job job = draw(random, wide ? 1 : 0xffff, wide ? 0xffff : 1, 256);
      job.sub_rows = sub_rows;
      bench.run(random, job, 0);
    }
  }
  bench.run(random, draw(random, 2, 0xffff, 256), 0);
  // Every length of a side, alone or a few times.
  for (int i = 0; i < 60; ++i) {
    const auto side = 1 + static_cast<unsigned>(random.bits(static_cast<unsigned>(random.below(13)))), few = static_cast<unsigned>(random.between(1, 3));
    bench.run(random, draw(random, i % 2 != 0 ? side : few, i % 2 != 0 ? few : side, 1 + static_cast<unsigned>(random.below(256))), 5);
  }
}
