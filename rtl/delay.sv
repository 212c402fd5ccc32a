// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// q_o is d_i of `Cycles` cycles ago. No reset: what needs one has a valid bit beside it.
`default_nettype none

module delay #(
  parameter int unsigned Width  = 32,
  parameter int unsigned Cycles = 1
) (
  // A delay of 0 has no register.
  // verilator lint_off UNUSEDSIGNAL
  input  wire logic             clk_i,
  // verilator lint_on UNUSEDSIGNAL
  input  wire logic [Width-1:0] d_i,
  output logic [Width-1:0]      q_o
);
  if (Cycles == 0) begin : g_wire
    assign q_o = d_i;
  end else begin : g_ranks
    for (genvar i = 0; i < Cycles; i++) begin : g_rank
      logic [Width-1:0] rank_q;
      if (i == 0) begin : g_first
        always_ff @(posedge clk_i) rank_q <= d_i;
      end else begin : g_next
        always_ff @(posedge clk_i) rank_q <= g_rank[i-1].rank_q;
      end
    end
    assign q_o = g_rank[Cycles-1].rank_q;
  end
endmodule
