// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: default
#include DUT_HEADER

#include "catch.h"
#include "harness.h"

using namespace cuatro;
using tb::Dut;

TEST_CASE("dma_items: places in memory and scratchpad of every item, sub-blocks counted along rows or between them") {
  Dut<DUT> dut;
  tb::Random random("jobs");
  dut->load_i = dut->step_i = 0;
  constexpr std::uint64_t kMask = (std::uint64_t{1} << 40) - 1;
  for (int job = 0; job < 2000 + 2 * 16; ++job) {
    // Of the next job's fields some are taken before its first item is stepped to.
    unsigned rows = static_cast<unsigned>(random.between(1, 6)), cols = static_cast<unsigned>(random.between(1, 9)), subs = static_cast<unsigned>(random.between(1, 4));
    // Then jobs of every size, one way or the other.
    if (job >= 2000) {
      const int bits = (job - 2000) / 2;
      (job % 2 == 0 ? rows : cols) = (1U << bits) + static_cast<unsigned>(random.bits(static_cast<unsigned>(bits)));
      subs = 1U + static_cast<unsigned>(random.bits(static_cast<unsigned>(random.between(0, 8))));
    }
    const unsigned item = static_cast<unsigned>(random.between(1, 9)), sub = static_cast<unsigned>(random.below(subs));
    const std::uint64_t base = random.bits(40), pitch = random.bits(40), addr = random.bits(16), col_step = random.bits(16), row_step = random.bits(16);
    const bool sub_rows = random.chance(50);
    dut->base_i = base;
    dut->pitch_i = pitch;
    dut->rows_i = static_cast<std::uint16_t>(rows);
    dut->cols_i = static_cast<std::uint16_t>(cols);
    dut->item_i = static_cast<std::uint8_t>(item);
    dut->addr_i = static_cast<std::uint16_t>(addr);
    dut->col_step_i = static_cast<std::uint16_t>(col_step);
    dut->row_step_i = static_cast<std::uint16_t>(row_step);
    dut->sub_rows_i = sub_rows;
    dut->sub_i = static_cast<std::uint8_t>(sub);
    dut->sub_last_i = static_cast<std::uint8_t>(subs - 1);
    dut->load_i = dut->step_i = 1;
    dut.cycle();
    for (unsigned r = 0; r < rows; ++r) {
      for (unsigned c = 0; c < cols; ++c) {
        // Blocks before this one in the direction that counts them; whole words add.
        const unsigned blocks = sub + (sub_rows ? r : c);
        const std::uint64_t words = blocks / subs;
        const std::uint64_t at = addr + (sub_rows ? words * row_step + c * col_step : r * row_step + words * col_step);
        REQUIRE(dut->byte_o == ((base + r * pitch + (std::uint64_t{c} << item)) & kMask));
        REQUIRE(dut->addr_o == (at & 0xffff));
        REQUIRE(dut->sub_o == blocks % subs);
        REQUIRE((dut->row_last_o != 0) == (c + 1 == cols));
        REQUIRE((dut->last_o != 0) == (c + 1 == cols && r + 1 == rows));
        // The next job is loaded in the cycle of the last item's step; a load before it changes nothing that is seen.
        const bool last = dut->last_o != 0;
        for (; random.chance(30);) {
          dut->step_i = 0;
          dut->load_i = last && random.chance(50);
          dut.cycle();
          REQUIRE(dut->byte_o == ((base + r * pitch + (std::uint64_t{c} << item)) & kMask));
          REQUIRE(dut->addr_o == (at & 0xffff));
          REQUIRE(dut->sub_o == blocks % subs);
          REQUIRE((dut->last_o != 0) == last);
        }
        dut->step_i = !last;
        dut->load_i = 0;
        if (!last) dut.cycle();
      }
    }
  }
}
