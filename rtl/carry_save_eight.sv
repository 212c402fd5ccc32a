// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Eight words and five bits to three words with the same sum modulo 2^Width, combinational: five
// rows of full adders, three deep. A carry word's lowest place is empty and takes one of the bits.
`default_nettype none

module carry_save_eight #(
  parameter int unsigned Width = 40
) (
  input  wire logic [8*Width-1:0] a_i,
  input  wire logic [4:0]         carry_i,
  output logic [Width-1:0]        sum_o,
  output logic [Width-1:0]        carry_o,
  output logic [Width-1:0]        carry2_o
);
  logic [Width-1:0] s1, c1, s2, c2, s3, c3, s4, c4, c5;
  carry_save #(.Width(Width)) u_1 (.a_i(a_i[0 +: Width]), .b_i(a_i[Width +: Width]), .c_i(a_i[2*Width +: Width]), .sum_o(s1), .carry_o(c1));
  carry_save #(.Width(Width)) u_2 (.a_i(a_i[3*Width +: Width]), .b_i(a_i[4*Width +: Width]), .c_i(a_i[5*Width +: Width]), .sum_o(s2), .carry_o(c2));
  carry_save #(.Width(Width)) u_3 (.a_i(s1), .b_i(c1 | Width'(carry_i[0])), .c_i(s2), .sum_o(s3), .carry_o(c3));
  carry_save #(.Width(Width)) u_4 (
    .a_i(c2 | Width'(carry_i[1])), .b_i(a_i[6*Width +: Width]), .c_i(a_i[7*Width +: Width]), .sum_o(s4), .carry_o(c4));
  carry_save #(.Width(Width)) u_5 (.a_i(s3), .b_i(c3 | Width'(carry_i[2])), .c_i(s4), .sum_o(sum_o), .carry_o(c5));
  assign carry_o  = c5 | Width'(carry_i[3]);
  assign carry2_o = c4 | Width'(carry_i[4]);
endmodule
