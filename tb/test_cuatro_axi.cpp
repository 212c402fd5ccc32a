// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: Rows=4 Cols=4 Lanes=4 DrainWidth=4 OperandDepth=64 ResultDepth=256 DataBits=64; Rows=8 Cols=16 Lanes=4 DrainWidth=4 OperandDepth=128 ResultDepth=256 DataBits=512; Rows=8 Cols=16 Lanes=8 DrainWidth=16 OperandDepth=128 ResultDepth=256 DataBits=128; Rows=16 Cols=16 Lanes=16 DrainWidth=32 OperandDepth=512 ResultDepth=512 DataBits=512
//
// The whole block through registers and memory, behind the driver: what every operation leaves is what
// the golden device leaves, whatever the memory does within AXI; errors and resets end cleanly.
#include DUT_HEADER

#include <bit>
#include <cmath>

#include "catch.h"
#include "golden/golden_device.h"
#include "harness.h"
#include "random_ops.h"
#include "sim/cuatro_regs.h"
#include "sim/ring_driver.h"
#include "sim/rtl_device.h"
#include "sim/verilated_board.h"

namespace {

using namespace cuatro;
using Board = sim::VerilatedBoard<DUT>;

constexpr auto kBlockLog = static_cast<std::uint8_t>(std::countr_zero(LANES * LANES / 2u));
constexpr std::uint32_t kSide = LANES * 5 + 3;     // several tiles, ragged

std::uint32_t stream(std::uint32_t test) { return static_cast<std::uint32_t>(1000 * tb::seed()) + test; }

// A device that keeps hold of its board.
struct Rig {
  explicit Rig(const sim::MemoryTiming& timing) {
    auto owned = std::make_unique<Board>(timing, DATABITS);
    board = owned.get();
    device = make_rtl_device(std::move(owned));
  }
  Board* board;
  std::unique_ptr<RtlDevice> device;
};

void mixed(test::RandomOps& ops, int count) {
  for (int i = 0; i < count; ++i) {
    if (ops.one_in(3)) ops.quantize(kSide);
    else if (ops.one_in(4)) ops.updates(kSide, 2);
    else if (ops.one_in(4)) ops.unfold(kSide, LANES);
    else ops.gemm(kSide);
  }
}

}  // namespace

TEST_CASE("cuatro_axi: one operation after the other leaves what the golden device leaves") {
  Rig rig({});
  golden::GoldenDevice golden;
  test::RandomOps ops(*rig.device, golden, stream(1));
  for (int i = 0; i < 40; ++i) {
    mixed(ops, 1);
    ops.check();
  }
}

TEST_CASE("cuatro_axi: operations back to back, any latency, any stalls, reads in any order") {
  for (std::uint32_t run = 0; run < 24; ++run) {
    const std::uint32_t latencies[] = {1, 3, 20, 100, 400};
    sim::MemoryTiming timing;
    timing.latency = latencies[run % 5];
    timing.stall_percent = run % 4 == 0 ? 0 : 10 + 25 * (run % 4 - 1);
    timing.seed = stream(run);
    INFO("latency " << timing.latency << " stalls " << timing.stall_percent << " run " << run);
    Rig rig(timing);
    const std::shared_ptr<sim::DeviceMemory> memory = rig.board->memory();
    golden::GoldenDevice golden;
    test::RandomOps ops(*rig.device, golden, stream(100 + run));
    for (int i = 0; i < 2; ++i) {
      mixed(ops, 8);
      ops.check();
    }
    rig.device->sync();
    CHECK(rig.board->axi().quiet());
    CHECK(rig.board->axi().reads_outside == 0);
    CHECK(rig.board->axi().writes_outside == 0);
    rig.device.reset();
    CHECK(memory->overruns() == 0);
  }
}

