// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/job_queue.h"

// The jobs on the bare core, cycle by cycle through its ports, with no memory system in between: for
// netlists of the core and for shapes of it. What is trained with is the ring driver.
namespace cuatro::sim {

class Scheduler final : public JobQueue {
 public:
  explicit Scheduler(std::unique_ptr<CoreModel> core)
      : owner_(std::move(core)), core_(*owner_), shape_(core_.shape()), memory_(std::make_shared<DeviceMemory>()) {}

  const CoreShape& shape() const override { return shape_; }
  const std::shared_ptr<DeviceMemory>& memory() override { return memory_; }
  std::uint32_t push(Lane lane, LoadJob job) override;
  std::uint32_t push(Lane lane, CommandJob job) override;
  std::uint32_t push(Lane lane, StoreJob job) override;
  std::uint32_t next_command(Lane lane) const override { return streams_[lane].commands_pushed + 1; }
  std::uint32_t next_store(Lane lane) const override { return streams_[lane].stores_pushed + 1; }
  void end_operation(Lane) override {}
  bool done(const Wait& jobs) const override;
  void run_until(const Wait& jobs) override;
  void run() override { run_while([] { return true; }); }
  Counters counters() override { return counters_; }
  std::vector<LabelCycles> cycles_by_label() const override { return labels_.list(); }
  void open_trace(const std::string& path) override { core_.open_trace(path); }

 private:
  struct Stream {
    std::deque<LoadJob> loads;
    std::deque<CommandJob> commands;      // not yet issued
    std::deque<CommandJob> issued;
    std::deque<StoreJob> stores;
    ItemWalk load, store;                  // of the front jobs, once begun
    std::vector<std::uint8_t> unfolded;    // what the front load unfolds
    bool loading = false, storing = false, stored = false;
    std::uint32_t loads_pushed = 0, commands_pushed = 0, stores_pushed = 0;
    std::uint32_t loads_done = 0, commands_done = 0, stores_done = 0;
  };

  bool idle() const { return open_ == 0; }
  void drive_load();
  void finish_load();
  void drive_command();
  void drive_store();
  void take_response();
  void take_store_data();
  void lose_open();
  void drop_all();
  void run_while(const std::function<bool()>& wanted);

  std::unique_ptr<CoreModel> owner_;
  CoreModel& core_;
  CoreShape shape_;
  std::shared_ptr<DeviceMemory> memory_;
  std::array<Stream, kLanes> streams_;
  std::size_t open_ = 0;                 // jobs of all streams that are not done
  Counters counters_;
  LabelClock labels_;
  std::uint64_t cycle_ = 0;              // of all runs
  // The store beat whose data arrives after the next edge.
  struct InFlight {
    std::uint8_t* to = nullptr;
    std::uint32_t bytes = 0;
    bool halves = false;
    Lane lane = kGemmLane;
    bool last = false;
    bool valid = false;
  } in_flight_;
  Stream* loading_ = nullptr;            // whose load's last word is on the port in this cycle
  std::string refused_;
};

}  // namespace cuatro::sim
