// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

// The core's pins, one clock cycle at a time, without Verilator's types: the only view of the
// model that the scheduler and the tests have.
namespace cuatro::sim {

struct CoreShape {
  std::uint32_t rows = 16, cols = 16, lanes = 16, drain_width = 32;
  std::uint32_t operand_depth = 2048, result_depth = 2048;
  std::uint32_t window_lines = 512;     // of a slot of the window buffer; 0 = there is none

  std::uint32_t word_bytes() const {
    const std::uint32_t block = lanes * lanes / 2, group = drain_width * 4;
    return block > group ? block : group;
  }
  std::uint32_t macs_per_cycle() const { return rows * cols * lanes; }
};

enum class Space : std::uint8_t { a = 0, b = 1, c = 2 };

// A command's answer, as rtl/cuatro_pkg.sv packs it.
struct Response {
  std::uint16_t tag = 0;
  std::uint8_t field = 0;      // 0 = done, else the refused field: field_name()
  std::uint32_t absmax = 0;
  std::uint64_t sumabs = 0;
  std::uint32_t saturated = 0;
};

constexpr std::size_t kDescriptorWords = 11;
using DescriptorBits = std::array<std::uint32_t, kDescriptorWords>;

class CoreModel {
 public:
  // Inputs of the coming cycle; the valid flags fall by themselves after every tick.
  struct Inputs {
    bool cmd_valid = false;
    DescriptorBits cmd{};
    bool rsp_ready = true;
    bool load_valid = false;
    Space load_space = Space::a;
    bool load_transpose = false;
    std::uint8_t load_sub = 0;
    std::uint16_t load_addr = 0;
    const std::uint8_t* load_data = nullptr;   // load_bytes of them; the rest of the word is kept
    std::uint32_t load_bytes = 0;
    bool store_valid = false;
    std::uint16_t store_addr = 0;
  };

  virtual ~CoreModel() = default;
  virtual CoreShape shape() const = 0;
  virtual void reset() = 0;
  virtual void tick() = 0;                            // one rising edge with `in`
  virtual bool cmd_ready() const = 0;                 // what the core shows before the next edge
  virtual bool rsp_valid() const = 0;
  virtual Response response() const = 0;
  virtual bool store_data_valid() const = 0;
  virtual const std::uint8_t* store_data() const = 0; // word_bytes of them
  struct Perf { std::uint64_t busy, mac, drain_stall, load, store; };
  virtual Perf perf() const = 0;
  virtual void open_trace(const std::string& path) = 0;   // FST; throws std::runtime_error
  virtual void close_trace() = 0;

  Inputs in;
};

}  // namespace cuatro::sim
