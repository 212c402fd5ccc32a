// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "sim/scheduler.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace cuatro::sim {

namespace {

// One running and two queued a lane: then a full queue of one lane never blocks the other at
// the core's single command port.
constexpr std::size_t kMaxIssued = 3;
constexpr std::size_t kFewIssued = 2;
constexpr std::uint16_t kLaneTag = 0x8000;
// No legal stretch without progress comes near this; a hang is reported, not waited for.
constexpr std::uint64_t kHangCycles = 1'000'000;

}  // namespace

std::uint32_t Scheduler::push(Lane lane, LoadJob job) {
  Stream& stream = streams_[lane];
  stream.loads.push_back(std::move(job));
  ++open_;
  return ++stream.loads_pushed;
}

std::uint32_t Scheduler::push(Lane lane, CommandJob job) {
  Stream& stream = streams_[lane];
  const std::uint32_t number = ++stream.commands_pushed;
  job.descriptor.tag = static_cast<std::uint16_t>((number & 0x7fff) | (lane == kQuantLane ? kLaneTag : 0));
  stream.commands.push_back(std::move(job));
  ++open_;
  return number;
}

std::uint32_t Scheduler::push(Lane lane, StoreJob job) {
  Stream& stream = streams_[lane];
  stream.stores.push_back(std::move(job));
  ++open_;
  return ++stream.stores_pushed;
}

bool Scheduler::done(const Wait& wait) const {
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    const Stream& stream = streams_[lane];
    if (stream.loads_done < wait.loads[lane] || stream.commands_done < wait.commands[lane] ||
        stream.stores_done < wait.stores[lane]) {
      return false;
    }
  }
  return true;
}

// The bare core has no window unit: the blocks that one would make, and their transfer.
static Transfer unfold(const LoadJob& job, std::vector<std::uint8_t>& blocks) {
  const WindowBlocks& at = job.window->blocks;
  Transfer transfer = job.transfer;
  blocks.resize(std::size_t{at.rows} * at.cols * transfer.item_bytes);
  for (std::uint32_t i = 0; i < at.rows; ++i) {
    for (std::uint32_t j = 0; j < at.cols; ++j) {
      unfold_block(*job.window->unfolding, job.window->rows, at.row + i, at.col + j, &blocks[(std::size_t{i} * at.cols + j) * transfer.item_bytes]);
    }
  }
  transfer.base = blocks.data();
  transfer.pitch = at.cols * transfer.item_bytes;
  return transfer;
}

// Quantize loads go first while the core has hardly a quantize command left: a GEMM mostly waits for
// these. Beyond that they must not hold up the GEMM's own.
void Scheduler::drive_load() {
  const unsigned first = streams_[kQuantLane].issued.size() < kFewIssued ? kQuantLane : kGemmLane;
  for (unsigned turn = 0; turn < kLanes; ++turn) {
    Stream& stream = streams_[first ^ turn];
    if (stream.loads.empty()) continue;
    const LoadJob& job = stream.loads.front();
    if (!stream.loading) {
      if (!done(job.wait)) continue;
      const std::uint32_t edge = job.space == Space::a ? shape_.rows : job.space == Space::b ? shape_.cols : shape_.lanes;
      stream.load = ItemWalk(job.window ? unfold(job, stream.unfolded) : job.transfer, edge / shape_.lanes);
      stream.loading = true;
    }
    core_.in.load_valid = true;
    core_.in.load_space = job.space;
    core_.in.load_transpose = job.transpose;
    core_.in.load_sub = stream.load.sub();
    core_.in.load_addr = stream.load.addr();
    core_.in.load_data = stream.load.at();
    core_.in.load_bytes = job.transfer.item_bytes;
    ++counters_.load_cycles;
    if (!stream.load.next()) loading_ = &stream;
    return;
  }
}

// After the edge: the last word is in its scratchpad, and its owner may go.
void Scheduler::finish_load() {
  if (loading_ == nullptr) return;
  Stream& stream = *std::exchange(loading_, nullptr);
  if (stream.loads.empty()) return;
  stream.loads.pop_front();
  stream.loading = false;
  ++stream.loads_done;
  --open_;
}

void Scheduler::drive_command() {
  if (!core_.cmd_ready()) return;
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    Stream& stream = streams_[lane];
    if (stream.commands.empty() || stream.issued.size() >= kMaxIssued) continue;
    if (!done(stream.commands.front().wait)) continue;
    core_.in.cmd_valid = true;
    core_.in.cmd = stream.commands.front().descriptor.bits();
    stream.issued.push_back(std::move(stream.commands.front()));
    stream.commands.pop_front();
    return;
  }
}