TEST_CASE("cuatro_axi: a read waits for its own tensor or record; the rest goes on, and each cycle is counted once") {
  const auto ask = [](Device& device, std::uint32_t side) {
    const std::vector<std::uint8_t> codes(std::size_t{side} * side, 1);
    Gemm op;
    op.a = device.upload_codes(codes, side, side, Format::int4);
    op.b = device.upload_codes(codes, side, side, Format::int4);
    return device.gemm(op, "square");
  };
  const auto run = [&](bool in_parts) {
    Rig rig({});
    Device& device = *rig.device;
    const Result small = ask(device, LANES), large = ask(device, 20 * LANES);
    if (in_parts) {
      CHECK(device.read_raw(small.raw) == std::vector<std::int32_t>(LANES * LANES, LANES));
      CHECK(device.stats(small).absmax == LANES);
      const std::uint64_t cycles = device.counters().cycles;
      const Result later = ask(device, LANES);
      CHECK(device.read_raw(large.raw) == std::vector<std::int32_t>(400 * LANES * LANES, 20 * LANES));
      CHECK(device.counters().cycles > 4 * cycles);
      CHECK(device.read_raw(later.raw).front() == LANES);
    } else {
      ask(device, LANES);
    }
    device.sync();
    CHECK(rig.board->axi().quiet());
    return device.counters();
  };
  const Counters whole = run(false), parts = run(true);
  CHECK(parts.mac_cycles == whole.mac_cycles);
  CHECK(parts.store_cycles == whole.store_cycles);
  const auto once = static_cast<double>(whole.cycles), split = static_cast<double>(parts.cycles);
  CHECK(std::abs(split - once) < 0.1 * once + 500);        // reading registers takes time too
}

TEST_CASE("cuatro_axi: a bus error on any channel is reported, loses nothing silently, and leaves a block that works") {
  for (std::uint32_t run = 0; run < 24; ++run) {
    sim::MemoryTiming timing;
    timing.latency = run % 2 == 0 ? 30 : 2;
    timing.stall_percent = run % 3 == 0 ? 0 : 30;
    timing.seed = stream(run);
    Rig rig(timing);
    golden::GoldenDevice golden;
    auto& faults = rig.board->axi().faults;
    const unsigned channel = run % 4;
    const std::uint64_t burst = 1 + run / 4 * 3;
    const char* expected[] = {"reading entry", "reading entry", "in the load", "of entry"};
    if (channel < 3) faults.read_burst[channel] = burst;
    else faults.write_burst = burst;
    faults.decode = run % 2 == 1;
    INFO("channel " << channel << " burst " << burst << " run " << run);
    {
      test::RandomOps ops(*rig.device, golden, stream(200 + run));
      for (int i = 0; i < 6; ++i) {
        ops.gemm(kSide);
        ops.quantize(kSide);
      }
      try {
        rig.device->sync();
        // Rings fill whole bursts: there may have been fewer of them than that.
        REQUIRE(channel < 2);
      } catch (const DeviceError& e) {
        INFO(e.what());
        CHECK(std::string(e.what()).find("bus error at 0x") != std::string::npos);
        CHECK(std::string(e.what()).find(expected[channel]) != std::string::npos);
      }
    }
    CHECK(rig.board->axi().quiet());
    faults = {};
    test::RandomOps ops(*rig.device, golden, stream(300 + run));
    mixed(ops, 4);
    ops.check();
  }
}

TEST_CASE("cuatro_axi: a soft reset in mid-burst finishes what is on the bus; then the block works") {
  struct Stopped {};
  // Leaves its driver alone after so many cycles, or at the end of the operation that is under way then.
  struct Borrowed final : sim::Board {
    Borrowed(Board& b, std::uint64_t c) : board(b), cycles(c) {}
    Answer read(std::uint32_t reg) override { return board.read(reg); }
    bool write(std::uint32_t reg, std::uint32_t value) override { return board.write(reg, value); }
    bool wait_interrupt(std::uint64_t most) override {
      if (most >= cycles) {
        board.wait_interrupt(cycles);
        throw Stopped{};
      }
      cycles -= most;
      return board.wait_interrupt(most);
    }
    const std::shared_ptr<sim::DeviceMemory>& memory() override { return board.memory(); }
    void open_trace(const std::string&) override {}
    Board& board;
    std::uint64_t cycles;
  };
  unsigned busy_resets = 0;
  for (std::uint32_t run = 0; run < 30; ++run) {
    sim::MemoryTiming timing;
    timing.latency = 40;
    timing.stall_percent = run % 2 == 0 ? 0 : 40;
    timing.seed = stream(run);
    Board board(timing, DATABITS);
    golden::GoldenDevice golden;
    {
      auto device = make_rtl_device(std::make_unique<Borrowed>(board, 60 + 37 * run));
      test::RandomOps ops(*device, golden, stream(400 + run));
      for (int i = 0; i < 8; ++i) ops.gemm(kSide);
      try {
        device->sync();
      } catch (const Stopped&) {
      }
      busy_resets += board.axi().quiet() ? 0 : 1;
      REQUIRE(board.write(regs::CTRL, regs::CTRL_SOFT_RESET.put(1)));
      for (int i = 0; (board.read(regs::CTRL).data & regs::CTRL_SOFT_RESET.put(1)) != 0; ++i) REQUIRE(i < 10000);
      REQUIRE(board.axi().quiet());
      REQUIRE(board.read(regs::STATUS).data == regs::STATUS_IDLE.put(1));
      REQUIRE(board.read(regs::RING0_HEAD).data == 0);
    }
    auto device = make_rtl_device(std::make_unique<Borrowed>(board, ~std::uint64_t{0}));
    test::RandomOps ops(*device, golden, stream(500 + run));
    mixed(ops, 4);
    ops.check();
  }
  CHECK(busy_resets > 10);
}

