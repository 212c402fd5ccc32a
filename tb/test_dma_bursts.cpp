// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: DataBits=512 BurstBeats=16; DataBits=64 BurstBeats=16; DataBits=128 BurstBeats=256; DataBits=256 BurstBeats=2
#include DUT_HEADER

#include <algorithm>

#include "catch.h"
#include "harness.h"

using namespace cuatro;
using tb::Dut;

namespace {

constexpr std::uint64_t kBeat = DUT_DATABITS / 8, kMask = (std::uint64_t{1} << 40) - 1;

struct Job {
  std::uint64_t base, pitch;
  unsigned rows, cols, item;
};

class Bench {
 public:
  Bench() {
    dut_->job_valid_i = dut_->burst_ready_i = 0;
    dut_.reset();
  }

  // The bursts of a job are its bytes in order, cut at multiples of a burst; `most` of them are looked at, then there is a reset.
  void run(tb::Random& random, const Job& job, unsigned ready_percent, std::uint64_t most = ~std::uint64_t{0}) {
    INFO("base " << job.base << " pitch " << job.pitch << " rows " << job.rows << " cols " << job.cols << " item " << job.item);
    start(job);
    std::uint64_t seen = 0;
    for (unsigned r = 0; r < job.rows; ++r) {
      const std::uint64_t first = job.base + r * job.pitch, end = (first + (std::uint64_t{job.cols} << job.item) + kBeat - 1) / kBeat;
      for (std::uint64_t at = first / kBeat; at < end;) {
        const std::uint64_t stop = std::min(end, (at / DUT_BURSTBEATS + 1) * DUT_BURSTBEATS);
        if (!take(random, ready_percent, at, stop - at, r + 1 == job.rows && stop == end)) FAIL("row " << r << ", burst " << seen << " of the job");
        at = stop;
        if (++seen == most) {
          dut_->burst_ready_i = 0;
          dut_.reset();
          r = job.rows - 1;
          break;
        }
      }
    }
    // Nothing left over.
    dut_->burst_ready_i = 1;
    for (int i = 0; i < 4; ++i) {
      REQUIRE(dut_->burst_valid_o == 0);
      REQUIRE(dut_->job_ready_o == 1);
      dut_.cycle();
    }
  }

 private:
  void start(const Job& job) {
    dut_->job_valid_i = 1;
    dut_->base_i = job.base;
    dut_->pitch_i = static_cast<std::uint32_t>(job.pitch);
    dut_->rows_i = static_cast<std::uint16_t>(job.rows);
    dut_->cols_i = static_cast<std::uint16_t>(job.cols);
    dut_->item_i = static_cast<std::uint8_t>(job.item);
    REQUIRE(dut_->job_ready_o == 1);
    dut_.cycle();
    dut_->job_valid_i = 0;
  }
  // Whether the next burst is this one, and comes in time.
  bool take(tb::Random& random, unsigned ready_percent, std::uint64_t beat, std::uint64_t beats, bool last) {
    for (int patience = 100; patience != 0; --patience) {
      dut_->burst_ready_i = random.chance(ready_percent);
      const bool taken = dut_->burst_valid_o && dut_->burst_ready_i, busy = dut_->job_ready_o == 0;
      const std::uint64_t addr = dut_->burst_addr_o, length = dut_->burst_len_o + 1u;
      const bool right = addr == ((beat * kBeat) & kMask) && length == beats && (dut_->burst_last_o != 0) == last &&
                         addr / 4096 == (addr + length * kBeat - 1) / 4096;
      dut_.cycle();
      if (!busy || (taken && !right)) return false;
      if (taken) return true;
    }
    return false;
  }
  Dut<DUT> dut_;
};

}  // namespace

TEST_CASE("dma_bursts: the bursts of a job are its bytes in order, cut at multiples of a burst, never across 4 KiB") {
  for (const unsigned ready : {100u, 40u}) {
    tb::Random random("jobs");
    Bench bench;
    for (int i = 0; i < 400; ++i) {
      const auto item = static_cast<unsigned>(random.between(0, 9)), rows = static_cast<unsigned>(random.between(1, 5));
      bench.run(random, {random.bits(39) >> item << item, random.bits(20) >> item << item, rows,
                         static_cast<unsigned>(random.between(1, random.chance(20) ? 300 : 12)), item}, ready);
    }
  }
}

TEST_CASE("dma_bursts: the most rows, the longest row, and pitches of 32 bits round the end of memory") {
  tb::Random random("long");
  Bench bench;
  bench.run(random, {random.bits(40), random.bits(32), 0xffff, 1, 0}, 100);
  bench.run(random, {random.bits(40), 0, 1, 0xffff, 9}, 100);
  for (int i = 0; i < 4; ++i) bench.run(random, {random.bits(40), 0, 1, 0x8000u | static_cast<unsigned>(random.bits(15)), 9}, 100);
  for (int i = 0; i < 40; ++i) {
    // Sides of every length, some ten thousand bursts together.
    const auto cols = 1 + static_cast<unsigned>(random.bits(static_cast<unsigned>(random.below(17)))), item = static_cast<unsigned>(random.below(7));
    const std::uint64_t bursts = 2 + (std::uint64_t{cols} << item) / (kBeat * DUT_BURSTBEATS);
    bench.run(random, {random.bits(40) & kMask >> 1, random.bits(32), 1 + static_cast<unsigned>(random.below(1 + 4000 / bursts)), std::min(cols, 0xffffu), item}, 100);
  }
}

TEST_CASE("dma_bursts: a row of 2^k bytes or an item more goes on after its first bursts, for all k") {
  tb::Random random("powers");
  Bench bench;
  constexpr unsigned most = 15 + 15;  // log2 of a row's bytes
  for (unsigned k = 0; k <= most; ++k) {
    const unsigned item = k > 15 ? k - 15 : 0;
    for (const std::uint64_t base : {std::uint64_t{0}, kBeat * DUT_BURSTBEATS - 1}) {
      for (const unsigned more : {0u, 1u})
        bench.run(random, {base, 0, 1, (1u << (k - item)) + more, item}, 100, 3 + (1u << item) / (kBeat * DUT_BURSTBEATS));
    }
  }
}
