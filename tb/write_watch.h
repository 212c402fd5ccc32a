// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "sim/device_memory.h"
#include "sim/ring_entry.h"

// What the block may write: the bytes that entries name, each once for every time that it is named.
namespace cuatro::tb {

class WriteWatch {
 public:
  // Of an entry that the host has put into place `slot` of a ring: its store and its record.
  void name(const sim::RingEntry& entry, std::uint64_t records, std::uint32_t slot) {
    const auto get = [&](std::size_t at, auto value) {
      std::memcpy(&value, &entry.bytes[at], sizeof value);
      return value;
    };
    const auto kind = static_cast<sim::EntryKind>(entry.bytes[0]);
    if (kind == sim::EntryKind::store) {
      const std::uint64_t base = get(16, std::uint64_t{}), row_bytes = std::uint64_t{get(28, std::uint16_t{})} << entry.bytes[38];
      const std::uint64_t pitch = get(24, std::uint32_t{});
      for (std::uint32_t row = 0; row < get(30, std::uint16_t{}); ++row) due(base + row * pitch, row_bytes);
    }
    if ((entry.bytes[1] & 1) != 0) due(records + std::uint64_t{slot} * sim::CompletionRecord::kBytes, sim::CompletionRecord::kBytes);
  }

  void wrote(std::uint64_t addr, std::uint64_t strobes) {
    for (; strobes != 0; strobes >>= 1, ++addr) {
      if ((strobes & 1) == 0) continue;
      std::uint8_t* const due = find(addr);
      if (due == nullptr || *due == 0) {
        if (fault_.empty()) fault_ = "a byte that no entry names is written, at bus address " + std::to_string(addr);
        continue;
      }
      --*due;
      --left_;
      ++written_;
    }
  }

  // After a reset nothing that was named before may come any more.
  void forget() {
    std::fill(due_.begin(), due_.end(), std::uint8_t{0});
    left_ = 0;
  }
  std::uint64_t left() const { return left_; }             // named and not written
  std::uint64_t written() const { return written_; }
  const std::string& fault() const { return fault_; }      // the first; empty = none

 private:
  std::uint8_t* find(std::uint64_t addr) {
    const std::uint64_t offset = addr - sim::DeviceMemory::kBusBase;
    return offset < due_.size() ? &due_[offset] : nullptr;
  }
  void due(std::uint64_t addr, std::uint64_t bytes) {
    const std::uint64_t end = addr - sim::DeviceMemory::kBusBase + bytes;
    if (end > due_.size()) due_.resize(end);
    for (std::uint64_t i = end - bytes; i < end; ++i) ++due_[i];
    left_ += bytes;
  }

  std::vector<std::uint8_t> due_;        // how often, by offset in memory
  std::uint64_t left_ = 0, written_ = 0;
  std::string fault_;
};

}  // namespace cuatro::tb
