// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Rows × Cols outputs, each a Lanes-wide dot product of 4-bit codes and an exact 32-bit
// accumulator, with a second set of accumulators (the shadow) that is read while the next
// tile accumulates. Operands are decoded once per row and per column into operand registers
// and broadcast.
//
// A pipeline without stalls. A slice enters with `load_i`: with `first_i` its products start
// new sums, else they are added to the sums << shift_i (0..2: the second term of a two-term
// operand). With `capture_i` the new sums go to the shadow too, where `drain_i` reads them from
// MAC_LATENCY cycles later on, and the ones before up to then; captures are at least MAC_LATENCY
// cycles apart. DRAIN_LATENCY cycles after `drain_i` result_o is DrainWidth results of one
// Lanes × Lanes block of the shadow, for that cycle: lines line_i.. of the block, rows of the
// result or, with transpose_i, columns; line_i is a multiple of DrainWidth / Lanes.
//
// The fast form is mac_fast. `Structural` builds the same tile from mac_dot instances, which is what
// synthesis maps. There row codes are unsigned (INT4 offset by 8), and lanes invert instead of
// negating, which makes each sum wrong by what depends on the column alone: one more row of dots,
// fed with the code of zero, accumulates just this error, and the drain subtracts it.
// tb/test_mac_tile runs both forms against the same reference.
`default_nettype none

module mac_tile #(
  parameter int unsigned Rows       = 16,
  parameter int unsigned Cols       = 16,
  parameter int unsigned Lanes      = 16,
  parameter int unsigned DrainWidth = 32,
  parameter bit          Structural = 1'b0,
  localparam int unsigned LineBits  = $clog2(Lanes),
  localparam int unsigned RowBlockBits = (Rows == Lanes) ? 1 : $clog2(Rows / Lanes),
  localparam int unsigned ColBlockBits = (Cols == Lanes) ? 1 : $clog2(Cols / Lanes)
) (
  input  wire logic                         clk_i,
  // operands: codes of Rows rows and of Cols columns, Lanes each, lane 0 lowest
  input  wire logic                         load_i,
  input  wire logic                         first_i,
  input  wire logic [1:0]                   shift_i,
  input  wire logic                         capture_i,
  input  wire logic [1:0]                   a_format_i,
  input  wire logic [3:0]                   zero_point_i,
  input  wire logic [1:0]                   b_format_i,
  input  wire logic [Lanes-1:0]             lane_valid_i,
  input  wire logic [Rows*Lanes*4-1:0]      a_i,
  input  wire logic [Cols*Lanes*4-1:0]      b_i,
  // drain of the shadow
  input  wire logic                         drain_i,
  input  wire logic                         transpose_i,
  input  wire logic [RowBlockBits-1:0]      row_block_i,
  input  wire logic [ColBlockBits-1:0]      col_block_i,
  input  wire logic [LineBits-1:0]          line_i,
  output logic [DrainWidth*32-1:0]          result_o
);
  if (Rows % Lanes != 0 || Cols % Lanes != 0) begin : g_bad_shape
    $error("mac_tile: Rows and Cols must be multiples of Lanes");
  end
  if (Lanes < 4 || (Lanes & (Lanes - 1)) != 0 || (Rows & (Rows - 1)) != 0 || (Cols & (Cols - 1)) != 0) begin : g_bad_pow2
    $error("mac_tile: Rows, Cols and Lanes must be powers of two, Lanes at least 4");
  end
  if (DrainWidth % Lanes != 0 || DrainWidth > Lanes * Lanes) begin : g_bad_drain
    $error("mac_tile: DrainWidth must be a multiple of Lanes and at most Lanes * Lanes");
  end
  if (Lanes > 32) begin : g_bad_lanes
    $error("mac_tile: Lanes must be at most 32, or a slice's sum leaves its 16 bits or its low field");
  end

  // INT4: (code ^ 8) - 8. UINT4: code. Affine: code - zero point. One form serves all.
  logic a_flip;
  logic [3:0] a_bias;
  always_comb begin
    a_flip = a_format_i == cuatro_pkg::A_INT4;
    a_bias = 4'd0;
    if (a_format_i == cuatro_pkg::A_INT4) a_bias = 4'd8;
    if (a_format_i == cuatro_pkg::A_AFFINE) a_bias = zero_point_i;
  end

  logic [2:0] capture_q;
  always_ff @(posedge clk_i) begin
    capture_q <= {capture_q[1:0], load_i && capture_i};
    assert (!(load_i && capture_i && capture_q != '0));
  end

  if (Structural) begin : g_structural
    localparam int unsigned Selects = cuatro_pkg::SELECTS;

    // Operand registers. Without a slice nothing is selected, so that zero is added; load_i comes
    // late, hence behind the decoders. Row Rows is the one of zeros.
    logic [4*Lanes*(Rows+1)-1:0] x_q;
    logic [Cols*Lanes-1:0] negative_d;
    logic [Selects*Cols*Lanes-1:0] select_d, select_q;
    for (genvar c = 0; c < Cols; c++) begin : g_decode
      for (genvar l = 0; l < Lanes; l++) begin : g_lane
        operand_decode_b u_decode (
          .code_i(b_i[4*(Lanes*c + l) +: 4]), .valid_i(lane_valid_i[l]), .format_i(b_format_i),
          .negative_o(negative_d[Lanes*c + l]), .select_o(select_d[Selects*(Lanes*c + l) +: Selects]));
      end
    end
    always_ff @(posedge clk_i) begin
      x_q      <= {{Lanes{a_bias}}, a_i ^ {(Rows*Lanes){a_flip, 3'b000}}};
      select_q <= select_d & {(Selects*Cols*Lanes){load_i}};
    end
    // The longest way begins at the signs: they stand twice, for even rows and for odd ones, in
    // modules of their own, which synthesis does not merge.
    for (genvar h = 0; h < 2; h++) begin : g_sign
      logic [Cols*Lanes-1:0] negative_q;
      delay #(.Width(Cols*Lanes), .Cycles(1)) u_negative (.clk_i, .d_i(negative_d), .q_o(negative_q));
    end

    // What the slice does travels beside it; the last rank stands once for four dots, in modules of
    // their own, which synthesis does not merge.
    logic [1:0] fold_q;
    logic [2:0] keep_1_q, keep_2_q, keep_3_q;
    always_ff @(posedge clk_i) begin
      fold_q   <= {fold_q[0], load_i && b_format_i == cuatro_pkg::B_INT4};
      keep_1_q <= load_i ? {3{!first_i}} & (3'b001 << shift_i) : 3'b001;
      keep_2_q <= keep_1_q;
      keep_3_q <= keep_2_q;
    end

    logic [32*Cols*(Rows+1)-1:0] shadow;
    for (genvar r = 0; r <= Rows; r++) begin : g_row
      for (genvar q = 0; q < Cols / 4; q++) begin : g_quad
        logic fold, capture;
        logic [2:0] keep;
        delay #(.Width(5), .Cycles(1)) u_control (
          .clk_i, .d_i({fold_q[1], keep_3_q, capture_q[2]}), .q_o({fold, keep, capture}));
        for (genvar i = 0; i < 4; i++) begin : g_col
          mac_dot #(.Lanes(Lanes)) u_dot (
            .clk_i, .x_i(x_q[4*Lanes*r +: 4*Lanes]),
            .negative_i(g_sign[r%2].negative_q[Lanes*(4*q + i) +: Lanes]),
            .select_i(select_q[Selects*Lanes*(4*q + i) +: Selects*Lanes]), .fold_i(fold), .keep_i(keep),
            .capture_i(capture), .shadow_o(shadow[32*(Cols*r + 4*q + i) +: 32]));
        end
      end
    end

    drain_select #(.Rows(Rows), .Cols(Cols), .Lanes(Lanes), .DrainWidth(DrainWidth)) u_select (
      .clk_i, .shadow_i(shadow[32*Cols*Rows-1:0]), .zero_i(shadow[32*Cols*Rows +: 32*Cols]), .drain_i,
      .transpose_i, .row_block_i, .col_block_i, .line_i, .result_o);
  end else begin : g_fast
    mac_fast #(.Rows(Rows), .Cols(Cols), .Lanes(Lanes), .DrainWidth(DrainWidth)) u_fast (
      .clk_i, .load_i, .first_i, .shift_i, .a_flip_i(a_flip), .a_bias_i(a_bias), .b_format_i, .lane_valid_i,
      .a_i, .b_i, .capture_i(capture_q[0]), .flip_i(capture_q[2]), .drain_i, .transpose_i, .row_block_i,
      .col_block_i, .line_i, .result_o);
  end
endmodule