void Scheduler::drive_store() {
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    Stream& stream = streams_[lane];
    if (stream.stores.empty() || stream.stored) continue;      // last word still in flight
    const StoreJob& job = stream.stores.front();
    if (!stream.storing) {
      if (!done(job.wait)) continue;
      stream.store = ItemWalk(job.transfer, 1);
      stream.storing = true;
    }
    core_.in.store_valid = true;
    core_.in.store_addr = stream.store.addr();
    ++counters_.store_cycles;
    std::uint8_t* const to = stream.store.at();
    stream.stored = !stream.store.next();
    in_flight_ = {to, job.transfer.item_bytes, job.transfer.halves, static_cast<Lane>(lane), stream.stored, true};
    return;
  }
}

void Scheduler::take_store_data() {
  if (!in_flight_.valid) return;
  if (in_flight_.halves) {
    for (std::uint32_t at = 0; at < in_flight_.bytes; at += 2) std::memcpy(in_flight_.to + at, core_.store_data() + 2 * at, 2);
  } else {
    std::memcpy(in_flight_.to, core_.store_data(), in_flight_.bytes);
  }
  in_flight_.valid = false;
  if (in_flight_.last) {
    Stream& stream = streams_[in_flight_.lane];
    stream.stores.pop_front();
    stream.storing = stream.stored = false;
    ++stream.stores_done;
    --open_;
  }
}

void Scheduler::take_response() {
  if (!core_.rsp_valid()) return;
  const Response response = core_.response();
  Stream& stream = streams_[(response.tag & kLaneTag) != 0 ? kQuantLane : kGemmLane];
  const CommandJob& job = stream.issued.front();
  if (job.descriptor.tag != response.tag) throw DeviceError("rtl: response out of order");
  if (response.field != 0 && refused_.empty()) {
    refused_ = fmt::format("rtl: command {} ({}) refused: illegal {}", response.tag & 0x7fff, job.label,
                           field_name(response.field));
    lose_open();
  }
  if (job.stats) {
    job.stats->absmax = std::max(job.stats->absmax, response.absmax);
    job.stats->sumabs += response.sumabs;
    job.stats->saturated += response.saturated;
  }
  if (&stream == &streams_[kGemmLane]) labels_.answer(job, cycle_);
  stream.issued.pop_front();
  ++stream.commands_done;
  --open_;
  ++counters_.commands;
}

void Scheduler::lose_open() {
  Wait done, pushed;
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    const Stream& stream = streams_[lane];
    done.commands[lane] = stream.commands_done;
    done.stores[lane] = stream.stores_done;
    pushed.commands[lane] = stream.commands_pushed;
    pushed.stores[lane] = stream.stores_pushed;
  }
  lose(done, pushed);
}

void Scheduler::drop_all() {
  for (Stream& stream : streams_) {
    open_ -= stream.loads.size() + stream.commands.size() + stream.stores.size();
    stream.loads.clear();
    stream.commands.clear();
    stream.stores.clear();
    stream.loading = stream.storing = stream.stored = false;
    stream.loads_done = stream.loads_pushed;
    stream.stores_done = stream.stores_pushed;
  }
}

void Scheduler::run_until(const Wait& jobs) {
  run_while([&] { return !done(jobs); });
}

void Scheduler::run_while(const std::function<bool()>& wanted) {
  const CoreModel::Perf before = core_.perf();
  std::uint64_t last_progress = 0;
  const std::uint64_t first_cycle = cycle_;
  std::uint64_t last_progress_cycle = cycle_;
  while (!idle() && (wanted() || !refused_.empty())) {
    take_response();
    if (!refused_.empty()) {
      drop_all();
      for (Stream& stream : streams_) stream.commands_done = stream.commands_pushed - stream.issued.size();
    }
    drive_load();
    drive_command();
    drive_store();
    core_.tick();
    finish_load();
    take_store_data();
    ++cycle_;
    const std::uint64_t progress = counters_.load_cycles + counters_.store_cycles + counters_.commands;
    if (progress != last_progress) {
      last_progress = progress;
      last_progress_cycle = cycle_;
    } else if (cycle_ - last_progress_cycle > kHangCycles) {
      throw DeviceError("rtl: no progress, the core or the scheduler hangs");
    }
  }
  const CoreModel::Perf after = core_.perf();
  counters_.cycles += cycle_ - first_cycle;
  counters_.mac_cycles += after.mac - before.mac;
  counters_.drain_stall_cycles += after.drain_stall - before.drain_stall;
  counters_.busy_cycles += after.busy - before.busy;
  if (idle()) labels_.begin(cycle_);
  if (!refused_.empty()) {
    const std::string what = std::exchange(refused_, {});
    throw DeviceError(what);
  }
}

}  // namespace cuatro::sim
