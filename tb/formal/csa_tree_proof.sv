// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// csa_tree: one cycle later sum_o + carry_o is the sum of the rows, for all rows, at every height of the tree that has
// a shape of its own, the register at the top, inside and at the end.
//
// proof: sat:1 Rows=4 Width=8 CutHeight=4 short
// proof: sat:1 Rows=3 Width=8 CutHeight=2
// proof: sat:1 Rows=8 Width=4 CutHeight=4
// proof: sat:1 Rows=16 Width=3 CutHeight=4
// fault: rtl/csa_tree.sv: bits - 2*full - half) ==> bits - 2*full)
// fault: rtl/full_adder.sv: carry_o = ==> carry_o = a_i & b_i & c_i ||
// fault 3: rtl/csa_tree.sv: if (i < level && level_height > 2) ==> if (i < level && level_height > 3)
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
