// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "device/device.h"
#include "sim/core_model.h"
#include "sim/descriptor.h"
#include "sim/image.h"

// Drives the core's ports cycle by cycle: what a DMA engine and a command ring would do. Work
// comes in two lanes, GEMM and quantize, each an in-order triple of streams (loads, commands,
// stores) that run as far ahead as their dependencies allow; so loads, compute, quantization
// and stores overlap.
namespace cuatro::sim {

enum Lane : unsigned { kGemmLane = 0, kQuantLane = 1, kLanes = 2 };

// Counts of finished jobs that a job waits for, a lane each. All streams finish in order, so a
// count says it all. Zero = no wait.
struct Wait {
  std::array<std::uint32_t, kLanes> loads{}, commands{}, stores{};
  void merge(const Wait& other);
};

// Blocks from device memory into a scratchpad, one beat a cycle.
struct LoadJob {
  struct Beat {
    const std::uint8_t* from;
    std::uint32_t bytes;
    std::uint16_t addr;
    std::uint8_t sub;
  };
  Wait wait;
  Space space = Space::a;
  bool transpose = false;
  std::vector<Beat> beats;
  std::shared_ptr<const void> keep;      // owner of the bytes
};

struct CommandJob {
  Wait wait;
  Descriptor descriptor;
  std::shared_ptr<Stats> stats;          // the command's statistics are merged into it
  std::string label;                     // for error messages
};

// Words of R into device memory, one beat a cycle.
struct StoreJob {
  struct Beat {
    std::uint8_t* to;
    std::uint32_t bytes;
    std::uint16_t addr;
  };
  Wait wait;
  std::vector<Beat> beats;
  std::vector<std::shared_ptr<Image>> keep;   // owners of the bytes
};

class Scheduler {
 public:
  explicit Scheduler(CoreModel& core) : core_(core) {}

  // Each returns the job's number in its lane's stream, from 1 on: what a Wait counts.
  std::uint32_t push(Lane lane, LoadJob job);
  std::uint32_t push(Lane lane, CommandJob job);
  std::uint32_t push(Lane lane, StoreJob job);
  // Numbers the next push of each kind will get.
  std::uint32_t next_command(Lane lane) const { return streams_[lane].commands_pushed + 1; }
  std::uint32_t next_store(Lane lane) const { return streams_[lane].stores_pushed + 1; }

  // Whether all stores into an image have been done.
  bool stored(const Image& image) const;

  // Runs the core until every stream is empty. Throws DeviceError when the core refuses a
  // command; the queue is empty then and the core ready for more.
  void run();

  Counters& counters() { return counters_; }
  std::vector<LabelCycles> cycles_by_label() const;

 private:
  struct Stream {
    std::deque<LoadJob> loads;
    std::deque<CommandJob> commands;      // not yet issued
    std::deque<CommandJob> issued;
    std::deque<StoreJob> stores;
    std::size_t load_beat = 0, store_beat = 0;
    std::uint32_t loads_pushed = 0, commands_pushed = 0, stores_pushed = 0;
    std::uint32_t loads_done = 0, commands_done = 0, stores_done = 0;
  };

  bool ready(const Wait& wait) const;
  bool idle() const { return open_ == 0; }
  void drive_load();
  void finish_load();
  void drive_command();
  void drive_store();
  void take_response();
  void count_cycles(const CommandJob& job);
  void take_store_data();
  void drop_all();

  CoreModel& core_;
  std::array<Stream, kLanes> streams_;
  std::size_t open_ = 0;                 // jobs of all streams that are not done
  Counters counters_;
  std::map<std::string, LabelCycles, std::less<>> labels_;
  std::uint64_t cycle_ = 0, answered_ = 0;  // of this run of the queue: now, and the last GEMM's answer
  // The store beat whose data arrives after the next edge.
  struct InFlight {
    std::uint8_t* to = nullptr;
    std::uint32_t bytes = 0;
    Lane lane = kGemmLane;
    bool last = false;
    bool valid = false;
  } in_flight_;
  Stream* loading_ = nullptr;            // whose beat is on the port in this cycle
  std::string refused_;
};

}  // namespace cuatro::sim
