// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// quantize_unit as gates, which is quantize_lane with its controls, against quantize_spec: for every slot, random byte,
// format and rounding, whatever comes before and after. The random byte comes three cycles after the slot.
//
// proof: sat:4
// fault: rtl/quantize_lane.sv: up_q        <= (beyond & ~level) != '0 ==> up_q        <= (beyond & ~level) > 7'd1
// fault: rtl/quantize_lane.sv: rest   = value2_q[2:0] ==> rest   = value2_q[2:1]
// fault: rtl/quantize_lane.sv: if (tpr_i) value2_d = {1'b0, value1_q[24:2], value1_q[1] | value1_q[0]} ==> if (tpr_i) value2_d = {1'b0, value1_q[24:1]}
// fault: rtl/quantize_unit.sv: rounding_i == cuatro_pkg::RND_STOCHASTIC || rounding_i == cuatro_pkg::RND_TWO_TERM, ==> rounding_i == cuatro_pkg::RND_STOCHASTIC,
`default_nettype none

module quantize_unit_proof (
  input wire logic         clk_i,
  input wire logic [31:0]  slot_i,
  input wire logic [7:0]   random_i,
  input wire logic [2:0]   format_i,
  input wire logic [2:0]   rounding_i
);
  localparam logic [31:0] Slot = 32'h81ff_ffff;   // the others are 0
  logic legal, expect_saturated, saturated;
  logic [3:0] expect1, expect2, code1, code, code1_q;
  quantize_unit #(.Width(1), .Structural(1'b1)) dut (
    .clk_i, .rst_ni(1'b1), .valid_i(1'b1), .slot_i(slot_i & Slot), .format_i, .rounding_i, .random_i,
    .code1_o(code1), .code_o(code), .saturated_o(saturated));

  // What the specification needs, until the random byte is here.
  logic [37:0] history_q [3];
  logic [8:0] expect_q;
  logic [3:0] first_q [3];
  logic legal_q, two_codes_q;
  logic [2:0] cycles_q;
  initial cycles_q = 3'd0;
  quantize_spec spec (
    .slot_i(history_q[2][37:6]), .random_i, .format_i(history_q[2][5:3]), .rounding_i(history_q[2][2:0]),
    .legal_o(legal), .code1_o(expect1), .code2_o(expect2), .saturated_o(expect_saturated));
  always_ff @(posedge clk_i) begin
    history_q[0] <= {slot_i & Slot, format_i, rounding_i};
    history_q[1] <= history_q[0];
    history_q[2] <= history_q[1];
    first_q[0]   <= code1;
    first_q[1]   <= first_q[0];
    first_q[2]   <= first_q[1];
    expect_q     <= {expect_saturated, expect2, expect1};
    two_codes_q  <= history_q[2][2:0] >= cuatro_pkg::RND_TPR;
    legal_q      <= legal;
    if (cycles_q != 3'd4) cycles_q <= cycles_q + 3'd1;
  end
  always_comb begin
    if (legal_q && cycles_q == 3'd4) begin
      assert (saturated == expect_q[8]);
      assert (code == (two_codes_q ? expect_q[7:4] : expect_q[3:0]));
      if (two_codes_q) assert (first_q[2] == expect_q[3:0]);
    end
  end
endmodule
