// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// log4_quantizer against quantize_spec, in every lane, for every slot, random byte, base and rounding.
//
// proof: sat:1
// fault: rtl/log4_quantizer.sv: One / 8 * 5 ==> One / 8 * 5 + 2
// fault: rtl/log4_quantizer.sv: magnitude > threshold && ==> magnitude >= threshold &&
// fault: rtl/log4_quantizer.sv: difference << (base2_i ? 2 : 1) ==> difference << 1
// fault: rtl/log4_quantizer.sv: sign       = slot[i] ^ (borrow & ~is_tpr) ==> sign       = slot[i]
// fault: rtl/log4_quantizer.sv: magnitude > largest}; ==> magnitude >= largest};
`default_nettype none

module log4_quantizer_proof (
  input wire logic         clk_i,
  input wire logic [127:0] slot_i,
  input wire logic [31:0]  random_i,
  input wire logic [1:0]   lane_i,
  input wire logic         base2_i,
  input wire logic [2:0]   rounding_i
);
  localparam logic [31:0] Slot = 32'h81ff_ffff;   // the others are 0
  logic valid, legal, expect_saturated;
  logic [15:0] code1, code2;
  logic [3:0] saturated, expect1, expect2;
  log4_quantizer #(.Width(4)) dut (
    .clk_i, .rst_ni(1'b1), .valid_i(1'b1), .base2_i, .rounding_i, .slot_i(slot_i & {4{Slot}}), .random_i,
    .valid_o(valid), .code1_o(code1), .code2_o(code2), .saturated_o(saturated));
  quantize_spec spec (
    .slot_i(slot_i[32*lane_i +: 32]), .random_i(random_i[8*lane_i +: 8]), .format_i({2'd1, base2_i}), .rounding_i,
    .legal_o(legal), .code1_o(expect1), .code2_o(expect2), .saturated_o(expect_saturated));

  logic [8:0] expect_q;
  logic [1:0] lane_q;
  logic legal_q;
  initial legal_q = 1'b0;
  always_ff @(posedge clk_i) begin
    expect_q <= {expect_saturated, expect2, expect1};
    lane_q   <= lane_i;
    legal_q  <= legal;
  end
  always_comb if (legal_q) assert (expect_q == {saturated[lane_q], code2[4*lane_q +: 4], code1[4*lane_q +: 4]});
endmodule
