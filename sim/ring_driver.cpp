// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "sim/ring_driver.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "sim/cuatro_regs.h"

namespace cuatro::sim {

namespace {

// A job so many numbers back cannot be among the entries that are in the rings: it is done.
constexpr std::uint32_t kLongAgo = 16384;
// Without an interrupt the driver looks by itself: entries may wait for entries that had no room.
constexpr std::uint64_t kLookCycles = 4096;
// No legal stretch without progress comes near this; a hang is reported, not waited for.
constexpr std::uint64_t kHangCycles = 4'000'000;
constexpr std::uint32_t kLaneStride = regs::RING1_BASE_LO - regs::RING0_BASE_LO;

std::string_view bad_field_name(std::uint32_t field) {
  static constexpr std::string_view names[] = {"", "kind", "flags", "op", "space", "item", "size", "base", "pitch", "addr", "reserved bits", "window"};
  return field < std::size(names) ? names[field] : "unknown field";
}

}  // namespace

RingDriver::RingDriver(std::unique_ptr<Board> board) : board_(std::move(board)) {
  if (read(regs::ID) != regs::ID_VALUE) throw DeviceError(fmt::format("rtl: ID register {:#010x}, expected {:#010x}", read(regs::ID), regs::ID_VALUE));
  if (read(regs::VERSION) != regs::VERSION_VALUE) {
    throw DeviceError(fmt::format("rtl: VERSION register {}, this driver knows {}", read(regs::VERSION), regs::VERSION_VALUE));
  }
  const std::uint32_t array = read(regs::CAPS_ARRAY), width = read(regs::CAPS_WIDTH), depth = read(regs::CAPS_DEPTH);
  shape_.rows = regs::CAPS_ARRAY_ROWS.get(array);
  shape_.cols = regs::CAPS_ARRAY_COLS.get(array);
  shape_.lanes = regs::CAPS_ARRAY_LANES.get(array);
  shape_.drain_width = regs::CAPS_WIDTH_DRAIN.get(width);
  shape_.operand_depth = 1u << regs::CAPS_DEPTH_OPERAND.get(depth);
  shape_.result_depth = 1u << regs::CAPS_DEPTH_RESULT.get(depth);
  const std::uint32_t lines = regs::CAPS_DEPTH_WINDOW.get(depth);
  shape_.window_lines = lines == 0 ? 0 : 1u << lines;
  for (Ring& ring : rings_) {
    ring.entries = Buffer(memory(), std::size_t{kSize} * RingEntry::kBytes);
    ring.records = Buffer(memory(), std::size_t{kSize} * CompletionRecord::kBytes);
  }
  // Whoever drove the block before may have left it running.
  if (!reset()) throw DeviceError("rtl: the soft reset hangs");
  start();
}

RingDriver::~RingDriver() {
  if (!running_) return;
  try {
    reset();
  } catch (const DeviceError&) {       // of registers that do not answer: nobody is left to be told
  }
}

std::uint32_t RingDriver::read(std::uint32_t reg) {
  const Board::Answer answer = board_->read(reg);
  if (answer.error) throw DeviceError(fmt::format("rtl: register {:#x} cannot be read", reg));
  return answer.data;
}

std::uint64_t RingDriver::read64(std::uint32_t reg) {
  // The high half may have moved on in between.
  std::uint32_t high = read(reg + 4);
  for (;;) {
    const std::uint32_t low = read(reg), again = read(reg + 4);
    if (again == high) return std::uint64_t{high} << 32 | low;
    high = again;
  }
}

void RingDriver::write(std::uint32_t reg, std::uint32_t value) {
  if (!board_->write(reg, value)) throw DeviceError(fmt::format("rtl: register {:#x} cannot be written", reg));
}

bool RingDriver::reset() {
  write(regs::CTRL, regs::CTRL_SOFT_RESET.put(1));
  for (int i = 0; (read(regs::CTRL) & regs::CTRL_SOFT_RESET.put(1)) != 0; ++i) {
    if (i > 100'000) return false;
  }
  return true;
}

void RingDriver::start() {
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    Ring& ring = rings_[lane];
    const std::uint64_t entries = memory()->bus_address(ring.entries.data()), records = memory()->bus_address(ring.records.data());
    const std::uint32_t at = kLaneStride * lane;
    write(regs::RING0_BASE_LO + at, static_cast<std::uint32_t>(entries));
    write(regs::RING0_BASE_HI + at, static_cast<std::uint32_t>(entries >> 32));
    write(regs::RECORD0_BASE_LO + at, static_cast<std::uint32_t>(records));
    write(regs::RECORD0_BASE_HI + at, static_cast<std::uint32_t>(records >> 32));
    write(regs::RING0_SIZE + at, kSizeLog);
    ring.tail = ring.head = 0;
  }
  for (unsigned kind = 0; kind < kKinds; ++kind) base_[kind] = done_[kind] = pushed_[kind];
  write(regs::IRQ_ENABLE, regs::IRQ_ENABLE_ENTRY.put(1) | regs::IRQ_ENABLE_DRAINED.put(1) | regs::IRQ_ENABLE_ERROR.put(1));
  write(regs::CTRL, regs::CTRL_ENABLE.put(1));
}

RingEntry RingDriver::entry(EntryKind kind, const Wait& wait) {
  RingEntry entry(kind);
  const std::uint32_t counts[kKinds] = {wait.loads[0], wait.loads[1], wait.commands[0], wait.commands[1], wait.stores[0], wait.stores[1]};
  for (unsigned k = 0; k < kKinds; ++k) {
    if (counts[k] <= done_[k] || static_cast<std::int32_t>(pushed_[k] - counts[k]) > static_cast<std::int32_t>(kLongAgo + kSize)) continue;
    entry.wait_for(k, static_cast<std::uint16_t>(counts[k] - base_[k]));
  }
  return entry;
}

void RingDriver::put_transfer(RingEntry& entry, const Transfer& t) {
  entry.put(16, memory()->bus_address(t.base));
  entry.put(24, t.pitch);
  entry.put(28, static_cast<std::uint16_t>(t.cols));
  entry.put(30, static_cast<std::uint16_t>(t.rows));
  entry.put(32, t.addr);
  entry.put(34, t.col_step);
  entry.put(36, t.row_step);
  entry.put(38, static_cast<std::uint8_t>(std::countr_zero(t.item_bytes)));
  entry.put(40, t.sub);
}

std::uint32_t RingDriver::push(Lane lane, LoadJob job) {
  RingEntry e = entry(EntryKind::load, job.wait);
  put_transfer(e, job.transfer);
  e.put(39, static_cast<std::uint8_t>(static_cast<unsigned>(job.space) | (job.transpose ? 0x10 : 0) | (job.transfer.sub_rows ? 0x20 : 0)));
  if (job.window) e.set_window(job.window->fields);
  pending_.push_back({lane, e, false});
  rings_[lane].keep.push_back(std::move(job.keep));
  return count(lane);
}

std::uint32_t RingDriver::push(Lane lane, CommandJob job) {
  RingEntry e = entry(EntryKind::command, job.wait);
  e.set_command(job.descriptor);
  e.want_record();
  pending_.push_back({lane, e, true});
  rings_[lane].pushed.push_back({std::move(job), {}, {}});
  return count(2 + lane);
}

std::uint32_t RingDriver::push(Lane lane, StoreJob job) {
  RingEntry e = entry(EntryKind::store, job.wait);
  put_transfer(e, job.transfer);
  e.put(39, static_cast<std::uint8_t>(job.transfer.halves));
  pending_.push_back({lane, e, false});
  rings_[lane].keep.push_back(std::move(job.keep));
  return count(4 + lane);
}

void RingDriver::end_operation(Lane lane) {
  Pending& store = pending_.back();
  store.record = true;
  store.entry.want_record();
  store.entry.want_interrupt();
  rings_[lane].pushed.push_back({{}, {pushed_[lane], pushed_[2 + lane], pushed_[4 + lane]}, std::exchange(rings_[lane].keep, {})});
}

bool RingDriver::done(const Wait& jobs) const {
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    if (jobs.loads[lane] > done_[lane] || jobs.commands[lane] > done_[2 + lane] || jobs.stores[lane] > done_[4 + lane]) return false;
  }
  return true;
}

