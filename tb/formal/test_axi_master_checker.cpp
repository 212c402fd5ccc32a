// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: DataWidth=32 IdWidth=2 MaxReads=3 MaxWrites=2 MaxBeats=16; DataWidth=512 IdWidth=1 MaxReads=8 MaxWrites=8 MaxBeats=256
#include DUT_HEADER

#include <algorithm>
#include <deque>
#include <functional>
#include <vector>

#include "../catch.h"
#include "checker_bench.h"

using namespace cuatro;

namespace {

constexpr unsigned BYTES = DUT_DATAWIDTH / 8, IDS = 1u << DUT_IDWIDTH;
constexpr unsigned FULL = BYTES == 4 ? 2 : 6;  // log2(BYTES)

struct Burst {
  unsigned id = 0;
  std::uint64_t address = 0;
  unsigned len = 0, size = FULL;
  unsigned burst = 1;
};

// The formulas of AMBA A3.4.1 and A3.4.3, for transfer n of a burst, from 0.
bool lane_allowed(const Burst& b, unsigned n, unsigned lane) {
  const std::uint64_t number_bytes = 1u << b.size, aligned = b.address / number_bytes * number_bytes;
  const std::uint64_t address = n == 0 ? b.address : aligned + n * number_bytes;
  const std::uint64_t base = address / BYTES * BYTES;
  const std::uint64_t lower = address - base;
  const std::uint64_t upper = n == 0 ? aligned + number_bytes - 1 - base : lower + number_bytes - 1;
  return lane >= lower && lane <= upper;
}

class Bench : public CheckerBench {
 public:
  Bench() {
    idle();
    start();
  }
  void idle() {
    dut->AWVALID = dut->WVALID = dut->BVALID = dut->ARVALID = dut->RVALID = 0;
    dut->AWREADY = dut->WREADY = dut->BREADY = dut->ARREADY = dut->RREADY = 0;
    dut->AWBURST = dut->ARBURST = 1;
    dut->BRESP = dut->RRESP = 0;
    strobe(0);
  }
  void aw(const Burst& b, bool ready) {
    dut->AWVALID = 1;
    dut->AWREADY = ready;
    dut->AWID = b.id;
    dut->AWADDR = b.address;
    dut->AWLEN = b.len;
    dut->AWSIZE = b.size;
    dut->AWBURST = b.burst;
  }
  void ar(const Burst& b, bool ready) {
    dut->ARVALID = 1;
    dut->ARREADY = ready;
    dut->ARID = b.id;
    dut->ARADDR = b.address;
    dut->ARLEN = b.len;
    dut->ARSIZE = b.size;
    dut->ARBURST = b.burst;
  }
  void w(bool last, bool ready) {
    dut->WVALID = 1;
    dut->WREADY = ready;
    dut->WLAST = last;
  }
  void b(unsigned id, bool ready, unsigned resp = 0) {
    dut->BVALID = 1;
    dut->BREADY = ready;
    dut->BID = id;
    dut->BRESP = resp;
  }
  void r(unsigned id, bool last, bool ready, unsigned resp = 0) {
    dut->RVALID = 1;
    dut->RREADY = ready;
    dut->RID = id;
    dut->RLAST = last;
    dut->RRESP = resp;
  }
  void strobe(std::uint64_t lanes) { tb::set_bits(dut->WSTRB, 0, BYTES, lanes); }
  // One cycle with just what `set` sets.
  void cycle(const std::function<void()>& set) {
    idle();
    set();
    tick();
  }
};

// Random legal masters and slaves, IDs reordered and interleaved, for a number of cycles.
struct Traffic {
  explicit Traffic(const char* name, unsigned source, unsigned sink) : random(name), source(source), sink(sink) {}

  Burst burst() {
    Burst b;
    b.id = static_cast<unsigned>(random.below(IDS));
    b.size = random.chance(60) ? FULL : static_cast<unsigned>(random.below(FULL + 1));
    b.address = random.bits();
    if (random.chance(50)) b.address &= ~std::uint64_t{BYTES - 1};
    const std::uint64_t room = (4096 - (b.address % 4096 >> b.size << b.size)) >> b.size;
    const std::uint64_t most = std::min<std::uint64_t>(room, DUT_MAXBEATS);
    b.len = static_cast<unsigned>((random.chance(10) ? most : 1 + random.below(std::min<std::uint64_t>(most, 9))) - 1);
    return b;
  }

