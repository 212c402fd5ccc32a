// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// csa_tree: one cycle later sum_o + carry_o is the sum of the rows, for all rows, with the register at the top, inside
// and at the end. (Sixteen rows are beyond the solver; the levels that they add are made by the same code.)
//
// proof: sat:1 Rows=4 Width=8 CutHeight=4 short
// proof: sat:1 Rows=3 Width=8 CutHeight=2
// proof: sat:1 Rows=8 Width=4 CutHeight=4
// fault: rtl/csa_tree.sv: 3*Full + 2*i] & g_level ==> 3*Full + 2*i] | g_level
// fault: rtl/full_adder.sv: (c_i & (a_i ^ b_i)) ==> (c_i & a_i)
// fault 3: rtl/full_adder.sv: a_i ^ b_i ^ c_i ==> a_i ^ b_i
`default_nettype none

module csa_tree_proof #(
  parameter int unsigned Rows      = 8,
  parameter int unsigned Width     = 4,
  parameter int unsigned CutHeight = 4,
  localparam int unsigned OutWidth = Width + $clog2(Rows)
) (
  input wire logic                  clk_i,
  input wire logic [Rows*Width-1:0] rows_i
);
  logic [OutWidth-1:0] sum, carry, expected, expected_q;
  csa_tree #(.Rows(Rows), .Width(Width), .CutHeight(CutHeight)) dut (.clk_i, .rows_i, .sum_o(sum), .carry_o(carry));
  always_comb begin
    expected = '0;
    for (int unsigned i = 0; i < Rows; i++) expected = expected + OutWidth'(rows_i[Width*i +: Width]);
  end
  logic started_q;
  initial started_q = 1'b0;
  always_ff @(posedge clk_i) begin
    expected_q <= expected;
    started_q  <= 1'b1;
  end
  always_comb if (started_q) assert (OutWidth'(sum + carry) == expected_q);
endmodule