// Entries into the rings, in the order of the pushes, as far as there is room for them and for their
// records. Whether any went.
bool RingDriver::fill() {
  bool any = false;
  while (!pending_.empty()) {
    Pending& next = pending_.front();
    Ring& ring = rings_[next.lane];
    const std::uint16_t room_from = ring.issued.empty() ? ring.head : static_cast<std::uint16_t>(ring.issued.front().index);
    if (static_cast<std::uint16_t>(ring.tail - ring.head) >= kSize || static_cast<std::uint16_t>(ring.tail - room_from) >= kSize) break;
    const std::uint32_t slot = ring.tail % kSize;
    if (next.record) {
      std::memset(ring.records.data() + std::size_t{slot} * CompletionRecord::kBytes, 0xff, CompletionRecord::kBytes);
      if (++ring.since_irq >= kSize / 16) {
        next.entry.want_interrupt();
        ring.since_irq = 0;
      }
      ring.issued.push_back({ring.tail, std::move(ring.pushed.front())});
      ring.pushed.pop_front();
    }
    std::memcpy(ring.entries.data() + std::size_t{slot} * RingEntry::kBytes, next.entry.bytes.data(), RingEntry::kBytes);
    ++ring.tail;
    any = true;
    pending_.pop_front();
  }
  if (any) {
    for (unsigned lane = 0; lane < kLanes; ++lane) write(regs::RING0_TAIL + kLaneStride * lane, rings_[lane].tail);
  }
  return any;
}

