// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Decides what the output stage works on, a group of DrainWidth elements a cycle: the blocks
// of a finished GEMM tile, or, when no tile waits, the blocks of a quantize command. Each
// keeps its own descriptor, so that a quantize runs in the gaps of a GEMM. A block is never
// interrupted; its mask word, if any, is fetched in a cycle of its own before its groups.
//
// In the cycle of a group the C scratchpad is read and the shadow accumulators are selected;
// both arrive at the output stage one cycle later, with the group's registered description
// (`group_*_o`). `shadow_busy_o` falls in the cycle of a tile's last group, so that the next
// tile may be captured in that cycle.
`default_nettype none

module drain_engine #(
  parameter int unsigned Rows       = 16,
  parameter int unsigned Cols       = 16,
  parameter int unsigned Lanes      = 16,
  parameter int unsigned DrainWidth = 32,
  localparam int unsigned WordBits  = (4*Lanes*Lanes > 32*DrainWidth) ? 4*Lanes*Lanes : 32*DrainWidth,
  localparam int unsigned LineBits  = $clog2(Lanes),
  localparam int unsigned GroupBits = $clog2(Lanes * Lanes / DrainWidth),
  localparam int unsigned RowBlockBits = (Rows == Lanes) ? 1 : $clog2(Rows / Lanes),
  localparam int unsigned ColBlockBits = (Cols == Lanes) ? 1 : $clog2(Cols / Lanes)
) (
  input  wire logic                    clk_i,
  input  wire logic                    rst_ni,
  // finished tiles, with the descriptor they belong to
  input  wire logic                    tile_push_i,
  input  wire logic [15:0]             tile_row_i,
  input  wire logic [15:0]             tile_col_i,
  input  wire logic                    tile_last_i,
  input  wire cuatro_pkg::descriptor_t gemm_desc_i,
  output logic                         shadow_busy_o,
  // quantize commands
  input  wire logic                    quant_valid_i,
  output logic                         quant_ready_o,
  input  wire cuatro_pkg::descriptor_t quant_desc_i,
  // reads of this cycle
  output logic                         c_re_o,
  output logic [15:0]                  c_addr_o,
  output logic                         drain_o,
  output logic                         transpose_o,
  output logic [RowBlockBits-1:0]      row_block_o,
  output logic [ColBlockBits-1:0]      col_block_o,
  output logic [LineBits-1:0]          line_o,
  // the cycle after: a mask word arrived, or a group
  output logic                         mask_load_o,
  output logic                         group_valid_o,
  output logic                         group_quant_o,     // source words, not accumulators
  output cuatro_pkg::descriptor_t      group_desc_o,
  output logic [15:0]                  group_block_o,     // block of S
  output logic [GroupBits-1:0]         group_index_o,     // group in the block
  output logic [15:0]                  group_row_o,       // S coordinates of the group's first element
  output logic [15:0]                  group_col_o,
  output logic                         group_first_o,     // first group of the command
  output logic                         group_last_o       // last group of the command
);
  localparam int unsigned Groups      = Lanes * Lanes / DrainWidth;
  localparam int unsigned Lines       = DrainWidth / Lanes;
  localparam int unsigned LaneShift   = $clog2(Lanes);
  localparam int unsigned RowBlocks   = Rows / Lanes;
  localparam int unsigned ColBlocks   = Cols / Lanes;
  // Groups of 32-bit elements a C word holds; elements a C word holds.
  localparam int unsigned WordGroupShift   = $clog2(WordBits / (32 * DrainWidth));
  localparam int unsigned WordElementShift = $clog2(WordBits / 32);

  // --- the two jobs -------------------------------------------------------------------
  cuatro_pkg::descriptor_t gemm_q, quant_q;
  logic tile_valid_q, tile_last_q, quant_valid_q;
  logic [15:0] tile_row_q, tile_col_q;
  logic [15:0] quant_row_q, quant_col_q;                 // block of the quantize command
  logic [RowBlockBits-1:0] row_block_q;                  // block of the tile
  logic [ColBlockBits-1:0] col_block_q;

  // --- the block in work --------------------------------------------------------------
  logic in_block_q, quant_sel_q, mask_done_q;
  logic [GroupBits-1:0] index_q;
  logic [1:0] gap_q;                                     // cycles a raw block must still wait

  cuatro_pkg::descriptor_t desc;
  logic quant_sel, candidate, fetch_mask, issue, block_end, job_first, job_last, secondary;
  logic tile_block_last, tile_row_block_last, tile_col_block_last;
  logic [15:0] rows, cols, block_row, block_col, block_cols, block, row, col, line;
  logic [23:0] linear;                                   // group of the image

  always_comb begin
    quant_sel = in_block_q ? quant_sel_q : !tile_valid_q;
    desc      = quant_sel ? quant_q : gemm_q;
    rows      = desc.transpose ? desc.n : desc.m;
    cols      = desc.transpose ? desc.m : desc.n;

    // Blocks of S: position in the tile, exchanged when the result is stored transposed.
    block_row = quant_row_q;
    block_col = quant_col_q;
    if (!quant_sel) begin
      block_row = 16'(tile_row_q * 16'(RowBlocks)) + 16'(row_block_q);
      block_col = 16'(tile_col_q * 16'(ColBlocks)) + 16'(col_block_q);
      if (desc.transpose) begin
        block_row = 16'(tile_col_q * 16'(ColBlocks)) + 16'(col_block_q);
        block_col = 16'(tile_row_q * 16'(RowBlocks)) + 16'(row_block_q);
      end
    end
    block_cols = ((cols - 16'd1) >> LaneShift) + 16'd1;
    block      = 16'(block_row * block_cols) + block_col;
    line       = 16'(index_q) * 16'(Lines);
    row        = (block_row << LaneShift) + line;
    col        = block_col << LaneShift;
    linear     = 24'({block, index_q});

    // A tile's blocks beyond the last row or column of the result are skipped.
    tile_row_block_last = 32'(row_block_q) == RowBlocks - 1 ||
        (16'(tile_row_q * 16'(RowBlocks)) + 16'(row_block_q)) == ((gemm_q.m - 16'd1) >> LaneShift);
    tile_col_block_last = 32'(col_block_q) == ColBlocks - 1 ||
        (16'(tile_col_q * 16'(ColBlocks)) + 16'(col_block_q)) == ((gemm_q.n - 16'd1) >> LaneShift);
    tile_block_last = tile_row_block_last && tile_col_block_last;

    candidate  = in_block_q || tile_valid_q || quant_valid_q;
    fetch_mask = candidate && desc.mask_in && !mask_done_q;
    issue      = candidate && !fetch_mask && !(desc.out_format == cuatro_pkg::OUT_RAW && gap_q != '0);
    block_end  = issue && index_q == GroupBits'(Groups - 1);
    job_first  = block == '0 && index_q == '0;
    job_last   = block_end && (quant_sel ? block_row == ((rows - 16'd1) >> LaneShift) &&
                                           block_col == block_cols - 16'd1
                                         : tile_last_q && tile_block_last);
    secondary  = desc.mask_out || desc.rounding == cuatro_pkg::RND_TPR ||
                 desc.rounding == cuatro_pkg::RND_TWO_TERM;
  end

  // C address: mask word, quantize source, matrix or bias.
  logic reads_c;
  logic [15:0] bias_element;
  always_comb begin
    bias_element = desc.transpose ? row : col;
    reads_c      = fetch_mask || (issue && (quant_sel || desc.addend != cuatro_pkg::ADD_NONE));
    c_addr_o     = desc.c_base + 16'(linear >> WordGroupShift);
    if (fetch_mask) c_addr_o = desc.mask_in_base + block;
    else if (quant_sel) begin
      unique case (desc.source)
        cuatro_pkg::SRC_U8:  c_addr_o = desc.c_base + 16'(linear >> (WordGroupShift + 2));
        cuatro_pkg::SRC_S16: c_addr_o = desc.c_base + 16'(linear >> (WordGroupShift + 1));
        default: ;
      endcase
    end else if (desc.addend == cuatro_pkg::ADD_BIAS) begin
      c_addr_o = desc.c_base + (bias_element >> WordElementShift);
    end
  end

  assign c_re_o        = reads_c;
  assign drain_o       = issue && !quant_sel;
  assign transpose_o   = desc.transpose;
  assign row_block_o   = row_block_q;
  assign col_block_o   = col_block_q;
  assign line_o        = LineBits'(line);
  assign shadow_busy_o = tile_valid_q && !(block_end && !quant_sel && tile_block_last);
  assign quant_ready_o = !quant_valid_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      tile_valid_q  <= 1'b0;
      quant_valid_q <= 1'b0;
      in_block_q    <= 1'b0;
      mask_done_q   <= 1'b0;
      index_q       <= '0;
      gap_q         <= '0;
      mask_load_o   <= 1'b0;
      group_valid_o <= 1'b0;
    end else begin
      mask_load_o   <= fetch_mask;
      group_valid_o <= issue;
      in_block_q    <= (fetch_mask || issue) && !block_end;
      mask_done_q   <= (fetch_mask || mask_done_q) && !block_end;
      if (issue) index_q <= index_q + 1'b1;
      gap_q <= (block_end && secondary) ? 2'd2 : (gap_q == '0) ? '0 : gap_q - 2'd1;

      if (block_end && !quant_sel && tile_block_last) tile_valid_q <= 1'b0;
      if (tile_push_i) tile_valid_q <= 1'b1;
      if (block_end && quant_sel && job_last) quant_valid_q <= 1'b0;
      if (quant_valid_i && quant_ready_o) quant_valid_q <= 1'b1;
    end

    quant_sel_q <= quant_sel;
    if (issue) begin
      group_quant_o <= quant_sel;
      group_desc_o  <= desc;
      group_block_o <= block;
      group_index_o <= index_q;
      group_row_o   <= row;
      group_col_o   <= col;
      group_first_o <= job_first;
      group_last_o  <= job_last;
    end

    if (block_end && !quant_sel) begin
      col_block_q <= tile_col_block_last ? '0 : col_block_q + 1'b1;
      if (tile_col_block_last) row_block_q <= row_block_q + 1'b1;
    end
    if (tile_push_i) begin
      gemm_q       <= gemm_desc_i;
      tile_row_q   <= tile_row_i;
      tile_col_q   <= tile_col_i;
      tile_last_q  <= tile_last_i;
      row_block_q  <= '0;
      col_block_q  <= '0;
    end

    if (block_end && quant_sel) begin
      quant_col_q <= (block_col == block_cols - 16'd1) ? '0 : quant_col_q + 16'd1;
      if (block_col == block_cols - 16'd1) quant_row_q <= quant_row_q + 16'd1;
    end
    if (quant_valid_i && quant_ready_o) begin
      quant_q     <= quant_desc_i;
      quant_row_q <= '0;
      quant_col_q <= '0;
    end
  end
endmodule