  void run(Bench& bench, unsigned cycles, bool more) {
    auto& dut = bench.dut;
    for (unsigned c = 0; c < cycles; ++c) {
      // What may be answered is what had been taken before this cycle.
      if (!dut->BVALID) {
        const auto id = random.below(IDS);
        dut->BVALID = answers[id] != 0 && random.chance(sink);
        dut->BID = id;
        dut->BRESP = random.chance(80) ? 0 : 2 + random.below(2);
      }
      if (!dut->RVALID) {
        const auto id = random.below(IDS);
        dut->RVALID = !reads[id].empty() && random.chance(sink);
        dut->RID = id;
        dut->RRESP = random.chance(80) ? 0 : 2 + random.below(2);
        dut->RLAST = !reads[id].empty() && reads[id].front() == 0;
        tb::set_bits(dut->RDATA, 0, 32, random.bits(32));
      }
      if (!dut->AWVALID && more && open_writes < DUT_MAXWRITES && random.chance(source)) {
        const Burst b = burst();
        bench.aw(b, false);
        data.push_back(b);
        ++open_writes;
        most_writes = std::max(most_writes, open_writes);
      }
      if (!dut->ARVALID && more && open_reads < DUT_MAXREADS && random.chance(source)) {
        bench.ar(burst(), false);
        ++open_reads;
        most_reads = std::max(most_reads, open_reads);
      }
      if (!dut->WVALID && !data.empty() && random.chance(source)) {
        dut->WVALID = 1;
        dut->WLAST = beat == data.front().len;
        for (unsigned lane = 0; lane < BYTES; ++lane)
          tb::set_bits(dut->WSTRB, lane, 1, lane_allowed(data.front(), beat, lane) && (beat % 2 == 0 || random.chance(80)));
        tb::set_bits(dut->WDATA, 0, 32, random.bits(32));
      }
      dut->AWREADY = random.chance(sink);
      dut->WREADY = random.chance(sink);
      dut->ARREADY = random.chance(sink);
      dut->BREADY = random.chance(source);
      dut->RREADY = random.chance(source);
      bench.tick();

      if (dut->BVALID && dut->BREADY) {
        --answers[dut->BID];
        --open_writes;
        ++done;
        dut->BVALID = 0;
      }
      if (dut->RVALID && dut->RREADY) {
        auto& mine = reads[dut->RID];
        if (mine.front()-- == 0) {
          mine.pop_front();
          --open_reads;
          ++done;
        }
        dut->RVALID = 0;
      }
      if (dut->AWREADY) dut->AWVALID = 0;
      if (dut->WVALID && dut->WREADY) {
        dut->WVALID = 0;
        if (beat++ == data.front().len) {
          finished.push_back(data.front().id);
          data.pop_front();
          beat = 0;
        }
      }
      // Every finished burst but one whose address still waits; that is the newest.
      const bool newest_waits = dut->AWVALID && data.empty();
      while (finished.size() > (newest_waits ? 1u : 0u)) {
        ++answers[finished.front()];
        finished.pop_front();
      }
      if (dut->ARVALID && dut->ARREADY) {
        reads[dut->ARID].push_back(dut->ARLEN);
        dut->ARVALID = 0;
      }
    }
  }

