// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// a·b + c, a and b binary16, c and the result of ExponentBits and FractionBits (binary16 or binary32), rounded
// once, to nearest, ties to even. A result leaves every cycle, as many cycles after its operands as Cuts has ones.
//
// Subnormal operands count as zero of their sign, and a result that is subnormal after rounding becomes zero of
// its sign. Overflow gives infinity; every NaN is the positive quiet one; an exact zero is +0 unless both addends
// are -0.
//
// Single path: the one of product and addend that has the smaller exponent is shifted right against the other,
// so that shifter, adder and normaliser are as wide as the frame and not as the 3·11 + 2 bits of an alignment in
// parallel with the multiplier. Bits that leave the frame are ORed into its last bit. The frame has 2 integer
// bits; its width is the least for which that is exact:
//   product shifted by s >= 1 against an addend in [2, 4): for s = 1 nothing is lost below 2^-21; else the
//     product is below 1 and the difference above 1;
//   addend shifted by d >= 0 against a product in [1, 4): for d <= 2 at most FractionBits + 1 fraction bits are
//     in use; else the addend is below 1/2 and the difference above 1/2, so that its last, round and sticky
//     places are 2^-(FractionBits + 1), 2^-(FractionBits + 2), 2^-(FractionBits + 3).
// The product of binary16 has 20 fraction bits of its own, so binary16 needs no more than 21.
`default_nettype none

module fused_multiply_add #(
  parameter int unsigned ExponentBits = 5,
  parameter int unsigned FractionBits = 10,
  // The ranks that exist: 0 in the multiplier's tree, 1 behind it, 2 product, 3 and 4 alignment, 5 sum,
  // 6 and 7 normalisation, 8 and 9 rounding. 9 is the result's.
  parameter logic [9:0]  Cuts = 10'h3ff,
  localparam int unsigned Width = 1 + ExponentBits + FractionBits
) (
  input  wire logic             clk_i,
  input  wire logic [15:0]      a_i,
  input  wire logic [15:0]      b_i,
  input  wire logic [Width-1:0] c_i,
  output logic [Width-1:0]      result_o
);
  localparam int unsigned E = ExponentBits;
  localparam int unsigned F = FractionBits;
  localparam int unsigned Frame = 2 + ((F + 3 > 21) ? F + 3 : 21);
  localparam int unsigned Large = (F + 1 > 22) ? F + 1 : 22;  // bits of the operand that is not shifted
  // Of a product of binary16 that is added to binary32 nothing is ever subnormal.
  localparam bit          Underflow    = E == 5;
  localparam int unsigned ResultBits   = Underflow ? E + 2 : E + 1;  // of the exponent, two's complement if it has to be
  localparam int unsigned DistanceBits = (E + 1 > 7) ? E + 1 : 7;
  localparam int unsigned Bias         = (1 << (E - 1)) - 1;

  // ---- operands

  logic a_zero, b_zero, c_zero, a_top, b_top, c_top, a_nan, b_nan, c_nan;
  logic [E-1:0] exponent_c;
  logic [F-1:0] fraction_c;
  logic         c_sign;
  assign {c_sign, exponent_c, fraction_c} = c_i;
  assign a_zero = a_i[14:10] == 5'd0;
  assign b_zero = b_i[14:10] == 5'd0;
  assign c_zero = exponent_c == '0;
  assign a_top  = a_i[14:10] == 5'd31;
  assign b_top  = b_i[14:10] == 5'd31;
  assign c_top  = exponent_c == '1;
  assign a_nan  = a_top && a_i[9:0] != 10'd0;
  assign b_nan  = b_top && b_i[9:0] != 10'd0;
  assign c_nan  = c_top && fraction_c != '0;

  logic product_zero, product_top, product_sign, unlike;
  assign product_zero = a_zero || b_zero;
  assign product_top  = a_top || b_top;
  assign product_sign = a_i[15] ^ b_i[15];
  assign unlike       = product_sign ^ c_sign;

  // Results that the datapath does not make.
  localparam logic [1:0] Finite = 2'd0, TwoZeros = 2'd1, Infinity = 2'd2, NotANumber = 2'd3;
  logic [1:0] kind;
  always_comb begin
    kind = Finite;
    if (a_nan || b_nan || c_nan || (product_top && (product_zero || (c_top && unlike)))) kind = NotANumber;
    else if (product_top || c_top) kind = Infinity;
    else if (product_zero && c_zero) kind = TwoZeros;
  end

  // Sign of the result if the product, if the addend is the larger; of infinities and pairs of zeros both.
  logic sign_p, sign_c;
  always_comb begin
    sign_p = product_sign;
    sign_c = c_sign;
    if (kind == Infinity && product_top) sign_c = product_sign;
    if (kind == Infinity && c_top) sign_p = c_sign;
    if ((kind == TwoZeros && unlike) || kind == NotANumber) begin
      sign_p = 1'b0;
      sign_c = 1'b0;
    end
  end

  // The product lies in [1, 4) at exponent ea + eb; the addend, in [2, 4), stands level with it when distance = 0.
  localparam logic [DistanceBits-1:0] Level = DistanceBits'(Bias) - DistanceBits'(29);
  logic [5:0] exponent_sum;
  logic [DistanceBits-1:0] distance;
  assign exponent_sum = {1'b0, a_i[14:10]} + {1'b0, b_i[14:10]};
  assign distance     = DistanceBits'(exponent_sum) - DistanceBits'(exponent_c) + Level;

  // ---- product, through ranks 0 (in the tree), 1 (in carry-save form) and 2

  logic [21:0] sum_r0, carry_r0, sum_r1, carry_r1, product_r2;
  significand_multiplier #(.CutLevel(Cuts[0] ? 3 : 0)) u_multiplier (
    .clk_i, .a_i(a_i[9:0]), .b_i(b_i[9:0]), .sum_o(sum_r0), .carry_o(carry_r0)
  );

  logic [1:0] kind_r0;
  logic sign_p_r0, sign_c_r0, product_zero_r0, c_zero_r0;
  logic [5:0] exponent_sum_r0;
  logic [DistanceBits-1:0] distance_r0;
  logic [E-1:0] exponent_c_r0;
  logic [F-1:0] fraction_r0;
  pipe_rank #(.Width(12 + DistanceBits + E + F), .Enable(Cuts[0])) u_rank0 (
    .clk_i,
    .d_i({kind, sign_p, sign_c, product_zero, c_zero, exponent_sum, distance, exponent_c, fraction_c}),
    .q_o({kind_r0, sign_p_r0, sign_c_r0, product_zero_r0, c_zero_r0, exponent_sum_r0, distance_r0, exponent_c_r0,
          fraction_r0})
  );

  // `swap`: the product is shifted. One place is wired, so the count is -distance - 1. A zero is shifted out.
  logic swap, small_zero, subtract;
  logic [DistanceBits-2:0] count;
  logic [4:0] places;
  assign swap       = (distance_r0[DistanceBits-1] && !c_zero_r0) || product_zero_r0;
  assign small_zero = product_zero_r0 || c_zero_r0;
  assign count      = distance_r0[DistanceBits-2:0] ^ {DistanceBits-1{swap}};
  assign places     = count[4:0] | {5{small_zero || count[DistanceBits-2:5] != '0}};
  assign subtract   = sign_p_r0 ^ sign_c_r0;
  // Biased, of a leading one two places above the frame's first bit.
  logic [ResultBits-1:0] exponent;
  assign exponent = swap ? ResultBits'(exponent_c_r0) + ResultBits'(2)
                         : ResultBits'(exponent_sum_r0) + ResultBits'(Bias) - ResultBits'(27);

  localparam int unsigned SideWidth = 11 + ResultBits + F;
  logic [SideWidth-1:0] side, side_r1;
  assign side = {kind_r0, swap ? sign_c_r0 : sign_p_r0, subtract, exponent, swap, small_zero, places, fraction_r0};
  pipe_rank #(.Width(SideWidth + 44), .Enable(Cuts[1])) u_rank1 (
    .clk_i, .d_i({side, sum_r0, carry_r0}), .q_o({side_r1, sum_r1, carry_r1})
  );

  logic [1:0] kind_r2, kind_r3, kind_r4, kind_r5, kind_r6, kind_r7, kind_r8;
  logic sign_r2, sign_r3, sign_r4, sign_r5, sign_r6, sign_r7, sign_r8;
  logic subtract_r2, subtract_r3, subtract_r4, small_zero_r2, small_zero_r3, swap_r2;
  logic [ResultBits-1:0] exponent_r2, exponent_r3, exponent_r4, exponent_r5, exponent_r6, exponent_r7, exponent_r8;
  logic [4:0] places_r2;
  logic [F-1:0] fraction_r2;
  logic [21:0] product;
  assign product = sum_r1 + carry_r1;
  pipe_rank #(.Width(SideWidth + 22), .Enable(Cuts[2])) u_rank2 (
    .clk_i, .d_i({side_r1, product}),
    .q_o({kind_r2, sign_r2, subtract_r2, exponent_r2, swap_r2, small_zero_r2, places_r2, fraction_r2, product_r2})
  );

  // ---- alignment: 16 places, rank 3, the others, rank 4

  logic [Large-1:0] large_r2, large_r3, large_r4;  // first bits of the frame, the others are zero
  logic [Frame-1:0] small_r2, by16, by16_r3, by8, by4, by2, by1, addend, addend_r4;
  logic             lost, lost_r3, lost_late;
  logic [3:0]       places_r3;
  assign large_r2 = swap_r2 ? {1'b1, fraction_r2, {Large-1-F{1'b0}}} : {product_r2, {Large-22{1'b0}}};
  assign small_r2 = swap_r2 ? {1'b0, product_r2, {Frame-23{1'b0}}} : {1'b1, fraction_r2, {Frame-1-F{1'b0}}};
  assign by16     = places_r2[4] ? small_r2 >> 16 : small_r2;
  assign lost     = places_r2[4] && small_r2[15:0] != 16'd0 && !small_zero_r2;
  pipe_rank #(.Width(10 + ResultBits + Large + Frame), .Enable(Cuts[3])) u_rank3 (
    .clk_i,
    .d_i({kind_r2, sign_r2, subtract_r2, exponent_r2, small_zero_r2, places_r2[3:0], large_r2, by16, lost}),
    .q_o({kind_r3, sign_r3, subtract_r3, exponent_r3, small_zero_r3, places_r3, large_r3, by16_r3, lost_r3})
  );

  assign by8       = places_r3[3] ? by16_r3 >> 8 : by16_r3;
  assign by4       = places_r3[2] ? by8 >> 4 : by8;
  assign by2       = places_r3[1] ? by4 >> 2 : by4;
  assign by1       = places_r3[0] ? by2 >> 1 : by2;
  assign lost_late = ((places_r3[3] && by16_r3[7:0] != 8'd0) || (places_r3[2] && by8[3:0] != 4'd0) ||
                      (places_r3[1] && by4[1:0] != 2'd0) || (places_r3[0] && by2[0])) && !small_zero_r3;
  // Complemented for a difference.
  assign addend    = {by1[Frame-1:1], by1[0] || lost_r3 || lost_late} ^ {Frame{subtract_r3}};
  pipe_rank #(.Width(4 + ResultBits + Large + Frame), .Enable(Cuts[4])) u_rank4 (
    .clk_i,
    .d_i({kind_r3, sign_r3, subtract_r3, exponent_r3, large_r3, addend}),
    .q_o({kind_r4, sign_r4, subtract_r4, exponent_r4, large_r4, addend_r4})
  );

  // ---- addition, rank 5

  logic [Frame:0] magnitude, magnitude_r5;
  logic           negative;
  end_around_adder #(.Width(Frame)) u_adder (
    .subtract_i(subtract_r4), .x_i({large_r4, {Frame-Large{1'b0}}}), .addend_i(addend_r4),
    .magnitude_o(magnitude), .negative_o(negative)
  );
  pipe_rank #(.Width(4 + ResultBits + Frame), .Enable(Cuts[5])) u_rank5 (
    .clk_i,
    .d_i({kind_r4, sign_r4 ^ negative, exponent_r4, magnitude}),
    .q_o({kind_r5, sign_r5, exponent_r5, magnitude_r5})
  );

  // ---- normalisation, leading zeros counted on the way: 16 and 8 places, rank 6, 4, 2 and 1, rank 7

  logic zero16, zero8, zero4, zero2, zero1;
  logic [Frame:0] left16, left8, left8_r6, left4, left2, left1, left1_r7;
  logic [1:0] zeros_r6;
  logic [4:0] zeros_r7;
  assign zero16 = magnitude_r5[Frame -: 16] == 16'd0;
  assign left16 = zero16 ? magnitude_r5 << 16 : magnitude_r5;
  assign zero8  = zero16 ? magnitude_r5[Frame-16 -: 8] == 8'd0 : magnitude_r5[Frame -: 8] == 8'd0;
  assign left8  = zero8 ? left16 << 8 : left16;
  pipe_rank #(.Width(6 + ResultBits + Frame), .Enable(Cuts[6])) u_rank6 (
    .clk_i,
    .d_i({kind_r5, sign_r5, exponent_r5, zero16, zero8, left8}),
    .q_o({kind_r6, sign_r6, exponent_r6, zeros_r6, left8_r6})
  );

  assign zero4 = left8_r6[Frame -: 4] == 4'd0;
  assign left4 = zero4 ? left8_r6 << 4 : left8_r6;
  assign zero2 = left4[Frame -: 2] == 2'd0;
  assign left2 = zero2 ? left4 << 2 : left4;
  assign zero1 = !left2[Frame];
  assign left1 = zero1 ? left2 << 1 : left2;
  pipe_rank #(.Width(9 + ResultBits + Frame), .Enable(Cuts[7])) u_rank7 (
    .clk_i,
    .d_i({kind_r6, sign_r6, exponent_r6, zeros_r6, zero4, zero2, zero1, left1}),
    .q_o({kind_r7, sign_r7, exponent_r7, zeros_r7, left1_r7})
  );

  // ---- rounding: the exponent with the carry that the fraction will give, rank 8, the fraction, rank 9

  logic increment, increment_r8, nonzero_r8, carry;
  logic [ResultBits-1:0] exponent_rounded;
  logic [F-1:0] fraction_r7, fraction_r8;
  assign fraction_r7      = left1_r7[Frame-1 -: F];
  assign increment        = left1_r7[Frame-1-F] && (fraction_r7[0] || left1_r7[Frame-2-F:0] != '0);
  assign carry            = increment && fraction_r7 == '1;
  assign exponent_rounded = exponent_r7 + {{ResultBits-5{1'b1}}, ~zeros_r7} + ResultBits'(carry);
  pipe_rank #(.Width(5 + ResultBits + F), .Enable(Cuts[8])) u_rank8 (
    .clk_i,
    .d_i({kind_r7, sign_r7, exponent_rounded, left1_r7[Frame], fraction_r7, increment}),
    .q_o({kind_r8, sign_r8, exponent_r8, nonzero_r8, fraction_r8, increment_r8})
  );

  logic [Width-1:0] result;
  always_comb begin
    result = {sign_r8, exponent_r8[E-1:0], fraction_r8 + F'(increment_r8)};
    if (exponent_r8[E] || exponent_r8[E-1:0] == '1) result[Width-2:0] = {{E{1'b1}}, {F{1'b0}}};
    if (Underflow && (exponent_r8[ResultBits-1] || exponent_r8[E:0] == '0)) result[Width-2:0] = '0;
    if (!nonzero_r8) result = '0;
    if (kind_r8 != Finite) result = {sign_r8, {E{kind_r8[1]}}, kind_r8 == NotANumber, {F-1{1'b0}}};
  end
  pipe_rank #(.Width(Width), .Enable(Cuts[9])) u_rank9 (.clk_i, .d_i(result), .q_o(result_o));
endmodule
