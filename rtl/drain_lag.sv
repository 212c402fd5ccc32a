// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Between the drain engine and what it reads: an update group's accumulators are asked for
// UPDATE_RESULT_LAG cycles later than the engine does, its state words UPDATE_STATE_LAG cycles
// later; everything else passes in the same cycle. The engine keeps the two from meeting. A tile
// that an update drains keeps its shadow for as many cycles longer.
`default_nettype none

module drain_lag #(
  parameter int unsigned RowBlockBits = 1,
  parameter int unsigned ColBlockBits = 1,
  parameter int unsigned LineBits     = 4
) (
  input  wire logic                    clk_i,
  input  wire logic                    rst_ni,
  // from the engine: cycle 1
  input  wire logic                    drain_i,
  input  wire logic                    update_i,
  input  wire logic                    transpose_i,
  input  wire logic [RowBlockBits-1:0] row_block_i,
  input  wire logic [ColBlockBits-1:0] col_block_i,
  input  wire logic [LineBits-1:0]     line_i,
  // and cycle 3
  input  wire logic                    c_re_i,
  input  wire logic [15:0]             c_addr_i,
  input  wire logic                    shadow_busy_i,
  // to the array, the C scratchpad
  output logic                         drain_o,
  output logic                         transpose_o,
  output logic [RowBlockBits-1:0]      row_block_o,
  output logic [ColBlockBits-1:0]      col_block_o,
  output logic [LineBits-1:0]          line_o,
  output logic                         c_re_o,
  output logic [15:0]                  c_addr_o,
  output logic                         shadow_busy_o
);
  localparam int unsigned PlaceBits = 1 + RowBlockBits + ColBlockBits + LineBits;
  localparam int unsigned ResultLag = cuatro_pkg::UPDATE_RESULT_LAG;
  localparam int unsigned StateLag  = cuatro_pkg::UPDATE_STATE_LAG;

  // Bit i: so many cycles ago, less one.
  logic [ResultLag-1:0] drain_q, busy_q;
  logic [StateLag-1:0] c_re_q;
  logic [1:0] update_q;
  logic last_update_q;                       // of the groups that were drained
  logic [PlaceBits-1:0] place, place_late;
  logic [15:0] c_addr_late;
  always_ff @(posedge clk_i) begin
    drain_q  <= {drain_q[ResultLag-2:0], drain_i && update_i} & {ResultLag{rst_ni}};
    busy_q   <= {busy_q[ResultLag-2:0], shadow_busy_i} & {ResultLag{rst_ni}};
    c_re_q   <= {c_re_q[StateLag-2:0], c_re_i && update_q[1]} & {StateLag{rst_ni}};
    update_q <= {update_q[0], drain_i && update_i};
    if (drain_i) last_update_q <= update_i;
  end
  assign place = {transpose_i, row_block_i, col_block_i, line_i};
  delay #(.Width(PlaceBits), .Cycles(ResultLag)) u_place (.clk_i, .d_i(place), .q_o(place_late));
  delay #(.Width(16), .Cycles(StateLag)) u_c_addr (.clk_i, .d_i(c_addr_i), .q_o(c_addr_late));

  assign drain_o  = (drain_i && !update_i) || drain_q[ResultLag-1];
  assign {transpose_o, row_block_o, col_block_o, line_o} = drain_q[ResultLag-1] ? place_late : place;
  assign c_re_o   = (c_re_i && !update_q[1]) || c_re_q[StateLag-1];
  assign c_addr_o = c_re_q[StateLag-1] ? c_addr_late : c_addr_i;
  assign shadow_busy_o = shadow_busy_i || (last_update_q && busy_q != '0);

  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      assert (!drain_q[ResultLag-1] || !drain_i || update_i);
      assert (!c_re_q[StateLag-1] || !c_re_i || update_q[1]);
    end
  end
endmodule
