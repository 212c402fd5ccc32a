// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Picks DrainWidth results of one Lanes × Lanes block of the shadow accumulators and subtracts
// the column's zero: DrainWidth / Lanes lines from line_i on, rows of the block or, with
// transpose_i, columns. line_i is a multiple of DrainWidth / Lanes. A pipeline without stalls:
// the choice enters with drain_i in cycle 0, the shadow is read in cycle 1, the differences stand
// in cycle 3.
`default_nettype none

module drain_select #(
  parameter int unsigned Rows       = 16,
  parameter int unsigned Cols       = 16,
  parameter int unsigned Lanes      = 16,
  parameter int unsigned DrainWidth = 32,
  localparam int unsigned LineBits  = $clog2(Lanes),
  localparam int unsigned RowBlockBits = (Rows == Lanes) ? 1 : $clog2(Rows / Lanes),
  localparam int unsigned ColBlockBits = (Cols == Lanes) ? 1 : $clog2(Cols / Lanes)
) (
  input  wire logic                     clk_i,
  input  wire logic [Rows*Cols*32-1:0]  shadow_i,
  input  wire logic [Cols*32-1:0]       zero_i,
  input  wire logic                     drain_i,
  input  wire logic                     transpose_i,
  input  wire logic [RowBlockBits-1:0]  row_block_i,
  input  wire logic [ColBlockBits-1:0]  col_block_i,
  input  wire logic [LineBits-1:0]      line_i,
  output logic [DrainWidth*32-1:0]      result_o
);
  localparam int unsigned Lines     = DrainWidth / Lanes;
  localparam int unsigned Groups    = Lanes / Lines;
  localparam int unsigned RowBlocks = Rows / Lanes;
  localparam int unsigned ColBlocks = Cols / Lanes;

  // One select for each place that a result can come from: block, group of lines, orientation.
  localparam int unsigned Blocks = RowBlocks * ColBlocks;
  logic [Blocks*Groups-1:0]    row_place, col_place;
  logic [ColBlocks*Groups-1:0] zero_place_q;
  logic [ColBlocks-1:0]        zero_block_q;
  always_comb begin
    for (int unsigned b = 0; b < Blocks; b++) begin
      for (int unsigned g = 0; g < Groups; g++) begin
        row_place[Groups*b + g] = drain_i && !transpose_i && 32'(row_block_i) == b / ColBlocks &&
                                  32'(col_block_i) == b % ColBlocks && 32'(line_i) == g * Lines;
        col_place[Groups*b + g] = drain_i && transpose_i && 32'(row_block_i) == b / ColBlocks &&
                                  32'(col_block_i) == b % ColBlocks && 32'(line_i) == g * Lines;
      end
    end
  end
  always_ff @(posedge clk_i) begin
    for (int unsigned c = 0; c < ColBlocks; c++) begin
      zero_block_q[c] <= !transpose_i && 32'(col_block_i) == c;
      for (int unsigned g = 0; g < Groups; g++) begin
        zero_place_q[Groups*c + g] <= transpose_i && 32'(col_block_i) == c && 32'(line_i) == g * Lines;
      end
    end
  end

  for (genvar i = 0; i < Lines; i++) begin : g_line
    // A line that is a column has one zero for all its words.
    logic [31:0] column_zero;
    always_comb begin
      column_zero = '0;
      for (int unsigned p = 0; p < ColBlocks * Groups; p++) begin
        column_zero = column_zero | (zero_i[32*(Lines*p + i) +: 32] & {32{zero_place_q[p]}});
      end
    end

    for (genvar j = 0; j < Lanes; j++) begin : g_word
      // A copy of the selects for each word, as one would have a thousand loads: in a module of its
      // own, which synthesis does not merge.
      logic [Blocks*Groups-1:0] row_place_q, col_place_q;
      delay #(.Width(2*Blocks*Groups), .Cycles(1)) u_place (
        .clk_i, .d_i({col_place, row_place}), .q_o({col_place_q, row_place_q}));
      logic [31:0] word, zero, word_q, zero_q;
      always_comb begin
        word = '0;
        zero = column_zero;
        for (int unsigned c = 0; c < ColBlocks; c++) begin
          zero = zero | (zero_i[32*(Lanes*c + j) +: 32] & {32{zero_block_q[c]}});
        end
        for (int unsigned p = 0; p < Blocks * Groups; p++) begin
          word = word |
              (shadow_i[32*(Cols*(Lanes*(p/Groups/ColBlocks) + Lines*(p%Groups) + i) +
                            Lanes*(p/Groups%ColBlocks) + j) +: 32] & {32{row_place_q[p]}}) |
              (shadow_i[32*(Cols*(Lanes*(p/Groups/ColBlocks) + j) +
                            Lanes*(p/Groups%ColBlocks) + Lines*(p%Groups) + i) +: 32] & {32{col_place_q[p]}});
        end
      end
      always_ff @(posedge clk_i) begin
        word_q <= word;
        zero_q <= zero;
        result_o[32*(Lanes*i + j) +: 32] <= word_q - zero_q;
      end
    end
  end
endmodule
