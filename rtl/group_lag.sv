// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// What an update's groups are, UPDATE_LAG cycles after they came. Groups of a block come in order and
// in consecutive cycles, and before the first of a block is a cycle without one. So blocks are kept
// and not groups: the number of a block, which stands from its first group to the cycle after its
// last, goes on when the next one may come, the last time two cycles before it counts. Commands
// begin with block 0.
`default_nettype none

module group_lag #(
  parameter int unsigned GroupBits = 3,        // log2 of the groups of a block
  localparam int unsigned Lag      = cuatro_pkg::UPDATE_LAG
) (
  input  wire logic            clk_i,
  input  wire logic            rst_ni,
  input  wire logic            valid_i,
  input  wire logic            last_i,         // group of the command
  input  wire logic [15:0]     block_i,
  output logic [Lag+3:1]       valid_o,        // bit i: i cycles ago
  output logic                 first_o,        // the rest of the group of UPDATE_LAG cycles ago
  output logic                 last_o,
  output logic [15:0]          block_o,
  output logic [GroupBits-1:0] index_o
);
  localparam int unsigned Groups = 1 << GroupBits;
  localparam int unsigned Hops   = (Lag - 2 + Groups - 1) / Groups;

  logic [15:0] number [Hops+1];
  assign number[0] = block_i;
  for (genvar i = 1; i <= Hops; i++) begin : g_hop
    localparam int unsigned At = (i == Hops) ? Lag - 2 : i * Groups;
    always_ff @(posedge clk_i) begin
      if (valid_o[At] && !valid_o[At+1]) number[i] <= number[i-1];
    end
  end

  logic [Lag:1] last_q;
  always_ff @(posedge clk_i) begin
    valid_o <= {valid_o[Lag+2:1], valid_i} & {(Lag+3){rst_ni}};
    last_q  <= {last_q[Lag-1:1], valid_i && last_i};
    if (!rst_ni) index_o <= '0;
    else if (valid_o[Lag]) index_o <= index_o + 1'b1;
  end
  assign first_o = block_o == '0 && index_o == '0;
  assign last_o  = last_q[Lag];
  assign block_o = number[Hops];

  always_ff @(posedge clk_i) begin
    if (rst_ni) assert (!valid_o[Lag] || valid_o[Lag+1] || index_o == '0);
  end
endmodule
