// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Addresses and fields of the registers. Made by scripts/registers from rtl/registers.json: change that.
`default_nettype none

package cuatro_regs_pkg;
  // No module uses every constant.
  // verilator lint_off UNUSEDPARAM
  localparam logic [31:0] ID_VALUE = 32'h43554154;
  localparam logic [31:0] VERSION_VALUE = 32'd1;
  localparam logic [11:0] ID = 12'h000;
  localparam logic [11:0] VERSION = 12'h004;
  localparam logic [11:0] CAPS_ARRAY = 12'h008;
  localparam int unsigned CAPS_ARRAY_ROWS_LSB = 0;
  localparam int unsigned CAPS_ARRAY_COLS_LSB = 10;
  localparam int unsigned CAPS_ARRAY_LANES_LSB = 20;
  localparam logic [11:0] CAPS_WIDTH = 12'h00c;
  localparam int unsigned CAPS_WIDTH_DRAIN_LSB = 0;
  localparam int unsigned CAPS_WIDTH_DATA_BITS_LSB = 12;
  localparam int unsigned CAPS_WIDTH_ADDR_BITS_LSB = 24;
  localparam logic [11:0] CAPS_DEPTH = 12'h010;
  localparam int unsigned CAPS_DEPTH_OPERAND_LSB = 0;
  localparam int unsigned CAPS_DEPTH_RESULT_LSB = 8;
  localparam int unsigned CAPS_DEPTH_MULTIPLIER_LSB = 16;
  localparam int unsigned CAPS_DEPTH_UPDATE_LSB = 17;
  localparam int unsigned CAPS_DEPTH_WINDOW_LSB = 24;
  localparam logic [11:0] CTRL = 12'h020;
  localparam int unsigned CTRL_ENABLE_LSB = 0;
  localparam int unsigned CTRL_SOFT_RESET_LSB = 1;
  localparam logic [11:0] STATUS = 12'h024;
  localparam int unsigned STATUS_IDLE_LSB = 0;
  localparam int unsigned STATUS_ERROR_LSB = 1;
  localparam int unsigned STATUS_HALTED_LSB = 2;
  localparam logic [11:0] IRQ_ENABLE = 12'h028;
  localparam int unsigned IRQ_ENABLE_ENTRY_LSB = 0;
  localparam int unsigned IRQ_ENABLE_DRAINED_LSB = 1;
  localparam int unsigned IRQ_ENABLE_ERROR_LSB = 2;
  localparam logic [11:0] IRQ_STATUS = 12'h02c;
  localparam int unsigned IRQ_STATUS_ENTRY_LSB = 0;
  localparam int unsigned IRQ_STATUS_DRAINED_LSB = 1;
  localparam int unsigned IRQ_STATUS_ERROR_LSB = 2;
  localparam logic [11:0] ERROR = 12'h030;
  localparam int unsigned ERROR_CODE_LSB = 0;
  localparam int unsigned ERROR_FIELD_LSB = 8;
  localparam int unsigned ERROR_LANE_LSB = 15;
  localparam int unsigned ERROR_ENTRY_LSB = 16;
  localparam logic [11:0] ERROR_ADDR_LO = 12'h034;
  localparam logic [11:0] ERROR_ADDR_HI = 12'h038;
  localparam logic [11:0] RING0_BASE_LO = 12'h040;
  localparam logic [11:0] RING0_BASE_HI = 12'h044;
  localparam logic [11:0] RECORD0_BASE_LO = 12'h048;
  localparam logic [11:0] RECORD0_BASE_HI = 12'h04c;
  localparam logic [11:0] RING0_SIZE = 12'h050;
  localparam int unsigned RING0_SIZE_LOG2_LSB = 0;
  localparam logic [11:0] RING0_HEAD = 12'h054;
  localparam logic [11:0] RING0_TAIL = 12'h058;
  localparam logic [11:0] RING1_BASE_LO = 12'h060;
  localparam logic [11:0] RING1_BASE_HI = 12'h064;
  localparam logic [11:0] RECORD1_BASE_LO = 12'h068;
  localparam logic [11:0] RECORD1_BASE_HI = 12'h06c;
  localparam logic [11:0] RING1_SIZE = 12'h070;
  localparam int unsigned RING1_SIZE_LOG2_LSB = 0;
  localparam logic [11:0] RING1_HEAD = 12'h074;
  localparam logic [11:0] RING1_TAIL = 12'h078;
  localparam logic [11:0] PERF_CYCLES_LO = 12'h080;
  localparam logic [11:0] PERF_CYCLES_HI = 12'h084;
  localparam logic [11:0] PERF_BUSY_LO = 12'h088;
  localparam logic [11:0] PERF_BUSY_HI = 12'h08c;
  localparam logic [11:0] PERF_MAC_LO = 12'h090;
  localparam logic [11:0] PERF_MAC_HI = 12'h094;
  localparam logic [11:0] PERF_STALL_LO = 12'h098;
  localparam logic [11:0] PERF_STALL_HI = 12'h09c;
  localparam logic [11:0] PERF_LOAD_LO = 12'h0a0;
  localparam logic [11:0] PERF_LOAD_HI = 12'h0a4;
  localparam logic [11:0] PERF_STORE_LO = 12'h0a8;
  localparam logic [11:0] PERF_STORE_HI = 12'h0ac;
  localparam logic [11:0] PERF_READ_LO = 12'h0b0;
  localparam logic [11:0] PERF_READ_HI = 12'h0b4;
  localparam logic [11:0] PERF_WRITE_LO = 12'h0b8;
  localparam logic [11:0] PERF_WRITE_HI = 12'h0bc;
endpackage
