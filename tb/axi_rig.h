// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <utility>

#include "sim/axi_board.h"
#include "sim/cuatro_regs.h"
#include "sim/rtl_device.h"
#include "write_watch.h"

// The block behind its driver, and what tests do to the two of them.
namespace cuatro::tb {

// Whether a register is there.
constexpr bool is_register(std::uint32_t reg) {
  const auto within = [reg](std::uint32_t first, std::uint32_t last) { return reg >= first && reg <= last; };
  return reg <= regs::CAPS_DEPTH || within(regs::CTRL, regs::ERROR_ADDR_HI) || within(regs::RING0_BASE_LO, regs::RING0_TAIL) ||
         within(regs::RING1_BASE_LO, regs::RING1_TAIL) || within(regs::PERF_CYCLES_LO, regs::PERF_WRITE_HI);
}

// Leaves a driver alone in the middle of its work.
struct Stopped {};

// A board between a driver and the true one: sees the entries that the driver hands over, and every byte that the block writes.
class RigBoard final : public sim::Board {
 public:
  RigBoard(sim::Board& board, sim::MemoryProbe& probe) : board_(board), probe_(probe) {
    probe_.on_write = [this](std::uint64_t addr, std::uint64_t strobes) { watch.wrote(addr, strobes); };
  }
  ~RigBoard() override { probe_.on_write = nullptr; }

  WriteWatch watch;
  // Cycles of waiting after which the driver is left alone.
  std::uint64_t stop_after = ~std::uint64_t{0};
  // Sees every entry of a ring before the block does and may change it; true: from now on it sees no more.
  std::function<bool(unsigned lane, std::uint32_t slot, sim::RingEntry&)> tamper;
  // Called every so many cycles of a wait; 0 = never.
  std::uint64_t meddle_cycles = 0;
  std::function<void()> meddle;
  // What a tail is written as.
  std::function<std::uint32_t(unsigned lane, std::uint32_t tail)> tail_of;
  // Loads, commands and stores, in lane 0 and 1 each, that the driver has handed over since the last reset.
  std::array<std::uint64_t, 6> jobs{};
  // Resets that were not over with an empty bus.
  std::uint64_t loud_resets = 0;

  Answer read(std::uint32_t reg) override {
    const Answer answer = board_.read(reg);
    if (reg == regs::CTRL && resetting_ && (answer.data & regs::CTRL_SOFT_RESET.put(1)) == 0) {
      resetting_ = false;
      loud_resets += probe_.quiet() ? 0 : 1;
      watch.forget();
      jobs = {};
      for (Ring& ring : rings_) ring.tail = 0;
    }
    return answer;
  }

  bool write(std::uint32_t reg, std::uint32_t value) override {
    constexpr std::uint32_t stride = regs::RING1_BASE_LO - regs::RING0_BASE_LO;
    for (unsigned lane = 0; lane < 2; ++lane) {
      Ring& ring = rings_[lane];
      const auto half = [](std::uint64_t& whole, unsigned shift, std::uint32_t v) {
        whole = (whole & ~(std::uint64_t{0xffffffff} << shift)) | std::uint64_t{v} << shift;
      };
      switch (reg - stride * lane) {
        case regs::RING0_BASE_LO: half(ring.base, 0, value); break;
        case regs::RING0_BASE_HI: half(ring.base, 32, value); break;
        case regs::RECORD0_BASE_LO: half(ring.records, 0, value); break;
        case regs::RECORD0_BASE_HI: half(ring.records, 32, value); break;
        case regs::RING0_SIZE: ring.size_log = value; break;
        case regs::RING0_TAIL:
          take_entries(lane, static_cast<std::uint16_t>(value));
          if (tail_of) value = tail_of(lane, value);
          break;
        default: break;
      }
    }
    if (reg == regs::CTRL && (value & regs::CTRL_SOFT_RESET.put(1)) != 0) resetting_ = true;
    return board_.write(reg, value);
  }

  bool wait_interrupt(std::uint64_t cycles) override {
    while (cycles != 0) {
      const std::uint64_t most = std::min({cycles, stop_after, meddle_cycles == 0 ? cycles : meddle_cycles});
      const std::uint64_t before = probe_.cycles;
      const bool came = board_.wait_interrupt(most);
      const std::uint64_t gone = probe_.cycles - before;
      cycles -= std::min(cycles, gone);
      if (stop_after != ~std::uint64_t{0} && (stop_after -= std::min(stop_after, gone)) == 0) throw Stopped{};
      if (came) return true;
      if (meddle_cycles != 0 && meddle) meddle();
    }
    return board_.wait_interrupt(0);
  }

  const std::shared_ptr<sim::DeviceMemory>& memory() override { return board_.memory(); }
  void open_trace(const std::string& path) override { board_.open_trace(path); }

 private:
  struct Ring {
    std::uint64_t base = 0, records = 0;
    std::uint32_t size_log = 0;
    std::uint16_t tail = 0;
  };

  void take_entries(unsigned lane, std::uint16_t tail) {
    Ring& ring = rings_[lane];
    for (; ring.tail != tail; ++ring.tail) {
      const std::uint32_t slot = ring.tail & ((1u << ring.size_log) - 1);
      std::uint8_t* const at = memory()->at(ring.base + slot * sim::RingEntry::kBytes, sim::RingEntry::kBytes);
      sim::RingEntry entry(sim::EntryKind::load);
      std::memcpy(entry.bytes.data(), at, sim::RingEntry::kBytes);
      sim::RingEntry changed = entry;
      if (tamper && tamper(lane, slot, changed)) {
        tamper = nullptr;
        std::memcpy(at, changed.bytes.data(), sim::RingEntry::kBytes);
        continue;                        // what is refused may write nothing
      }
      watch.name(entry, ring.records, slot);
      ++jobs[2 * (entry.bytes[0] - 1u) + lane];
    }
  }

  sim::Board& board_;
  sim::MemoryProbe& probe_;
  std::array<Ring, 2> rings_;
  bool resetting_ = false;
};

// A board for a device that does not own it: the next device will have it too.
class LentBoard final : public sim::Board {
 public:
  explicit LentBoard(sim::Board& board) : board_(board) {}
  Answer read(std::uint32_t reg) override { return board_.read(reg); }
  bool write(std::uint32_t reg, std::uint32_t value) override { return board_.write(reg, value); }
  bool wait_interrupt(std::uint64_t most) override { return board_.wait_interrupt(most); }
  const std::shared_ptr<sim::DeviceMemory>& memory() override { return board_.memory(); }
  void open_trace(const std::string& path) override { board_.open_trace(path); }

 private:
  sim::Board& board_;
};

// A soft reset by hand; false if it never ends.
inline bool soft_reset(sim::Board& board) {
  if (!board.write(regs::CTRL, regs::CTRL_SOFT_RESET.put(1))) return false;
  for (int i = 0; (board.read(regs::CTRL).data & regs::CTRL_SOFT_RESET.put(1)) != 0; ++i) {
    if (i == 100'000) return false;
  }
  return true;
}

}  // namespace cuatro::tb