void RingDriver::take_record(Lane lane, const Issued& issued, const CompletionRecord& record) {
  if (!issued.told.command) {
    // Stores are done in order, each after its command, and that after its loads.
    for (unsigned kind = 0; kind < 3; ++kind) done_[2 * kind + lane] = std::max(done_[2 * kind + lane], issued.told.pushed[kind]);
    return;
  }
  const CommandJob& job = *issued.told.command;
  if (job.stats) {
    job.stats->absmax = std::max(job.stats->absmax, record.absmax);
    job.stats->sumabs += record.sumabs;
    job.stats->saturated += record.saturated;
  }
  if (lane == kGemmLane) {
    answered_ += static_cast<std::uint32_t>(record.cycle - static_cast<std::uint32_t>(answered_));
    labels_.answer(job, answered_);
  }
  ++done_[2 + lane];
  ++counters_.commands;
}

void RingDriver::take_records(Lane lane) {
  Ring& ring = rings_[lane];
  while (!ring.issued.empty()) {
    const Issued& issued = ring.issued.front();
    CompletionRecord record;
    std::memcpy(&record, ring.records.data() + std::size_t{issued.index % kSize} * CompletionRecord::kBytes, sizeof record);
    if (record.rest != 0) return;
    if (record.field == 0) take_record(lane, issued, record);
    ring.issued.pop_front();
  }
}

// Says what went wrong, and leaves an empty queue and a block that works.
void RingDriver::fail() {
  const std::uint32_t error = read(regs::ERROR);
  const std::uint64_t address = std::uint64_t{read(regs::ERROR_ADDR_HI)} << 32 | read(regs::ERROR_ADDR_LO);
  const std::uint32_t lane = regs::ERROR_LANE.get(error), slot = regs::ERROR_ENTRY.get(error), field = regs::ERROR_FIELD.get(error);
  const auto where = fmt::format("entry {} of the {} ring", slot, lane == kGemmLane ? "GEMM" : "quantize");
  std::string what;
  switch (static_cast<Error>(regs::ERROR_CODE.get(error))) {
    case Error::none: what = "rtl: stopped without an error"; break;
    case Error::ring_read: what = fmt::format("rtl: bus error at {:#x} reading {}", address, where); break;
    case Error::load_read: what = fmt::format("rtl: bus error at {:#x} in the load of {}", address, where); break;
    case Error::store_write: what = fmt::format("rtl: bus error at {:#x} in the store of {}", address, where); break;
    case Error::record_write: what = fmt::format("rtl: bus error at {:#x} writing the record of {}", address, where); break;
    case Error::bad_entry: what = fmt::format("rtl: {} refused: illegal {}", where, bad_field_name(field)); break;
    case Error::ring_overflow: what = fmt::format("rtl: the {} ring was overfilled", lane == kGemmLane ? "GEMM" : "quantize"); break;
    case Error::refused: {
      std::string label;
      for (const Issued& issued : rings_[lane].issued) {
        if (issued.index % kSize == slot && issued.told.command) label = issued.told.command->label;
      }
      what = fmt::format("rtl: command of {} ({}) refused: illegal {}", where, label, field_name(static_cast<std::uint8_t>(field)));
      break;
    }
    default: what = fmt::format("rtl: unknown error {:#x}", error);
  }
  if (!reset()) throw DeviceError(what + "; the soft reset hangs");
  running_ = false;
  // Records that were written before the error still count.
  Wait done, pushed;
  for (unsigned l = 0; l < kLanes; ++l) {
    take_records(static_cast<Lane>(l));
    done.commands[l] = done_[2 + l];
    done.stores[l] = done_[4 + l];
    pushed.commands[l] = pushed_[2 + l];
    pushed.stores[l] = pushed_[4 + l];
  }
  lose(done, pushed);
  pending_.clear();
  for (Ring& ring : rings_) {
    ring.pushed.clear();
    ring.issued.clear();
    ring.keep.clear();
  }
  start();
  throw DeviceError(what);
}

