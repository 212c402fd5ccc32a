// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Between the drain engine and what it reads: an update group's accumulators are asked for
// UPDATE_RESULT_LAG cycles later than the engine does, its state words UPDATE_STATE_LAG cycles
// later; everything else passes in the same cycle. The engine keeps the two from meeting.
//
// Without an update on its way nothing moves, which saves time in C++; `Structural` has no enables for
// that.
`default_nettype none

module drain_lag #(
  parameter int unsigned RowBlockBits = 1,
  parameter int unsigned ColBlockBits = 1,
  parameter int unsigned LineBits     = 4,
  parameter bit          Structural   = 1'b0
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
  // to the array, the C scratchpad
  output logic                         drain_o,
  output logic                         transpose_o,
  output logic [RowBlockBits-1:0]      row_block_o,
  output logic [ColBlockBits-1:0]      col_block_o,
  output logic [LineBits-1:0]          line_o,
  output logic                         c_re_o,
  output logic [15:0]                  c_addr_o
);
  localparam int unsigned PlaceBits = 1 + RowBlockBits + ColBlockBits + LineBits;
  localparam int unsigned ResultLag = cuatro_pkg::UPDATE_RESULT_LAG;
  localparam int unsigned StateLag  = cuatro_pkg::UPDATE_STATE_LAG;

  // Bit i: i cycles ago.
  logic [ResultLag:0] drain;
  logic [ResultLag:1] drain_q;
  logic [StateLag:0] c_re;
  logic [StateLag:1] c_re_q;
  logic [1:0] update_q;
  assign drain = {drain_q, drain_i && update_i};
  assign c_re  = {c_re_q, c_re_i && update_q[1]};
  always_ff @(posedge clk_i) begin
    drain_q  <= drain[ResultLag-1:0] & {ResultLag{rst_ni}};
    c_re_q   <= c_re[StateLag-1:0] & {StateLag{rst_ni}};
    update_q <= {update_q[0], drain[0]};
  end
  logic [PlaceBits-1:0] place [ResultLag+1];
  logic [15:0] c_addr [StateLag+1];
  assign place[0]  = {transpose_i, row_block_i, col_block_i, line_i};
  assign c_addr[0] = c_addr_i;
  for (genvar i = 1; i <= ResultLag; i++) begin : g_place
    always_ff @(posedge clk_i) begin
      if (Structural || drain[i-1]) place[i] <= place[i-1];
    end
  end
  for (genvar i = 1; i <= StateLag; i++) begin : g_c_addr
    always_ff @(posedge clk_i) begin
      if (Structural || c_re[i-1]) c_addr[i] <= c_addr[i-1];
    end
  end

  assign drain_o  = (drain_i && !update_i) || drain[ResultLag];
  assign {transpose_o, row_block_o, col_block_o, line_o} = drain[ResultLag] ? place[ResultLag] : place[0];
  assign c_re_o   = (c_re_i && !update_q[1]) || c_re[StateLag];
  assign c_addr_o = c_re[StateLag] ? c_addr[StateLag] : c_addr_i;

  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      assert (!drain[ResultLag] || !drain_i || update_i);
      assert (!c_re[StateLag] || !c_re_i || update_q[1]);
    end
  end
endmodule
