// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// a·b + c, a and b binary16, c and result binary32, Stages cycles from operands to result; see fused_multiply_add.
`default_nettype none

module fp16_fp32_fma #(
  parameter int unsigned Stages = 6
) (
  input  wire logic        clk_i,
  input  wire logic [15:0] a_i,
  input  wire logic [15:0] b_i,
  input  wire logic [31:0] c_i,
  output logic [31:0]      result_o
);
  if (Stages < 1 || Stages > 10) begin : g_bad_stages
    $error("fp16_fp32_fma: Stages must be 1..10");
  end

  // The ranks of fused_multiply_add for each depth, where its clock is shortest for its area.
  function automatic logic [9:0] cuts(input int unsigned stages);
    case (stages)
      1:       cuts = 10'b10_0000_0000;
      2:       cuts = 10'b10_0010_0000;
      3:       cuts = 10'b10_0010_0100;
      4:       cuts = 10'b10_0101_0010;
      5:       cuts = 10'b10_1010_1010;
      6:       cuts = 10'b10_1011_1010;
      7:       cuts = 10'b11_1011_1010;
      8:       cuts = 10'b11_1111_1010;
      9:       cuts = 10'b11_1111_1101;
      default: cuts = 10'b11_1111_1111;
    endcase
  endfunction

  fused_multiply_add #(.ExponentBits(8), .FractionBits(23), .Cuts(cuts(Stages))) u_fma (
    .clk_i, .a_i, .b_i, .c_i, .result_o
  );
endmodule