namespace {

// Entries by hand.
struct Raw {
  explicit Raw(sim::MemoryTiming timing = {}) : board(timing, DATABITS) {
    for (unsigned lane = 0; lane < 2; ++lane) {
      ring[lane] = sim::Buffer(board.memory(), 64 * sim::RingEntry::kBytes);
      record[lane] = sim::Buffer(board.memory(), 64 * sim::CompletionRecord::kBytes);
    }
    data = sim::Buffer(board.memory(), 4096);
    start();
  }
  void start() {
    for (unsigned lane = 0; lane < 2; ++lane) {
      const std::uint32_t at = (regs::RING1_BASE_LO - regs::RING0_BASE_LO) * lane;
      const std::uint64_t r = board.memory()->bus_address(ring[lane].data()), c = board.memory()->bus_address(record[lane].data());
      REQUIRE(board.write(regs::RING0_BASE_LO + at, static_cast<std::uint32_t>(r)));
      REQUIRE(board.write(regs::RING0_BASE_HI + at, static_cast<std::uint32_t>(r >> 32)));
      REQUIRE(board.write(regs::RECORD0_BASE_LO + at, static_cast<std::uint32_t>(c)));
      REQUIRE(board.write(regs::RECORD0_BASE_HI + at, static_cast<std::uint32_t>(c >> 32)));
      REQUIRE(board.write(regs::RING0_SIZE + at, 6));
      tail[lane] = 0;
    }
    REQUIRE(board.write(regs::IRQ_ENABLE, 7));
    REQUIRE(board.write(regs::CTRL, 1));
  }
  void put(unsigned lane, const sim::RingEntry& e) {
    std::memcpy(ring[lane].data() + tail[lane]++ % 64 * sim::RingEntry::kBytes, e.bytes.data(), sim::RingEntry::kBytes);
  }
  void bell(unsigned lane) { REQUIRE(board.write(lane == 0 ? regs::RING0_TAIL : regs::RING1_TAIL, tail[lane])); }
  sim::RingEntry transfer(sim::EntryKind kind) {
    sim::RingEntry e(kind);
    e.put(16, board.memory()->bus_address(data.data()));
    e.put(28, std::uint16_t{1});
    e.put(30, std::uint16_t{1});
    std::uint8_t item = 0;
    while ((1u << item) < LANES * LANES / 2) ++item;
    e.put(38, item);
    return e;
  }
  sim::CompletionRecord take_record(unsigned lane, unsigned slot) {
    sim::CompletionRecord r;
    std::memcpy(&r, record[lane].data() + slot * sizeof r, sizeof r);
    return r;
  }
  // One entry that must stop the block: the error register's content.
  std::uint32_t error_of(unsigned lane, const sim::RingEntry& e) {
    put(lane, e);
    bell(lane);
    REQUIRE(board.wait_interrupt(5000));
    // A command that the core refuses, and a load beyond a scratchpad, are done all the same.
    CHECK((board.read(regs::IRQ_STATUS).data & ~regs::IRQ_STATUS_DRAINED.put(1)) == regs::IRQ_STATUS_ERROR.put(1));
    CHECK((board.read(regs::STATUS).data & ~regs::STATUS_IDLE.put(1)) == (regs::STATUS_ERROR.put(1) | regs::STATUS_HALTED.put(1)));
    const std::uint32_t error = board.read(regs::ERROR).data;
    CHECK(regs::ERROR_LANE.get(error) == lane);
    REQUIRE(board.write(regs::CTRL, 2));
    for (int i = 0; (board.read(regs::CTRL).data & 2) != 0; ++i) REQUIRE(i < 1000);
    CHECK(board.read(regs::ERROR).data == 0);
    CHECK(board.read(regs::STATUS).data == regs::STATUS_IDLE.put(1));
    CHECK_FALSE(board.wait_interrupt(10));
    start();
    return error;
  }
  Board board;
  sim::Buffer ring[2], record[2], data;
  std::uint16_t tail[2] = {};
};

std::uint32_t bad(std::uint32_t field) { return 5 | field << 8; }
std::uint32_t code_and_field(std::uint32_t error) { return regs::ERROR_CODE.get(error) | regs::ERROR_FIELD.get(error) << 8; }

}  // namespace

