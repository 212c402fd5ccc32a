// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// The tile and its pipeline control. A step enters with its operand addresses on their way to
// the scratchpads; one cycle later the words arrive (slot 1) and are loaded. The last step of a
// tile waits in slot 1, and holds everything behind it (`stall_o`), while the shadow that its
// sums will go to MAC_LATENCY cycles later is still to be read then (`shadow_busy_i`), or another
// tile is on its way there. When it is loaded (`tile_load_o`) the command in slot 1 is the tile's.
// Two cycles before its sums can be drained the tile is announced (`tile_push_o`), which gives the
// drain engine time to register its choice; in the cycle between shadow_busy_i must be up. During a
// stall the scratchpads hold their words.
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
  output logic                          stall_o,
  output logic                          mac_o,
  // formats of the step in slot 1
  input  wire logic [1:0]               a_format_i,
  input  wire logic [3:0]               zero_point_i,
  input  wire logic [1:0]               b_format_i,
  // scratchpad words of the step in slot 1
  input  wire logic [Rows*Lanes*4-1:0]  a_word_i,
  input  wire logic [Cols*Lanes*4-1:0]  b_word_i,
  // finished tiles
  input  wire logic                     shadow_busy_i,
  output logic                          tile_load_o,
  output logic                          tile_push_o,
  // drain of the shadow, DRAIN_LATENCY cycles
  input  wire logic                     drain_i,
  input  wire logic                     transpose_i,
  input  wire logic [RowBlockBits-1:0]  row_block_i,
  input  wire logic [ColBlockBits-1:0]  col_block_i,
  input  wire logic [LineBits-1:0]      line_i,
  output logic [DrainWidth*32-1:0]      result_o
);
  localparam int unsigned Flight = cuatro_pkg::MAC_LATENCY - 2;

  // Slot 1.
  logic valid_q, first_q, last_q, load;
  logic [1:0] shift_q;
  logic [Lanes-1:0] lane_valid_q;

  // The tiles on their way to the shadow: one at most.
  logic [Flight-1:0] capture_q;

  assign stall_o = valid_q && last_q && (shadow_busy_i || capture_q != '0);
  assign load    = valid_q && !stall_o;
  assign mac_o   = load;

  assign tile_load_o = load && last_q;
  assign tile_push_o = capture_q[Flight-1];

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_q   <= 1'b0;
      capture_q <= '0;
    end else begin
      if (!stall_o) valid_q <= step_valid_i;
      capture_q <= {capture_q[Flight-2:0], tile_load_o};
    end
    if (!stall_o) begin
      first_q      <= first_i;
      shift_q      <= shift_i;
      last_q       <= last_i;
      lane_valid_q <= lane_valid_i;
    end
  end

  mac_tile #(
    .Rows(Rows), .Cols(Cols), .Lanes(Lanes), .DrainWidth(DrainWidth), .Structural(Structural)
  ) u_tile (
    .clk_i,
    .load_i(load), .first_i(first_q), .shift_i(shift_q), .capture_i(last_q), .a_format_i,
    .zero_point_i, .b_format_i, .lane_valid_i(lane_valid_q), .a_i(a_word_i), .b_i(b_word_i),
    .drain_i, .transpose_i, .row_block_i, .col_block_i, .line_i, .result_o
  );
endmodule
