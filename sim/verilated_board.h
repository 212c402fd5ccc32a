// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <filesystem>
#include <stdexcept>

#include "device/device.h"
#include "sim/axi_memory.h"
#include "sim/power_up.h"
#include "verilated.h"
#ifdef CUATRO_TRACE
#include "verilated_fst_c.h"
#endif

namespace cuatro::sim {

// A Verilated cuatro_axi in front of a simulated memory. V is the class Verilator made.
template <class V>
class VerilatedBoard final : public Board {
 public:
  VerilatedBoard(const MemoryTiming& timing, std::uint32_t data_bits)
      : memory_(std::make_shared<DeviceMemory>()), top_(&context_), axi_(memory_, timing, data_bits / 8), stalls_(timing.register_stalls), random_(timing.seed * 2 + 1) {
#ifdef CUATRO_TRACE
    context_.traceEverOn(true);
#endif
    // Two cycles of reset are what the block asks for: until then its registers may hold anything. A model's first evaluation
    // sees no edge.
    top_.rst_ni = 0;
    context_.assertOn(false);
    for (int i = 0; i < 3; ++i) clock();
    context_.assertOn(true);
    clock();
    top_.rst_ni = 1;
    tick();
  }
  ~VerilatedBoard() override {
#ifdef CUATRO_TRACE
    if (trace_) trace_->close();
#endif
    top_.final();
  }

  Answer read(std::uint32_t reg) override {
    top_.s_axi_araddr = static_cast<std::uint16_t>(reg);
    top_.s_axi_arvalid = 1;
    top_.s_axi_rready = !stall();
    while (!hand_over(top_.s_axi_arready)) {}
    top_.s_axi_arvalid = 0;
    while (!top_.s_axi_rvalid || !top_.s_axi_rready) wait(top_.s_axi_rready);
    const Answer answer{top_.s_axi_rdata, top_.s_axi_rresp != 0};
    tick_counted();
    top_.s_axi_rready = 0;
    return answer;
  }

  bool write(std::uint32_t reg, std::uint32_t value) override { return write_bytes(reg, value, 15); }
  // Of the bytes whose strobes are set.
  bool write_bytes(std::uint32_t reg, std::uint32_t value, std::uint8_t strobes) {
    top_.s_axi_awaddr = static_cast<std::uint16_t>(reg);
    top_.s_axi_wdata = value;
    top_.s_axi_wstrb = strobes;
    waited_ = 0;
    bool aw_left = true, w_left = true;
    while (aw_left || w_left) {
      top_.s_axi_awvalid = aw_left && (top_.s_axi_awvalid || !stall());
      top_.s_axi_wvalid = w_left && (top_.s_axi_wvalid || !stall());
      top_.s_axi_bready = !stall();
      const bool aw = top_.s_axi_awvalid && top_.s_axi_awready, w = top_.s_axi_wvalid && top_.s_axi_wready;
      tick_counted();
      aw_left = aw_left && !aw;
      w_left = w_left && !w;
    }
    top_.s_axi_awvalid = top_.s_axi_wvalid = 0;
    while (!top_.s_axi_bvalid || !top_.s_axi_bready) wait(top_.s_axi_bready);
    const bool good = top_.s_axi_bresp == 0;
    tick_counted();
    top_.s_axi_bready = 0;
    return good;
  }

  bool wait_interrupt(std::uint64_t cycles) override {
    for (; cycles != 0 && !top_.irq_o; --cycles) tick();
    return top_.irq_o;
  }

  const std::shared_ptr<DeviceMemory>& memory() override { return memory_; }

  void open_trace([[maybe_unused]] const std::string& path) override {
#ifdef CUATRO_TRACE
    trace_ = std::make_unique<VerilatedFstC>();
    top_.trace(trace_.get(), 99);
    trace_->open(path.c_str());
    if (!trace_->isOpen()) throw std::runtime_error(path + ": cannot be written");
#else
    throw std::runtime_error("this model was built without tracing");
#endif
  }

  V& top() { return top_; }
  AxiMemory<V>& axi() { return axi_; }

  void tick() {
    axi_.before(top_);
    rise();
    axi_.after(top_);
    fall();
  }

 private:
  void rise() {
    top_.clk_i = 1;
    top_.eval();
    dump();
  }
  void fall() {
    top_.clk_i = 0;
    top_.eval();
    dump();
  }
  // In reset the memory takes nothing: registers hold anything until the reset has reached them, ARVALID too.
  void clock() {
    rise();
    fall();
  }
  // The host's side of a register access waits too, if that was asked for.
  bool stall() {
    if (stalls_ == 0) return false;
    random_ ^= random_ << 13;
    random_ ^= random_ >> 7;
    random_ ^= random_ << 17;
    const bool held = (random_ >> 11) % 100 < stalls_;
    axi_.register_waits += held;
    return held;
  }
  // A cycle, and another draw of a ready signal.
  void wait(std::uint8_t& ready) {
    tick_counted();
    ready = !stall();
  }
  // A register access that never comes to an end is a fault of the block.
  void tick_counted() {
    tick();
    if (++waited_ > 1'000'000) throw DeviceError("rtl: a register access is never answered");
  }
  bool hand_over(const std::uint8_t& ready) {
    const bool now = ready;
    waited_ = 0;
    tick_counted();
    return now;
  }
  void dump() {
#ifdef CUATRO_TRACE
    if (trace_) trace_->dump(time_++);
#endif
  }

  std::shared_ptr<DeviceMemory> memory_;
  PowerUpContext context_;
  V top_;
  AxiMemory<V> axi_;
  std::uint64_t waited_ = 0;
  std::uint32_t stalls_;
  std::uint64_t random_;
#ifdef CUATRO_TRACE
  std::unique_ptr<VerilatedFstC> trace_;
  std::uint64_t time_ = 0;
#endif
};

}  // namespace cuatro::sim
