// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "sim/axi_board.h"
#include "sim/job_queue.h"
#include "sim/ring_entry.h"

// The driver of cuatro_axi: jobs become ring entries in memory. Knows registers, memory and the
// interrupt, nothing of a simulator; on a board it would be the same.
namespace cuatro::sim {

class RingDriver final : public JobQueue {
 public:
  // Throws DeviceError when the registers are not those of a cuatro this driver knows.
  explicit RingDriver(std::unique_ptr<Board> board);
  // Stops what still runs: its memory is about to be given back.
  ~RingDriver() override;

  const CoreShape& shape() const override { return shape_; }
  const std::shared_ptr<DeviceMemory>& memory() override { return board_->memory(); }
  std::uint32_t push(Lane lane, LoadJob job) override;
  std::uint32_t push(Lane lane, CommandJob job) override;
  std::uint32_t push(Lane lane, StoreJob job) override;
  std::uint32_t next_command(Lane lane) const override { return pushed_[2 + lane] + 1; }
  std::uint32_t next_store(Lane lane) const override { return pushed_[4 + lane] + 1; }
  void end_operation(Lane lane) override;
  bool done(const Wait& jobs) const override;
  void run_until(const Wait& jobs) override;
  void run() override { run_while([] { return true; }); }
  Counters counters() override;
  std::vector<LabelCycles> cycles_by_label() const override { return labels_.list(); }
  void open_trace(const std::string& path) override { board_->open_trace(path); }

 private:
  static constexpr unsigned kSizeLog = 12;                       // entries of a ring
  static constexpr std::uint32_t kSize = 1u << kSizeLog;
  static constexpr unsigned kKinds = 6;                          // loads 0, 1, commands 0, 1, stores 0, 1

  using Keep = std::vector<std::shared_ptr<const void>>;
  struct Pending {
    Lane lane;
    RingEntry entry;
    bool record;
  };
  // What a record tells of: a command, or the store that ends an operation and with it all of its lane before.
  struct Told {
    std::optional<CommandJob> command;
    std::array<std::uint32_t, 3> pushed{};                       // loads, commands, stores of the lane
    Keep keep;                                                   // what was read or written
  };
  struct Issued {
    std::uint32_t index;                                         // in its ring, modulo 2^16
    Told told;
  };
  struct Ring {
    Buffer entries, records;
    std::uint16_t tail = 0, head = 0;
    std::uint32_t since_irq = 0;
    std::deque<Told> pushed;                                     // of entries not in the ring yet
    std::deque<Issued> issued;
    Keep keep;                                                   // of the operation that is being pushed
  };

  std::uint32_t read(std::uint32_t reg);
  std::uint64_t read64(std::uint32_t reg);
  void write(std::uint32_t reg, std::uint32_t value);
  bool reset();                                                  // whether it came to an end
  void start();                                                  // after a reset
  RingEntry entry(EntryKind kind, const Wait& wait);
  void put_transfer(RingEntry& entry, const Transfer& t);
  std::uint32_t count(unsigned kind) { return ++pushed_[kind]; }
  bool fill();
  void take_record(Lane lane, const Issued& issued, const CompletionRecord& record);
  void take_records(Lane lane);
  void begin_run();
  void end_run();
  void add_perf();
  void run_while(const std::function<bool()>& wanted);
  [[noreturn]] void fail();

  std::unique_ptr<Board> board_;
  CoreShape shape_;
  Ring rings_[kLanes];
  std::deque<Pending> pending_;                                  // in the order of the pushes
  std::uint32_t pushed_[kKinds] = {}, done_[kKinds] = {};        // done: known to be
  std::uint32_t base_[kKinds] = {};                              // pushed when the hardware began to count
  Counters counters_;
  LabelClock labels_;
  bool running_ = false;                                         // entries came, and were not all done when last looked at
  static constexpr unsigned kPerfs = 6;
  std::array<std::uint64_t, kPerfs> perf_{};                     // the block's counters up to which counters_ has them
  std::uint64_t answered_ = 0;                                   // PERF_CYCLES of the last answer
};

}  // namespace cuatro::sim
