// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
//
// Made by scripts/registers from rtl/registers.json: change that.
#pragma once

#include <cstdint>

// Byte addresses of the registers, and fields as {lowest bit, bits}.
namespace cuatro::regs {

struct Field {
  unsigned lsb, width;
  constexpr std::uint32_t get(std::uint32_t word) const { return (word >> lsb) & ((std::uint64_t{1} << width) - 1); }
  constexpr std::uint32_t put(std::uint32_t value) const { return value << lsb; }
};

inline constexpr std::uint32_t ID_VALUE = 0x43554154;
inline constexpr std::uint32_t VERSION_VALUE = 1;
inline constexpr std::uint32_t ID = 0x000;
inline constexpr std::uint32_t VERSION = 0x004;
inline constexpr std::uint32_t CAPS_ARRAY = 0x008;
inline constexpr Field CAPS_ARRAY_ROWS{0, 10};
inline constexpr Field CAPS_ARRAY_COLS{10, 10};
inline constexpr Field CAPS_ARRAY_LANES{20, 10};
inline constexpr std::uint32_t CAPS_WIDTH = 0x00c;
inline constexpr Field CAPS_WIDTH_DRAIN{0, 12};
inline constexpr Field CAPS_WIDTH_DATA_BITS{12, 12};
inline constexpr Field CAPS_WIDTH_ADDR_BITS{24, 8};
inline constexpr std::uint32_t CAPS_DEPTH = 0x010;
inline constexpr Field CAPS_DEPTH_OPERAND{0, 5};
inline constexpr Field CAPS_DEPTH_RESULT{8, 5};
inline constexpr Field CAPS_DEPTH_MULTIPLIER{16, 1};
inline constexpr Field CAPS_DEPTH_UPDATE{17, 1};
inline constexpr Field CAPS_DEPTH_WINDOW{24, 8};
inline constexpr std::uint32_t CTRL = 0x020;
inline constexpr Field CTRL_ENABLE{0, 1};
inline constexpr Field CTRL_SOFT_RESET{1, 1};
inline constexpr std::uint32_t STATUS = 0x024;
inline constexpr Field STATUS_IDLE{0, 1};
inline constexpr Field STATUS_ERROR{1, 1};
inline constexpr Field STATUS_HALTED{2, 1};
inline constexpr std::uint32_t IRQ_ENABLE = 0x028;
inline constexpr Field IRQ_ENABLE_ENTRY{0, 1};
inline constexpr Field IRQ_ENABLE_DRAINED{1, 1};
inline constexpr Field IRQ_ENABLE_ERROR{2, 1};
inline constexpr std::uint32_t IRQ_STATUS = 0x02c;
inline constexpr Field IRQ_STATUS_ENTRY{0, 1};
inline constexpr Field IRQ_STATUS_DRAINED{1, 1};
inline constexpr Field IRQ_STATUS_ERROR{2, 1};
inline constexpr std::uint32_t ERROR = 0x030;
inline constexpr Field ERROR_CODE{0, 4};
inline constexpr Field ERROR_FIELD{8, 5};
inline constexpr Field ERROR_LANE{15, 1};
inline constexpr Field ERROR_ENTRY{16, 13};
inline constexpr std::uint32_t ERROR_ADDR_LO = 0x034;
inline constexpr std::uint32_t ERROR_ADDR_HI = 0x038;
inline constexpr std::uint32_t RING0_BASE_LO = 0x040;
inline constexpr std::uint32_t RING0_BASE_HI = 0x044;
inline constexpr std::uint32_t RECORD0_BASE_LO = 0x048;
inline constexpr std::uint32_t RECORD0_BASE_HI = 0x04c;
inline constexpr std::uint32_t RING0_SIZE = 0x050;
inline constexpr Field RING0_SIZE_LOG2{0, 4};
inline constexpr std::uint32_t RING0_HEAD = 0x054;
inline constexpr std::uint32_t RING0_TAIL = 0x058;
inline constexpr std::uint32_t RING1_BASE_LO = 0x060;
inline constexpr std::uint32_t RING1_BASE_HI = 0x064;
inline constexpr std::uint32_t RECORD1_BASE_LO = 0x068;
inline constexpr std::uint32_t RECORD1_BASE_HI = 0x06c;
inline constexpr std::uint32_t RING1_SIZE = 0x070;
inline constexpr Field RING1_SIZE_LOG2{0, 4};
inline constexpr std::uint32_t RING1_HEAD = 0x074;
inline constexpr std::uint32_t RING1_TAIL = 0x078;
inline constexpr std::uint32_t PERF_CYCLES_LO = 0x080;
inline constexpr std::uint32_t PERF_CYCLES_HI = 0x084;
inline constexpr std::uint32_t PERF_BUSY_LO = 0x088;
inline constexpr std::uint32_t PERF_BUSY_HI = 0x08c;
inline constexpr std::uint32_t PERF_MAC_LO = 0x090;
inline constexpr std::uint32_t PERF_MAC_HI = 0x094;
inline constexpr std::uint32_t PERF_STALL_LO = 0x098;
inline constexpr std::uint32_t PERF_STALL_HI = 0x09c;
inline constexpr std::uint32_t PERF_LOAD_LO = 0x0a0;
inline constexpr std::uint32_t PERF_LOAD_HI = 0x0a4;
inline constexpr std::uint32_t PERF_STORE_LO = 0x0a8;
inline constexpr std::uint32_t PERF_STORE_HI = 0x0ac;
inline constexpr std::uint32_t PERF_READ_LO = 0x0b0;
inline constexpr std::uint32_t PERF_READ_HI = 0x0b4;
inline constexpr std::uint32_t PERF_WRITE_LO = 0x0b8;
inline constexpr std::uint32_t PERF_WRITE_HI = 0x0bc;

}  // namespace cuatro::regs
