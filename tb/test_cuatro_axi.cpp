// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: Rows=4 Cols=4 Lanes=4 DrainWidth=4 OperandDepth=64 ResultDepth=256 DataBits=64; Rows=8 Cols=16 Lanes=4 DrainWidth=4 OperandDepth=128 ResultDepth=256 DataBits=512; Rows=8 Cols=16 Lanes=8 DrainWidth=16 OperandDepth=128 ResultDepth=32768 DataBits=128 BurstBeats=128; Rows=16 Cols=16 Lanes=16 DrainWidth=32 OperandDepth=512 ResultDepth=512 DataBits=512
//
// The whole block through registers and memory, behind the driver: what every operation leaves is what
// the golden device leaves, whatever the memory does within AXI; errors and resets end cleanly.
#include DUT_HEADER

#include <bit>
#include <cmath>

#include "axi_rig.h"
#include "bad_entries.h"
#include "catch.h"
#include "descriptor_rules.h"
#include "golden/golden_device.h"
#include "harness.h"
#include "operation_cover.h"
#include "random_ops.h"
#include "sim/cuatro_regs.h"
#include "sim/ring_driver.h"
#include "sim/rtl_device.h"
#include "sim/verilated_board.h"
#include "temp_folder.h"

namespace {

using namespace cuatro;
using Board = sim::VerilatedBoard<DUT>;

constexpr auto kWordLog = static_cast<std::uint8_t>(std::countr_zero(std::max(DUT_LANES * DUT_LANES / 2u, DUT_DRAINWIDTH * 4u)));
constexpr auto kBlockLog = static_cast<std::uint8_t>(std::countr_zero(DUT_LANES * DUT_LANES / 2u));
constexpr std::uint32_t kSide = DUT_LANES * 5 + 3;     // several tiles, ragged

std::uint32_t stream(std::uint32_t test) { return static_cast<std::uint32_t>(1000 * tb::seed()) + test; }

// A device that keeps hold of its board.
struct Rig {
  explicit Rig(const sim::MemoryTiming& timing) {
    auto owned = std::make_unique<Board>(timing, DUT_DATABITS);
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
    else if (ops.one_in(4)) ops.unfold(kSide, DUT_LANES);
    else if (ops.one_in(4)) ops.halves(kSide, ops.one_in(4));
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
  for (std::uint32_t run = 0; run < tb::repetitions(24); ++run) {
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
    const Result small = ask(device, DUT_LANES), large = ask(device, 20 * DUT_LANES);
    if (in_parts) {
      CHECK(device.read_raw(small.raw) == std::vector<std::int32_t>(DUT_LANES * DUT_LANES, DUT_LANES));
      CHECK(device.stats(small).absmax == DUT_LANES);
      const std::uint64_t cycles = device.counters().cycles;
      const Result later = ask(device, DUT_LANES);
      CHECK(device.read_raw(large.raw) == std::vector<std::int32_t>(400 * DUT_LANES * DUT_LANES, 20 * DUT_LANES));
      CHECK(device.counters().cycles > 4 * cycles);
      CHECK(device.read_raw(later.raw).front() == DUT_LANES);
    } else {
      ask(device, DUT_LANES);
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
  for (std::uint32_t run = 0; run < tb::repetitions(24); ++run) {
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
  unsigned busy_resets = 0;
  for (std::uint32_t run = 0; run < 30; ++run) {
    sim::MemoryTiming timing;
    timing.latency = 40;
    timing.stall_percent = run % 2 == 0 ? 0 : 40;
    timing.seed = stream(run);
    Board owned(timing, DUT_DATABITS);
    tb::RigBoard board(owned, owned.axi());
    golden::GoldenDevice golden;
    {
      auto device = make_rtl_device(std::make_unique<tb::LentBoard>(board));
      board.stop_after = 60 + 37 * run;
      test::RandomOps ops(*device, golden, stream(400 + run));
      for (int i = 0; i < 8; ++i) ops.gemm(kSide);
      try {
        device->sync();
      } catch (const tb::Stopped&) {
      }
      board.stop_after = ~std::uint64_t{0};
      busy_resets += owned.axi().quiet() ? 0 : 1;
      REQUIRE(tb::soft_reset(board));
      REQUIRE(owned.axi().quiet());
      REQUIRE(board.read(regs::STATUS).data == regs::STATUS_IDLE.put(1));
      REQUIRE(board.read(regs::RING0_HEAD).data == 0);
    }
    auto device = make_rtl_device(std::make_unique<tb::LentBoard>(board));
    test::RandomOps ops(*device, golden, stream(500 + run));
    mixed(ops, 4);
    ops.check();
    device->sync();
    CHECK(board.watch.fault() == "");
    CHECK(board.watch.left() == 0);
  }
  CHECK(busy_resets > 10);
}

TEST_CASE("cuatro_axi: a device that is dropped in mid-burst, or takes over a block that works, leaves nothing behind") {
  unsigned busy = 0;
  for (std::uint32_t run = 0; run < 12; ++run) {
    sim::MemoryTiming timing;
    timing.latency = 60;
    Board owned(timing, DUT_DATABITS);
    tb::RigBoard board(owned, owned.axi());
    golden::GoldenDevice golden;
    auto first = make_rtl_device(std::make_unique<tb::LentBoard>(board));
    std::unique_ptr<RtlDevice> second;
    {
      test::RandomOps ops(*first, golden, stream(600 + run));
      board.stop_after = 100 + 50 * run;
      for (int i = 0; i < 8; ++i) ops.gemm(kSide);
      REQUIRE_THROWS_AS(first->sync(), tb::Stopped);
      board.stop_after = ~std::uint64_t{0};
      busy += owned.axi().quiet() ? 0 : 1;
      // Half of the time the next driver comes before the first one has gone.
      if (run % 2 == 0) second = make_rtl_device(std::make_unique<tb::LentBoard>(board));
      else first.reset();
      REQUIRE(owned.axi().quiet());
      if (!second) second = make_rtl_device(std::make_unique<tb::LentBoard>(board));
      test::RandomOps next(*second, golden, stream(700 + run));
      mixed(next, 3);
      next.check();
      second->sync();
      CHECK(board.watch.fault() == "");
      CHECK(board.watch.left() == 0);
    }
    second.reset();
    first.reset();
  }
  CHECK(busy > 6);
}

TEST_CASE("cuatro_axi: after an error the same tensors can be worked with again, and what was lost is refused") {
  unsigned lost = 0;
  for (std::uint32_t run = 0; run < 12; ++run) {
    Rig rig({});
    golden::GoldenDevice golden;
    Device& device = *rig.device;
    const std::uint32_t side = DUT_LANES * (1 + run % 4);      // all of an operand stays in its scratchpad
    std::vector<std::uint8_t> codes(std::size_t{side} * side);
    for (std::size_t i = 0; i < codes.size(); ++i) codes[i] = static_cast<std::uint8_t>((i * 7 + run + i / 5) & 15);
    const auto square = [&](Device& on) {
      Gemm op;
      op.a = on.upload_codes(codes, side, side, Format::int4);
      op.b = on.upload_codes(codes, side, side, Format::log4);
      return op;
    };
    const Gemm op = square(device), reference = square(golden);
    const Result wanted = golden.gemm(reference, "square");
    const Result before = device.gemm(op, "before");
    device.sync();
    // The other way round they are loaded once more: on their way when it fails.
    // A ring's error lets none of them come, a load's lets those pass that are on the bus.
    const unsigned id = run % 3 == 0 ? 2 : 0;
    rig.board->axi().faults.read_burst[id] = rig.board->axi().read_bursts[id] + 1;
    Gemm swapped = op;
    swapped.a_transposed = swapped.b_transposed = true;
    const Result failing = device.gemm(swapped, "failing");
    Gemm chained;
    chained.a = op.a;
    chained.b = op.a;
    chained.addend = failing.raw;
    const bool came = !message_of<DeviceError>([&] { device.sync(); }).empty();
    rig.board->axi().faults = {};
    CHECK(device.read_raw(before.raw) == golden.read_raw(wanted.raw));
    if (came) {
      ++lost;
      CHECK(message_of<DeviceError>([&] { device.read_raw(failing.raw); }).find("an earlier error has ended") != std::string::npos);
      CHECK(message_of<DeviceError>([&] { device.stats(failing); }).find("an earlier error has ended") != std::string::npos);
      CHECK(message_of<DeviceError>([&] { device.gemm(chained, "of what was lost"); }).find("an earlier error has ended") != std::string::npos);
    }
    Gemm swapped_reference = reference;
    swapped_reference.a_transposed = swapped_reference.b_transposed = true;
    const Result again = device.gemm(swapped, "again");
    CHECK(device.read_raw(again.raw) == golden.read_raw(golden.gemm(swapped_reference, "again").raw));
    CHECK(device.read_raw(device.gemm(op, "before, again").raw) == golden.read_raw(wanted.raw));
  }
  CHECK(lost > 4);
}

TEST_CASE("cuatro_axi: an update that an error ends while it is held back is lost too") {
  Rig rig({});
  Device& device = *rig.device;
  const auto uploaded = [&](std::uint32_t rows, std::uint32_t cols) { return device.upload_codes(std::vector<std::uint8_t>(std::size_t{rows} * cols, 1), rows, cols, Format::int4); };
  constexpr std::uint32_t side = 12 * DUT_LANES;           // several commands
  Gemm op;
  op.a = uploaded(side, DUT_LANES);
  op.b = uploaded(DUT_LANES, side);
  op.out.format = OutFormat::update;
  op.out.rounding = Rounding::stochastic;
  op.update.state = device.upload_raw(std::vector<std::int32_t>(std::size_t{side} * side, 0), side, side);
  const Result update = device.gemm(op, "update");
  Quantize q;
  const std::vector<std::int32_t> words(std::size_t{side} * side, 1);
  q.data = words.data();
  q.rows = q.cols = side;
  q.out.format = OutFormat::int4;
  // Until that one is there the update's first command is done, and all that the block has been given.
  device.read_codes(device.quantize(q, "the first").codes);
  const Result other = device.quantize(q, "other");
  rig.board->axi().faults.write_burst = rig.board->axi().write_bursts + 2;
  CHECK(message_of<DeviceError>([&] { device.read_codes(other.codes); }).find("bus error") != std::string::npos);
  for (const Tensor& t : {update.raw, update.codes}) {
    CHECK(message_of<DeviceError>([&] { t.kind == TensorKind::raw ? (void)device.read_raw(t) : (void)device.read_codes(t); }).find("an earlier error has ended") != std::string::npos);
  }
  CHECK(message_of<DeviceError>([&] { device.stats(update); }).find("an earlier error has ended") != std::string::npos);
}

TEST_CASE("cuatro_axi: every kind of command is under way at every kind of error and comes first after it, and all the rest of operation_cover.h") {
  const std::vector<std::string> names{"a GEMM ring error", "a quantize ring error", "a load error", "a write error", "a refused entry", "a refused command", "an overfilled ring"};
  const std::vector<std::vector<std::string>> expected{{"reading entry"}, {"reading entry"}, {"in the load of"}, {"in the store of", "writing the record of"},
                                                       {"refused: illegal"}, {"refused: illegal"}, {"ring was overfilled"}};
  sim::MemoryTiming timing;
  timing.latency = 20;
  Board owned(timing, DUT_DATABITS);
  tb::RigBoard board(owned, owned.axi());
  auto device = make_rtl_device(std::make_unique<tb::LentBoard>(board));
  golden::GoldenDevice golden;
  test::OperationCover seen(*device, DUT_LANES, test::Crosses::pairs, names);
  LockstepDevice lockstep(seen, golden, std::filesystem::temp_directory_path());
  test::RandomOps ops(lockstep, stream(800));
  constexpr std::uint32_t most = 2 * DUT_LANES + 1;
  ops.fill(seen, most, 3000);

  const auto arm = [&](int error) {
    const std::uint32_t lane = ops.below(2), any = ops.below(1u << 30);
    auto& axi = owned.axi();
    if (error < 3) axi.faults.read_burst[error] = axi.read_bursts[error] + 1 + any % (error < 2 ? 2 : 8);
    if (error == 3) axi.faults.write_burst = axi.write_bursts + 1 + any % 8;
    axi.faults.decode = any % 2 == 1;
    if (error == 4) board.tamper = [any](unsigned, std::uint32_t, sim::RingEntry& entry) { return tb::kBadEntries[any % std::size(tb::kBadEntries)].spoil(entry, any); };
    if (error == 5) {
      board.tamper = [lane](unsigned at, std::uint32_t, sim::RingEntry& entry) {
        sim::Descriptor nothing;                       // M = N = K = 0
        nothing.op = lane == 0 ? 1 : 2;
        if (at != lane || !tb::bad::is(entry, sim::EntryKind::command)) return false;
        entry.set_command(nothing);
        return true;
      };
    }
    if (error == 6) board.tail_of = [lane](unsigned at, std::uint32_t tail) { return at == lane ? (tail + 4097 + 37) & 0xffff : tail; };
  };
  const auto disarm = [&] {
    owned.axi().faults = {};
    board.tamper = nullptr;
    board.tail_of = nullptr;
  };
  using Point = test::OperationCover::Point;
  const auto command = [&](unsigned axis, int error) {
    ops.command(most, seen.table().wanted(ops.below(1u << 30), [&](const Point& at) { return at[axis] == error; }).value_or(test::RandomOps::kAny), DUT_LANES);
  };
  for (int tries = 0; tries < 2000; ++tries) {
    const auto next = seen.table().wanted(ops.below(1u << 30), [](const Point& at) { return at[test::kUnderError] >= 0 || at[test::kAfterError] >= 0; });
    if (!next) break;
    const int error = std::max((*next)[test::kUnderError], (*next)[test::kAfterError]);
    arm(error);
    try {
      for (int i = 0; i < 4; ++i) command(test::kUnderError, error);
      // Something for either ring.
      ops.gemm(most);
      ops.quantize(most);
      lockstep.sync();
      disarm();
      continue;                                        // no burst or entry came that it was armed for
    } catch (const DeviceError& e) {
      const std::string what = e.what();
      INFO(names[static_cast<std::size_t>(error)] << ": " << what);
      const auto& texts = expected[static_cast<std::size_t>(error)];
      REQUIRE(std::any_of(texts.begin(), texts.end(), [&](const std::string& text) { return what.find(text) != std::string::npos; }));
    }
    disarm();
    seen.error(error);
    // What was lost is refused, one result after the other; what was done is right.
    while (!message_of<DeviceError>([&] { lockstep.sync(); }).empty()) {}
    REQUIRE(owned.axi().quiet());
    command(test::kAfterError, error);
  }
  ops.check();
  CHECK(seen.table().gaps() == "");
  device->sync();
  CHECK(board.watch.fault() == "");
  CHECK(board.watch.left() == 0);
}

namespace {

// Entries by hand.
struct Raw {
  explicit Raw(sim::MemoryTiming timing = {}) : board(timing, DUT_DATABITS) {
    for (unsigned lane = 0; lane < 2; ++lane) {
      ring[lane] = sim::Buffer(board.memory(), 64 * sim::RingEntry::kBytes);
      record[lane] = sim::Buffer(board.memory(), 64 * sim::CompletionRecord::kBytes);
    }
    data = sim::Buffer(board.memory(), 4096);
    start();
  }
  void start() {
    for (unsigned lane = 0; lane < 2; ++lane) {
      set_ring(lane, ring[lane], 6);
      set_base(regs::RECORD0_BASE_LO, lane, board.memory()->bus_address(record[lane].data()));
      tail[lane] = 0;
    }
    REQUIRE(board.write(regs::IRQ_ENABLE, 7));
    REQUIRE(board.write(regs::CTRL, 1));
  }
  void set_base(std::uint32_t reg, unsigned lane, std::uint64_t address) {
    REQUIRE(board.write(of(lane, reg), static_cast<std::uint32_t>(address)));
    REQUIRE(board.write(of(lane, reg) + 4, static_cast<std::uint32_t>(address >> 32)));
  }
  void set_ring(unsigned lane, const sim::Buffer& entries, std::uint32_t size_log) {
    set_base(regs::RING0_BASE_LO, lane, board.memory()->bus_address(entries.data()));
    REQUIRE(board.write(of(lane, regs::RING0_SIZE), size_log));
  }
  // A lane's register, of which `reg` is lane 0's.
  static std::uint32_t of(unsigned lane, std::uint32_t reg) { return reg + (regs::RING1_BASE_LO - regs::RING0_BASE_LO) * lane; }
  void put(unsigned lane, const sim::RingEntry& e) {
    std::memcpy(ring[lane].data() + tail[lane]++ % 64 * sim::RingEntry::kBytes, e.bytes.data(), sim::RingEntry::kBytes);
  }
  void bell(unsigned lane) { REQUIRE(board.write(of(lane, regs::RING0_TAIL), tail[lane])); }
  sim::RingEntry transfer(sim::EntryKind kind) {
    sim::RingEntry e(kind);
    e.put(16, board.memory()->bus_address(data.data()));
    e.put(28, std::uint16_t{1});
    e.put(30, std::uint16_t{1});
    std::uint8_t item = 0;
    while ((1u << item) < DUT_LANES * DUT_LANES / 2) ++item;
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
    // Every way to spoil an entry, with some of its values each.
    sim::Descriptor good;
    good.op = lane == 0 ? 1 : 2;
    good.m = good.n = good.k = 1;
    sim::RingEntry command(EntryKind::command);
    command.set_command(good);
    for (const tb::BadEntry& way : tb::kBadEntries) {
      unsigned spoiled = 0;
      for (const sim::RingEntry& entry : {raw.transfer(EntryKind::load), raw.transfer(EntryKind::store), command}) {
        for (const std::uint32_t any : {0u, 1u, 2u, 3u, 4u, 11u, 12u}) {
          sim::RingEntry e = entry;
          if (!way.spoil(e, any)) continue;
          CAPTURE(way.name, any);
          check(lane, e, bad(way.field));
          ++spoiled;
        }
      }
      CHECK((spoiled != 0 || way.field == 11));        // there is no window among them
    }
    // Each address bit beyond a scratchpad alone.
    for (const std::uint8_t space : {0, 1, 2}) {
      for (int at = std::countr_zero(space == 2 ? unsigned{DUT_RESULTDEPTH} : unsigned{DUT_OPERANDDEPTH}); at < 16; ++at) {
        CAPTURE(+space, at);
        check(lane, changed(EntryKind::load, [&](auto& e) { e.bytes[39] = space, e.put(32, static_cast<std::uint16_t>(1u << at)); }), bad(9));
      }
    }
    check(lane, changed(EntryKind::load, [](auto& e) { e.bytes[38] ^= 7; }), bad(5));
    // A store's halves of a word are half a word at most.
    check(lane, changed(EntryKind::store, [](auto& e) { e.bytes[38] = kWordLog, e.bytes[39] = 1; }), bad(5));
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
    sim::Descriptor d;
    // The core's own refusal.
    d.op = lane == 0 ? 1 : 2;
    sim::RingEntry zero(EntryKind::command);
    zero.set_command(d);
    check(lane, zero, 6 | 2 << 8);
  }
}

TEST_CASE("cuatro_axi: each bit of an entry that must be zero is refused alone, and so is each bit below an item of an address or a pitch") {
  using sim::EntryKind;
  Raw raw;
  const auto refused = [&](unsigned lane, const sim::RingEntry& good, unsigned first, unsigned last, std::uint32_t field) {
    for (unsigned bit = first; bit <= last; ++bit) {
      sim::RingEntry e = good;
      e.bytes[bit / 8] = static_cast<std::uint8_t>(e.bytes[bit / 8] ^ 1u << bit % 8);
      CAPTURE(lane, +good.bytes[0], +good.bytes[38], +good.bytes[39], bit);
      CHECK(code_and_field(raw.error_of(lane, e)) == bad(field));
    }
  };
  constexpr unsigned base = 16 * 8, pitch = 24 * 8, item_at = 38 * 8, space = 39 * 8, sub = 40 * 8, window = 41 * 8, end = 64 * 8;
  for (unsigned lane = 0; lane < 2; ++lane) {
    sim::Descriptor d;
    d.op = lane == 0 ? 1 : 2;
    d.m = d.n = d.k = 1;
    sim::RingEntry command(EntryKind::command);
    command.set_command(d);
    const sim::RingEntry load = raw.transfer(EntryKind::load), store = raw.transfer(EntryKind::store);
    const sim::RingEntry& one = lane == 0 ? load : store;  // where both are checked alike
    for (const sim::RingEntry& e : {one, command}) {
      refused(lane, e, 4, 7, 10);
      refused(lane, e, 10, 15, 10);
      refused(lane, e, 22, 31, 10);
    }
    refused(lane, command, base + 332, end - 1, 10);     // above a descriptor
    refused(lane, one, item_at + 4, item_at + 7, 10);
    refused(lane, one, space + 2, space + 3, 10);
    refused(lane, one, space + 7, space + 7, 10);
    refused(lane, one, window, end - 1, 10);
    refused(lane, one, base + 40, base + 63, 7);
    refused(lane, load, 8, 9, 2);
    refused(lane, store, space + 4, space + 5, 9);
    refused(lane, store, sub, sub + 7, 9);
    for (std::uint8_t item = std::min<std::uint8_t>(5, static_cast<std::uint8_t>(std::countr_zero(DUT_LANES * DUT_LANES / 8u))); item <= kWordLog; ++item) {
      sim::RingEntry e = store;
      e.bytes[38] = item;
      refused(lane, e, base, base + item - 1u, 7);
      refused(lane, e, pitch, pitch + item - 1u, 8);
    }
  }
}

TEST_CASE("cuatro_axi: every bit of an address goes out and comes back in ERROR_ADDR, with ring and place of the entry, from rings, loads, stores and records") {
  Raw raw;
  tb::Random random("addresses");
  for (unsigned bit = 12; bit < 40; ++bit) {
    const std::uint64_t addr = std::uint64_t{1} << bit;
    if (addr == sim::DeviceMemory::kBusBase) continue;    // memory is there
    for (std::uint32_t which = 0; which < 8; ++which) {
      const std::uint32_t code = 1 + which % 4, lane = which / 4;
      sim::RingEntry entry = raw.transfer(code == 2 ? sim::EntryKind::load : sim::EntryKind::store);
      if (code == 2 || code == 3) entry.put(16, addr);
      if (code == 4) entry.want_record();
      if (code == 1 || code == 4) raw.set_base(code == 1 ? regs::RING0_BASE_LO : regs::RECORD0_BASE_LO, lane, addr);
      // Good ones before it; a ring that cannot be read has none.
      const auto place = static_cast<std::uint32_t>(code == 1 ? 0 : random.below(60));
      for (std::uint32_t i = 0; i < place; ++i) raw.put(lane, raw.transfer(sim::EntryKind::load));
      raw.put(lane, entry);
      raw.bell(lane);
      REQUIRE(raw.board.wait_interrupt(5000));
      CAPTURE(bit, code, lane, place);
      const std::uint32_t error = raw.board.read(regs::ERROR).data;
      CHECK(regs::ERROR_CODE.get(error) == code);
      CHECK(regs::ERROR_FIELD.get(error) == 0);
      CHECK(regs::ERROR_LANE.get(error) == lane);
      CHECK(regs::ERROR_ENTRY.get(error) == place);
      // Bursts are of whole beats.
      const std::uint64_t want = addr + (code == 4 ? place * sizeof(sim::CompletionRecord) & ~std::uint64_t{DUT_DATABITS / 8 - 1} : 0);
      CHECK((raw.board.read(regs::ERROR_ADDR_LO).data | std::uint64_t{raw.board.read(regs::ERROR_ADDR_HI).data} << 32) == want);
      CHECK((code == 1 ? raw.board.axi().read_addr[lane] : code == 2 ? raw.board.axi().read_addr[2] : raw.board.axi().write_addr) == want);
      REQUIRE(tb::soft_reset(raw.board));
      raw.start();
    }
  }
}

TEST_CASE("cuatro_axi: a command that the core refuses stops the block with its place and the field that is at fault, whichever it is") {
  Raw raw;
  tb::Random random("fields");
  const sim::CoreShape shape{DUT_ROWS, DUT_COLS, DUT_LANES, DUT_DRAINWIDTH, DUT_OPERANDDEPTH, DUT_RESULTDEPTH};
  unsigned refused = 0;
  for (unsigned lane = 0; lane < 2; ++lane) {
    for (const tb::Field field : tb::kFieldOrder) {
      const sim::Descriptor legal = tb::random_legal(random, shape, lane == 0 ? tb::kGemm : tb::kQuantize, 3 * DUT_LANES);
      sim::Descriptor d = legal;
      if (field == tb::kOp || !tb::spoil(random, d, legal, field, shape, false)) continue;
      sim::RingEntry entry(sim::EntryKind::command);
      entry.set_command(d);
      entry.want_record();
      std::memset(raw.record[lane].data(), 0xff, 64 * sim::CompletionRecord::kBytes);
      CAPTURE(lane, static_cast<unsigned>(field));
      // With good entries before it.
      const auto place = static_cast<std::uint32_t>(random.below(60));
      for (std::uint32_t i = 0; i < place; ++i) raw.put(lane, raw.transfer(sim::EntryKind::load));
      const std::uint32_t error = raw.error_of(lane, entry);
      CHECK(code_and_field(error) == (6 | static_cast<std::uint32_t>(field) << 8));
      CHECK(regs::ERROR_ENTRY.get(error) == place);
      const sim::CompletionRecord record = raw.take_record(lane, place);
      CHECK((record.rest == ~std::uint64_t{0} && record.kind == 0xff));      // what is refused leaves no record
      ++refused;
    }
  }
  CHECK(refused > 24);
}

TEST_CASE("cuatro_axi: a long load comes at a beat or a word a cycle behind a latency that what is asked for ahead covers") {
  sim::MemoryTiming timing;
  timing.latency = 100;
  Raw raw(timing);
  constexpr std::uint32_t bytes = std::uint32_t{DUT_RESULTDEPTH} << kWordLog, most = std::max<std::uint32_t>(bytes / (DUT_DATABITS / 8), DUT_RESULTDEPTH);
  sim::Buffer source(raw.board.memory(), bytes);
  sim::RingEntry load = raw.transfer(sim::EntryKind::load);
  load.put(16, raw.board.memory()->bus_address(source.data()));
  load.put(28, std::uint16_t{DUT_RESULTDEPTH - 1});          // every lower bit of it
  load.put(34, std::uint16_t{1});
  load.bytes[38] = kWordLog;
  load.bytes[39] = 2;
  for (std::uint32_t lane = 0; lane < 2; ++lane) {
    const std::uint32_t before = raw.board.read(regs::PERF_CYCLES_LO).data;
    raw.put(lane, load);
    raw.bell(lane);
    REQUIRE(raw.board.wait_interrupt(10 * most));
    REQUIRE(raw.board.write(regs::IRQ_STATUS, 7));
    const std::uint32_t cycles = raw.board.read(regs::PERF_CYCLES_LO).data - before;
    CHECK(cycles >= most - most / DUT_RESULTDEPTH);          // all of it came: a beat or a word a cycle at most
    CHECK(cycles <= most + most / 20 + 2 * timing.latency + 50);
  }
}

TEST_CASE("cuatro_axi: a command's interrupt comes when it is done, its record in memory if it wants one") {
  Raw raw;
  for (unsigned lane = 0; lane < 2; ++lane) {
    sim::Descriptor d;
    d.op = lane == 0 ? 1 : 2;
    d.m = d.n = d.k = 1;
    sim::RingEntry command(sim::EntryKind::command);
    command.set_command(d);
    raw.put(lane, command);
    command.want_record();
    command.want_interrupt();
    raw.put(lane, command);
    REQUIRE(raw.board.write(regs::IRQ_ENABLE, regs::IRQ_STATUS_ENTRY.put(1)));
    raw.bell(lane);
    REQUIRE(raw.board.wait_interrupt(5000));
    CHECK(raw.take_record(lane, 0).kind == 0);
    CHECK(raw.take_record(lane, 1).kind == 2);
    REQUIRE(raw.board.write(regs::IRQ_STATUS, 7));
    CHECK_FALSE(raw.board.wait_interrupt(100));
    sim::RingEntry alone(sim::EntryKind::command);
    alone.set_command(d);
    alone.want_interrupt();
    raw.put(lane, alone);
    raw.bell(lane);
    REQUIRE(raw.board.wait_interrupt(5000));
    CHECK(raw.take_record(lane, 2).kind == 0);
    REQUIRE(raw.board.write(regs::IRQ_STATUS, 7));
    CHECK_FALSE(raw.board.wait_interrupt(100));
  }
}

TEST_CASE("cuatro_axi: a record holds place, kind, time and the figures of its command; one that nobody wants, nor an interrupt, does not come") {
  sim::MemoryTiming timing;
  timing.stall_percent = 70;                           // so that records queue
  Raw raw(timing);
  tb::Random random("records");
  golden::GoldenDevice golden;
  sim::Image image(raw.board.memory(), DUT_LANES, DUT_LANES, DUT_LANES, 32);
  std::vector<std::int32_t> words(DUT_LANES * DUT_LANES);
  std::uint16_t commands = 0;
  for (std::uint16_t i = 0; i < 80; ++i) {
    for (std::int32_t& word : words) word = i % 2 == 0 ? static_cast<std::int32_t>(random.bits(32)) : random.word();
    if (i % 8 == 0) words[random.below(words.size())] = INT32_MIN;
    sim::pack_words(image, words.data());
    sim::RingEntry load = raw.transfer(sim::EntryKind::load);
    load.put(16, raw.board.memory()->bus_address(image.data.data()));
    load.put(28, static_cast<std::uint16_t>(image.block_bytes() >> kWordLog));
    load.put(34, std::uint16_t{1});
    load.bytes[38] = kWordLog;
    load.bytes[39] = 2;
    raw.put(1, load);
    Quantize q;
    q.data = words.data();
    q.rows = q.cols = DUT_LANES;
    q.out.format = OutFormat::int4;
    q.out.shift = random.between(-4, 31);
    const Stats want = golden.stats(golden.quantize(q, "record"));
    sim::Descriptor d;
    d.op = 2;
    d.m = d.n = DUT_LANES;
    d.k = 1;
    d.source = static_cast<std::uint8_t>(SourceType::s32);
    d.shift = static_cast<std::int8_t>(q.out.shift);
    sim::RingEntry command(sim::EntryKind::command);
    command.set_command(d);
    command.wait_for(1, static_cast<std::uint16_t>(i + 1));
    // The same command a few times, then a store: of each kind all or none want a record, an interrupt.
    const auto copies = static_cast<unsigned>(random.between(1, 8)), wish = static_cast<unsigned>(random.bits(4));
    commands = static_cast<std::uint16_t>(commands + copies);
    sim::RingEntry store = raw.transfer(sim::EntryKind::store);
    store.wait_for(3, commands);
    const unsigned place = raw.tail[1];
    for (unsigned at = 0; at <= copies; ++at) {
      sim::RingEntry entry = at < copies ? command : store;
      const unsigned asked = at < copies ? wish & 3 : wish >> 2;
      if ((asked & 1) != 0) entry.want_record();
      if ((asked & 2) != 0) entry.want_interrupt();
      std::memset(raw.record[1].data() + (place + at) % 64 * sizeof(sim::CompletionRecord), 0xff, sizeof(sim::CompletionRecord));
      raw.put(1, entry);
    }
    const std::uint32_t before = raw.board.read(regs::PERF_CYCLES_LO).data;
    raw.bell(1);
    for (int looks = 0; raw.board.read(regs::STATUS).data != regs::STATUS_IDLE.put(1); ++looks) {
      REQUIRE(looks < 2000);
      raw.board.wait_interrupt(0);
    }
    const std::uint32_t after = raw.board.read(regs::PERF_CYCLES_LO).data;
    CAPTURE(i, wish, copies);
    CHECK((raw.board.read(regs::IRQ_STATUS).data & regs::IRQ_STATUS_ENTRY.put(1)) == ((wish & 10) != 0 ? regs::IRQ_STATUS_ENTRY.put(1) : 0));
    REQUIRE(raw.board.write(regs::IRQ_STATUS, 7));
    std::uint32_t last = before;
    for (unsigned at = 0; at <= copies; ++at) {
      const bool stored = at == copies;
      const sim::CompletionRecord record = raw.take_record(1, (place + at) % 64);
      if (((stored ? wish >> 2 : wish) & 1) == 0) {
        CHECK(record.rest == ~std::uint64_t{0});
        continue;
      }
      CHECK(record.slot_lane == (0x8000 | (place + at) % 64));
      CHECK(+record.kind == (stored ? 3 : 2));
      CHECK(+record.field == 0);
      CHECK(record.cycle > last);
      CHECK(record.cycle <= after);
      last = record.cycle;
      CHECK(record.absmax == (stored ? 0 : want.absmax));
      CHECK(record.sumabs == (stored ? 0 : want.sumabs));
      CHECK(record.saturated == (stored ? 0 : want.saturated));
      CHECK(record.rest == 0);
    }
  }
}

#if DUT_LANES == 4
TEST_CASE("cuatro_axi: rings of the largest size are filled and come round") {
  Raw raw;
  REQUIRE(tb::soft_reset(raw.board));
  constexpr unsigned size = 1 << 13;
  const sim::RingEntry load = raw.transfer(sim::EntryKind::load);
  sim::Buffer rings[2];
  for (unsigned lane = 0; lane < 2; ++lane) {
    rings[lane] = sim::Buffer(raw.board.memory(), size * sim::RingEntry::kBytes);
    for (unsigned i = 0; i < size; ++i) std::memcpy(rings[lane].data() + i * sim::RingEntry::kBytes, load.bytes.data(), sim::RingEntry::kBytes);
    raw.set_ring(lane, rings[lane], 13);
  }
  REQUIRE(raw.board.write(regs::IRQ_ENABLE, 0));
  REQUIRE(raw.board.write(regs::CTRL, 1));
  for (const unsigned tail : {size, size + 100}) {
    for (const std::uint32_t reg : {regs::RING0_TAIL, regs::RING1_TAIL}) REQUIRE(raw.board.write(reg, tail));
    for (int i = 0; raw.board.read(regs::STATUS).data != regs::STATUS_IDLE.put(1); ++i) {
      REQUIRE(i < 1000);
      raw.board.wait_interrupt(1000);
    }
    for (const std::uint32_t head : {regs::RING0_HEAD, regs::RING1_HEAD}) CHECK(raw.board.read(head).data == tail);
  }
  CHECK(raw.board.read(regs::PERF_LOAD_LO).data == 2 * (size + 100));
}

TEST_CASE("cuatro_axi: a refused command is named by its place, far into a ring of 8192") {
  Raw raw;
  constexpr unsigned size = 1 << 13;
  for (unsigned lane = 0; lane < 2; ++lane) {
    sim::Descriptor nothing;                           // M = N = K = 0
    nothing.op = lane == 0 ? 1 : 2;
    sim::RingEntry command(sim::EntryKind::command);
    command.set_command(nothing);
    sim::Buffer ring(raw.board.memory(), size * sim::RingEntry::kBytes);
    const sim::RingEntry load = raw.transfer(sim::EntryKind::load);
    for (const unsigned place : {0x1555u, 0x0aaau}) {
      for (unsigned i = 0; i < size; ++i) std::memcpy(ring.data() + i * sim::RingEntry::kBytes, (i == place ? command : load).bytes.data(), sim::RingEntry::kBytes);
      REQUIRE(tb::soft_reset(raw.board));
      raw.set_ring(lane, ring, 13);
      REQUIRE(raw.board.write(regs::IRQ_ENABLE, regs::IRQ_STATUS_ERROR.put(1)));
      REQUIRE(raw.board.write(regs::CTRL, 1));
      REQUIRE(raw.board.write(raw.of(lane, regs::RING0_TAIL), place + 1));
      REQUIRE(raw.board.wait_interrupt(1'000'000));
      const std::uint32_t error = raw.board.read(regs::ERROR).data;
      CHECK(code_and_field(error) == (6 | 2 << 8));
      CHECK(regs::ERROR_LANE.get(error) == lane);
      CHECK(regs::ERROR_ENTRY.get(error) == place);
    }
  }
}
#endif

#if DUT_LANES == 4 && DUT_DATABITS == 512                        // an entry a beat
TEST_CASE("cuatro_axi: whatever an error is, ERROR names its entry, far along a ring of the largest size") {
  sim::MemoryTiming timing;
  timing.latency = 2;
  Raw raw(timing);
  constexpr unsigned size = 1 << 13, last = size - 1;
  const std::uint64_t nowhere = 0x1f'ffff'fe00;
  sim::Buffer ring(raw.board.memory(), size * sim::RingEntry::kBytes);
  const sim::RingEntry load = raw.transfer(sim::EntryKind::load), store = raw.transfer(sim::EntryKind::store);
  for (unsigned i = 0; i < last; ++i) std::memcpy(ring.data() + i * sim::RingEntry::kBytes, load.bytes.data(), sim::RingEntry::kBytes);
  const auto check = [&](unsigned lane, const sim::RingEntry& entry, std::uint32_t code, std::uint32_t field = 0) {
    CAPTURE(lane, code, field);
    std::memcpy(ring.data() + last * sim::RingEntry::kBytes, entry.bytes.data(), sim::RingEntry::kBytes);
    REQUIRE(tb::soft_reset(raw.board));
    raw.start();
    raw.set_ring(lane, ring, 13);
    if (code == 4) raw.set_base(regs::RECORD0_BASE_LO, lane, nowhere - last * sim::CompletionRecord::kBytes);
    REQUIRE(raw.board.write(raw.of(lane, regs::RING0_TAIL), size));
    REQUIRE(raw.board.wait_interrupt(500'000));
    const std::uint32_t error = raw.board.read(regs::ERROR).data;
    CHECK(code_and_field(error) == (code | field << 8));
    CHECK(regs::ERROR_LANE.get(error) == lane);
    CHECK(regs::ERROR_ENTRY.get(error) == last);
    if (code < 5) CHECK((raw.board.read(regs::ERROR_ADDR_LO).data | std::uint64_t{raw.board.read(regs::ERROR_ADDR_HI).data} << 32) == nowhere);
  };
  const auto changed = [](sim::RingEntry entry, auto change) {
    change(entry);
    return entry;
  };
  sim::RingEntry refused(sim::EntryKind::command);
  sim::Descriptor nothing;                               // M = N = K = 0
  nothing.op = 1;
  refused.set_command(nothing);
  sim::WindowFields f;
  f.blocks = f.positions = f.stride = f.kernel_w = f.plane = f.width = f.height = f.out_width = f.out_height = 1;
  check(1, changed(load, [](auto& e) { e.bytes[0] = 0; }), 5, 1);
  check(0, refused, 6, 2);
  check(1, changed(load, [](auto& e) { e.put(32, std::uint16_t{0xffff}); }), 5, 9);
  check(0, changed(load, [&](auto& e) { e.put(32, std::uint16_t{0xffff}), e.set_window(f); }), 5, 9);
  check(0, changed(load, [&](auto& e) { e.put(16, nowhere); }), 2);
  check(1, changed(store, [&](auto& e) { e.put(16, nowhere); }), 3);
  check(0, changed(store, [](auto& e) { e.want_record(); }), 4);
}

TEST_CASE("cuatro_axi: heads, tails and all six counts come round while every entry waits for the one that it needs") {
  sim::MemoryTiming timing;
  timing.latency = 5;
  Raw raw(timing);
  REQUIRE(tb::soft_reset(raw.board));
  // Of either ring again and again: load a block, a command on it, store the codes. So many of them are on their way at a time, each in a
  // place of its own, that the next one there finds; blocks repeat at another rhythm, so that what comes too early or late is seen.
  constexpr unsigned size = 1 << 13, places = 32, blocks = 61;
  const unsigned chains = std::max(tb::repetitions(66'000), 34'000u);
  tb::Random random("rounds");
  golden::GoldenDevice golden;
  struct {
    sim::Buffer ring, from, to;
    std::vector<std::vector<std::uint8_t>> wanted;       // of each block
    unsigned first = 0, put = 0;                         // entries before the chains; handed over
  } lanes[2];
  const auto bus = [&](const sim::Buffer& buffer) { return raw.board.memory()->bus_address(buffer.data()); };
  constexpr unsigned code_bytes = DUT_LANES * DUT_LANES / 2;
  std::vector<std::uint8_t> weights(DUT_LANES * DUT_LANES);
  for (auto& code : weights) code = static_cast<std::uint8_t>(random.below(16));
  const auto packed = [&](const std::vector<std::uint8_t>& codes) {
    sim::Image image(raw.board.memory(), DUT_LANES, DUT_LANES, DUT_LANES, 4);
    sim::pack_codes(image, codes);
    return std::vector<std::uint8_t>(image.data.data(), image.data.data() + code_bytes);
  };
  const Tensor right = golden.upload_codes(weights, DUT_LANES, DUT_LANES, Format::int4);
  for (unsigned lane = 0; lane < 2; ++lane) {
    auto& l = lanes[lane];
    const unsigned item = lane == 0 ? code_bytes : DUT_LANES * DUT_LANES;        // codes, or bytes to quantize
    l.ring = sim::Buffer(raw.board.memory(), size * sim::RingEntry::kBytes);
    l.from = sim::Buffer(raw.board.memory(), blocks * item);
    l.to = sim::Buffer(raw.board.memory(), chains * code_bytes);
    for (unsigned b = 0; b < blocks; ++b) {
      std::vector<std::uint8_t> values(DUT_LANES * DUT_LANES);
      for (auto& value : values) value = static_cast<std::uint8_t>(random.below(lane == 0 ? 16 : 256));
      Result result;
      if (lane == 0) {
        Gemm op;
        op.a = golden.upload_codes(values, DUT_LANES, DUT_LANES, Format::int4), op.b = right, op.b_transposed = true;
        op.out.format = OutFormat::int4, op.out.shift = 4;
        result = golden.gemm(op, "chain");
        const auto bytes = packed(values);
        std::memcpy(l.from.data() + b * item, bytes.data(), item);
      } else {
        Quantize op;
        op.type = SourceType::u8, op.data = values.data(), op.rows = op.cols = DUT_LANES;
        op.out.format = OutFormat::int4, op.out.shift = 4;
        result = golden.quantize(op, "chain");
        std::memcpy(l.from.data() + b * item, values.data(), item);
      }
      l.wanted.push_back(packed(golden.read_codes(result.codes)));
    }
    raw.set_ring(lane, l.ring, 13);
  }
  const auto hand_over = [&](unsigned lane, const sim::RingEntry& entry) {
    std::memcpy(lanes[lane].ring.data() + lanes[lane].put++ % size * sim::RingEntry::kBytes, entry.bytes.data(), sim::RingEntry::kBytes);
  };
  sim::Image right_image(raw.board.memory(), DUT_LANES, DUT_LANES, DUT_LANES, 4);
  sim::pack_codes(right_image, weights);
  sim::RingEntry right_load = raw.transfer(sim::EntryKind::load);
  right_load.put(16, bus(right_image.data));
  right_load.bytes[39] = 1;
  hand_over(0, right_load);
  lanes[0].first = 1;
  const auto count = [](std::uint32_t jobs) { return static_cast<std::uint16_t>(jobs); };
  const auto chain = [&](unsigned lane, std::uint32_t i) {
    auto& l = lanes[lane];
    const std::uint32_t place = i % places, r = lane * places + place;
    sim::RingEntry load = raw.transfer(sim::EntryKind::load), command(sim::EntryKind::command), store = raw.transfer(sim::EntryKind::store);
    load.put(16, bus(l.from) + i % blocks * (l.from.size() / blocks));
    load.put(32, static_cast<std::uint16_t>(place));
    if (lane == 1) load.bytes[38] = kWordLog, load.bytes[39] = 2;
    if (i >= places) load.wait_for(2 + lane, count(i - places + 1));
    sim::Descriptor d;
    d.op = static_cast<std::uint8_t>(1 + lane);
    d.m = d.n = DUT_LANES, d.k = lane == 0 ? DUT_LANES : 1;
    d.shift = 4;
    d.a_base = d.c_base = static_cast<std::uint16_t>(place);
    d.r_base = static_cast<std::uint16_t>(r);
    command.set_command(d);
    command.wait_for(lane, count(l.first + i + 1));
    if (i >= places) command.wait_for(4 + lane, count(i - places + 1));
    store.put(16, bus(l.to) + std::uint64_t{i} * code_bytes);
    store.put(32, static_cast<std::uint16_t>(r));
    store.wait_for(2 + lane, count(i + 1));
    for (const sim::RingEntry& entry : {load, command, store}) hand_over(lane, entry);
  };
  REQUIRE(raw.board.write(regs::IRQ_ENABLE, regs::IRQ_STATUS_ERROR.put(1)));
  REQUIRE(raw.board.write(regs::CTRL, 1));
  std::uint32_t made[2] = {};
  for (unsigned waits = 0; made[0] < chains || made[1] < chains || raw.board.read(regs::STATUS).data != regs::STATUS_IDLE.put(1); ++waits) {
    REQUIRE(waits < 2000);
    for (unsigned lane = 0; lane < 2; ++lane) {
      const auto head = static_cast<std::uint16_t>(raw.board.read(raw.of(lane, regs::RING0_HEAD)).data);
      while (made[lane] < chains && static_cast<std::uint16_t>(lanes[lane].put - head) + 3 <= size) chain(lane, made[lane]++);
      REQUIRE(raw.board.write(raw.of(lane, regs::RING0_TAIL), lanes[lane].put & 0xffff));
    }
    REQUIRE_FALSE(raw.board.wait_interrupt(2000));
  }
  unsigned wrong = 0;
  for (unsigned lane = 0; lane < 2; ++lane) {
    CHECK(raw.board.read(raw.of(lane, regs::RING0_HEAD)).data == (lanes[lane].put & 0xffff));
    for (unsigned i = 0; i < chains; ++i) wrong += std::memcmp(lanes[lane].to.data() + i * code_bytes, lanes[lane].wanted[i % blocks].data(), code_bytes) != 0;
  }
  CHECK(wrong == 0);
  CHECK(raw.board.read(regs::PERF_LOAD_LO).data == 2 * chains + 1);
  CHECK(raw.board.read(regs::PERF_STORE_LO).data == 2 * chains);
}
#endif

#if DUT_RESULTDEPTH == 32768
TEST_CASE("cuatro_axi: half a million elements in one command: the record's sums are theirs, the codes leave from the far end of R") {
  sim::MemoryTiming timing;
  timing.latency = 20;
  Raw raw(timing);
  tb::Random random("half a million");
  golden::GoldenDevice golden;
  constexpr std::uint32_t cols = 128 * DUT_LANES, word_elements = 8u << kWordLog >> 5;
  for (const std::uint32_t rows : {63 * DUT_LANES, 33 * DUT_LANES, 8 * DUT_LANES}) {
    std::vector<std::int32_t> values(std::size_t{rows} * cols);
    for (auto& value : values) value = random.chance(80) ? INT32_MIN : random.word();
    sim::Image source(raw.board.memory(), rows, cols, DUT_LANES, 32), codes(raw.board.memory(), rows, cols, DUT_LANES, 4);
    sim::pack_words(source, values.data());
    const auto words = static_cast<std::uint16_t>(values.size() / word_elements), blocks = static_cast<std::uint16_t>(values.size() / (DUT_LANES * DUT_LANES));
    sim::RingEntry load = raw.transfer(sim::EntryKind::load), store = raw.transfer(sim::EntryKind::store), command(sim::EntryKind::command);
    load.put(16, raw.board.memory()->bus_address(source.data.data()));
    load.put(28, words);
    load.put(34, std::uint16_t{1});
    load.bytes[38] = kWordLog, load.bytes[39] = 2;
    sim::Descriptor d;
    d.op = 2, d.m = static_cast<std::uint16_t>(rows), d.n = static_cast<std::uint16_t>(cols), d.k = 1;
    d.source = static_cast<std::uint8_t>(SourceType::s32);
    d.shift = 12;
    d.r_base = static_cast<std::uint16_t>(DUT_RESULTDEPTH - blocks);
    command.set_command(d);
    command.wait_for(1, static_cast<std::uint16_t>(raw.tail[1] / 3 + 1));
    command.want_record();
    store.put(16, raw.board.memory()->bus_address(codes.data.data()));
    store.put(28, blocks);
    store.put(32, d.r_base);
    store.put(34, std::uint16_t{1});
    store.wait_for(3, static_cast<std::uint16_t>(raw.tail[1] / 3 + 1));
    store.want_interrupt();
    const unsigned slot = raw.tail[1] + 1u;
    for (const sim::RingEntry& entry : {load, command, store}) raw.put(1, entry);
    REQUIRE(raw.board.write(regs::IRQ_ENABLE, regs::IRQ_STATUS_ENTRY.put(1) | regs::IRQ_STATUS_ERROR.put(1)));
    raw.bell(1);
    REQUIRE(raw.board.wait_interrupt(1'000'000));
    REQUIRE(raw.board.read(regs::ERROR).data == 0);
    REQUIRE(raw.board.write(regs::IRQ_STATUS, 7));
    Quantize op;
    op.data = values.data(), op.rows = rows, op.cols = cols;
    op.out.format = OutFormat::int4;
    op.out.shift = 12;
    const Result wanted = golden.quantize(op, "half a million");
    const sim::CompletionRecord record = raw.take_record(1, slot);
    CHECK(Stats{record.absmax, record.sumabs, record.saturated} == golden.stats(wanted));
    CHECK(sim::unpack_codes(codes) == golden.read_codes(wanted.codes));
  }
}
#endif

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
  constexpr std::uint32_t item = DUT_LANES * DUT_LANES / 2, pitch = item < 64 ? 128 : 2 * item;  // a burst a row
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
  CHECK(regs::CAPS_ARRAY_ROWS.get(raw.board.read(regs::CAPS_ARRAY).data) == DUT_ROWS);
  CHECK(regs::CAPS_ARRAY_COLS.get(raw.board.read(regs::CAPS_ARRAY).data) == DUT_COLS);
  CHECK(regs::CAPS_ARRAY_LANES.get(raw.board.read(regs::CAPS_ARRAY).data) == DUT_LANES);
  CHECK(regs::CAPS_WIDTH_DRAIN.get(raw.board.read(regs::CAPS_WIDTH).data) == DUT_DRAINWIDTH);
  CHECK(regs::CAPS_WIDTH_DATA_BITS.get(raw.board.read(regs::CAPS_WIDTH).data) == DUT_DATABITS);
  CHECK(1u << regs::CAPS_DEPTH_OPERAND.get(raw.board.read(regs::CAPS_DEPTH).data) == DUT_OPERANDDEPTH);
  CHECK(1u << regs::CAPS_DEPTH_RESULT.get(raw.board.read(regs::CAPS_DEPTH).data) == DUT_RESULTDEPTH);
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
    const bool there = tb::is_register(reg);
    CAPTURE(reg);
    REQUIRE(raw.board.read(reg).error == !there);
    if (!there) REQUIRE_FALSE(raw.board.write(reg, 0));
  }
  for (std::uint32_t within = 1; within < 4; ++within) {
    CHECK(raw.board.read(regs::CTRL + within).error);
    CHECK_FALSE(raw.board.write(regs::CTRL + within, 0));
  }
  for (const std::uint32_t reg : {regs::ID, regs::STATUS, regs::ERROR, regs::RING0_HEAD, regs::PERF_MAC_LO}) CHECK_FALSE(raw.board.write(reg, 1));
  // Some of a word's bytes.
  for (std::uint8_t strobes = 0; strobes < 15; ++strobes) {
    for (const std::uint32_t reg : {regs::CTRL, regs::IRQ_ENABLE, regs::RING0_BASE_LO, regs::RING1_TAIL, regs::RECORD1_BASE_HI}) {
      CAPTURE(strobes, reg);
      const std::uint32_t before = raw.board.read(reg).data;
      CHECK_FALSE(raw.board.write_bytes(reg, ~before, strobes));
      CHECK(raw.board.read(reg).data == before);
    }
  }
}

#if DUT_LANES == 16
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
