// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// The tile and its pipeline control. A step enters with its operand addresses on their way to
// the scratchpads; one cycle later the words arrive and are decoded into operand registers
// (slot 1), in the next they are multiplied and accumulated (slot 2). The last step of a tile
// copies the sums into the shadow and announces the tile (`tile_push_o`); it waits, and holds
// everything behind it (`stall_o`), while the drain still reads the tile before
// (`shadow_busy_i`). During a stall the scratchpads hold their words.
`default_nettype none

module mac_array #(
  parameter int unsigned Rows       = 16,
  parameter int unsigned Cols       = 16,
  parameter int unsigned Lanes      = 16,
  parameter int unsigned DrainWidth = 32,
  parameter bit          Structural = 1'b0,
  localparam int unsigned LineBits  = $clog2(Lanes),
  localparam int unsigned RowBlockBits = (Rows == Lanes) ? 1 : $clog2(Rows / Lanes),
  localparam int unsigned ColBlockBits = (Cols == Lanes) ? 1 : $clog2(Cols / Lanes)
) (
  input  wire logic                     clk_i,
  input  wire logic                     rst_ni,
  // steps
  input  wire logic                     step_valid_i,
  input  wire logic                     first_i,
  input  wire logic [1:0]               shift_i,
  input  wire logic                     last_i,
  input  wire logic [Lanes-1:0]         lane_valid_i,
  input  wire logic [15:0]              tile_row_i,
  input  wire logic [15:0]              tile_col_i,
  input  wire logic                     tile_last_i,
  output logic                          stall_o,
  output logic                          busy_o,
  output logic                          mac_o,
  // formats, stable for every step in flight
  input  wire logic [1:0]               a_format_i,
  input  wire logic [3:0]               zero_point_i,
  input  wire logic [1:0]               b_format_i,
  // scratchpad words of the step in slot 1
  input  wire logic [Rows*Lanes*4-1:0]  a_word_i,
  input  wire logic [Cols*Lanes*4-1:0]  b_word_i,
  // finished tiles
  input  wire logic                     shadow_busy_i,
  output logic                          tile_push_o,
  output logic [15:0]                   tile_row_o,
  output logic [15:0]                   tile_col_o,
  output logic                          tile_last_o,
  // drain of the shadow, one cycle latency
  input  wire logic                     drain_i,
  input  wire logic                     transpose_i,
  input  wire logic [RowBlockBits-1:0]  row_block_i,
  input  wire logic [ColBlockBits-1:0]  col_block_i,
  input  wire logic [LineBits-1:0]      line_i,
  output logic [DrainWidth*32-1:0]      result_o
);
  logic s1_valid_q, s1_first_q, s1_last_q, s1_tile_last_q;
  logic s2_valid_q, s2_first_q, s2_last_q, s2_tile_last_q;
  logic [1:0] s1_shift_q, s2_shift_q;
  logic [Lanes-1:0] s1_lane_valid_q;
  logic [15:0] s1_row_q, s1_col_q, s2_row_q, s2_col_q;

  assign stall_o      = s2_valid_q && s2_last_q && shadow_busy_i;
  assign busy_o       = s1_valid_q || s2_valid_q;
  assign mac_o        = s2_valid_q && !stall_o;
  assign tile_push_o  = mac_o && s2_last_q;
  assign tile_row_o   = s2_row_q;
  assign tile_col_o   = s2_col_q;
  assign tile_last_o  = s2_tile_last_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      s1_valid_q <= 1'b0;
      s2_valid_q <= 1'b0;
    end else if (!stall_o) begin
      s1_valid_q <= step_valid_i;
      s2_valid_q <= s1_valid_q;
    end
    if (!stall_o) begin
      s1_first_q      <= first_i;
      s1_shift_q      <= shift_i;
      s1_last_q       <= last_i;
      s1_lane_valid_q <= lane_valid_i;
      s1_row_q        <= tile_row_i;
      s1_col_q        <= tile_col_i;
      s1_tile_last_q  <= tile_last_i;
      s2_first_q      <= s1_first_q;
      s2_shift_q      <= s1_shift_q;
      s2_last_q       <= s1_last_q;
      s2_row_q        <= s1_row_q;
      s2_col_q        <= s1_col_q;
      s2_tile_last_q  <= s1_tile_last_q;
    end
  end

  mac_tile #(
    .Rows(Rows), .Cols(Cols), .Lanes(Lanes), .DrainWidth(DrainWidth), .Structural(Structural)
  ) u_tile (
    .clk_i,
    .load_i(s1_valid_q && !stall_o), .a_format_i, .zero_point_i, .b_format_i,
    .lane_valid_i(s1_lane_valid_q), .a_i(a_word_i), .b_i(b_word_i),
    .mac_i(mac_o), .first_i(s2_first_q), .shift_i(s2_shift_q), .capture_i(s2_last_q),
    .drain_i, .transpose_i, .row_block_i, .col_block_i, .line_i, .result_o
  );
endmodule
