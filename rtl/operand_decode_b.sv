// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Operand B: a 4-bit code to the selects of a lane and a sign, combinational; a lane beyond K
// (valid_i = 0) selects nothing. LOG4 and LOG2 select one shift, INT4 one in each field:
//
//   code or e     0  1  2  3  4  5   6   7
//   LOG4 shift    -  0  2  4  6  8  10  12
//   LOG2 shift    -  0  1  2  3  4   5   6
//
//   |INT4|        0  1  2  3  4  5  6  7  8     = ±(low - 7 * high)
//   low           0  1  2  4  4  2  1  0  8     at shift 0, 1, 2 or 3
//   high          0  0  0  1  0  1  1  1  0     at shift 12
//
// Where low - 7 * high is negative the sign is the other one.
`default_nettype none

module operand_decode_b (
  input  wire logic [3:0]                      code_i,
  input  wire logic                            valid_i,
  input  wire logic [1:0]                      format_i,
  output logic                                 negative_o,
  output logic [cuatro_pkg::SELECTS-1:0]       select_o
);
  logic [3:0] code, magnitude;
  logic [8:0] is;                  // one-hot magnitude
  logic [12:0] at;                 // one-hot shift

  always_comb begin
    code       = code_i & {4{valid_i}};
    negative_o = code[3];
    magnitude  = {1'b0, code[2:0]};
    if (format_i == cuatro_pkg::B_INT4 && code[3]) magnitude = -code;
    is = 9'd1 << magnitude;

    at = '0;
    unique case (format_i)
      cuatro_pkg::B_LOG4: begin
        for (int unsigned e = 1; e < 8; e++) at[2*(e-1)] = is[e];
      end
      cuatro_pkg::B_LOG2: begin
        for (int unsigned e = 1; e < 8; e++) at[e-1] = is[e];
      end
      default: begin
        at[0]  = is[1] | is[6];
        at[1]  = is[2] | is[5];
        at[2]  = is[3] | is[4];
        at[3]  = is[8];
        at[12] = is[3] | is[5] | is[6] | is[7];
        negative_o = code[3] ^ at[12];
      end
    endcase
    for (int unsigned i = 0; i < cuatro_pkg::SELECTS; i++) select_o[i] = at[cuatro_pkg::select_shift(i)];
  end

  logic unused;
  assign unused = ^{is[0], at[7], at[9], at[11]};
endmodule
