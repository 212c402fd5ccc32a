// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Operand A: a 4-bit code to a 5-bit signed value, combinational. INT4 flips the top bit and
// subtracts 8, UINT4 subtracts nothing, an affine operand subtracts its zero point (0..15):
// (code ^ {flip, 000}) - bias covers the three.
`default_nettype none

module operand_decode_a (
  input  wire logic [3:0]        code_i,
  input  wire logic              flip_i,
  input  wire logic [3:0]        bias_i,
  output logic signed [4:0]      value_o
);
  assign value_o = {1'b0, code_i ^ {flip_i, 3'b000}} - {1'b0, bias_i};
endmodule
