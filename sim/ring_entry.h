// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <array>
#include <cstdint>
#include <cstring>

#include "sim/descriptor.h"
#include "sim/window.h"

// Ring entries and completion records as bytes in memory, lowest first (rtl/README.md).
namespace cuatro::sim {

enum class EntryKind : std::uint8_t { load = 1, command = 2, store = 3 };
enum class Error : std::uint8_t { none, ring_read, load_read, store_write, record_write, bad_entry, refused, ring_overflow };

struct RingEntry {
  static constexpr std::size_t kBytes = 64;
  std::array<std::uint8_t, kBytes> bytes{};

  template <class T>
  void put(std::size_t at, T value) { std::memcpy(&bytes[at], &value, sizeof value); }

  explicit RingEntry(EntryKind kind) { bytes[0] = static_cast<std::uint8_t>(kind); }
  void want_record() { bytes[1] |= 1; }
  void want_interrupt() { bytes[1] |= 2; }
  // counter: 0, 1 loads; 2, 3 commands; 4, 5 stores of lane 0, 1.
  void wait_for(unsigned counter, std::uint16_t count) {
    bytes[2] |= static_cast<std::uint8_t>(1u << counter);
    put(4 + 2 * counter, count);
  }
  // Of a load that unfolds; beside what every transfer says, but for its pitch.
  void set_window(const WindowFields& w) {
    const auto nibbles = [](unsigned low, unsigned high) { return static_cast<std::uint8_t>(low | high << 4); };
    bytes[39] |= 0x40;
    put(24, w.blocks);
    put(25, w.positions);
    put(26, w.fill_row);
    put(41, static_cast<std::uint8_t>(w.pad_code | (w.reversed ? 0x10 : 0) | (w.dilated ? 0x20 : 0)));
    put(43, nibbles(w.stride, w.kernel_w));
    put(44, nibbles(w.pad_h, w.pad_w));
    put(45, nibbles(w.channel, w.last_channel));
    put(46, w.tap_y);
    put(47, w.plane);
    const std::array<std::uint8_t, 8> sizes{w.width, w.height, w.out_width, w.out_height, w.out_x, w.out_y, w.fill_x, w.fill_y};
    put(48, sizes);
    put(56, static_cast<std::uint16_t>(w.pitch | w.tap_x << 12));
    put(58, w.fill_gap);
    put(60, w.next_image);
    put(62, w.origin);
  }
  void set_command(const Descriptor& d) {
    const DescriptorBits bits = d.bits();
    std::memcpy(&bytes[16], bits.data(), sizeof bits);
  }
};

struct CompletionRecord {
  static constexpr std::size_t kBytes = 32;
  std::uint16_t slot_lane = 0;      // slot, lane in bit 15
  std::uint8_t field = 0;           // of a refused command
  std::uint8_t kind = 0;            // EntryKind
  std::uint32_t cycle = 0;          // PERF_CYCLES, low half, when it was answered
  std::uint32_t absmax = 0;
  std::uint32_t saturated = 0;
  std::uint64_t sumabs = 0;
  std::uint64_t rest = 0;           // written last, as zero: the host sets it before, and the record is whole when it is not
};
static_assert(sizeof(CompletionRecord) == CompletionRecord::kBytes);

}  // namespace cuatro::sim
