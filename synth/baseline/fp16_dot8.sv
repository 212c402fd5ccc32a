// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Fused dot product: the sum of eight binary16 products and a binary32 addend, as binary32, rounded once. A
// result leaves every cycle, Stages cycles after its operands (1..13).
//
// The window: with 2^m the greatest of 2^(ea + eb) over the products that are not zero and 2^(ec - 1) of a c
// that is not zero (e: unbiased exponents, so that products lie in [1, 4)·2^(ea + eb), c in [2, 4)·2^(ec - 1)),
// every magnitude is truncated to a multiple of 2^(m - 22), 24 bits in all. The sum of those nine numbers is
// exact, and is rounded to nearest, ties to even. So the addend that sets m loses nothing, the others what lies
// below its binary32 last place.
//
// Subnormal operands count as zero; a result is never subnormal, as a sum with a product has m >= -28. Overflow
// gives infinity; every NaN is 7fc00000; a zero sum is +0.
`default_nettype none

module fp16_dot8 #(
  parameter int unsigned Stages = 13
) (
  input  wire logic         clk_i,
  input  wire logic [127:0] a_i,
  input  wire logic [127:0] b_i,
  input  wire logic [31:0]  c_i,
  output logic [31:0]       result_o
);
  if (Stages < 1 || Stages > 13) begin : g_bad_stages
    $error("fp16_dot8: Stages must be 1..13");
  end

  // The ranks for each depth, balanced: 0 and 1 greatest exponent, 2 carry-save products, 3 products, 4 and 5
  // alignment, 6 carry-save sum, 7 sum, 8 to 12 sum_to_binary32.
  function automatic logic [12:0] cuts(input int unsigned stages);
    case (stages)
      1:       cuts = 13'b1_0000_0000_0000;
      2:       cuts = 13'b1_0000_0001_0000;
      3:       cuts = 13'b1_0000_1000_1000;
      4:       cuts = 13'b1_0000_1001_0010;
      5:       cuts = 13'b1_0001_0101_0010;
      6:       cuts = 13'b1_0001_0101_0110;
      7:       cuts = 13'b1_0101_0101_0110;
      8:       cuts = 13'b1_0101_0101_1110;
      9:       cuts = 13'b1_0101_0101_1111;
      10:      cuts = 13'b1_0101_1101_1111;
      11:      cuts = 13'b1_0101_1111_1111;
      12:      cuts = 13'b1_0111_1111_1111;
      default: cuts = 13'b1_1111_1111_1111;
    endcase
  endfunction
  localparam logic [12:0] Cuts = cuts(Stages);
  localparam int unsigned Lanes = 8;

  // ---- operands

  logic [10*Lanes-1:0] fractions_a, fractions_b;
  logic [6*Lanes-1:0]  exponents;  // of the products, biased by 30; 0: the product is zero
  logic [Lanes-1:0]    signs, lane_nan, infinite_p, infinite_n;
  for (genvar i = 0; i < Lanes; i++) begin : g_operands
    logic [4:0] exponent_a, exponent_b;
    logic a_top, b_top, zero;
    assign exponent_a = a_i[16*i + 10 +: 5];
    assign exponent_b = b_i[16*i + 10 +: 5];
    assign a_top = exponent_a == 5'd31;
    assign b_top = exponent_b == 5'd31;
    assign zero  = exponent_a == 5'd0 || exponent_b == 5'd0;
    assign fractions_a[10*i +: 10] = a_i[16*i +: 10];
    assign fractions_b[10*i +: 10] = b_i[16*i +: 10];
    assign exponents[6*i +: 6] = ({1'b0, exponent_a} + {1'b0, exponent_b}) & {6{!zero}};
    assign signs[i]      = a_i[16*i + 15] ^ b_i[16*i + 15];
    assign lane_nan[i]   = (a_top && (zero || a_i[16*i +: 10] != 10'd0)) || (b_top && (zero || b_i[16*i +: 10] != 10'd0));
    assign infinite_p[i] = (a_top || b_top) && !signs[i];
    assign infinite_n[i] = (a_top || b_top) && signs[i];
  end

  // {NaN or infinity, NaN, its sign}
  logic c_top, any_p, any_n, nan;
  logic [2:0] special;
  assign c_top   = c_i[30:23] == 8'hff;
  assign any_p   = infinite_p != '0 || (c_top && !c_i[31]);
  assign any_n   = infinite_n != '0 || (c_top && c_i[31]);
  assign nan     = lane_nan != '0 || (c_top && c_i[22:0] != 23'd0) || (any_p && any_n);
  assign special = {any_p || any_n, nan, any_n && !nan};

  // ---- greatest exponent: of pairs, rank 0, of all, rank 1

  function automatic logic [5:0] greater(input logic [5:0] x, input logic [5:0] y);
    greater = (x > y) ? x : y;
  endfunction

  // Exponent of c in [2, 4) on the scale of the products' exponents.
  logic [8:0] c_level;
  assign c_level = {1'b0, c_i[30:23]} - 9'd98;

  localparam int unsigned OperandBits = 26*Lanes + 34 + Lanes + 3;
  logic [23:0] pairs, pairs_r0;
  logic [OperandBits-1:0] operands_r0;
  for (genvar i = 0; i < 4; i++) begin : g_pairs
    assign pairs[6*i +: 6] = greater(exponents[12*i +: 6], exponents[12*i + 6 +: 6]);
  end
  pipe_rank #(.Width(OperandBits + 24), .Enable(Cuts[0])) u_rank0 (
    .clk_i,
    .d_i({special, signs, c_i[31], c_i[30:23] == 8'd0, c_level, c_i[22:0], exponents, fractions_a, fractions_b, pairs}),
    .q_o({operands_r0, pairs_r0})
  );

  logic [5:0] greatest, greatest_r1;
  assign greatest = greater(greater(pairs_r0[5:0], pairs_r0[11:6]), greater(pairs_r0[17:12], pairs_r0[23:18]));
  logic [2:0] special_r1, special_r2, special_r3, special_r4, special_r5, special_r6, special_r7;
  logic [Lanes-1:0] signs_r1, signs_r2, signs_r3;
  logic c_sign_r1, c_zero_r1;
  logic [8:0] c_level_r1;
  logic [22:0] c_fraction_r1;
  logic [6*Lanes-1:0] exponents_r1, exponents_r2;
  logic [10*Lanes-1:0] fractions_a_r1, fractions_b_r1;
  pipe_rank #(.Width(OperandBits + 6), .Enable(Cuts[1])) u_rank1 (
    .clk_i, .d_i({operands_r0, greatest}),
    .q_o({special_r1, signs_r1, c_sign_r1, c_zero_r1, c_level_r1, c_fraction_r1, exponents_r1, fractions_a_r1, fractions_b_r1,
          greatest_r1})
  );

  // ---- distance of c from the greatest product, and products in carry-save form, rank 2

  logic [8:0] above, level;  // c above the products; the greater of both
  logic       c_greatest;
  logic [4:0] above_places, c_places, c_places_r2;
  assign above        = c_level_r1 - {3'b0, greatest_r1};
  assign c_greatest   = !above[8] || greatest_r1 == 6'd0;
  assign level        = c_greatest ? c_level_r1 : {3'b0, greatest_r1};
  assign above_places = (above[4:0] | {5{above[7:5] != 3'd0}}) & {5{c_greatest}};
  // c below the products: by -above, 31 places and more leave nothing.
  always_comb begin
    c_places = ~above[4:0] + 5'd1;
    if (above[7:5] != 3'b111 || above[4:0] == 5'd0) c_places = 5'd31;
    if (c_greatest) c_places = 5'd0;
    if (c_zero_r1) c_places = 5'd31;
  end

  // What a product has to be shifted by, before its own exponent is subtracted.
  logic [6:0] reach, reach_r2;
  assign reach = {1'b0, greatest_r1} + {2'b0, above_places};

  logic [44*Lanes-1:0] carry_save, carry_save_r2;
  for (genvar i = 0; i < Lanes; i++) begin : g_multipliers
    significand_multiplier u_multiplier (
      .clk_i, .a_i(fractions_a_r1[10*i +: 10]), .b_i(fractions_b_r1[10*i +: 10]),
      .sum_o(carry_save[44*i +: 22]), .carry_o(carry_save[44*i + 22 +: 22])
    );
  end
  logic c_sign_r2, c_sign_r3;
  logic [22:0] c_fraction_r2, c_fraction_r3;
  logic [8:0] level_r2, level_r3, level_r4, level_r5, level_r6, level_r7;
  pipe_rank #(.Width(48 + 51*Lanes), .Enable(Cuts[2])) u_rank2 (
    .clk_i,
    .d_i({special_r1, signs_r1, exponents_r1, c_sign_r1, c_fraction_r1, level, c_places, reach, carry_save}),
    .q_o({special_r2, signs_r2, exponents_r2, c_sign_r2, c_fraction_r2, level_r2, c_places_r2, reach_r2, carry_save_r2})
  );

  // ---- products and places, rank 3

  logic [22*Lanes-1:0] products, products_r3;
  logic [5*Lanes-1:0]  places, places_r3;
  logic [4:0]          c_places_r3;
  for (genvar i = 0; i < Lanes; i++) begin : g_products
    logic [6:0] count;
    assign count = reach_r2 - {1'b0, exponents_r2[6*i +: 6]};
    assign places[5*i +: 5] = count[4:0] | {5{count[6:5] != 2'd0 || exponents_r2[6*i +: 6] == 6'd0}};
    assign products[22*i +: 22] = carry_save_r2[44*i +: 22] + carry_save_r2[44*i + 22 +: 22];
  end
  pipe_rank #(.Width(41 + 28*Lanes), .Enable(Cuts[3])) u_rank3 (
    .clk_i,
    .d_i({special_r2, signs_r2, c_sign_r2, c_fraction_r2, level_r2, c_places_r2, places, products}),
    .q_o({special_r3, signs_r3, c_sign_r3, c_fraction_r3, level_r3, c_places_r3, places_r3, products_r3})
  );

  // ---- alignment of eight products and c in a window of 24 bits: 16, 8 and 4 places, rank 4, 2 and 1, rank 5

  localparam int unsigned Window = 24;
  localparam int unsigned Terms  = Lanes + 1;
  logic [5*Terms-1:0] all_places;
  logic [2*Terms-1:0] late_places, late_places_r4;
  logic [Terms-1:0] all_signs_r4;
  logic [Window*Terms-1:0] coarse, coarse_r4, aligned, aligned_r5;
  assign all_places = {c_places_r3, places_r3};
  for (genvar i = 0; i < Terms; i++) begin : g_coarse
    logic [Window-1:0] term, by16, by8;
    if (i < Lanes) begin : g_product
      assign term = {products_r3[22*i +: 22], 2'b00};
    end else begin : g_c
      assign term = {1'b1, c_fraction_r3};
    end
    assign by16 = all_places[5*i + 4] ? term >> 16 : term;
    assign by8  = all_places[5*i + 3] ? by16 >> 8 : by16;
    assign coarse[Window*i +: Window] = all_places[5*i + 2] ? by8 >> 4 : by8;
    assign late_places[2*i +: 2] = all_places[5*i +: 2];
  end
  // Negative terms are complemented below; what that leaves to add, n·(1 - 2^24) for n of them, is one more row.
  logic [3:0] negatives, negatives_r4, negatives_r5;
  assign negatives = $countones({c_sign_r3, signs_r3});
  pipe_rank #(.Width(16 + (3 + Window)*Terms), .Enable(Cuts[4])) u_rank4 (
    .clk_i,
    .d_i({special_r3, level_r3, c_sign_r3, signs_r3, negatives, late_places, coarse}),
    .q_o({special_r4, level_r4, all_signs_r4, negatives_r4, late_places_r4, coarse_r4})
  );

  for (genvar i = 0; i < Terms; i++) begin : g_fine
    logic [Window-1:0] by4, by2, by1;
    assign by4 = coarse_r4[Window*i +: Window];
    assign by2 = late_places_r4[2*i + 1] ? by4 >> 2 : by4;
    assign by1 = late_places_r4[2*i] ? by2 >> 1 : by2;
    assign aligned[Window*i +: Window] = by1 ^ {Window{all_signs_r4[i]}};
  end
  pipe_rank #(.Width(16 + Window*Terms), .Enable(Cuts[5])) u_rank5 (
    .clk_i,
    .d_i({special_r4, level_r4, negatives_r4, aligned}),
    .q_o({special_r5, level_r5, negatives_r5, aligned_r5})
  );

  // ---- sum in two's complement: carry-save form, rank 6, rank 7

  localparam int unsigned SumBits = Window + 5;
  localparam int unsigned Height  = Terms + 1;
  function automatic logic [4*SumBits-1:0] heights(input int unsigned cols);
    for (int unsigned col = 0; col < cols; col++) begin
      heights[4*col +: 4] = 4'((col < 4) ? Terms + 1 : (col < Window) ? Terms : 1);
    end
  endfunction

  logic [4:0] minus_negatives;
  assign minus_negatives = 5'd0 - {1'b0, negatives_r5};
  logic [Height*SumBits-1:0] columns;
  for (genvar col = 0; col < SumBits; col++) begin : g_columns
    if (col < Window) begin : g_terms
      // The row of corrections is early.
      if (col < 4) begin : g_correction
        assign columns[Height*col] = negatives_r5[col];
      end else begin : g_none
        assign columns[Height*col + Terms] = 1'b0;
      end
      for (genvar i = 0; i < Terms; i++) begin : g_term
        assign columns[Height*col + i + ((col < 4) ? 1 : 0)] = aligned_r5[Window*i + col];
      end
    end else begin : g_above
      assign columns[Height*col +: Height] = {{Height-1{1'b0}}, minus_negatives[col - Window]};
    end
  end

  logic [SumBits-1:0] sum_row, carry_row, sum_row_r6, carry_row_r6, sum, sum_r7;
  carry_save_tree #(.Cols(SumBits), .Height(Height), .Heights(heights(SumBits))) u_tree (
    .clk_i, .bits_i(columns), .sum_o(sum_row), .carry_o(carry_row)
  );
  pipe_rank #(.Width(12 + 2*SumBits), .Enable(Cuts[6])) u_rank6 (
    .clk_i, .d_i({special_r5, level_r5, sum_row, carry_row}), .q_o({special_r6, level_r6, sum_row_r6, carry_row_r6})
  );
  assign sum = sum_row_r6 + carry_row_r6;
  pipe_rank #(.Width(12 + SumBits), .Enable(Cuts[7])) u_rank7 (
    .clk_i, .d_i({special_r6, level_r6, sum}), .q_o({special_r7, level_r7, sum_r7})
  );

  // ---- magnitude, normalisation, rounding: ranks 8 to 12

  sum_to_binary32 #(.Cuts(Cuts[12:8])) u_result (
    .clk_i, .special_i(special_r7), .level_i(level_r7), .sum_i(sum_r7), .result_o
  );
endmodule
