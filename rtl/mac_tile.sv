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
// The fast form is one clocked block: consumers first (drain, mac, load), blocking writes to
// arrays private to that block, rolled loops that the C++ compiler vectorises. `Structural`
// builds the same tile from mac_dot instances, which is what synthesis maps. There row codes are
// unsigned (INT4 offset by 8), and lanes invert instead of negating, which makes each sum wrong
// by what depends on the column alone: one more row of dots, fed with the code of zero,
// accumulates just this error, and the drain subtracts it. tb/test_mac_tile runs both forms
// against the same reference.
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

  localparam int unsigned Lines = DrainWidth / Lanes;

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
    // Codes enter four to a 16-bit word; a shift by one amount decodes a code of every word.
    localparam int unsigned Words = Lanes / 4;

    logic [15:0] a_word [Rows*Words];
    logic [15:0] b_word [Words][Cols];
    for (genvar w = 0; w < Words; w++) begin : g_word
      for (genvar r = 0; r < Rows; r++) begin : g_row
        assign a_word[Words*r + w] = a_i[4*Lanes*r + 16*w +: 16];
      end
      for (genvar c = 0; c < Cols; c++) begin : g_col
        assign b_word[w][c] = b_i[4*Lanes*c + 16*w +: 16];
      end
    end

    // Two's complement in unsigned words of 16 bits: the sum of a slice of Lanes products fits,
    // and narrow unsigned words are what vectorises best. LOG4 alone exceeds them, so its powers
    // from 256 on, divided by 256, are kept apart and summed apart.
    logic [15:0] a_q [4][Rows*Words];       // code in the word, word
    logic [15:0] b_q [Lanes][Cols];
    logic [15:0] b_high_q [Lanes][Cols];
    logic high_q;
    logic [31:0] acc_q [Rows][Cols];
    logic [31:0] shadow_q [2][Rows][Cols];  // sums are here as soon as added, but read from front_q
    logic [31:0] result_q [4][DrainWidth];  // a ring: as many cycles old as places behind phase_q
    logic [15:0] slice_v [Cols];
    logic mac_q, first_q, front_q;
    logic [1:0] shift_q, drain_q, phase_q, ready;
    assign ready = phase_q - 2'd2;

    // The arrays above are private to the one clocked block below.
    // verilator lint_off BLKSEQ
    task automatic drain();
      for (int unsigned i = 0; i < Lines; i++) begin
        if (transpose_i) begin
          for (int unsigned j = 0; j < Lanes; j++) begin
            result_q[phase_q][i*Lanes + j] =
                shadow_q[front_q][32'(row_block_i)*Lanes + j][32'(col_block_i)*Lanes + 32'(line_i) + i];
          end
        end else begin
          for (int unsigned j = 0; j < Lanes; j++) begin
            result_q[phase_q][i*Lanes + j] =
                shadow_q[front_q][32'(row_block_i)*Lanes + 32'(line_i) + i][32'(col_block_i)*Lanes + j];
          end
        end
      end
    endtask

    task automatic mac();
      logic [31:0] keep;
      logic [15:0] sum;
      // A mask, not a conditional: a conditional load would keep the loop scalar.
      keep = {32{~first_q}};
      for (int unsigned r = 0; r < Rows; r++) begin
        for (int unsigned c = 0; c < Cols; c++) begin
          sum = 16'd0;
          for (int unsigned g = 0; g < Lanes / 4; g++) begin
            for (int unsigned l = 0; l < 4; l++) begin
              sum = sum + a_q[l][Words*r + g] * b_q[4*g + l][c];
            end
          end
          slice_v[c] = sum;
        end
        for (int unsigned c = 0; c < Cols; c++) begin
          acc_q[r][c] = ((acc_q[r][c] << shift_q) & keep) + {{16{slice_v[c][15]}}, slice_v[c]};
        end
      end
      // Written out: one loop over both halves runs a fifth slower.
      if (high_q) begin
        for (int unsigned r = 0; r < Rows; r++) begin
          for (int unsigned c = 0; c < Cols; c++) begin
            sum = 16'd0;
            for (int unsigned g = 0; g < Lanes / 4; g++) begin
              for (int unsigned l = 0; l < 4; l++) begin
                sum = sum + a_q[l][Words*r + g] * b_high_q[4*g + l][c];
              end
            end
            slice_v[c] = sum;
          end
          for (int unsigned c = 0; c < Cols; c++) begin
            acc_q[r][c] = acc_q[r][c] + {{8{slice_v[c][15]}}, slice_v[c], 8'd0};
          end
        end
      end
    endtask

    task automatic capture();
      for (int unsigned r = 0; r < Rows; r++) begin
        for (int unsigned c = 0; c < Cols; c++) shadow_q[!front_q][r][c] = acc_q[r][c];
      end
    endtask

    task automatic load();
      logic [15:0] code, keep, power, sign, flip, bias;
      flip   = {12'd0, a_flip, 3'd0};
      bias   = {12'd0, a_bias};
      high_q = b_format_i == cuatro_pkg::B_LOG4;
      for (int unsigned j = 0; j < 4; j++) begin
        for (int unsigned i = 0; i < Rows * Words; i++) begin
          code = (a_word[i] >> (4*j)) & 16'd15;
          a_q[j][i] = (code ^ flip) - bias;
        end
      end
      for (int unsigned w = 0; w < Words; w++) begin
        for (int unsigned j = 0; j < 4; j++) begin
          keep = {12'd0, {4{lane_valid_i[4*w + j]}}};
          unique case (b_format_i)
            cuatro_pkg::B_LOG4: begin
              for (int unsigned c = 0; c < Cols; c++) begin
                code  = (b_word[w][c] >> (4*j)) & keep;
                sign  = {16{code[3]}};
                power = (16'd1 << {code[2:0], 1'b0}) >> 2;
                b_q[4*w + j][c]      = ((power & 16'hff) ^ sign) - sign;
                b_high_q[4*w + j][c] = ((power >> 8) ^ sign) - sign;
              end
            end
            cuatro_pkg::B_LOG2: begin
              for (int unsigned c = 0; c < Cols; c++) begin
                code  = (b_word[w][c] >> (4*j)) & keep;
                sign  = {16{code[3]}};
                power = (16'd1 << code[2:0]) >> 1;
                b_q[4*w + j][c] = (power ^ sign) - sign;
              end
            end
            default: begin
              for (int unsigned c = 0; c < Cols; c++) begin
                code = (b_word[w][c] >> (4*j)) & keep;
                b_q[4*w + j][c] = (code ^ 16'd8) - 16'd8;
              end
            end
          endcase
        end
      end
    endtask
    // verilator lint_on BLKSEQ

    always_ff @(posedge clk_i) begin
      mac_q   <= load_i;
      first_q <= first_i;
      shift_q <= shift_i;
      phase_q <= phase_q + 2'd1;
      drain_q <= {drain_q[0], drain_i};
      if (capture_q[2]) front_q <= !front_q;
      if (drain_q[1]) begin
        // Loops of four or less unroll, so that these are constant slices.
        for (int unsigned i = 0; i < Lines; i++) begin
          for (int unsigned h = 0; h < Lanes / 4; h++) begin
            for (int unsigned j = 0; j < 4; j++) begin
              result_o[32*(Lanes*i + 4*h + j) +: 32] <= result_q[ready][Lanes*i + 4*h + j];
            end
          end
        end
      end
      if (drain_i) drain();
      if (mac_q) mac();
      if (mac_q && capture_q[0]) capture();
      if (load_i) load();
    end
  end
endmodule
