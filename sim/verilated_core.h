// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstring>
#include <filesystem>
#include <stdexcept>

#include "sim/core_model.h"
#include "sim/power_up.h"
#include "verilated.h"
#ifdef CUATRO_TRACE
#include "verilated_fst_c.h"
#endif

namespace cuatro::sim {

// CoreModel of one Verilated elaboration. V is the class Verilator made; the shape says with
// which parameters.
template <class V>
class VerilatedCore final : public CoreModel {
 public:
  explicit VerilatedCore(CoreShape shape) : shape_(shape), top_(&context_) {
#ifdef CUATRO_TRACE
    context_.traceEverOn(true);
#endif
    reset();
  }
  ~VerilatedCore() override { close_trace(); }

  CoreShape shape() const override { return shape_; }

  void reset() override {
    in = {};
    top_.rst_ni = 0;
    for (int i = 0; i < 4; ++i) tick();
    top_.rst_ni = 1;
    tick();
  }

  void tick() override {
    top_.cmd_valid_i = in.cmd_valid;
    if (in.cmd_valid) std::memcpy(top_.cmd_desc_i.data(), in.cmd.data(), sizeof in.cmd);
    top_.rsp_ready_i = in.rsp_ready;
    top_.load_valid_i = in.load_valid;
    if (in.load_valid) {
      top_.load_space_i = static_cast<std::uint8_t>(in.load_space);
      top_.load_transpose_i = in.load_transpose;
      top_.load_sub_i = in.load_sub;
      top_.load_addr_i = in.load_addr;
      std::memcpy(top_.load_data_i.data(), in.load_data, in.load_bytes);
    }
    top_.store_valid_i = in.store_valid;
    top_.store_addr_i = in.store_addr;
    top_.clk_i = 1;
    top_.eval();
    dump();
    top_.clk_i = 0;
    if (tracing() || !forget_clock(top_)) top_.eval();
    dump();
    in.cmd_valid = in.load_valid = in.store_valid = false;
  }

  bool cmd_ready() const override { return top_.cmd_ready_o; }
  bool rsp_valid() const override { return top_.rsp_valid_o; }
  Response response() const override {
    // Packed from the lowest bit: tag 16, field 5, absmax 32, sumabs 64, saturated 32.
    std::array<std::uint32_t, 6> w{};
    std::memcpy(w.data(), top_.rsp_o.data(), 5 * sizeof(std::uint32_t));
    const auto bits = [&](unsigned at) {
      const std::uint64_t two = w[at / 32] | std::uint64_t{w[at / 32 + 1]} << 32;
      return static_cast<std::uint32_t>(two >> (at % 32));
    };
    Response r;
    r.tag = static_cast<std::uint16_t>(bits(0));
    r.field = static_cast<std::uint8_t>(bits(16) & 31);
    r.absmax = bits(21);
    r.sumabs = bits(53) | std::uint64_t{bits(85)} << 32;
    r.saturated = bits(117);
    return r;
  }
  bool store_data_valid() const override { return top_.store_data_valid_o; }
  const std::uint8_t* store_data() const override {
    return reinterpret_cast<const std::uint8_t*>(top_.store_data_o.data());
  }
  Perf perf() const override {
    return {top_.perf_busy_o, top_.perf_mac_o, top_.perf_drain_stall_o, top_.perf_load_o, top_.perf_store_o};
  }

  void open_trace([[maybe_unused]] const std::string& path) override {
#ifdef CUATRO_TRACE
    close_trace();
    trace_ = std::make_unique<VerilatedFstC>();
    top_.trace(trace_.get(), 99);
    trace_->open(path.c_str());
    if (!trace_->isOpen()) throw std::runtime_error(path + ": cannot be written");
#else
    throw std::runtime_error("this model was built without tracing");
#endif
  }
  void close_trace() override {
#ifdef CUATRO_TRACE
    if (trace_) trace_->close();
    trace_.reset();
#endif
  }

 private:
  // Nothing in the core works on the falling edge. Where the model's memory of the clock has the name
  // that Verilator 5.006 gives it, and its header is included, clearing it does for that edge.
  template <class Top>
  static bool forget_clock(Top& top) {
    if constexpr (requires { top.rootp->__Vtrigrprev__TOP__clk_i = 0; }) {
      top.rootp->__Vtrigrprev__TOP__clk_i = 0;
      return true;
    }
    return false;
  }
  bool tracing() const {
#ifdef CUATRO_TRACE
    return trace_ != nullptr;
#else
    return false;
#endif
  }
  void dump() {
#ifdef CUATRO_TRACE
    if (trace_) trace_->dump(time_++);
#endif
  }

  CoreShape shape_;
  PowerUpContext context_;
  mutable V top_;
#ifdef CUATRO_TRACE
  std::unique_ptr<VerilatedFstC> trace_;
  std::uint64_t time_ = 0;
#endif
};

}  // namespace cuatro::sim
