// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// block_walk stays within the result, whatever its size, and visits its blocks in the order that its header gives: the
// block after this one, computed here from its own coordinates, is the next; after the last one comes the first; and
// `last_o`, `tile_last_o` tell when. For all time. The number of a block (bounded: products) is row · width + column of
// S, or of its transpose.
//
// proof: ind:5 RowBlocks=1 ColBlocks=1 Number=0
// proof: ind:5 RowBlocks=2 ColBlocks=2 Number=0
// proof: bmc:20 RowBlocks=2 ColBlocks=2 Number=1
// fault 2: rtl/block_walk.sv: else if (!col_end_q) row_o <= row_o & ~RowMask ==> else if (!col_end_q) row_o <= row_o
// fault 2: rtl/block_walk.sv: (col_o & ColMask) == ColMask || col_o == col_last; ==> (col_o & ColMask) == ColMask;
// fault 3: rtl/block_walk.sv: if (tile_last_o) tile_q <= next_q; ==> if (tile_last_o && col_end_q) tile_q <= next_q;
`default_nettype none

module block_walk_proof #(
  parameter int unsigned RowBlocks = 2,
  parameter int unsigned ColBlocks = 2,
  parameter bit          Number    = 1'b0
) (
  input wire logic        clk_i,
  input wire logic [15:0] m_i,
  input wire logic [15:0] n_i,
  input wire logic        transpose_i,
  input wire logic        step_i
);
  localparam int unsigned Lanes = 4;
  logic [3:0] cycle_q;                             // after reset, then since the last step
  initial cycle_q = 4'd0;
  logic [15:0] m_q, n_q;
  logic transpose_q, started;
  assign started = cycle_q != 4'd0;

  logic step, tile_last, last;
  logic [13:0] row, col;
  logic [15:0] number;
  assign step = step_i && cycle_q >= 4'd4;
  block_walk #(.Lanes(Lanes), .RowBlocks(RowBlocks), .ColBlocks(ColBlocks)) dut (
    .clk_i, .rst_ni(started), .m_i(m_q), .n_i(n_q), .transpose_i(transpose_q), .enable_i(1'b1), .step_i(step), .row_o(row),
    .col_o(col), .number_o(number), .tile_last_o(tile_last), .last_o(last));

  // Blocks of the result, and the block after this one.
  logic [13:0] rows, cols, next_row, next_col, expect_row_q, expect_col_q;
  logic row_end, col_end, tile_row_end, tile_col_end;
  always_comb begin
    rows         = 14'((17'(m_q) + 17'(Lanes - 1)) / Lanes);
    cols         = 14'((17'(n_q) + 17'(Lanes - 1)) / Lanes);
    row_end      = row + 14'd1 == rows;
    col_end      = col + 14'd1 == cols;
    tile_row_end = row_end || row % RowBlocks == RowBlocks - 1;
    tile_col_end = col_end || col % ColBlocks == ColBlocks - 1;
    next_row     = row;
    next_col     = col;
    if (!tile_col_end) next_col = col + 14'd1;
    else if (!tile_row_end) begin
      next_row = row + 14'd1;
      next_col = col - col % ColBlocks;
    end else if (!col_end) begin
      next_row = row - row % RowBlocks;
      next_col = col + 14'd1;
    end else begin
      next_row = row_end ? 14'd0 : row + 14'd1;
      next_col = 14'd0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!started) begin                            // sizes stand from here on
      m_q         <= m_i;
      n_q         <= n_i;
      transpose_q <= transpose_i;
      assume (m_i != 16'd0 && n_i != 16'd0 && m_i <= 16'd65532 && n_i <= 16'd65532);
      if (Number) assume (m_i <= 16'd12 && n_i <= 16'd12);
      expect_row_q <= 14'd0;
      expect_col_q <= 14'd0;
    end else if (step) begin
      expect_row_q <= next_row;
      expect_col_q <= next_col;
    end
    cycle_q <= step ? 4'd2 : (cycle_q == 4'd4) ? 4'd4 : cycle_q + 4'd1;

    if (started) begin
      assert (row < rows && col < cols);
      assert (row == expect_row_q && col == expect_col_q);
      if (cycle_q >= 4'd3) begin
        assert (last == (row_end && col_end) && tile_last == (tile_row_end && tile_col_end));
        if (Number) assert (number == (transpose_q ? 16'(col[3:0]) * 16'(rows[3:0]) + 16'(row) : 16'(row[3:0]) * 16'(cols[3:0]) + 16'(col)));
      end
    end
  end
endmodule