TEST_CASE("cuatro_axi: a bad entry is refused by the field that makes it so") {
  using sim::EntryKind;
  Raw raw;
  const auto check = [&](unsigned lane, sim::RingEntry e, std::uint32_t expected) {
    const std::uint32_t error = raw.error_of(lane, e);
    CHECK(code_and_field(error) == expected);
    CHECK(regs::ERROR_ENTRY.get(error) == 0);
  };
  const auto changed = [&](EntryKind kind, auto change) {
    sim::RingEntry e = raw.transfer(kind);
    change(e);
    return e;
  };
  for (unsigned lane = 0; lane < 2; ++lane) {
    check(lane, sim::RingEntry(static_cast<EntryKind>(0)), bad(1));
    check(lane, sim::RingEntry(static_cast<EntryKind>(4)), bad(1));
    check(lane, changed(EntryKind::load, [](auto& e) { e.want_record(); }), bad(2));
    check(lane, changed(EntryKind::load, [](auto& e) { e.put(39, std::uint8_t{3}); }), bad(4));
    check(lane, changed(EntryKind::store, [](auto& e) { e.put(39, std::uint8_t{1}); }), bad(4));
    check(lane, changed(EntryKind::load, [](auto& e) { e.bytes[38] ^= 7; }), bad(5));
    check(lane, changed(EntryKind::store, [](auto& e) { e.bytes[38] = 15; }), bad(5));
    check(lane, changed(EntryKind::store, [](auto& e) { e.put(28, std::uint16_t{0}); }), bad(6));
    check(lane, changed(EntryKind::load, [](auto& e) { e.put(30, std::uint16_t{0}); }), bad(6));
    check(lane, changed(EntryKind::load, [](auto& e) { e.bytes[16] ^= 1; }), bad(7));
    check(lane, changed(EntryKind::load, [](auto& e) { e.bytes[22] = 1; }), bad(7));
    check(lane, changed(EntryKind::store, [](auto& e) { e.bytes[24] = 1; }), bad(8));
    check(lane, changed(EntryKind::store, [](auto& e) { e.bytes[40] = 1; }), bad(9));
    check(lane, changed(EntryKind::load, [](auto& e) { e.bytes[63] = 1; }), bad(10));
    check(lane, changed(EntryKind::load, [](auto& e) { e.bytes[3] = 1; }), bad(10));
    // Windows: of the GEMM ring's operands only, and none without blocks, a stride, a size; rows two apart only with a stride of one.
    const auto window = [&](auto change) {
      return changed(EntryKind::load, [&](auto& e) {
        sim::WindowFields f;
        f.blocks = f.positions = f.stride = f.kernel_w = f.plane = f.width = f.height = f.out_width = f.out_height = 1;
        e.put(24, std::uint32_t{0});
        e.put(39, std::uint8_t{0});
        e.put(38, kBlockLog);
        change(f, e);
        e.set_window(f);
      });
    };
    const std::uint32_t wrong = lane == 0 ? bad(11) : bad(4);
    check(lane, window([](auto& f, auto&) { f.blocks = 0; }), wrong);
    check(lane, window([](auto& f, auto&) { f.positions = 0; }), wrong);
    check(lane, window([](auto& f, auto&) { f.stride = 0; }), wrong);
    check(lane, window([](auto& f, auto&) { f.kernel_w = 0; }), wrong);
    check(lane, window([](auto& f, auto&) { f.plane = 0; }), wrong);
    check(lane, window([](auto& f, auto&) { f.width = 0; }), wrong);
    check(lane, window([](auto& f, auto&) { f.height = 0; }), wrong);
    check(lane, window([](auto& f, auto&) { f.out_width = 0; }), wrong);
    check(lane, window([](auto& f, auto&) { f.out_height = 0; }), wrong);
    check(lane, window([](auto& f, auto&) { f.dilated = true, f.stride = 2; }), wrong);
    check(lane, window([](auto&, auto& e) { e.put(39, std::uint8_t{2}); }), bad(4));
    check(lane, window([](auto&, auto& e) { e.bytes[42] = 1; }), lane == 0 ? bad(10) : bad(4));
    check(lane, window([](auto&, auto& e) { e.put(32, std::uint16_t{0xffff}); }), lane == 0 ? bad(9) : bad(4));
    // Beyond the scratchpad: noticed on the way, not written.
    check(lane, changed(EntryKind::load, [](auto& e) { e.put(32, std::uint16_t{0xffff}); }), bad(9));
    sim::Descriptor d;
    d.op = 0;
    sim::RingEntry nop(EntryKind::command);
    nop.set_command(d);
    check(lane, nop, bad(3));
    d.op = lane == 0 ? 2 : 1;
    sim::RingEntry other(EntryKind::command);
    other.set_command(d);
    check(lane, other, bad(3));
    // The core's own refusal.
    d.op = lane == 0 ? 1 : 2;
    sim::RingEntry zero(EntryKind::command);
    zero.set_command(d);
    check(lane, zero, 6 | 2 << 8);
  }
}

