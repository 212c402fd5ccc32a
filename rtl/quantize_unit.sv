// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Width lanes of rescaled values (the slots of rescale_unit) to codes of any format: code_o, four
// cycles after the slots, with saturated_o; for the roundings with two codes (TPR, TWO_TERM) that
// is the second, and the first leaves on code1_o one cycle after the slots. Formats and roundings
// as in int4_quantizer and log4_quantizer. No back-pressure, no valid bits: what leaves counts if
// what came did; in the fast form valid_i saves work.
//
// The fast form holds the two quantizers and takes random_i with the slots. `Structural` builds
// one quantize_lane a lane for all formats and takes random_i three cycles after the slots.
`default_nettype none

module quantize_unit #(
  parameter int unsigned Width      = 32,
  parameter bit          Structural = 1'b0
) (
  input  wire logic                clk_i,
  // Structural registers run free, and a slot has six bits that are always 0.
  // verilator lint_off UNUSEDSIGNAL
  input  wire logic                rst_ni,
  input  wire logic                valid_i,
  input  wire logic [32*Width-1:0] slot_i,
  // verilator lint_on UNUSEDSIGNAL
  input  wire logic [2:0]          format_i,     // out_format_e
  input  wire logic [2:0]          rounding_i,   // rounding_e
  input  wire logic [8*Width-1:0]  random_i,
  output logic [4*Width-1:0]       code1_o,
  output logic [4*Width-1:0]       code_o,
  output logic [Width-1:0]         saturated_o
);
  logic is_int, base2;
  assign is_int    = format_i == cuatro_pkg::OUT_INT4 || format_i == cuatro_pkg::OUT_UINT4;
  assign base2     = format_i == cuatro_pkg::OUT_LOG2;

  if (Structural) begin : g_structural
    logic [3:0] early_q;                    // is_int, base2, TPR, TWO_TERM in rank 2
    logic [5:0] late_d, late_q;             // in rank 3
    // Code 2 of TPR is NEAREST, of TWO_TERM STOCHASTIC.
    assign late_d = {rounding_i == cuatro_pkg::RND_STOCHASTIC || rounding_i == cuatro_pkg::RND_TWO_TERM,
                     is_int, format_i == cuatro_pkg::OUT_UINT4, base2,
                     rounding_i == cuatro_pkg::RND_NEAREST || rounding_i == cuatro_pkg::RND_TPR,
                     rounding_i == cuatro_pkg::RND_FLOOR};
    delay #(.Width(6), .Cycles(2)) u_late (.clk_i, .d_i(late_d), .q_o(late_q));
    always_ff @(posedge clk_i) begin
      early_q <= {is_int, base2, rounding_i == cuatro_pkg::RND_TPR, rounding_i == cuatro_pkg::RND_TWO_TERM};
    end

    for (genvar i = 0; i < Width; i++) begin : g_lane
      quantize_lane u_lane (
        .clk_i, .negative_i(slot_i[32*i + 31]), .value_i({slot_i[32*i +: 24], slot_i[32*i + 24]}),
        .base2_i(base2), .int_i(early_q[3]), .base2_late_i(early_q[2]), .tpr_i(early_q[1]),
        .two_term_i(early_q[0]), .is_int_i(late_q[4]), .unsigned_i(late_q[3]),
        .base2_last_i(late_q[2]), .nearest_i(late_q[1]), .floor_i(late_q[0]),
        .stochastic_i(late_q[5]), .random_i(random_i[8*i +: 8]), .code1_o(code1_o[4*i +: 4]),
        .code_o(code_o[4*i +: 4]), .saturated_o(saturated_o[i]));
    end
  end else begin : g_fast
    logic [4*Width-1:0] int_code, log_code1, log_code2, code;
    logic [Width-1:0] int_saturated, log_saturated, saturated;
    logic is_int_q, two_codes_q;
    // The caller knows when codes leave.
    // verilator lint_off PINCONNECTEMPTY
    int4_quantizer #(.Width(Width)) u_int4 (
      .clk_i, .rst_ni, .valid_i(valid_i && is_int), .unsigned_i(format_i == cuatro_pkg::OUT_UINT4),
      .rounding_i, .slot_i, .random_i, .valid_o(), .code_o(int_code), .saturated_o(int_saturated));
    log4_quantizer #(.Width(Width)) u_log4 (
      .clk_i, .rst_ni, .valid_i(valid_i && !is_int), .base2_i(base2), .rounding_i, .slot_i, .random_i,
      .valid_o(), .code1_o(log_code1), .code2_o(log_code2), .saturated_o(log_saturated));
    // verilator lint_on PINCONNECTEMPTY
    always_ff @(posedge clk_i) begin
      is_int_q    <= is_int;
      two_codes_q <= rounding_i == cuatro_pkg::RND_TPR || rounding_i == cuatro_pkg::RND_TWO_TERM;
    end
    assign code1_o   = log_code1;
    assign code      = is_int_q ? int_code : two_codes_q ? log_code2 : log_code1;
    assign saturated = is_int_q ? int_saturated : log_saturated;
    delay #(.Width(4*Width), .Cycles(3)) u_code (.clk_i, .d_i(code), .q_o(code_o));
    delay #(.Width(Width), .Cycles(3)) u_saturated (.clk_i, .d_i(saturated), .q_o(saturated_o));
  end
endmodule
