// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Walks the blocks of an M × N result as the array finishes them: row tiles outer, column tiles
// inner, and in a tile of RowBlocks × ColBlocks blocks row by row; blocks beyond the last row or
// column do not exist. `number_o` is the block's number in S, which is the result or, with
// `transpose_i`, its transpose, row by row: it is kept by addition alone.
//
// `step_i` goes on to the next block, after the last to the first. The cycle after it row_o and
// col_o are the next block's, and yet a cycle later all the rest; sizes are stable from the
// first block's step at the latest. Steps are at least three cycles apart. `enable_i` is up in the
// cycle of a step and in the next, and for one cycle with new sizes; else it may be low, and all
// stands: time saved in C++.
`default_nettype none

module block_walk #(
  parameter int unsigned Lanes     = 16,       // edge of a block
  parameter int unsigned RowBlocks = 1,        // blocks of a tile
  parameter int unsigned ColBlocks = 1,
  parameter bit          Transpose = 1'b1,     // transpose_i counts
  localparam int unsigned PosBits  = 16 - $clog2(Lanes)
) (
  input  wire logic               clk_i,
  input  wire logic               rst_ni,
  input  wire logic [15:0]        m_i,
  input  wire logic [15:0]        n_i,
  // Without Transpose, S is the result.
  // verilator lint_off UNUSEDSIGNAL
  input  wire logic               transpose_i,
  // verilator lint_on UNUSEDSIGNAL
  input  wire logic               enable_i,
  input  wire logic               step_i,
  output logic [PosBits-1:0]      row_o,       // of the result, in blocks
  output logic [PosBits-1:0]      col_o,
  output logic [15:0]             number_o,
  output logic                    tile_last_o,
  output logic                    last_o
);
  localparam int unsigned LaneShift = $clog2(Lanes);
  localparam logic [PosBits-1:0] RowMask = PosBits'(RowBlocks - 1);
  localparam logic [PosBits-1:0] ColMask = PosBits'(ColBlocks - 1);

  // The block ends a column or a row of the result; a column or a row of its tile.
  logic [PosBits-1:0] row_last, col_last;
  logic row_end_q, col_end_q, tile_row_end_q, tile_col_end_q;
  assign row_last = PosBits'((m_i - 16'd1) >> LaneShift);
  assign col_last = PosBits'((n_i - 16'd1) >> LaneShift);

  assign tile_last_o = tile_row_end_q && tile_col_end_q;
  assign last_o      = row_end_q && col_end_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      row_o <= '0;
      col_o <= '0;
    end else if (step_i) begin
      col_o <= col_o + 1'b1;
      if (tile_col_end_q) begin
        row_o <= row_o + 1'b1;
        if (!tile_row_end_q) col_o <= col_o & ~ColMask;
        else if (!col_end_q) row_o <= row_o & ~RowMask;
        else begin
          col_o <= '0;
          if (row_end_q) row_o <= '0;
        end
      end
    end
    if (enable_i) begin
      row_end_q      <= row_o == row_last;
      col_end_q      <= col_o == col_last;
      tile_row_end_q <= (row_o & RowMask) == RowMask || row_o == row_last;
      tile_col_end_q <= (col_o & ColMask) == ColMask || col_o == col_last;
    end
  end

  if (Transpose) begin : g_number
    // Numbers of the first blocks of the tile's block row, of the tile, of the row of tiles. One of
    // the steps adds 1, the other a row of S.
    logic step_q, transpose_q;
    logic [15:0] line_q, tile_q, strip_q, size, row_step, col_step, from, by, next_q;
    logic [PosBits:0] stride_q;
    always_comb begin
      size     = transpose_i ? m_i : n_i;
      row_step = transpose_q ? 16'd1 : 16'(stride_q);
      col_step = transpose_q ? 16'(stride_q) : 16'd1;
      from     = strip_q;
      by       = 16'(row_step * 16'(RowBlocks));
      if (!tile_col_end_q) begin
        from = number_o;
        by   = col_step;
      end else if (!tile_row_end_q) begin
        from = line_q;
        by   = row_step;
      end else if (!col_end_q) begin
        from = tile_q;
        by   = 16'(col_step * 16'(ColBlocks));
      end
    end
    // In the cycle after a step what stands is still the block's that ended.
    always_ff @(posedge clk_i) begin
      if (enable_i) begin
        stride_q    <= (PosBits+1)'(size >> LaneShift) + (PosBits+1)'((size & 16'(Lanes - 1)) != '0);
        transpose_q <= transpose_i;
        next_q      <= from + by;
      end
      if (!rst_ni || (step_q && last_o)) begin
        number_o <= '0;
        line_q   <= '0;
        tile_q   <= '0;
        strip_q  <= '0;
      end else if (step_q) begin
        number_o <= next_q;
        if (tile_col_end_q) line_q <= next_q;
        if (tile_last_o) tile_q <= next_q;
        if (tile_last_o && col_end_q) strip_q <= next_q;
      end
      step_q <= rst_ni && step_i;
    end
  end else begin : g_count
    if (RowBlocks != 1 || ColBlocks != 1) begin : g_bad_tile
      $error("block_walk: without Transpose a tile has one block");
    end
    logic step_q;
    always_ff @(posedge clk_i) begin
      if (!rst_ni || (step_q && last_o)) number_o <= '0;
      else if (step_q) number_o <= number_o + 16'd1;
      step_q <= rst_ni && step_i;
    end
  end
endmodule
