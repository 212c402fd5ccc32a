// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// One lane of random_source as gates: rounds 1..6 in six ranks. Round 0 hardly differs between
// the lanes of a line, so that its x comes done, with the column that its y is still to be made of.
`default_nettype none

module random_lane (
  input  wire logic        clk_i,
  input  wire logic [15:0] x_i,
  input  wire logic [15:0] column_i,
  input  wire logic [95:0] key_i,        // of round 1 with the above, of each later one a cycle later
  output logic [7:0]       random_o,
  output logic [7:0]       second_o,
  output logic [7:0]       third_o
);
  logic [15:0] y1;
  assign y1 = {column_i[13:0], column_i[15:14]} ^ x_i;

  for (genvar i = 1; i < 7; i++) begin : g_round
    // Half of the last round's y is nobody's.
    // verilator lint_off UNUSEDSIGNAL
    logic [15:0] x, y, x_d, x_q, y_q;
    // verilator lint_on UNUSEDSIGNAL
    if (i == 1) begin : g_first
      assign x = x_i;
      assign y = y1;
    end else begin : g_next
      assign x = g_round[i-1].x_q;
      assign y = g_round[i-1].y_q;
    end
    assign x_d = ({x[6:0], x[15:7]} + y) ^ key_i[16*(i - 1) +: 16];
    always_ff @(posedge clk_i) begin
      x_q <= x_d;
      y_q <= {y[13:0], y[15:14]} ^ x_d;
    end
  end
  assign random_o = g_round[6].x_q[15:8];
  assign second_o = g_round[6].x_q[7:0];
  assign third_o  = g_round[6].y_q[15:8];
endmodule
