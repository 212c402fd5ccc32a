// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: default
#include DUT_HEADER

#include <deque>
#include <optional>

#include "catch.h"
#include "harness.h"

using namespace cuatro;
using tb::Dut;

namespace {

constexpr unsigned kDepth = 16;                  // records queued, or places reserved for them
constexpr unsigned kOnBus = 60;                  // more than ever are written and not answered
constexpr unsigned kRefused = 6, kCommand = 2, kStore = 3;

// What is done: where its entry is, and of a command what the core says of it.
struct Done {
  unsigned slot = 0, lane = 0, field = 0;
  bool record = false, irq = false, store = false;
  std::uint32_t absmax = 0, saturated = 0, cycle = 0;
  std::uint64_t sumabs = 0;
  unsigned tag() const { return slot | (record ? 1u << 13 : 0) | (irq ? 1u << 14 : 0) | lane << 15; }
};

template <class Port>
void put_response(Port& port, const Done& d) {
  tb::set_bits(port, 0, 16, d.tag());
  tb::set_bits(port, 16, 5, d.field);
  tb::set_bits(port, 21, 32, d.absmax);
  tb::set_bits(port, 53, 64, d.sumabs);
  tb::set_bits(port, 117, 32, d.saturated);
}

Done random_done(tb::Random& random) {
  Done d;
  d.slot = static_cast<unsigned>(random.bits(13));
  d.lane = static_cast<unsigned>(random.bits(1));
  d.record = random.chance(60);
  d.irq = random.chance(50);
  return d;
}

}  // namespace

TEST_CASE("completion: answers and stores are counted, told by record or interrupt, in order, and no store ever waits for room") {
  Dut<DUT> dut;
  tb::Random random("completion");
  dut->rsp_valid_i = dut->reserve_i = dut->store_valid_i = dut->record_done_i = dut->written_i = 0;
  dut.reset();
  std::deque<Done> queued;                       // records, the oldest first
  std::optional<Done> asking;                    // the core's answer, until it is taken
  unsigned places = 0, stores = 0, on_bus = 0;   // taken or reserved; of stores; left, and not yet written
  unsigned late = 0, full = 0, empty = 0, refused = 0;
  std::uint64_t records = 0;
  // How busy each side is, for a while; then all of it runs dry.
  unsigned rsp_often = 0, reserve_often = 0, store_often = 0, leave_often = 0, write_often = 0;
  for (int i = 0; i < 120'000; ++i) {
    if (i % 150 == 0) {
      for (unsigned* often : {&rsp_often, &reserve_often, &store_often, &leave_often, &write_often}) *often = std::array{3u, 30u, 70u, 100u}[random.below(4)];
      if (i % 600 == 450) rsp_often = reserve_often = 0, store_often = leave_often = write_often = 100;
    }
    if (!asking && random.chance(rsp_often)) {
      asking = random_done(random);
      asking->field = random.chance(80) ? 0 : static_cast<unsigned>(random.bits(5));
      asking->absmax = static_cast<std::uint32_t>(random.bits(32)), asking->saturated = static_cast<std::uint32_t>(random.bits(32));
      asking->sumabs = random.bits(64);
      put_response(dut->rsp_i, *asking);
    }
    Done store = random_done(random);
    store.store = store.record = true;
    dut->cycle_i = static_cast<std::uint32_t>(random.bits(32));
    dut->rsp_valid_i = asking.has_value();
    dut->store_valid_i = stores != 0 && random.chance(store_often);
    dut->store_tag_i = static_cast<std::uint16_t>(store.tag());
    dut->reserve_i = 0;
    dut->eval();
    REQUIRE((dut->reserve_ready_o != 0) == (places < kDepth - 1));
    REQUIRE((dut->rsp_ready_o != 0) == (places < kDepth && dut->store_valid_i == 0));
    dut->reserve_i = dut->reserve_ready_o != 0 && random.chance(reserve_often);
    dut->record_done_i = dut->record_valid_o != 0 && on_bus < kOnBus && random.chance(leave_often);
    dut->written_i = on_bus != 0 && random.chance(write_often);
    full += places == kDepth;
    // The oldest record is there two cycles after it came at the latest.
    late = dut->record_valid_o != 0 || queued.empty() ? 0 : late + 1;
    REQUIRE(late <= 2);
    if (dut->record_valid_o != 0) {
      REQUIRE_FALSE(queued.empty());
      const Done& d = queued.front();
      REQUIRE(tb::get_bits(dut->record_o, 0, 16) == (d.slot | d.lane << 15));
      REQUIRE(tb::get_bits(dut->record_o, 16, 8) == d.field);
      REQUIRE(tb::get_bits(dut->record_o, 24, 8) == (d.store ? kStore : kCommand));
      REQUIRE(tb::get_bits(dut->record_o, 32, 32) == d.cycle);
      REQUIRE(tb::get_bits(dut->record_o, 64, 32) == d.absmax);
      REQUIRE(tb::get_bits(dut->record_o, 96, 32) == d.saturated);
      REQUIRE(tb::get_bits(dut->record_o, 128, 64) == d.sumabs);
      REQUIRE(tb::get_bits(dut->record_o, 192, 64) == 0);
      REQUIRE((dut->record_irq_o != 0) == d.irq);
    }

    // What this cycle does.
    const bool take = asking && dut->rsp_ready_o != 0;
    const Done taken = take ? *asking : Done{};
    places += dut->reserve_i;
    stores += dut->reserve_i;
    if (dut->record_done_i != 0) {
      queued.pop_front();
      --places;
      ++on_bus;
      ++records;
    }
    on_bus -= dut->written_i;
    if (dut->store_valid_i != 0) {
      store.cycle = dut->cycle_i;
      queued.push_back(store);
      --stores;
    }
    if (take && taken.record) {
      queued.push_back(taken);
      queued.back().cycle = dut->cycle_i;
      ++places;
    }
    if (take) asking.reset();
    dut.cycle();
    REQUIRE(dut->done_o == (take ? 1u << taken.lane : 0u));
    REQUIRE((dut->irq_o != 0) == (take && taken.irq && !taken.record));
    REQUIRE((dut->fault_o != 0) == (take && taken.field != 0));
    if (dut->fault_o != 0) {
      ++refused;
      REQUIRE(tb::get_bits(dut->fault_info_o, 0, 4) == kRefused);
      REQUIRE(tb::get_bits(dut->fault_info_o, 4, 5) == taken.field);
      REQUIRE(tb::get_bits(dut->fault_info_o, 9, 1) == taken.lane);
      REQUIRE(tb::get_bits(dut->fault_info_o, 10, 13) == taken.slot);
      REQUIRE(tb::get_bits(dut->fault_info_o, 23, 64) == 0);
    }
    REQUIRE((dut->busy_o != 0) == (!queued.empty() || on_bus != 0));
    empty += queued.empty() && on_bus == 0;
  }
  CHECK(records > 10'000);
  CHECK(full > 1000);
  CHECK(empty > 1000);
  CHECK(refused > 1000);
}