TEST_CASE("cuatro_axi: a tail more than a ring ahead is an error; records and interrupts come as asked") {
  Raw raw;
  // A store of one block with a record and an interrupt, after a load.
  sim::RingEntry load = raw.transfer(sim::EntryKind::load);
  raw.put(0, load);
  sim::RingEntry store = raw.transfer(sim::EntryKind::store);
  store.wait_for(0, 1);
  store.want_record();
  store.want_interrupt();
  raw.put(0, store);
  raw.bell(0);
  REQUIRE(raw.board.wait_interrupt(5000));
  CHECK((raw.board.read(regs::IRQ_STATUS).data & regs::IRQ_STATUS_ENTRY.put(1)) != 0);
  const sim::CompletionRecord record = raw.take_record(0, 1);
  CHECK(record.kind == 3);
  CHECK(record.slot_lane == 1);
  CHECK(raw.take_record(0, 0).kind == 0);
  raw.board.wait_interrupt(0);
  for (int i = 0; raw.board.read(regs::STATUS).data != regs::STATUS_IDLE.put(1); ++i) REQUIRE(i < 1000);
  CHECK((raw.board.read(regs::IRQ_STATUS).data & regs::IRQ_STATUS_DRAINED.put(1)) != 0);
  REQUIRE(raw.board.write(regs::IRQ_STATUS, 7));
  CHECK(raw.board.read(regs::IRQ_STATUS).data == 0);
  CHECK_FALSE(raw.board.wait_interrupt(10));
  CHECK(raw.board.read(regs::RING0_HEAD).data == 2);
  // 65 entries for 64 places.
  REQUIRE(raw.board.write(regs::RING0_TAIL, 2 + 65));
  REQUIRE(raw.board.wait_interrupt(5000));
  CHECK(code_and_field(raw.board.read(regs::ERROR).data) == 7);
}

