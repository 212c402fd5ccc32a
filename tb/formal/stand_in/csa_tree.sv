// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Stands in for csa_tree where a proof is about what becomes of a sum: row 0 plus any word. The lowest nibbles of the rows
// from 1 on are that word, so that who drives the rows says which sums the others can have.
`default_nettype none

module csa_tree #(
  parameter int unsigned Rows      = 16,
  parameter int unsigned Width     = 16,
  parameter int unsigned CutHeight = 4,
  localparam int unsigned OutWidth = Width + $clog2(Rows)
) (
  input  wire logic                  clk_i,
  input  wire logic [Rows*Width-1:0] rows_i,
  output logic [OutWidth-1:0]        sum_o,
  output logic [OutWidth-1:0]        carry_o
);
  logic [4*(Rows-1)-1:0] others;
  for (genvar r = 1; r < Rows; r++) begin : g_row
    assign others[4*(r-1) +: 4] = rows_i[Width*r +: 4];
  end
  always_ff @(posedge clk_i) begin
    sum_o   <= OutWidth'(rows_i[Width-1:0]);
    carry_o <= OutWidth'(others);
  end

  logic unused;
  assign unused = ^{rows_i, others, CutHeight != 0};
endmodule