  tb::Random random;
  unsigned source, sink;
  std::deque<Burst> data;
  std::deque<unsigned> finished, reads[IDS];
  unsigned beat = 0, answers[IDS] = {}, open_writes = 0, open_reads = 0, most_writes = 0, most_reads = 0, done = 0;
};

struct Case {
  const char* name;
  unsigned master, slave;  // the rules that break
  std::function<void(Bench&)> run;
};

unsigned bit(unsigned n) { return 1u << n; }

const Burst LONG{0, 0x1000, 3, FULL, 1};  // four beats
const Burst ONE{0, 0x1000, 0, FULL, 1};

void write(Bench& t, const Burst& b) {
  t.cycle([&] { t.aw(b, true); });
  for (unsigned n = 0; n <= b.len; ++n) t.cycle([&] { t.w(n == b.len, true); });
}

std::vector<Case> cases() {
  std::vector<Case> all;
  const auto add = [&](const char* name, unsigned master, unsigned slave, std::function<void(Bench&)> run) {
    all.push_back({name, master, slave, std::move(run)});
  };
  const auto field = [](const Burst& b, unsigned n) {
    Burst changed = b;
    if (n == 0) changed.id ^= 1;
    if (n == 1) changed.address ^= std::uint64_t{1} << 63;
    if (n == 2) changed.len -= 1;
    if (n == 3) changed.size -= 1;
    return changed;
  };
  add("AW in reset", bit(0), 0, [](Bench& t) {
    t.dut->rst_ni = 0;
    t.cycle([] {});
    t.cycle([&] { t.aw(ONE, false); });
  });
  add("AW in the first cycle after reset", bit(0), 0, [](Bench& t) {
    t.dut->rst_ni = 0;
    t.cycle([] {});
    t.dut->rst_ni = 1;
    t.cycle([&] { t.aw(ONE, false); });
  });
  add("AW dropped", bit(1), 0, [](Bench& t) {
    t.cycle([&] { t.aw(ONE, false); });
    t.cycle([] {});
  });
  for (unsigned n = 0; n < 4; ++n) {
    add("AW changed", bit(2), 0, [=](Bench& t) {
      t.cycle([&] { t.aw(LONG, false); });
      t.cycle([&] { t.aw(field(LONG, n), false); });
    });
    add("AR changed", bit(8), 0, [=](Bench& t) {
      t.cycle([&] { t.ar(LONG, false); });
      t.cycle([&] { t.ar(field(LONG, n), false); });
    });
  }
  add("W in reset", bit(3), 0, [](Bench& t) {
    t.dut->rst_ni = 0;
    t.cycle([] {});
    t.cycle([&] { t.w(true, false); });
  });
  add("W dropped", bit(4), 0, [](Bench& t) {
    t.cycle([&] { t.aw(ONE, true), t.w(true, false); });
    t.cycle([] {});
  });
  for (unsigned n = 0; n < 2; ++n) {
    add("W changed", bit(5), 0, [=](Bench& t) {
      t.cycle([&] { t.aw(ONE, true), t.w(true, false); });
      t.cycle([&] {
        t.w(true, false);
        if (n == 0) t.strobe(1);
        if (n == 1) tb::set_bits(t.dut->WDATA, DUT_DATAWIDTH - 1, 1, 1);
      });
    });
  }
  add("AR in reset", bit(6), 0, [](Bench& t) {
    t.dut->rst_ni = 0;
    t.cycle([] {});
    t.cycle([&] { t.ar(ONE, false); });
  });
  add("AR dropped", bit(7), 0, [](Bench& t) {
    t.cycle([&] { t.ar(ONE, false); });
    t.cycle([] {});
  });
  for (const unsigned kind : {0u, 2u, 3u}) {
    add("AW burst", bit(9), 0, [=](Bench& t) { t.cycle([&] { t.aw({0, 0x1000, 3, FULL, kind}, true); }); });
    add("AR burst", bit(10), 0, [=](Bench& t) { t.cycle([&] { t.ar({0, 0x1000, 3, FULL, kind}, true); }); });
  }
  add("AW size", bit(11), 0, [](Bench& t) { t.cycle([&] { t.aw({0, 0x1000, 3, FULL + 1}, true); }); });
  add("AR size", bit(12), 0, [](Bench& t) { t.cycle([&] { t.ar({0, 0x1000, 3, FULL + 1}, true); }); });
  for (unsigned over = 1; over < 4; ++over) {  // four beats that begin 3, 2 or 1 before the end, at its last byte too
    const std::uint64_t address = 0x5000 - over * BYTES + BYTES - 1;
    add("AW crosses", bit(13), 0, [=](Bench& t) { t.cycle([&] { t.aw({0, address, 3, FULL}, true); }); });
    add("AR crosses", bit(14), 0, [=](Bench& t) { t.cycle([&] { t.ar({0, address, 3, FULL}, true); }); });
  }
  add("at the end of a page", 0, 0, [](Bench& t) {
    t.cycle([&] { t.aw({0, 0x5000 - 4 * BYTES + BYTES - 1, 3, FULL}, true), t.ar({0, 0x5000 - 4 * BYTES, 3, FULL}, true); });
  });
  if (DUT_MAXBEATS < 256) {
    add("AW length", bit(15), 0, [](Bench& t) { t.cycle([&] { t.aw({0, 0x1000, DUT_MAXBEATS, FULL}, true); }); });
    add("AR length", bit(16), 0, [](Bench& t) { t.cycle([&] { t.ar({0, 0x1000, DUT_MAXBEATS, FULL}, true); }); });
  }
  add("writes open", bit(17), 0, [](Bench& t) {
    for (unsigned i = 0; i <= DUT_MAXWRITES; ++i) write(t, {i % IDS, 0x1000, 0, FULL});
  });
  add("reads open", bit(18), 0, [](Bench& t) {
    for (unsigned i = 0; i <= DUT_MAXREADS; ++i) t.cycle([&] { t.ar({i % IDS, 0x1000, 0, FULL}, true); });
  });
  add("W without AW", bit(19), 0, [](Bench& t) { t.cycle([&] { t.w(true, false); }); });
  add("W beyond the burst", bit(19), 0, [](Bench& t) {
    write(t, LONG);
    t.cycle([&] { t.w(true, true); });
  });
  add("W again while AW waits", bit(19), 0, [](Bench& t) {
    t.cycle([&] { t.aw(ONE, false), t.w(true, true); });
    t.cycle([&] { t.aw(ONE, false), t.w(true, true); });
  });
  for (unsigned n = 0; n < 4; ++n) {  // early, or missing at the end
    add("WLAST", bit(20), 0, [=](Bench& t) {
      t.cycle([&] { t.aw(LONG, true); });
      for (unsigned beat = 0; beat < n; ++beat) t.cycle([&] { t.w(false, true); });
      t.cycle([&] { t.w(n != 3, true); });
    });
  }
  add("strobe below an unaligned address", bit(21), 0, [](Bench& t) {
    t.cycle([&] { t.aw({0, 0x1003, 0, FULL}, true), t.w(true, true), t.strobe(1u << 2); });
  });
  for (unsigned n = 0; n < 3; ++n) {
    add("strobe beside a narrow transfer", bit(21), 0, [=](Bench& t) {
      t.cycle([&] { t.aw({0, 0x1001, 2, 0}, true); });
      for (unsigned beat = 0; beat < n; ++beat) t.cycle([&] { t.w(false, true), t.strobe(1u << (1 + beat)); });
      t.cycle([&] { t.w(n == 2, true), t.strobe(1u << (n == 2 ? 2 : 2 + n)); });
    });
  }
  add("strobes of a second burst", bit(21), 0, [](Bench& t) {
    t.cycle([&] { t.aw({0, 0x1000, 0, FULL}, true); });
    t.cycle([&] { t.aw({0, 0x1002, 0, 1}, true), t.w(true, true), t.strobe(15); });
    t.cycle([&] { t.w(true, true), t.strobe(6); });
  });

  for (unsigned channel = 0; channel < 2; ++channel) {
    const auto valid = [=](Bench& t, bool changed) {
      if (channel == 0) t.b(0, false, changed ? 2 : 0);
      if (channel == 1) t.r(0, true, false, changed ? 2 : 0);
    };
    add("B, R in reset", 0, bit(3 * channel), [=](Bench& t) {
      t.dut->rst_ni = 0;
      t.cycle([] {});
      t.cycle([&] { valid(t, false); });
    });
    const auto begin = [=](Bench& t) {
      if (channel == 0) write(t, ONE);
      if (channel == 1) t.cycle([&] { t.ar(ONE, true); });
      t.cycle([&] { valid(t, false); });
    };
    add("B, R dropped", 0, bit(3 * channel + 1), [=](Bench& t) {
      begin(t);
      t.cycle([] {});
    });
    add("B, R changed", 0, bit(3 * channel + 2), [=](Bench& t) {
      begin(t);
      t.cycle([&] { valid(t, true); });
    });
    add("EXOKAY", 0, bit(9 + channel), [=](Bench& t) {
      if (channel == 0) write(t, ONE);
      if (channel == 1) t.cycle([&] { t.ar(ONE, true); });
      t.cycle([&] { channel == 0 ? t.b(0, true, 1) : t.r(0, true, true, 1); });
    });
  }
  add("R data changed", 0, bit(5), [](Bench& t) {
    t.cycle([&] { t.ar(ONE, true); });
    t.cycle([&] { t.r(0, true, false); });
    t.cycle([&] { t.r(0, true, false), tb::set_bits(t.dut->RDATA, DUT_DATAWIDTH - 1, 1, 1); });
  });
  add("B without a write", 0, bit(6), [](Bench& t) { t.cycle([&] { t.b(0, true); }); });
  add("B before data", 0, bit(6), [](Bench& t) {
    t.cycle([&] { t.aw(LONG, true), t.w(false, true); });
    t.cycle([&] { t.b(0, true); });
  });
  add("B before the address is taken", 0, bit(6), [](Bench& t) {
    t.cycle([&] { t.aw(ONE, false), t.w(true, true); });
    t.cycle([&] { t.aw(ONE, false), t.b(0, true); });
  });
  add("B before a waiting address is taken, data after it", 0, bit(6), [](Bench& t) {
    t.cycle([&] { t.aw(ONE, false); });
    t.cycle([&] { t.aw(ONE, false), t.w(true, true); });
    t.cycle([&] { t.aw(ONE, true), t.b(0, true); });
  });
  add("B of another ID", 0, bit(6), [](Bench& t) {
    write(t, ONE);
    t.cycle([&] { t.b(1, true); });
  });
  add("B twice", 0, bit(6), [](Bench& t) {
    write(t, ONE);
    t.cycle([&] { t.b(0, true); });
    t.cycle([&] { t.b(0, true); });
  });
  add("R without a read", 0, bit(7), [](Bench& t) { t.cycle([&] { t.r(0, true, true); }); });
  add("R before the address is taken", 0, bit(7), [](Bench& t) {
    t.cycle([&] { t.ar(ONE, false); });
    t.cycle([&] { t.ar(ONE, true), t.r(0, true, true); });
  });
  add("R of another ID", 0, bit(7), [](Bench& t) {
    t.cycle([&] { t.ar(ONE, true); });
    t.cycle([&] { t.r(1, true, true); });
  });
  add("R after the end", 0, bit(7), [](Bench& t) {
    t.cycle([&] { t.ar(ONE, true); });
    t.cycle([&] { t.r(0, true, true); });
    t.cycle([&] { t.r(0, true, true); });
  });
  for (unsigned n = 0; n < 4; ++n) {
    add("RLAST", 0, bit(8), [=](Bench& t) {
      t.cycle([&] { t.ar(LONG, true); });
      for (unsigned beat = 0; beat < n; ++beat) t.cycle([&] { t.r(0, false, true); });
      t.cycle([&] { t.r(0, n != 3, true); });
    });
  }
  return all;
}

}  // namespace