TEST_CASE("cuatro_axi: records of many commands and of a store never wait for each other across a long store") {
  sim::MemoryTiming timing;
  timing.latency = 1500;                              // the first store is answered when the records' queue is full
  Raw raw(timing);
  constexpr unsigned commands = 40, bursts = 48;      // more than the queue holds; than may be without an answer
  sim::Descriptor d;
  d.op = 1, d.m = d.n = d.k = 1;
  sim::RingEntry command(sim::EntryKind::command);
  command.set_command(d);
  command.want_record();
  for (unsigned i = 0; i < commands; ++i) raw.put(0, command);
  sim::RingEntry store = raw.transfer(sim::EntryKind::store);
  store.want_record();
  raw.put(1, store);
  constexpr std::uint32_t item = LANES * LANES / 2, pitch = item < 64 ? 128 : 2 * item;  // a burst a row
  sim::Buffer rows(raw.board.memory(), bursts * pitch);
  sim::RingEntry rows_store = raw.transfer(sim::EntryKind::store);
  rows_store.put(16, raw.board.memory()->bus_address(rows.data()));
  rows_store.put(24, std::uint32_t{pitch});
  rows_store.put(28, std::uint16_t{1});
  rows_store.put(30, std::uint16_t{bursts});
  rows_store.want_record();
  raw.put(1, rows_store);
  raw.bell(1);
  raw.bell(0);
  REQUIRE(raw.board.wait_interrupt(50000));
  for (int i = 0; raw.board.read(regs::STATUS).data != regs::STATUS_IDLE.put(1); ++i) REQUIRE(i < 20000);
  for (unsigned i = 0; i < commands; ++i) CHECK(raw.take_record(0, i).kind == 2);
  for (unsigned i = 0; i < 2; ++i) CHECK(raw.take_record(1, i).kind == 3);
}

TEST_CASE("cuatro_axi: registers read what was written, say what the block is, and refuse what is not there") {
  Raw raw;
  CHECK(raw.board.read(regs::ID).data == regs::ID_VALUE);
  CHECK(regs::CAPS_ARRAY_ROWS.get(raw.board.read(regs::CAPS_ARRAY).data) == ROWS);
  CHECK(regs::CAPS_ARRAY_COLS.get(raw.board.read(regs::CAPS_ARRAY).data) == COLS);
  CHECK(regs::CAPS_ARRAY_LANES.get(raw.board.read(regs::CAPS_ARRAY).data) == LANES);
  CHECK(regs::CAPS_WIDTH_DRAIN.get(raw.board.read(regs::CAPS_WIDTH).data) == DRAINWIDTH);
  CHECK(regs::CAPS_WIDTH_DATA_BITS.get(raw.board.read(regs::CAPS_WIDTH).data) == DATABITS);
  CHECK(1u << regs::CAPS_DEPTH_OPERAND.get(raw.board.read(regs::CAPS_DEPTH).data) == OPERANDDEPTH);
  CHECK(1u << regs::CAPS_DEPTH_RESULT.get(raw.board.read(regs::CAPS_DEPTH).data) == RESULTDEPTH);
  REQUIRE(raw.board.write(regs::CTRL, 0));
  for (const std::uint32_t reg : {regs::RING0_BASE_LO, regs::RING1_BASE_LO, regs::RECORD0_BASE_LO, regs::RECORD1_BASE_LO}) {
    REQUIRE(raw.board.write(reg, 0xffffffff));
    const bool ring = reg == regs::RING0_BASE_LO || reg == regs::RING1_BASE_LO;
    CHECK(raw.board.read(reg).data == (ring ? 0xfffff000 : 0xffffffe0));
    REQUIRE(raw.board.write(reg + 4, 0xffffffff));
    CHECK(raw.board.read(reg + 4).data == 0xff);       // 40 bits
  }
  for (std::uint32_t size = 0; size < 16; ++size) {
    CHECK(raw.board.write(regs::RING0_SIZE, size) == (size >= 6 && size <= 13));
    CHECK(raw.board.write(regs::RING1_SIZE, size) == (size >= 6 && size <= 13));
  }
  CHECK(raw.board.read(regs::RING0_SIZE).data == 13);
  for (std::uint32_t reg = 0; reg < 4096; reg += 4) {
    const bool there = reg <= regs::CAPS_DEPTH || (reg >= regs::CTRL && reg <= regs::ERROR_ADDR_HI) ||
                       (reg >= regs::RING0_BASE_LO && reg <= regs::RING0_TAIL) || (reg >= regs::RING1_BASE_LO && reg <= regs::RING1_TAIL) ||
                       (reg >= regs::PERF_CYCLES_LO && reg <= regs::PERF_WRITE_HI);
    CAPTURE(reg);
    REQUIRE(raw.board.read(reg).error == !there);
    if (!there) REQUIRE_FALSE(raw.board.write(reg, 0));
  }
  for (const std::uint32_t reg : {regs::ID, regs::STATUS, regs::ERROR, regs::RING0_HEAD, regs::PERF_MAC_LO}) CHECK_FALSE(raw.board.write(reg, 1));
}

