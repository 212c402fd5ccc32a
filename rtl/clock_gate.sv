// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// The clock of a part that has nothing to do in many cycles: C++ then skips all of it. enable_i comes from
// registers of clk_i, and counts at the falling edge for the rising edge that follows. With Structural the
// clock is passed on: gating is left to the tools of a chip.
`default_nettype none

module clock_gate #(
  parameter bit Structural = 1'b0
) (
  input  wire logic clk_i,
  input  wire logic enable_i,
  output logic      clk_o
);
  if (Structural) begin : g_structural
    logic unused;
    assign unused = enable_i;
    assign clk_o  = clk_i;
  end else begin : g_fast
    logic enable_q;
    always_ff @(negedge clk_i) enable_q <= enable_i;
    assign clk_o = clk_i && enable_q;
  end
endmodule
