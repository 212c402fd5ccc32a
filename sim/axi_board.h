// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "sim/device_memory.h"

// What a driver has: registers, an interrupt, and memory that it shares with the device.
namespace cuatro::sim {

class Board {
 public:
  struct Answer {
    std::uint32_t data = 0;
    bool error = false;                  // SLVERR
  };
  virtual ~Board() = default;
  virtual Answer read(std::uint32_t reg) = 0;
  virtual bool write(std::uint32_t reg, std::uint32_t value) = 0;      // false = SLVERR
  // Waits for the interrupt, `cycles` of the clock at most; whether it came.
  virtual bool wait_interrupt(std::uint64_t cycles) = 0;
  virtual const std::shared_ptr<DeviceMemory>& memory() = 0;
  virtual void open_trace(const std::string& path) = 0;
};

// The simulated memory behind the AXI master. Latency is from the acceptance of an address (or of a
// burst's last write data) to the first data (or the answer). Stalls are legal AXI: a channel waits in
// so many of a hundred cycles, and reads of different IDs come in any order.
struct MemoryTiming {
  std::uint32_t latency = 100;           // cycles, at least 1
  double bytes_per_cycle = 0;            // of reads and writes together; 0 = a beat a cycle on each channel
  std::uint32_t stall_percent = 0;       // of every channel of the master
  std::array<std::uint32_t, 5> channel_stalls{};      // of single ones beyond that: AxiChannel
  std::uint32_t register_stalls = 0;     // per cent of the cycles in which the host's side of a register access waits
  std::uint64_t seed = 1;
};
enum AxiChannel : unsigned { kAr, kR, kAw, kW, kB };

// Answers with an error where it says, counting bursts from 1 on; 0 = none.
struct MemoryFaults {
  std::array<std::uint64_t, 3> read_burst{};     // by ID: rings 0 and 1, loads
  std::uint64_t write_burst = 0;
  std::uint32_t read_beat = 0;                   // that beat of the read burst alone, from 1 on, round and round; 0 = all of them
  bool decode = false;                           // DECERR instead of SLVERR
};

// What a test asks a simulated memory for, and sees of it.
struct MemoryProbe {
  MemoryFaults faults;
  std::uint64_t reads_outside = 0, writes_outside = 0;     // bursts where no memory is
  std::array<std::uint64_t, 4> read_bursts{};              // by ID
  std::array<std::uint64_t, 4> read_addr{};                // of the last of them
  std::uint64_t write_addr = 0;                            // of the last write burst
  std::uint64_t write_bursts = 0, errors_given = 0, cycles = 0;
  std::array<std::uint64_t, 5> stalls{};                   // cycles that a channel was held, where stalls are asked for
  std::uint64_t register_waits = 0;                        // likewise of the host
  std::function<void(std::uint64_t addr, std::uint64_t strobes)> on_write;       // every write beat; may be empty
  virtual ~MemoryProbe() = default;
  virtual bool quiet() const = 0;                          // nothing asked for is left to come
};

// The shipping elaboration in front of such a memory: 16 × 16 × 16, 32 results a cycle, 512 bits.
std::unique_ptr<Board> make_default_board(const MemoryTiming& timing = {});

}  // namespace cuatro::sim
