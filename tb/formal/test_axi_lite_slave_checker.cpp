// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: MaxOpen=1 MaxWait=8; MaxOpen=3 MaxWait=20
#include DUT_HEADER

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "../catch.h"
#include "checker_bench.h"

using namespace cuatro;

namespace {

class Bench : public CheckerBench {
 public:
  Bench() {
    idle();
    start();
  }
  void idle() {
    dut->AWVALID = dut->WVALID = dut->BVALID = dut->ARVALID = dut->RVALID = 0;
    dut->AWREADY = dut->WREADY = dut->BREADY = dut->ARREADY = dut->RREADY = 0;
    dut->AWADDR = dut->WDATA = dut->WSTRB = dut->ARADDR = dut->RDATA = 0;
    dut->BRESP = dut->RRESP = 0;
  }
  void aw(bool ready) { dut->AWVALID = 1, dut->AWREADY = ready; }
  void w(bool ready) { dut->WVALID = 1, dut->WREADY = ready; }
  void ar(bool ready) { dut->ARVALID = 1, dut->ARREADY = ready; }
  void b(bool ready, unsigned resp = 0) { dut->BVALID = 1, dut->BREADY = ready, dut->BRESP = resp; }
  void r(bool ready, unsigned resp = 0) { dut->RVALID = 1, dut->RREADY = ready, dut->RRESP = resp; }
  void cycle(const std::function<void()>& set) {
    idle();
    set();
    tick();
  }
};

struct Case {
  const char* name;
  unsigned master, slave;
  std::function<void(Bench&)> run;
};

unsigned bit(unsigned n) { return 1u << n; }

std::vector<Case> cases() {
  std::vector<Case> all;
  const auto add = [&](const char* name, unsigned master, unsigned slave, std::function<void(Bench&)> run) {
    all.push_back({name, master, slave, std::move(run)});
  };
  // Channels: AW, W, AR of the master, B, R of the slave. An open request first, so that a response is due.
  for (unsigned channel = 0; channel < 5; ++channel) {
    const auto valid = [=](Bench& t, bool changed) {
      if (channel == 0) t.aw(false), t.dut->AWADDR = changed ? 4 : 0;
      if (channel == 1) t.w(false), t.dut->WDATA = changed ? 1u << 31 : 0;
      if (channel == 2) t.ar(false), t.dut->ARADDR = changed ? 1u << 11 : 0;
      if (channel == 3) t.b(false, changed ? 2 : 0);
      if (channel == 4) t.r(false), t.dut->RDATA = changed ? 1 : 0;
    };
    const auto begin = [=](Bench& t) {
      if (channel == 3) t.cycle([&] { t.aw(true), t.w(true); });
      if (channel == 4) t.cycle([&] { t.ar(true); });
      t.cycle([&] { valid(t, false); });
    };
    const unsigned shift = channel < 3 ? 3 * channel : 3 * (channel - 3);
    const auto broken = [=](unsigned n) { return std::pair{channel < 3 ? bit(shift + n) : 0, channel < 3 ? 0 : bit(shift + n)}; };
    add("in reset", broken(0).first, broken(0).second, [=](Bench& t) {
      t.dut->rst_ni = 0;
      t.cycle([] {});
      t.cycle([&] { valid(t, false); });
    });
    if (channel < 3) {
      add("in the first cycle after reset", broken(0).first, 0, [=](Bench& t) {
        t.dut->rst_ni = 0;
        t.cycle([] {});
        t.dut->rst_ni = 1;
        t.cycle([&] { valid(t, false); });
      });
    }
    add("dropped", broken(1).first, broken(1).second, [=](Bench& t) {
      begin(t);
      t.cycle([] {});
    });
    add("changed", broken(2).first, broken(2).second, [=](Bench& t) {
      begin(t);
      t.cycle([&] { valid(t, true); });
    });
  }
  add("WSTRB changed", bit(5), 0, [](Bench& t) {
    t.cycle([&] { t.w(false); });
    t.cycle([&] { t.w(false), t.dut->WSTRB = 8; });
  });
  add("RRESP changed", 0, bit(5), [](Bench& t) {
    t.cycle([&] { t.ar(true); });
    t.cycle([&] { t.r(false); });
    t.cycle([&] { t.r(false, 2); });
  });
  add("B without a write", 0, bit(6), [](Bench& t) { t.cycle([&] { t.b(true); }); });
  add("B after the address only", 0, bit(6), [](Bench& t) {
    t.cycle([&] { t.aw(true), t.w(false); });
    t.cycle([&] { t.w(false), t.b(true); });
  });
  add("B after the data only", 0, bit(6), [](Bench& t) {
    t.cycle([&] { t.aw(false), t.w(true); });
    t.cycle([&] { t.aw(true), t.b(true); });
  });
  add("B twice", 0, bit(6), [](Bench& t) {
    t.cycle([&] { t.aw(true), t.w(true); });
    t.cycle([&] { t.b(true); });
    t.cycle([&] { t.b(true); });
  });
  add("R without a read", 0, bit(7), [](Bench& t) {
    t.cycle([&] { t.ar(false); });
    t.cycle([&] { t.ar(true), t.r(true); });
  });
  add("R twice", 0, bit(7), [](Bench& t) {
    t.cycle([&] { t.ar(true); });
    t.cycle([&] { t.r(true); });
    t.cycle([&] { t.r(true); });
  });
  add("B EXOKAY", 0, bit(8), [](Bench& t) {
    t.cycle([&] { t.aw(true), t.w(true); });
    t.cycle([&] { t.b(true, 1); });
  });
  add("R EXOKAY", 0, bit(9), [](Bench& t) {
    t.cycle([&] { t.ar(true); });
    t.cycle([&] { t.r(true, 1); });
  });
  add("addresses open", 0, bit(10), [](Bench& t) {
    for (unsigned i = 0; i <= DUT_MAXOPEN; ++i) t.cycle([&] { t.aw(true); });
  });
  add("data open", 0, bit(10), [](Bench& t) {
    for (unsigned i = 0; i <= DUT_MAXOPEN; ++i) t.cycle([&] { t.w(true); });
  });
  add("reads open", 0, bit(11), [](Bench& t) {
    for (unsigned i = 0; i <= DUT_MAXOPEN; ++i) t.cycle([&] { t.ar(true); });
  });
  // MaxWait idle cycles are allowed, one more is not; whether the request has been taken or not.
  for (const bool taken : {false, true}) {
    for (const unsigned more : {0u, 1u}) {
      add("write unanswered", 0, more * bit(12), [=](Bench& t) {
        if (taken) t.cycle([&] { t.aw(true), t.w(true); });
        for (unsigned i = 0; i < DUT_MAXWAIT + more - taken; ++i) t.cycle([&] { if (!taken) t.aw(false), t.w(false); });
      });
      add("read unanswered", 0, more * bit(13), [=](Bench& t) {
        if (taken) t.cycle([&] { t.ar(true); });
        for (unsigned i = 0; i < DUT_MAXWAIT + more - taken; ++i) t.cycle([&] { if (!taken) t.ar(false); });
      });
    }
  }
  add("an address waits for its data, a response for the master", 0, 0, [](Bench& t) {
    t.cycle([&] { t.aw(true), t.ar(true); });
    for (unsigned i = 0; i < 3 * DUT_MAXWAIT; ++i) t.cycle([&] { t.r(false); });
    t.cycle([&] { t.w(true), t.r(true); });
    for (unsigned i = 0; i < 3 * DUT_MAXWAIT; ++i) t.cycle([&] { t.b(false); });
  });
  return all;
}

}  // namespace

