// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Three bits to their sum, combinational. A module of its own so that synthesis can put the
// library's full-adder cell in its place.
`default_nettype none

module full_adder (
  input  wire logic a_i,
  input  wire logic b_i,
  input  wire logic c_i,
  output logic      sum_o,
  output logic      carry_o
);
  assign sum_o   = a_i ^ b_i ^ c_i;
  assign carry_o = (a_i & b_i) | (c_i & (a_i ^ b_i));
endmodule
