// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// int4_quantizer against quantize_spec, in every lane, for every slot, random byte and rounding.
//
// proof: sat:1 short
// fault: rtl/int4_quantizer.sv: 32'h400 : ==> 32'h3ff :
// fault: rtl/int4_quantizer.sv: (negative & {31'd0, ~slot[i][24]}) ==> (negative & 32'd1)
// fault: rtl/int4_quantizer.sv: slot[i][23:15] != 9'd0 ==> slot[i][23:16] != 8'd0
// fault: rtl/int4_quantizer.sv: half != 32'd0 && {sum ==> {sum
`default_nettype none

module int4_quantizer_proof (
  input wire logic         clk_i,
  input wire logic [127:0] slot_i,
  input wire logic [31:0]  random_i,
  input wire logic [1:0]   lane_i,
  input wire logic         unsigned_i,
  input wire logic [2:0]   rounding_i
);
  localparam logic [31:0] Slot = 32'h81ff_ffff;   // the others are 0
  logic valid, legal, expect_saturated;
  logic [15:0] code;
  logic [3:0] saturated, expect1, expect2;
  int4_quantizer #(.Width(4)) dut (
    .clk_i, .rst_ni(1'b1), .valid_i(1'b1), .unsigned_i, .rounding_i, .slot_i(slot_i & {4{Slot}}), .random_i,
    .valid_o(valid), .code_o(code), .saturated_o(saturated));
  quantize_spec spec (
    .slot_i(slot_i[32*lane_i +: 32]), .random_i(random_i[8*lane_i +: 8]), .format_i({2'd0, unsigned_i}), .rounding_i,
    .legal_o(legal), .code1_o(expect1), .code2_o(expect2), .saturated_o(expect_saturated));

  logic [4:0] expect_q;
  logic [1:0] lane_q;
  logic legal_q;
  initial legal_q = 1'b0;
  always_ff @(posedge clk_i) begin
    expect_q <= {expect_saturated, expect1};
    lane_q   <= lane_i;
    legal_q  <= legal;
  end
  always_comb if (legal_q) assert (expect_q == {saturated[lane_q], code[4*lane_q +: 4]});
endmodule