TEST_CASE("axi_lite_slave_checker: legal traffic breaks no rule") {
  for (const unsigned master : {100u, 50u, 15u}) {
    tb::Random random("traffic");
    Bench t;
    unsigned addresses = 0, data = 0, reads = 0, wait_w = 0, wait_r = 0, done = 0, most = 0;
    for (unsigned c = 0; c < 6000; ++c) {
      auto& dut = t.dut;
      if (!dut->BVALID) dut->BVALID = addresses > 0 && data > 0 && (random.chance(40) || wait_w + 2 > DUT_MAXWAIT);
      if (!dut->RVALID) dut->RVALID = reads > 0 && (random.chance(40) || wait_r + 2 > DUT_MAXWAIT);
      if (!dut->AWVALID) dut->AWVALID = random.chance(master), dut->AWADDR = random.bits(12);
      if (!dut->WVALID) dut->WVALID = random.chance(master), dut->WDATA = random.bits(32), dut->WSTRB = random.bits(4);
      if (!dut->ARVALID) dut->ARVALID = random.chance(master), dut->ARADDR = random.bits(12);
      dut->BRESP = dut->RRESP = 0;
      dut->BREADY = random.chance(master);
      dut->RREADY = random.chance(master);
      dut->AWREADY = addresses < DUT_MAXOPEN && (random.chance(50) || wait_w + 3 > DUT_MAXWAIT);
      dut->WREADY = data < DUT_MAXOPEN && (random.chance(50) || wait_w + 3 > DUT_MAXWAIT);
      dut->ARREADY = reads < DUT_MAXOPEN && (random.chance(50) || wait_r + 3 > DUT_MAXWAIT);
      wait_w = (addresses > 0 || dut->AWVALID) && (data > 0 || dut->WVALID) && !dut->BVALID ? wait_w + 1 : 0;
      wait_r = (reads > 0 || dut->ARVALID) && !dut->RVALID ? wait_r + 1 : 0;
      t.tick();
      if (dut->AWVALID && dut->AWREADY) dut->AWVALID = 0, ++addresses;
      if (dut->WVALID && dut->WREADY) dut->WVALID = 0, ++data;
      if (dut->ARVALID && dut->ARREADY) dut->ARVALID = 0, ++reads;
      if (dut->BVALID && dut->BREADY) dut->BVALID = 0, --addresses, --data, ++done;
      if (dut->RVALID && dut->RREADY) dut->RVALID = 0, --reads, ++done;
      most = std::max(most, reads);
    }
    INFO("master " << master);
    CHECK(t.master == 0);
    CHECK(t.slave == 0);
    CHECK(t.errors() == 0);
    CHECK(done > 300);
    CHECK(most == DUT_MAXOPEN);
  }
}

TEST_CASE("axi_lite_slave_checker: each rule, broken, is named, and none other; its assertion fires") {
  unsigned master = 0, slave = 0;
  for (const Case& c : cases()) {
    Bench bench;
    c.run(bench);
    INFO(c.name);
    CHECK(bench.master == c.master);
    CHECK(bench.slave == c.slave);
    CHECK((bench.errors() != 0) == ((c.master | c.slave) != 0));
    master |= c.master;
    slave |= c.slave;
  }
  CHECK(master == bit(9) - 1);
  CHECK(slave == bit(14) - 1);
}