// A run is from the first entry to the last, whatever is waited for in between: its cycles are all counted.
static constexpr std::uint32_t kPerf[] = {regs::PERF_CYCLES_LO, regs::PERF_BUSY_LO, regs::PERF_MAC_LO, regs::PERF_STALL_LO, regs::PERF_LOAD_LO, regs::PERF_STORE_LO};

void RingDriver::begin_run() {
  if (running_) return;
  running_ = true;
  for (std::size_t i = 0; i < kPerfs; ++i) perf_[i] = read64(kPerf[i]);
  labels_.begin(answered_ = perf_[0]);
}

void RingDriver::add_perf() {
  std::uint64_t* const sums[] = {&counters_.cycles, &counters_.busy_cycles, &counters_.mac_cycles, &counters_.drain_stall_cycles, &counters_.load_cycles, &counters_.store_cycles};
  for (std::size_t i = 0; i < kPerfs; ++i) {
    const std::uint64_t now = read64(kPerf[i]);
    *sums[i] += now - std::exchange(perf_[i], now);
  }
}

Counters RingDriver::counters() {
  if (running_) add_perf();
  return counters_;
}

void RingDriver::end_run() {
  running_ = false;
  add_perf();
  std::copy(std::begin(pushed_), std::end(pushed_), std::begin(done_));
}

void RingDriver::run_until(const Wait& jobs) {
  run_while([&] { return !done(jobs); });
}

void RingDriver::run_while(const std::function<bool()>& wanted) {
  if (!running_ && pending_.empty()) return;
  if (!wanted()) return;
  begin_run();
  fill();
  std::uint64_t idle_looks = 0;
  do {
    const bool came = board_->wait_interrupt(kLookCycles);
    const std::uint32_t happened = read(regs::IRQ_STATUS);
    if (happened != 0) write(regs::IRQ_STATUS, happened);
    if ((happened & regs::IRQ_STATUS_ERROR.put(1)) != 0) fail();
    const std::uint32_t status = read(regs::STATUS);
    bool progress = came;
    for (unsigned lane = 0; lane < kLanes; ++lane) {
      const auto head = static_cast<std::uint16_t>(read(regs::RING0_HEAD + kLaneStride * lane));
      const std::size_t issued = rings_[lane].issued.size();
      progress = progress || head != rings_[lane].head;
      rings_[lane].head = head;
      take_records(static_cast<Lane>(lane));
      progress = progress || rings_[lane].issued.size() != issued;
    }
    // Idle was read before the heads: it speaks of what had been put in by then.
    const bool idle = (status & regs::STATUS_IDLE.put(1)) != 0;
    if (fill()) progress = true;
    else if (idle && pending_.empty() && rings_[0].issued.empty() && rings_[1].issued.empty()) return end_run();
    idle_looks = progress ? 0 : idle_looks + 1;
    if (idle_looks * kLookCycles > kHangCycles) throw DeviceError("rtl: no progress, the block or its driver hangs");
  } while (wanted());
}

}  // namespace cuatro::sim
