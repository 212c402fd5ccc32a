// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// The way from an exact fixed-point sum to binary32, rounded to nearest, ties to even: magnitude, normalisation,
// rounding. Bit 23 of the sum, a two's complement number, has the weight 2^(level + 98 - 127). Zero is +0, overflow
// infinity; nothing is ever subnormal. `special_i`: {NaN or infinity, NaN, sign}, instead of the sum.
`default_nettype none

module sum_to_binary32 #(
  // The ranks that exist: 0 magnitude, 1 and 2 normalisation, 3 and 4 rounding. 4 is the result's.
  parameter logic [4:0] Cuts = 5'h1f
) (
  input  wire logic        clk_i,
  input  wire logic [2:0]  special_i,
  input  wire logic [8:0]  level_i,
  input  wire logic [28:0] sum_i,
  output logic [31:0]      result_o
);
  logic [2:0] special_r0, special_r1, special_r2, special_r3;

  // ---- magnitude, rank 0: -x is x with every bit inverted above its lowest one; `below` by prefix OR

  localparam int unsigned M = 28;
  localparam int unsigned OrLevels = $clog2(M);
  for (genvar l = 0; l <= OrLevels; l++) begin : g_or
    // The last level needs one bit only.
    // verilator lint_off UNUSEDSIGNAL
    logic [M-1:0] any;
    // verilator lint_on UNUSEDSIGNAL
    if (l == 0) begin : g_bits
      assign any = sum_i[M-1:0];
    end else begin : g_prefix
      for (genvar i = 0; i < M; i++) begin : g_bit
        if ((i >> (l - 1)) % 2 == 1) begin : g_join
          assign any[i] = g_or[l-1].any[i] | g_or[l-1].any[((i >> (l - 1)) << (l - 1)) - 1];
        end else begin : g_keep
          assign any[i] = g_or[l-1].any[i];
        end
      end
    end
  end
  logic sign, sign_r0, sign_r1, sign_r2, sign_r3;
  logic [M-1:0] below, magnitude, magnitude_r0;
  // Biased, of a leading one above the magnitude's first bit, 27; the window's first bit is 23.
  logic [8:0] exponent_top, exponent_top_r0, exponent_top_r1;
  assign sign         = sum_i[M];
  assign below        = {g_or[OrLevels].any[M-2:0], 1'b0};
  assign magnitude    = sum_i[M-1:0] ^ (below & {M{sign}});
  assign exponent_top = level_i + 9'd98 + 9'd5;
  pipe_rank #(.Width(13 + M), .Enable(Cuts[0])) u_rank0 (
    .clk_i, .d_i({special_i, exponent_top, sign, magnitude}), .q_o({special_r0, exponent_top_r0, sign_r0, magnitude_r0})
  );

  // ---- normalisation, leading zeros counted on the way: 16 and 8 places, rank 1, 4, 2 and 1, rank 2

  logic zero16, zero8, zero4, zero2, zero1;
  logic [M-1:0] left16, left8, left8_r1, left4, left2, left1;
  logic [1:0] zeros_r1;
  assign zero16 = magnitude_r0[M-1 -: 16] == 16'd0;
  assign left16 = zero16 ? magnitude_r0 << 16 : magnitude_r0;
  assign zero8  = zero16 ? magnitude_r0[M-17 -: 8] == 8'd0 : magnitude_r0[M-1 -: 8] == 8'd0;
  assign left8  = zero8 ? left16 << 8 : left16;
  pipe_rank #(.Width(15 + M), .Enable(Cuts[1])) u_rank1 (
    .clk_i,
    .d_i({special_r0, exponent_top_r0, sign_r0, zero16, zero8, left8}),
    .q_o({special_r1, exponent_top_r1, sign_r1, zeros_r1, left8_r1})
  );
  assign zero4 = left8_r1[M-1 -: 4] == 4'd0;
  assign left4 = zero4 ? left8_r1 << 4 : left8_r1;
  assign zero2 = left4[M-1 -: 2] == 2'd0;
  assign left2 = zero2 ? left4 << 2 : left4;
  assign zero1 = !left2[M-1];
  assign left1 = zero1 ? left2 << 1 : left2;

  logic [8:0] exponent_top_r2;
  logic [4:0] zeros_r2;
  logic [M-1:0] left1_r2;
  pipe_rank #(.Width(18 + M), .Enable(Cuts[2])) u_rank2 (
    .clk_i,
    .d_i({special_r1, exponent_top_r1, sign_r1, zeros_r1, zero4, zero2, zero1, left1}),
    .q_o({special_r2, exponent_top_r2, sign_r2, zeros_r2, left1_r2})
  );

  // ---- rounding: the exponent with the carry that the fraction will give, rank 3, the fraction, rank 4

  logic increment, increment_r3, nonzero_r3;
  logic [8:0] exponent, exponent_r3;
  logic [22:0] fraction, fraction_r3;
  assign fraction  = left1_r2[M-2 -: 23];
  assign increment = left1_r2[3] && (left1_r2[4] || left1_r2[2:0] != 3'd0);
  assign exponent  = exponent_top_r2 + {4'b1111, ~zeros_r2} + 9'(increment && fraction == '1);
  pipe_rank #(.Width(38), .Enable(Cuts[3])) u_rank3 (
    .clk_i,
    .d_i({special_r2, sign_r2, exponent, left1_r2[M-1], fraction, increment}),
    .q_o({special_r3, sign_r3, exponent_r3, nonzero_r3, fraction_r3, increment_r3})
  );

  logic [31:0] result;
  always_comb begin
    result = {sign_r3, exponent_r3[7:0], fraction_r3 + 23'(increment_r3)};
    if (exponent_r3[8] || exponent_r3[7:0] == 8'hff) result[30:0] = 31'h7f800000;
    if (!nonzero_r3) result = 32'd0;
    if (special_r3[2] || special_r3[1]) result = {special_r3[0], 8'hff, special_r3[1], 22'd0};
  end
  pipe_rank #(.Width(32), .Enable(Cuts[4])) u_rank4 (.clk_i, .d_i(result), .q_o(result_o));
endmodule
