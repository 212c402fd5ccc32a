// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// One lane of rescale_unit as gates: |a| · factor, 128 <= factor <= 255, in three ranks: carry-save
// sum of the partial products, sum, shift. The factor serves all lanes and comes as radix-4
// digits: factor = 256 - Σ of digit 3 (0..2) · 64 + Σ digit i (-2..2) · 4^i.
//
// |a| = m + negative, where m is a with all bits turned if it is negative: the missing one times
// the factor is part of `correction`, with what the digits' signs leave over. Bits of a under
// low_mask are lost below the magnitude: |a| and a have the same trailing zeros, so that sticky
// does not wait for the product.
`default_nettype none

module rescale_lane #(
  parameter bit Multiplier = 1'b1
) (
  input  wire logic        clk_i,
  // with the word
  input  wire logic [31:0] a_i,
  input  wire logic        negative_i,    // its sign
  input  wire logic [3:0]  one_i,         // digit i is ±1
  input  wire logic [3:0]  two_i,         // digit i is ±2
  input  wire logic [2:0]  minus_i,       // digit i is negative; digit 3 always is
  input  wire logic [39:0] correction_positive_i,
  input  wire logic [39:0] correction_negative_i,
  input  wire logic [31:0] low_mask_i,
  // two cycles later
  input  wire logic        zero_i,        // the factor was zero
  input  wire logic [5:0]  places_i,      // of 64 bits with the product 20 places up
  input  wire logic [39:0] over_mask_i,   // bits of the product above the magnitude
  // a cycle after that
  output logic             negative_o,
  output logic             sticky_o,
  output logic [23:0]      magnitude_o
);
  logic [39:0] sum_d, carry_d, sum_q, carry_q, product_q;
  logic negative_q, negative2_q, lost_q, lost2_q;
  logic [30:0] m;
  assign m = a_i[30:0] ^ {31{negative_i}};

  if (Multiplier) begin : g_multiplier
    // Row i is digit i · m · 4^i; a negative one has its bits turned.
    logic [39:0] row [4];
    for (genvar i = 0; i < 4; i++) begin : g_row
      logic [31:0] multiple;
      logic minus;
      assign minus    = (i == 3) ? 1'b1 : minus_i[(i == 3) ? 0 : i];
      assign multiple = (({1'b0, m} & {32{one_i[i]}}) | ({m, 1'b0} & {32{two_i[i]}})) ^ {32{minus}};
      assign row[i]   = 40'(multiple) << (2 * i);
    end
    logic [39:0] correction, s1, c1, s2, c2, s3, c3;
    assign correction = negative_i ? correction_negative_i : correction_positive_i;
    carry_save #(.Width(40)) u_low (.a_i(row[0]), .b_i(row[1]), .c_i(row[2]), .sum_o(s1), .carry_o(c1));
    carry_save #(.Width(40)) u_high (
      .a_i(row[3]), .b_i({1'b0, m, 8'd0}), .c_i(correction), .sum_o(s2), .carry_o(c2));
    carry_save #(.Width(40)) u_middle (.a_i(s1), .b_i(c1), .c_i(s2), .sum_o(s3), .carry_o(c3));
    carry_save #(.Width(40)) u_last (.a_i(s3), .b_i(c3), .c_i(c2), .sum_o(sum_d), .carry_o(carry_d));
  end else begin : g_bare
    assign sum_d   = {2'd0, m, 7'd0};
    assign carry_d = {32'd0, negative_i, 7'd0};
  end

  // Sixteens, fours, ones; each keeps what those after it may still need.
  logic [38:0] by_sixteens;
  logic [26:0] by_fours;
  logic [23:0] shifted;
  logic over;
  assign by_sixteens = 39'({4'd0, product_q, 20'd0} >> {places_i[5:4], 4'd0});
  assign by_fours    = 27'(by_sixteens >> {places_i[3:2], 2'd0});
  assign shifted     = 24'(by_fours >> places_i[1:0]);
  assign over        = (product_q & over_mask_i) != 40'd0;

  always_ff @(posedge clk_i) begin
    sum_q       <= sum_d;
    carry_q     <= carry_d;
    negative_q  <= negative_i;
    lost_q      <= (a_i & low_mask_i) != 32'd0;
    product_q   <= sum_q + carry_q;
    negative2_q <= negative_q;
    lost2_q     <= lost_q;
    negative_o  <= negative2_q && !zero_i;
    sticky_o    <= lost2_q || over;
    magnitude_o <= shifted | {24{over}};
  end
endmodule
