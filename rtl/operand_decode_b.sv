// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Operand B: a 4-bit code to a 14-bit signed value, combinational: INT4, or a sign and a power
// of four (LOG4) or two (LOG2). A lane beyond K (valid_i = 0) decodes to zero.
//
//   e          0  1  2  3   4    5     6     7
//   LOG4 |v|   0  1  4  16  64   256   1024  4096
//   LOG2 |v|   0  1  2  4   8    16    32    64
`default_nettype none

module operand_decode_b (
  input  wire logic [3:0]        code_i,
  input  wire logic              valid_i,
  input  wire logic [1:0]        format_i,
  output logic signed [13:0]     value_o
);
  logic [3:0]  code;
  logic [14:0] power4;
  logic [7:0]  power2;
  logic [13:0] power;

  always_comb begin
    code   = code_i & {4{valid_i}};
    power4 = 15'd1 << {code[2:0], 1'b0};
    power2 = 8'd1 << code[2:0];
    power  = (format_i == cuatro_pkg::B_LOG2) ? {7'd0, power2[7:1]} : {1'b0, power4[14:2]};
    if (format_i == cuatro_pkg::B_INT4) value_o = {{10{code[3]}}, code};
    else value_o = code[3] ? -power : power;
  end

  logic unused;
  assign unused = ^{power4[1:0], power2[0]};
endmodule
