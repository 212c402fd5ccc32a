// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// The output path for the energy simulation: drain engine, drain selection and output stage, wired as in
// cuatro_core and mac_tile, between the shadow accumulators and the R scratchpad.
`default_nettype none

module output_sample #(
  parameter int unsigned Rows       = 16,
  parameter int unsigned Cols       = 16,
  parameter int unsigned Lanes      = 16,
  parameter int unsigned DrainWidth = 32,
  localparam int unsigned WordBits  = (4*Lanes*Lanes > 32*DrainWidth) ? 4*Lanes*Lanes : 32*DrainWidth,
  localparam int unsigned Parts     = WordBits / (32 * DrainWidth)
) (
  input  wire logic                    clk_i,
  input  wire logic                    rst_ni,
  // from the array
  input  wire logic                    tile_load_i,
  input  wire logic                    tile_push_i,
  input  wire cuatro_pkg::descriptor_t gemm_desc_i,
  input  wire logic [Rows*Cols*32-1:0] shadow_i,
  input  wire logic [Cols*32-1:0]      zero_i,
  output logic                         shadow_busy_o,
  // quantize commands
  input  wire logic                    quant_valid_i,
  output logic                         quant_ready_o,
  input  wire cuatro_pkg::descriptor_t quant_desc_i,
  // C and R scratchpads
  output logic                         c_re_o,
  output logic [15:0]                  c_addr_o,
  input  wire logic [WordBits-1:0]     c_word_i,
  output logic                         we_o,
  output logic [15:0]                  waddr_o,
  output logic [Parts-1:0]             wstrb_o,
  output logic [WordBits-1:0]          wdata_o,
  // finished commands
  output logic                         done_valid_o,
  output cuatro_pkg::response_t        done_o
);
  localparam int unsigned GroupBits = $clog2(Lanes * Lanes / DrainWidth);
  localparam int unsigned LineBits  = $clog2(Lanes);
  localparam int unsigned RowBlockBits = (Rows == Lanes) ? 1 : $clog2(Rows / Lanes);
  localparam int unsigned ColBlockBits = (Cols == Lanes) ? 1 : $clog2(Cols / Lanes);

  logic drain, transpose, mask_load, group_valid, group_quant, group_update, group_first, group_last;
  logic ask_drain, ask_update, ask_transpose, ask_c_re;   // before the lag of an update
  logic [RowBlockBits-1:0] ask_row_block;
  logic [ColBlockBits-1:0] ask_col_block;
  logic [LineBits-1:0] ask_line;
  logic [15:0] ask_c_addr;
  logic [RowBlockBits-1:0] row_block;
  logic [ColBlockBits-1:0] col_block;
  logic [LineBits-1:0] line;
  logic [15:0] group_block, group_row, group_col;
  logic [GroupBits-1:0] group_index;
  cuatro_pkg::descriptor_t group_desc;
  logic [DrainWidth*32-1:0] result;

  drain_engine #(
    .Rows(Rows), .Cols(Cols), .Lanes(Lanes), .DrainWidth(DrainWidth), .Structural(1'b1)
  ) u_drain (
    .clk_i, .rst_ni, .tile_load_i, .tile_push_i, .gemm_desc_i, .shadow_busy_o,
    .quant_valid_i, .quant_ready_o, .quant_desc_i,
    .drain_o(ask_drain), .update_o(ask_update), .transpose_o(ask_transpose), .row_block_o(ask_row_block),
    .col_block_o(ask_col_block), .line_o(ask_line), .c_re_o(ask_c_re), .c_addr_o(ask_c_addr),
    .mask_load_o(mask_load), .group_valid_o(group_valid), .group_quant_o(group_quant), .group_update_o(group_update),
    .group_desc_o(group_desc), .group_block_o(group_block), .group_index_o(group_index),
    .group_row_o(group_row), .group_col_o(group_col), .group_first_o(group_first), .group_last_o(group_last));

  drain_lag #(.RowBlockBits(RowBlockBits), .ColBlockBits(ColBlockBits), .LineBits(LineBits), .Structural(1'b1)) u_lag (
    .clk_i, .rst_ni, .drain_i(ask_drain), .update_i(ask_update), .transpose_i(ask_transpose),
    .row_block_i(ask_row_block), .col_block_i(ask_col_block), .line_i(ask_line), .c_re_i(ask_c_re),
    .c_addr_i(ask_c_addr), .drain_o(drain), .transpose_o(transpose),
    .row_block_o(row_block), .col_block_o(col_block), .line_o(line), .c_re_o, .c_addr_o);

  drain_select #(
    .Rows(Rows), .Cols(Cols), .Lanes(Lanes), .DrainWidth(DrainWidth)
  ) u_select (
    .clk_i, .shadow_i, .zero_i, .drain_i(drain), .transpose_i(transpose), .row_block_i(row_block),
    .col_block_i(col_block), .line_i(line), .result_o(result));

  output_stage #(
    .Lanes(Lanes), .DrainWidth(DrainWidth), .Multiplier(1'b1), .Structural(1'b1)
  ) u_output (
    .clk_i, .rst_ni, .c_word_i, .result_i(result), .mask_load_i(mask_load), .group_valid_i(group_valid),
    .group_quant_i(group_quant), .group_update_i(group_update), .group_desc_i(group_desc), .group_block_i(group_block),
    .group_index_i(group_index), .group_row_i(group_row), .group_col_i(group_col),
    .group_first_i(group_first), .group_last_i(group_last),
    .we_o, .waddr_o, .wstrb_o, .wdata_o, .done_valid_o, .done_o);
endmodule
