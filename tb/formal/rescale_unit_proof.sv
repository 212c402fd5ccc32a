// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// rescale_unit against step 4 of the output stage in sw/golden/README.md, for every word, factor and shift:
// m · 2^11 = |a| · mult · 2^(4 - n), of which the integer part and whether anything is left, or all ones from 2^24 on.
// As gates (Structural, which is rescale_lane with its controls) the product is in Booth digits and carry-save form.
//
// proof: sat:5 Structural=0 Multiplier=1
// proof: sat:5 Structural=1 Multiplier=0
// proof: sat:5 Structural=1 Multiplier=1
// fault: rtl/rescale_unit.sv: assign over          = {24'd0, kept_or_above[35:0], 4'd0} ==> assign over          = {24'd0, kept_or_above[34:0], 5'd0}
// fault: rtl/rescale_unit.sv: negative[31] & factor_nonzero ==> negative[31]
// fault 2: rtl/rescale_lane.sv: lost_q      <= (a_i & low_mask_i) != 32'd0 ==> lost_q      <= (m & low_mask_i[30:0]) != 31'd0
// fault 3: rtl/rescale_unit.sv: turned = (40'd1 << 6) - (40'd1 << 38) ==> turned = (40'd1 << 6) - (40'd1 << 37)
// fault 3: rtl/rescale_unit.sv: negative_q  <= turned + 40'(factor_q) ==> negative_q  <= turned
`default_nettype none

module rescale_unit_proof #(
  parameter bit Structural = 1'b1,
  parameter bit Multiplier = 1'b1
) (
  input wire logic        clk_i,
  input wire logic [7:0]  mult_i,
  input wire logic [5:0]  shift_i,
  input wire logic [31:0] a_i           // two cycles after factor and shift
);
  logic valid;
  logic [127:0] slot;
  rescale_unit #(.Width(4), .Structural(Structural), .Multiplier(Multiplier)) dut (
    .clk_i, .rst_ni(1'b1), .valid_i(1'b1), .mult_i, .shift_i, .a_i({a_i, 96'd0}), .negative_i({a_i[31], 3'd0}),
    .valid_o(valid), .slot_o(slot));

  logic [13:0] control_q [2];
  logic [31:0] slot_q [3];
  logic [7:0] mult;
  logic [5:0] places;
  logic [31:0] magnitude, expected;
  logic [59:0] scaled, whole;
  logic [2:0] cycles_q;
  initial cycles_q = 3'd0;
  always_comb begin
    mult      = Multiplier ? control_q[1][13:6] : 8'd128;
    places    = control_q[1][5:0] + 6'd16;                       // n + 16, 0 .. 47
    magnitude = a_i[31] ? -a_i : a_i;
    scaled    = {40'(magnitude) * 40'(mult), 20'd0};
    whole     = scaled >> places;
    expected  = {a_i[31] && mult != 8'd0, 6'd0, whole << places != scaled, whole[23:0]};
    if (whole[59:24] != 36'd0) expected[24:0] = '1;
  end
  logic shift_legal_q [4];
  always_ff @(posedge clk_i) begin
    control_q[0]     <= {mult_i, shift_i};
    control_q[1]     <= control_q[0];
    shift_legal_q[0] <= $signed(control_q[1][5:0]) >= -16;
    shift_legal_q[1] <= shift_legal_q[0];
    shift_legal_q[2] <= shift_legal_q[1];
    slot_q[0]        <= expected;
    slot_q[1]        <= slot_q[0];
    slot_q[2]        <= slot_q[1];
    if (cycles_q != 3'd5) cycles_q <= cycles_q + 3'd1;
  end
  always_comb if (cycles_q == 3'd5 && shift_legal_q[2]) assert (slot[127:96] == slot_q[2]);
endmodule
