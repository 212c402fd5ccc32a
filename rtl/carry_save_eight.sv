// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Eight 40-bit words and six bits to two words with the same sum modulo 2^40, combinational: six
// rows of full adders, four deep. A carry word's lowest place is empty and takes one of the bits.
`default_nettype none

module carry_save_eight (
  input  wire logic [8*40-1:0] a_i,
  input  wire logic [5:0]      carry_i,
  output logic [39:0]          sum_o,
  output logic [39:0]          carry_o
);
  logic [39:0] s1, c1, s2, c2, s3, c3, s4, c4, s5, c5, c6;
  carry_save #(.Width(40)) u_1 (.a_i(a_i[0 +: 40]), .b_i(a_i[40 +: 40]), .c_i(a_i[80 +: 40]), .sum_o(s1), .carry_o(c1));
  carry_save #(.Width(40)) u_2 (.a_i(a_i[120 +: 40]), .b_i(a_i[160 +: 40]), .c_i(a_i[200 +: 40]), .sum_o(s2), .carry_o(c2));
  carry_save #(.Width(40)) u_3 (.a_i(s1), .b_i(c1 | 40'(carry_i[0])), .c_i(s2), .sum_o(s3), .carry_o(c3));
  carry_save #(.Width(40)) u_4 (
    .a_i(c2 | 40'(carry_i[1])), .b_i(a_i[240 +: 40]), .c_i(a_i[280 +: 40]), .sum_o(s4), .carry_o(c4));
  carry_save #(.Width(40)) u_5 (.a_i(s3), .b_i(c3 | 40'(carry_i[2])), .c_i(s4), .sum_o(s5), .carry_o(c5));
  carry_save #(.Width(40)) u_6 (
    .a_i(s5), .b_i(c5 | 40'(carry_i[3])), .c_i(c4 | 40'(carry_i[4])), .sum_o(sum_o), .carry_o(c6));
  assign carry_o = c6 | 40'(carry_i[5]);
endmodule
