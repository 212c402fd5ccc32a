// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// A row of full adders, combinational: three words to two with the same sum modulo 2^Width.
`default_nettype none

module carry_save #(
  parameter int unsigned Width = 32
) (
  input  wire logic [Width-1:0] a_i,
  input  wire logic [Width-1:0] b_i,
  input  wire logic [Width-1:0] c_i,
  output logic [Width-1:0]      sum_o,
  output logic [Width-1:0]      carry_o   // already one place up
);
  // The last carry leaves the word.
  // verilator lint_off UNUSEDSIGNAL
  logic [Width:0] carry;
  // verilator lint_on UNUSEDSIGNAL
  assign carry[0] = 1'b0;
  for (genvar i = 0; i < Width; i++) begin : g_bit
    full_adder u_adder (
      .a_i(a_i[i]), .b_i(b_i[i]), .c_i(c_i[i]), .sum_o(sum_o[i]), .carry_o(carry[i+1]));
  end
  assign carry_o = carry[Width-1:0];
endmodule
