// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// rescale_unit as gates, which is rescale_lane with its controls, against the contract in one line: |a| · mult/128 · 2^(11-n) rounded
// down, what is lost in the sticky bit, all ones with sticky from 2^13 on; for every word
// and shift, whatever comes before and after. The word comes two cycles after mult and shift. With the multiplier for some factors,
// a minute each: between them they have every digit of the lane's factor in every place, 0, and one below 128. All the others:
// test_rescale_unit.
//
// proof: sat:5 Multiplier=0 short
// proof: sat:5 Multiplier=1 Factor=0
// proof: sat:5 Multiplier=1 Factor=37
// proof: sat:5 Multiplier=1 Factor=153
// proof: sat:5 Multiplier=1 Factor=166
// proof: sat:5 Multiplier=1 Factor=171
// proof: sat:5 Multiplier=1 Factor=255
// fault: rtl/rescale_unit.sv: 40'hff_ffffffff << (7'(places2_q) + 7'd4); ==> 40'hff_ffffffff << (7'(places2_q) + 7'd5);
// fault: rtl/rescale_lane.sv: lost_q      <= (a_i & low_mask_i) != 32'd0; ==> lost_q      <= (a_i[31:1] & low_mask_i[31:1]) != 31'd0;
// fault: rtl/rescale_lane.sv: assign carry_d = {32'd0, negative_i, 7'd0}; ==> assign carry_d = '0;
// fault: rtl/rescale_unit.sv: places_d = 6'(shift_i) + 6'd16 + 6'(doublings); ==> places_d = 6'(shift_i) + 6'd15 + 6'(doublings);
// fault 2: rtl/rescale_unit.sv: zero     = factor_q == 8'd0; ==> zero     = 1'b0;
// fault 3: rtl/rescale_unit.sv: normal    = normal << i; ==> normal    = normal << 1;
// fault 4: rtl/rescale_lane.sv: (i == 3) ? 1'b1 : minus_i ==> (i == 3) ? 1'b0 : minus_i
// fault 5: rtl/rescale_unit.sv: if (8'(factor_q << (7 - i)) == 8'd0) trailing = 3'(i + 1); ==> if (8'(factor_q << (7 - i)) == 8'd0) trailing = 3'(i);
// fault 6: rtl/rescale_unit.sv: negative_q  <= turned + 40'(factor_q); ==> negative_q  <= turned + 40'(factor_q) + 40'd1;
// fault 7: rtl/rescale_unit.sv: turned = (40'd1 << 6) - (40'd1 << 38); ==> turned = (40'd1 << 6) + (40'd1 << 38);
`default_nettype none

module rescale_unit_proof #(
  parameter bit         Multiplier = 1'b0,
  parameter logic [7:0] Factor     = 8'd0
) (
  input wire logic              clk_i,
  input wire logic [7:0]        mult_i,
  input wire logic signed [5:0] shift_i,
  input wire logic [31:0]       a_i
);
  logic [7:0]   mult;
  logic [127:0] slots;
  assign mult = Multiplier ? Factor : mult_i;
  rescale_unit #(.Width(4), .Multiplier(Multiplier), .Structural(1'b1)) dut (
    .clk_i, .rst_ni(1'b1), .valid_i(1'b1), .mult_i(mult), .shift_i, .a_i({96'd0, a_i}), .negative_i({3'd0, a_i[31]}), .slot_o(slots));

  // Mult and shift of two cycles ago meet the word; three cycles later the slot is there.
  logic [7:0]  mult_q [2];
  logic [5:0]  shift_q [2];
  logic [32:0] expect_q [3];
  logic [2:0]  cycles_q;
  logic [31:0] absolute;
  logic [39:0] product;
  logic [5:0]  places;
  logic [66:0] raised, fixed;
  logic        lost, over;
  initial cycles_q = 3'd0;
  assign absolute = a_i[31] ? -a_i : a_i;
  assign product  = absolute * (Multiplier ? {32'd0, mult_q[1]} : 40'd128);
  assign places   = shift_q[1] + 6'd16;             // 0 to 47
  assign raised   = {7'd0, product, 20'd0};         // of 2^-27
  assign fixed    = raised >> places;
  assign lost     = fixed << places != raised;
  assign over     = fixed >> 24 != '0;
  always_ff @(posedge clk_i) begin
    mult_q[0]   <= mult;
    mult_q[1]   <= mult_q[0];
    shift_q[0]  <= shift_i;
    shift_q[1]  <= shift_q[0];
    expect_q[0] <= {places < 6'd48, a_i[31] && (!Multiplier || mult_q[1] != 8'd0), 6'd0, lost || over, over ? 24'hff_ffff : fixed[23:0]};
    expect_q[1] <= expect_q[0];
    expect_q[2] <= expect_q[1];
    if (cycles_q != 3'd5) cycles_q <= cycles_q + 3'd1;
  end
  always_comb begin
    if (cycles_q == 3'd5 && expect_q[2][32]) assert (slots[31:0] == expect_q[2][31:0]);
  end
endmodule
