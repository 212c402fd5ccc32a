// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "device/device.h"
#include "sim/core_model.h"
#include "sim/descriptor.h"
#include "sim/device_memory.h"
#include "sim/image.h"
#include "sim/window.h"

// Work for the core, as an operation is cut into it: loads, commands and stores in two lanes, GEMM and
// quantize. In a lane each kind runs in order, as far ahead of the others as dependencies allow.
namespace cuatro::sim {

enum Lane : unsigned { kGemmLane = 0, kQuantLane = 1, kLanes = 2 };

// Counts of finished jobs that a job waits for, a lane each. All streams finish in order, so a
// count says it all. Zero = no wait.
struct Wait {
  std::array<std::uint32_t, kLanes> loads{}, commands{}, stores{};
  void merge(const Wait& other);
};

// Items of memory and words of a scratchpad (rtl/README.md, ring entries).
struct Transfer {
  std::uint8_t* base = nullptr;          // in device memory
  std::uint32_t pitch = 0;               // bytes from row to row
  std::uint32_t rows = 1, cols = 1;      // items
  std::uint32_t item_bytes = 0;
  std::uint16_t addr = 0, col_step = 1, row_step = 0;
  std::uint8_t sub = 0;
  bool sub_rows = false;
  bool halves = false;                   // a store of the low halves of 32-bit elements, in items of at most half a word
};

// What a load unfolds: the same for the hardware, and for a queue that has none.
struct WindowLoad {
  WindowFields fields;
  std::shared_ptr<const Unfolding> unfolding;
  std::uint32_t rows = 0;                // of the unfolded matrix
  WindowBlocks blocks;
};

struct LoadJob {
  Wait wait;
  Space space = Space::a;
  bool transpose = false;
  Transfer transfer;
  std::optional<WindowLoad> window;      // then the transfer's items are blocks of the unfolded matrix, its base the source's first
  std::shared_ptr<const void> keep;      // owner of the bytes
};

struct CommandJob {
  Wait wait;
  Descriptor descriptor;
  std::shared_ptr<Stats> stats;          // the command's statistics are merged into it
  std::string label;                     // for error messages
};

struct StoreJob {
  Wait wait;
  Transfer transfer;
  std::shared_ptr<Image> keep;
};

// The items of a transfer one by one: what the hardware's dma_items does. `subs` blocks stand in a
// scratchpad word.
class ItemWalk {
 public:
  ItemWalk() = default;
  ItemWalk(const Transfer& t, std::uint32_t subs)
      : t_(t), subs_(subs), row_(t.base), at_(t.base), row_addr_(t.addr), addr_(t.addr), sub_(t.sub) {}
  std::uint8_t* at() const { return at_; }
  std::uint16_t addr() const { return addr_; }
  std::uint8_t sub() const { return sub_; }
  // False when that was the last.
  bool next() {
    const bool full = sub_ + 1u == subs_;
    if (++col_ < t_.cols) {
      at_ += t_.item_bytes;
      if (t_.sub_rows || full) addr_ = static_cast<std::uint16_t>(addr_ + t_.col_step);
      if (!t_.sub_rows) sub_ = full ? 0 : static_cast<std::uint8_t>(sub_ + 1);
      return true;
    }
    col_ = 0;
    at_ = row_ += t_.pitch;
    if (!t_.sub_rows || full) row_addr_ = static_cast<std::uint16_t>(row_addr_ + t_.row_step);
    addr_ = row_addr_;
    sub_ = !t_.sub_rows ? t_.sub : full ? 0 : static_cast<std::uint8_t>(sub_ + 1);
    return ++row_index_ < t_.rows;
  }

 private:
  Transfer t_;
  std::uint32_t subs_ = 1, col_ = 0, row_index_ = 0;
  std::uint8_t *row_ = nullptr, *at_ = nullptr;
  std::uint16_t row_addr_ = 0, addr_ = 0;
  std::uint8_t sub_ = 0;
};

class JobQueue {
 public:
  virtual ~JobQueue() = default;
  virtual const CoreShape& shape() const = 0;
  virtual const std::shared_ptr<DeviceMemory>& memory() = 0;

  // Each returns the job's number in its lane's stream, from 1 on: what a Wait counts.
  virtual std::uint32_t push(Lane lane, LoadJob job) = 0;
  virtual std::uint32_t push(Lane lane, CommandJob job) = 0;
  virtual std::uint32_t push(Lane lane, StoreJob job) = 0;
  // Numbers the next push of each kind will get.
  virtual std::uint32_t next_command(Lane lane) const = 0;
  virtual std::uint32_t next_store(Lane lane) const = 0;

  // The store pushed last ends an operation: a run until it is done returns soon after that.
  virtual void end_operation(Lane lane) = 0;
  // Whether jobs are known to be done.
  virtual bool done(const Wait& jobs) const = 0;
  // Runs until they are, and whatever was pushed goes on meanwhile; or until every stream is empty. Throws DeviceError
  // when a command is refused or memory answers with an error; the queue is empty then and the core ready for more.
  virtual void run_until(const Wait& jobs) = 0;
  virtual void run() = 0;
  // Whether such an error has dropped one of these commands or stores.
  bool lost(const Wait& jobs) const;

  // Up to now, useful_macs apart.
  virtual Counters counters() = 0;
  virtual std::vector<LabelCycles> cycles_by_label() const = 0;
  virtual void open_trace(const std::string& path) = 0;

 protected:
  // Everything after `done` up to `pushed`.
  void lose(const Wait& done, const Wait& pushed) { lost_.push_back({done, pushed}); }

 private:
  struct Lost {
    Wait after, to;
  };
  std::vector<Lost> lost_;
};

// Cycles by label, as device.h defines them: a cycle belongs to the GEMM that is answered next.
class LabelClock {
 public:
  void begin(std::uint64_t cycle) { answered_ = cycle; }
  void answer(const CommandJob& job, std::uint64_t cycle) {
    LabelCycles& label = labels_[job.label];
    const Descriptor& d = job.descriptor;
    ++label.commands;
    label.useful_macs += std::uint64_t{d.m} * d.n * d.k * (d.two_terms ? 2 : 1);
    label.cycles += cycle - answered_;
    answered_ = cycle;
  }
  std::vector<LabelCycles> list() const {
    std::vector<LabelCycles> list;
    for (const auto& [label, cycles] : labels_) {
      list.push_back(cycles);
      list.back().label = label;
    }
    return list;
  }

 private:
  std::map<std::string, LabelCycles, std::less<>> labels_;
  std::uint64_t answered_ = 0;
};

}  // namespace cuatro::sim
