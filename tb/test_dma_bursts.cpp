// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: DataBits=512 BurstBeats=16; DataBits=64 BurstBeats=16; DataBits=128 BurstBeats=256; DataBits=256 BurstBeats=2
#include DUT_HEADER

#include <vector>

#include "catch.h"
#include "harness.h"

using namespace cuatro;
using tb::Dut;

TEST_CASE("dma_bursts: the bursts of a job are its bytes in order, cut at multiples of a burst, never across 4 KiB") {
  constexpr std::uint64_t kBeat = DATABITS / 8;
  for (const unsigned ready : {100u, 40u}) {
    Dut<DUT> dut;
    tb::Random random("jobs");
    dut->job_valid_i = dut->burst_ready_i = 0;
    dut.reset();
    // The last ones are a row of as many bytes as there can be, and as many rows.
    const int jobs = ready == 100 ? 402 : 400;
    for (int job = 0; job < jobs; ++job) {
      const unsigned item = job == 400 ? 10 : static_cast<unsigned>(random.between(0, 9));
      const std::uint64_t base = random.bits(40) >> item << item, pitch = random.bits(32) >> item << item;
      unsigned rows = static_cast<unsigned>(random.between(1, 5)), cols = static_cast<unsigned>(random.between(1, random.chance(20) ? 300 : 12));
      if (job == 400) rows = 1, cols = 65535;
      if (job == 401) rows = 65535, cols = 1;
      struct Burst {
        std::uint64_t addr, beats;
      };
      std::vector<Burst> want;
      for (unsigned r = 0; r < rows; ++r) {
        const std::uint64_t begin = (base + r * pitch) / kBeat, end = (base + r * pitch + (std::uint64_t{cols} << item) + kBeat - 1) / kBeat;
        for (std::uint64_t at = begin; at < end;) {
          const std::uint64_t stop = std::min(end, (at / BURSTBEATS + 1) * BURSTBEATS);
          want.push_back({(at * kBeat) & ((std::uint64_t{1} << 40) - 1), stop - at});
          at = stop;
        }
      }
      dut->job_valid_i = 1;
      dut->base_i = base;
      dut->pitch_i = static_cast<std::uint32_t>(pitch);
      dut->rows_i = static_cast<std::uint16_t>(rows);
      dut->cols_i = static_cast<std::uint16_t>(cols);
      dut->item_i = static_cast<std::uint8_t>(item);
      REQUIRE(dut->job_ready_o == 1);
      dut.cycle();
      dut->job_valid_i = 0;
      std::size_t got = 0;
      for (unsigned cycles = 0; got < want.size(); ++cycles) {
        if (cycles >= 40 * want.size() + 100) FAIL("hangs");
        dut->burst_ready_i = random.chance(ready);
        if (dut->burst_valid_o && dut->burst_ready_i) {
          const bool right = dut->burst_addr_o == want[got].addr && dut->burst_len_o + 1u == want[got].beats &&
                             (dut->burst_last_o != 0) == (got + 1 == want.size()) &&
                             dut->burst_addr_o / 4096 == (dut->burst_addr_o + (dut->burst_len_o + 1) * kBeat - 1) / 4096;
          if (!right) {
            INFO("job " << job << " burst " << got << " of " << want.size());
            CHECK(dut->burst_addr_o == want[got].addr);
            CHECK(dut->burst_len_o + 1u == want[got].beats);
            REQUIRE((dut->burst_last_o != 0) == (got + 1 == want.size()));
            FAIL("a burst that is wrong");
          }
          ++got;
        }
        if (dut->job_ready_o != 0) FAIL("ready in the middle of a job");
        dut.cycle();
      }
      // Nothing left over.
      dut->burst_ready_i = 1;
      for (int i = 0; i < 4; ++i) {
        REQUIRE(dut->burst_valid_o == 0);
        REQUIRE(dut->job_ready_o == 1);
        dut.cycle();
      }
    }
  }
}