TEST_CASE("axi_master_checker: legal traffic breaks no rule") {
  for (const unsigned source : {100u, 50u, 15u}) {
    for (const unsigned sink : {100u, 50u, 15u}) {
      Bench bench;
      Traffic traffic("traffic", source, sink);
      traffic.run(bench, 4000, true);
      traffic.run(bench, 600000 / std::min(source, sink), false);
      INFO("source " << source << " sink " << sink);
      CHECK(bench.master == 0);
      CHECK(bench.slave == 0);
      CHECK(bench.errors() == 0);
      CHECK(traffic.open_writes + traffic.open_reads == 0);
      CHECK(traffic.done > 40);
      if (source > sink) CHECK(traffic.most_writes == DUT_MAXWRITES);
      if (source > sink) CHECK(traffic.most_reads == DUT_MAXREADS);
    }
  }
}

TEST_CASE("axi_master_checker: each rule, broken, is named, and none other; its assertion fires") {
  unsigned master = 0, slave = 0;
  for (const Case& c : cases()) {
    Bench bench;
    REQUIRE(bench.errors() == 0);
    c.run(bench);
    INFO(c.name);
    CHECK(bench.master == c.master);
    CHECK(bench.slave == c.slave);
    CHECK((bench.errors() != 0) == ((c.master | c.slave) != 0));
    master |= c.master;
    slave |= c.slave;
  }
  const unsigned length = bit(15) | bit(16);  // 8 bits cannot name more than 256 beats
  CHECK((master | (DUT_MAXBEATS == 256 ? length : 0)) == bit(22) - 1);
  CHECK(slave == bit(11) - 1);
}
