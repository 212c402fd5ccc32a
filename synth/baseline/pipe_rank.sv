// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// One place where a pipeline can be cut: a rank of registers, or with Enable = 0 wires. No enable, no reset.
`default_nettype none

module pipe_rank #(
  parameter int unsigned Width  = 1,
  parameter bit          Enable = 1'b1
) (
  input  wire logic             clk_i,
  input  wire logic [Width-1:0] d_i,
  output logic [Width-1:0]      q_o
);
  if (Enable) begin : g_registers
    always_ff @(posedge clk_i) q_o <= d_i;
  end else begin : g_wires
    assign q_o = d_i;
    logic unused_clk;
    assign unused_clk = clk_i;
  end
endmodule
