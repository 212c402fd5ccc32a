// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// A corner of the structural mac_tile for the energy simulation: its operand registers, column
// decoders, mac_dot instances, row of zeros and control ranks, for Rows × Cols outputs that need not
// be multiples of Lanes; shadows leave undrained. Same structure, ports and timing as
// g_structural in rtl/mac_tile.sv, but for the second copy of the signs, a sixteenth of a flip-flop a MAC.
`default_nettype none

module tile_sample #(
  parameter int unsigned Rows  = 4,
  parameter int unsigned Cols  = 4,
  parameter int unsigned Lanes = 16
) (
  input  wire logic                          clk_i,
  input  wire logic                          load_i,
  input  wire logic                          first_i,
  input  wire logic [1:0]                    shift_i,
  input  wire logic                          capture_i,
  input  wire logic [1:0]                    a_format_i,
  input  wire logic [3:0]                    zero_point_i,
  input  wire logic [1:0]                    b_format_i,
  input  wire logic [Lanes-1:0]              lane_valid_i,
  input  wire logic [Rows*Lanes*4-1:0]       a_i,
  input  wire logic [Cols*Lanes*4-1:0]       b_i,
  output logic [32*Cols*(Rows+1)-1:0]        shadow_o
);
  localparam int unsigned Selects = cuatro_pkg::SELECTS;

  logic a_flip;
  logic [3:0] a_bias;
  always_comb begin
    a_flip = a_format_i == cuatro_pkg::A_INT4;
    a_bias = 4'd0;
    if (a_format_i == cuatro_pkg::A_INT4) a_bias = 4'd8;
    if (a_format_i == cuatro_pkg::A_AFFINE) a_bias = zero_point_i;
  end

  logic [4*Lanes*(Rows+1)-1:0] x_q;
  logic [Cols*Lanes-1:0] negative_d, negative_q;
  logic [Selects*Cols*Lanes-1:0] select_d, select_q;
  for (genvar c = 0; c < Cols; c++) begin : g_decode
    for (genvar l = 0; l < Lanes; l++) begin : g_lane
      operand_decode_b u_decode (
        .code_i(b_i[4*(Lanes*c + l) +: 4]), .valid_i(lane_valid_i[l]), .format_i(b_format_i),
        .negative_o(negative_d[Lanes*c + l]), .select_o(select_d[Selects*(Lanes*c + l) +: Selects]));
    end
  end

  logic [2:0] capture_q;
  logic [1:0] fold_q;
  logic [2:0] keep_1_q, keep_2_q, keep_3_q;
  always_ff @(posedge clk_i) begin
    x_q        <= {{Lanes{a_bias}}, a_i ^ {(Rows*Lanes){a_flip, 3'b000}}};
    negative_q <= negative_d;
    select_q   <= select_d & {(Selects*Cols*Lanes){load_i}};
    capture_q  <= {capture_q[1:0], load_i && capture_i};
    fold_q     <= {fold_q[0], load_i && b_format_i == cuatro_pkg::B_INT4};
    keep_1_q   <= load_i ? {3{!first_i}} & (3'b001 << shift_i) : 3'b001;
    keep_2_q   <= keep_1_q;
    keep_3_q   <= keep_2_q;
  end

  for (genvar r = 0; r <= Rows; r++) begin : g_row
    logic fold_row_q, capture_row_q;
    logic [2:0] keep_row_q;
    always_ff @(posedge clk_i) begin
      fold_row_q    <= fold_q[1];
      keep_row_q    <= keep_3_q;
      capture_row_q <= capture_q[2];
    end
    for (genvar c = 0; c < Cols; c++) begin : g_col
      mac_dot #(.Lanes(Lanes)) u_dot (
        .clk_i, .x_i(x_q[4*Lanes*r +: 4*Lanes]), .negative_i(negative_q[Lanes*c +: Lanes]),
        .select_i(select_q[Selects*Lanes*c +: Selects*Lanes]), .fold_i(fold_row_q),
        .keep_i(keep_row_q), .capture_i(capture_row_q), .shadow_o(shadow_o[32*(Cols*r + c) +: 32]));
    end
  end
endmodule