#if LANES == 16
TEST_CASE("cuatro_axi: the GEMM by hand of rtl/README.md") {
  Raw raw;
  REQUIRE(raw.board.write(regs::CTRL, 2));
  while ((raw.board.read(regs::CTRL).data & 2) != 0) {}
  golden::GoldenDevice golden;
  std::vector<std::uint8_t> codes_a(256), codes_b(256);
  for (unsigned i = 0; i < 256; ++i) codes_a[i] = static_cast<std::uint8_t>(i * 7 & 15), codes_b[i] = static_cast<std::uint8_t>(i * 11 >> 2 & 15);
  sim::Image image_a(raw.board.memory(), 16, 16, 16, 4), image_b(raw.board.memory(), 16, 16, 16, 4), image_r(raw.board.memory(), 16, 16, 16, 4);
  sim::pack_codes(image_a, codes_a);
  sim::pack_codes(image_b, codes_b);
  const auto bus = [&](const std::uint8_t* p) { return raw.board.memory()->bus_address(p); };
  const std::uint64_t a = bus(image_a.data.data()), b = bus(image_b.data.data()), r = bus(image_r.data.data());
  std::uint8_t* const ring = raw.ring[0].data();
  const std::uint64_t ring_address = bus(ring), record_address = bus(raw.record[0].data());
  const auto write_register = [&](std::uint32_t reg, std::uint64_t value) { REQUIRE(raw.board.write(reg, static_cast<std::uint32_t>(value))); };
  const auto wait_for_interrupt = [&] { REQUIRE(raw.board.wait_interrupt(5000)); };
  using namespace cuatro::regs;

  auto put = [](std::uint8_t* e, unsigned at, auto value) { std::memcpy(e + at, &value, sizeof value); };
  auto transfer = [&](std::uint8_t* e, std::uint8_t kind, std::uint8_t space, std::uint64_t address) {
    e[0] = kind, e[38] = 7, e[39] = space;              // 128-byte items: 16 x 16 codes
    put(e, 16, address), put(e, 28, std::uint16_t{1}), put(e, 30, std::uint16_t{1});
  };
  std::memset(ring, 0, 4 * 64);
  transfer(ring, 1, 0, a);                              // A[0] = a
  transfer(ring + 64, 1, 1, b);                         // B[0] = b
  std::uint8_t* c = ring + 128;                              // the command, after two loads
  c[0] = 2, c[1] = 1, c[2] = 1, put(c, 4, std::uint16_t{2});
  cuatro::sim::Descriptor d;                            // R[0] = A[0] * B[0] / 2^4, rounded to nearest
  d.op = 1, d.m = d.n = d.k = 16, d.shift = 4;
  auto bits = d.bits();
  put(c, 16, bits);
  std::uint8_t* s = ring + 192;                              // the store, after one command
  transfer(s, 3, 0, r);
  s[1] = 3, s[2] = 4, put(s, 8, std::uint16_t{1});           // with record and interrupt
  write_register(RING0_BASE_LO, ring_address), write_register(RING0_BASE_HI, ring_address >> 32);
  write_register(RECORD0_BASE_LO, record_address), write_register(RECORD0_BASE_HI, record_address >> 32);
  write_register(RING0_SIZE, 6), write_register(IRQ_ENABLE, 7), write_register(CTRL, 1);
  write_register(RING0_TAIL, 4);                        // the bell
  wait_for_interrupt();
  CHECK((raw.board.read(IRQ_STATUS).data & 1) == 1);
  Gemm op;
  op.a = golden.upload_codes(codes_a, 16, 16, Format::int4);
  op.b = golden.upload_codes(codes_b, 16, 16, Format::int4);
  op.b_transposed = true;
  op.out.format = OutFormat::int4;
  op.out.shift = 4;
  const Result want = golden.gemm(op, "by hand");
  CHECK(sim::unpack_codes(image_r) == golden.read_codes(want.codes));
  CHECK(raw.take_record(0, 2).absmax == golden.stats(want).absmax);
  CHECK(raw.take_record(0, 3).kind == 3);
}
#endif
