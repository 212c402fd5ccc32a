// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <deque>

#include "sim/axi_board.h"

namespace cuatro::sim {

// A memory as an AXI4 slave, a clock cycle at a time: `before` sets the slave's signals from what the
// master shows, `after` takes note of what the rising edge has handed over. Signals is the master's ports.
template <class Signals>
class AxiMemory final : public MemoryProbe {
 public:
  AxiMemory(std::shared_ptr<DeviceMemory> memory, MemoryTiming timing, std::uint32_t beat_bytes)
      : memory_(std::move(memory)), timing_(timing), beat_bytes_(beat_bytes), random_(timing.seed * 2 + 1) {
    for (unsigned c = 0; c < percent_.size(); ++c) {
      percent_[c] = std::max(timing.stall_percent, timing.channel_stalls[c]);
      stalling_ = stalling_ || percent_[c] != 0;
    }
  }

  void before(Signals& s) {
    if (timing_.bytes_per_cycle > 0 && budget_ < 4 * beat_bytes_) budget_ += timing_.bytes_per_cycle;
    s.m_axi_arready = reads_waiting_ < kQueue && !stall(kAr);
    s.m_axi_awready = writes_.size() < kQueue && !stall(kAw);
    offer_read(s);
    s.m_axi_wready = !writes_.empty() && afford() && !stall(kW);
    if (!s.m_axi_bvalid && !answers_.empty() && answers_.front().at <= cycles && !stall(kB)) {
      s.m_axi_bvalid = 1;
      s.m_axi_bresp = answers_.front().resp;
      s.m_axi_bid = 0;
    }
    ar_ = s.m_axi_arvalid && s.m_axi_arready;
    aw_ = s.m_axi_awvalid && s.m_axi_awready;
    r_ = s.m_axi_rvalid && s.m_axi_rready;
    w_ = s.m_axi_wvalid && s.m_axi_wready;
    b_ = s.m_axi_bvalid && s.m_axi_bready;
    if (ar_) {
      const std::uint32_t beats = s.m_axi_arlen + 1u;
      const bool fail = ++read_bursts[s.m_axi_arid] == faults.read_burst[s.m_axi_arid];
      // The beat that fails, as how many are left then.
      const std::uint32_t only = fail && faults.read_beat != 0 ? beats - (faults.read_beat - 1) % beats : 0;
      reads_[s.m_axi_arid].push_back({s.m_axi_araddr, beats, only, cycles + timing_.latency, sequence_++, response(fail)});
      read_addr[s.m_axi_arid] = s.m_axi_araddr;
      ++reads_waiting_;
    }
    if (aw_) write_addr = s.m_axi_awaddr;
    if (aw_) writes_.push_back({s.m_axi_awaddr, response(++write_bursts == faults.write_burst)});
    if (w_) take_write(s);
  }

  void after(Signals& s) {
    ++cycles;
    if (r_) s.m_axi_rvalid = 0;
    if (b_) {
      s.m_axi_bvalid = 0;
      answers_.pop_front();
    }
  }
  bool quiet() const override { return reads_waiting_ == 0 && writes_.empty() && answers_.empty(); }

 private:
  static constexpr std::size_t kQueue = 64;
  static constexpr std::uint8_t kSlverr = 2, kDecerr = 3;
  struct Read {
    std::uint64_t addr;
    std::uint32_t beats, only;
    std::uint64_t at, sequence;
    std::uint8_t resp;
  };
  struct Write {
    std::uint64_t addr;
    std::uint8_t resp;
  };
  struct Answer {
    std::uint64_t at;
    std::uint8_t resp;
  };

  std::uint8_t response(bool fail) {
    errors_given += fail;
    return fail ? (faults.decode ? kDecerr : kSlverr) : 0;
  }
  bool stall(AxiChannel channel) {
    const bool held = percent_[channel] != 0 && next() % 100 < percent_[channel];
    stalls[channel] += held;
    return held;
  }
  std::uint64_t next() {
    random_ ^= random_ << 13;
    random_ ^= random_ >> 7;
    random_ ^= random_ << 17;
    return random_ >> 11;
  }
  bool afford() const { return timing_.bytes_per_cycle == 0 || budget_ > 0; }
  void spend() {
    if (timing_.bytes_per_cycle > 0) budget_ -= beat_bytes_;
  }

  // The oldest burst; with stalls any ID's oldest, beat by beat.
  void offer_read(Signals& s) {
    if (s.m_axi_rvalid || reads_waiting_ == 0 || !afford() || stall(kR)) return;
    unsigned id = 3;
    for (unsigned i = 0; i < 3; ++i) {
      if (reads_[i].empty()) continue;
      if (id == 3 || (!stalling_ ? reads_[i].front().sequence < reads_[id].front().sequence : next() % 2 == 0)) id = i;
    }
    Read& read = reads_[id].front();
    if (read.at > cycles) return;
    auto* data = reinterpret_cast<std::uint8_t*>(&s.m_axi_rdata);
    s.m_axi_rvalid = 1;
    s.m_axi_rid = static_cast<std::uint8_t>(id);
    s.m_axi_rresp = read.only == 0 || read.only == read.beats ? read.resp : 0;
    s.m_axi_rlast = read.beats == 1;
    if (const std::uint8_t* from = memory_->at(read.addr, beat_bytes_)) {
      std::memcpy(data, from, beat_bytes_);
    } else {
      std::memset(data, 0, beat_bytes_);
      s.m_axi_rresp = kDecerr;
      ++reads_outside;
    }
    spend();
    read.addr += beat_bytes_;
    if (--read.beats == 0) {
      reads_[id].pop_front();
      --reads_waiting_;
    }
  }

  void take_write(Signals& s) {
    Write* burst = &writes_.front();
    const auto* data = reinterpret_cast<const std::uint8_t*>(&s.m_axi_wdata);
    std::uint64_t strobes = 0;
    std::memcpy(&strobes, &s.m_axi_wstrb, (beat_bytes_ + 7) / 8);
    if (on_write) on_write(burst->addr, strobes);
    std::uint8_t* to = memory_->at(burst->addr, beat_bytes_);
    if (to == nullptr) {
      burst->resp = kDecerr;
      ++writes_outside;
    } else if (burst->resp == 0) {
      if (strobes == (beat_bytes_ == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << beat_bytes_) - 1)) {
        std::memcpy(to, data, beat_bytes_);
      } else {
        for (std::uint32_t i = 0; i < beat_bytes_; ++i) {
          if ((strobes >> i) & 1) to[i] = data[i];
        }
      }
    }
    spend();
    burst->addr += beat_bytes_;
    if (s.m_axi_wlast) {
      answers_.push_back({cycles + timing_.latency, burst->resp});
      writes_.pop_front();
    }
  }

  std::shared_ptr<DeviceMemory> memory_;
  MemoryTiming timing_;
  std::uint32_t beat_bytes_;
  std::array<std::uint32_t, 5> percent_{};
  bool stalling_ = false;
  std::uint64_t random_, sequence_ = 0;
  double budget_ = 0;
  std::array<std::deque<Read>, 4> reads_;
  std::size_t reads_waiting_ = 0;
  std::deque<Write> writes_;
  std::deque<Answer> answers_;
  bool ar_ = false, aw_ = false, r_ = false, w_ = false, b_ = false;
};

}  // namespace cuatro::sim
