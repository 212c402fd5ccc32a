// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Decides what the output stage works on, a group of DrainWidth elements a cycle: the blocks
// of a finished GEMM tile, or, when no tile waits, the blocks of a quantize command. Each
// keeps its own descriptor, so that a quantize runs in the gaps of a GEMM. A block is never
// interrupted; its mask word, if any, is fetched with its first group, or, if the groups need the
// C port themselves (addends, sources), in a cycle of its own before them. Raw words keep RawGap
// cycles away from a block of codes before them, whose words are written later. Between two blocks of
// an update one cycle passes, in which the word of codes is written, and UPDATE_LAG cycles before
// anything else follows.
//
// Tiles come in the order of the sequencer: row tiles outer, column tiles inner. So the engine
// counts blocks itself, and needs of a tile only that it is there.
//
// A pipeline: a group is chosen in cycle 0 and asked of the array in cycle 1 (`drain_o`), its
// C word is read in cycle 3, and both arrive at the output stage in cycle 4 with its
// description (`group_*_o`). A tile may be drained in the cycle after its push.
//
// `shadow_busy_o` is low when the last slice of the next tile may be loaded: its sums replace
// those of this tile so many cycles later that three groups may still be chosen. An update's
// accumulators are asked for UPDATE_RESULT_LAG cycles later than others: none of its groups may be
// chosen any more, but the next tile of the command may be drained in the cycle after its load.
// In the cycle of its last group a quantize command makes place for the next.
//
// Without work the pipeline rests, which saves time in C++; with `Structural` it has no enables for that.
`default_nettype none

module drain_engine #(
  parameter int unsigned Rows       = 16,
  parameter int unsigned Cols       = 16,
  parameter int unsigned Lanes      = 16,
  parameter int unsigned DrainWidth = 32,
  parameter int unsigned RawGap     = 7,         // cycles between a block of codes and raw words
  parameter bit          Structural = 1'b0,      // no enables for the cycles without work
  localparam int unsigned LineBits  = $clog2(Lanes),
  localparam int unsigned GroupBits = $clog2(Lanes * Lanes / DrainWidth),
  localparam int unsigned RowBlockBits = (Rows == Lanes) ? 1 : $clog2(Rows / Lanes),
  localparam int unsigned ColBlockBits = (Cols == Lanes) ? 1 : $clog2(Cols / Lanes)
) (
  input  wire logic                    clk_i,
  input  wire logic                    rst_ni,
  // tiles: the load of the last slice, with the descriptor they belong to; then finished
  input  wire logic                    tile_load_i,
  input  wire logic                    tile_push_i,
  input  wire cuatro_pkg::descriptor_t gemm_desc_i,
  output logic                         shadow_busy_o,
  // quantize commands
  input  wire logic                    quant_valid_i,
  output logic                         quant_ready_o,
  input  wire cuatro_pkg::descriptor_t quant_desc_i,
  // the array: cycle 1
  output logic                         drain_o,
  output logic                         update_o,          // for an update
  output logic                         transpose_o,
  output logic [RowBlockBits-1:0]      row_block_o,
  output logic [ColBlockBits-1:0]      col_block_o,
  output logic [LineBits-1:0]          line_o,
  // the C scratchpad: cycle 3
  output logic                         c_re_o,
  output logic [15:0]                  c_addr_o,
  // the output stage: cycle 4, a mask word arrived, a group, or both
  output logic                         mask_load_o,
  output logic                         group_valid_o,
  output logic                         group_quant_o,     // source words, not accumulators; until the next group
  output logic                         group_update_o,    // it is an update's; stands with its descriptor
  output cuatro_pkg::descriptor_t      group_desc_o,      // without operands and formats of A and B
  output logic [15:0]                  group_block_o,     // block of S
  output logic [GroupBits-1:0]         group_index_o,     // group in the block
  output logic [15:0]                  group_row_o,       // S coordinates of the group's first element
  output logic [15:0]                  group_col_o,
  output logic                         group_first_o,     // first group of the command
  output logic                         group_last_o       // last group of the command
);
  localparam int unsigned Groups    = Lanes * Lanes / DrainWidth;
  localparam int unsigned LaneShift = $clog2(Lanes);
  localparam int unsigned PosBits   = 16 - LaneShift;    // number of a block row or column
  // With this group of a tile's last block the shadow is given free. What is known of a block
  // stands from its second group on.
  localparam int unsigned Release = (Groups > 4) ? Groups - 4 : 1;
  localparam int unsigned UpdateGap = RawGap + cuatro_pkg::UPDATE_LAG;
  localparam int unsigned GapBits = $clog2(UpdateGap + 1);

  if (DrainWidth > Lanes * Lanes / 4) begin : g_bad_drain
    $error("drain_engine: DrainWidth must be at most Lanes * Lanes / 4");
  end
  localparam int unsigned ResultLag = cuatro_pkg::UPDATE_RESULT_LAG;
  if (ResultLag + 2 < cuatro_pkg::MAC_LATENCY || ResultLag >= cuatro_pkg::MAC_LATENCY) begin : g_bad_lag
    $error("drain_engine: an update would read the sums of another tile");
  end

  // --- the two jobs -------------------------------------------------------------------
  cuatro_pkg::descriptor_t next_q, gemm_q, quant_q;      // of the tile on its way, of the one here
  logic tile_valid_q, quant_valid_q, quant_ready_q, quant_take, awake;

  logic gemm_end, quant_end, tile_last, gemm_last, quant_last;
  logic [PosBits-1:0] gemm_row, gemm_col, quant_row, quant_col;
  logic [15:0] gemm_block, quant_block;
  block_walk #(
    .Lanes(Lanes), .RowBlocks(Rows / Lanes), .ColBlocks(Cols / Lanes)
  ) u_gemm_walk (
    .clk_i, .rst_ni, .m_i(gemm_q.m), .n_i(gemm_q.n), .transpose_i(gemm_q.transpose), .enable_i(awake),
    .step_i(gemm_end), .row_o(gemm_row), .col_o(gemm_col), .number_o(gemm_block), .tile_last_o(tile_last),
    .last_o(gemm_last));
  // A quantize command has no tiles.
  // verilator lint_off PINCONNECTEMPTY
  block_walk #(.Lanes(Lanes), .Transpose(1'b0)) u_quant_walk (
    .clk_i, .rst_ni, .m_i(quant_q.m), .n_i(quant_q.n), .transpose_i(1'b0), .enable_i(awake), .step_i(quant_end),
    .row_o(quant_row), .col_o(quant_col), .number_o(quant_block), .tile_last_o(), .last_o(quant_last));
  // verilator lint_on PINCONNECTEMPTY

  // --- cycle 0: the choice --------------------------------------------------------------
  logic in_block_q, quant_sel_q, mask_done_q;
  logic [GroupBits-1:0] index_q;
  logic [GapBits-1:0] gap_q;                             // cycles a raw group must still wait
  logic update_q, same_q, update;                        // same_q: the command of the last block goes on
  logic quant_sel, candidate, masked, own_words, fetch_mask, load_mask, issue, raw, block_end, job_last;
  always_comb begin
    quant_sel  = in_block_q ? quant_sel_q : !tile_valid_q;
    update     = !quant_sel && gemm_q.out_format == cuatro_pkg::OUT_UPDATE;
    candidate  = (in_block_q || tile_valid_q || quant_valid_q) &&
                 (gap_q <= GapBits'(RawGap) || (update && same_q && gap_q != GapBits'(UpdateGap)));
    masked     = quant_sel ? quant_q.mask_in : gemm_q.mask_in;
    own_words  = quant_sel || gemm_q.addend != cuatro_pkg::ADD_NONE;
    fetch_mask = candidate && masked && own_words && !mask_done_q;
    // A quantize command never leaves raw words.
    raw        = !quant_sel && gemm_q.out_format == cuatro_pkg::OUT_RAW;
    issue      = candidate && !fetch_mask && (!raw || gap_q == '0);
    load_mask  = fetch_mask || (issue && masked && !own_words && !in_block_q);
    // From its second group on a block needs no choice.
    block_end  = &index_q;
    gemm_end   = block_end && !quant_sel_q;
    quant_end  = block_end && quant_sel_q;
    job_last   = quant_sel_q ? quant_last : gemm_last;
  end

  // --- cycle 1: the array is asked, the C address prepared --------------------------------
  logic mask1_q, group1_q, quant1_q, last1_q;
  logic [GroupBits-1:0] index1_q;
  logic [PosBits-1:0] row1_q, col1_q;                    // of the result, in blocks
  logic [1:0] source1_q, addend1_q;
  logic [15:0] block1, base1_q, offset1;
  logic reads1;
  assign block1 = quant1_q ? quant_block : gemm_block;
  assign reads1 = mask1_q || (group1_q && (quant1_q || addend1_q != cuatro_pkg::ADD_NONE));
  drain_offset #(.Lanes(Lanes), .DrainWidth(DrainWidth)) u_offset (
    .mask_i(mask1_q), .quant_i(quant1_q), .source_i(source1_q), .bias_i(addend1_q == cuatro_pkg::ADD_BIAS),
    .block_i(block1), .index_i(index1_q), .col_i(16'(col1_q)), .offset_o(offset1));
  assign row_block_o = RowBlockBits'(row1_q & PosBits'(Rows / Lanes - 1));
  assign col_block_o = ColBlockBits'(col1_q & PosBits'(Cols / Lanes - 1));
  assign line_o      = LineBits'(32'(index1_q) * (DrainWidth / Lanes));
  assign update_o    = update_q;

  // --- cycles 2 to 4 ----------------------------------------------------------------------
  logic mask2_q, group2_q, quant2_q, last2_q, reads2_q, mask3_q, group3_q, quant3_q, last3_q;
  logic [GroupBits-1:0] index2_q, index3_q;
  logic [15:0] base2_q, offset2_q;
  logic [PosBits-1:0] group_row_q, group_col_q;
  assign group_row_o  = 16'({group_row_q, LineBits'(32'(group_index_o) * (DrainWidth / Lanes))});
  assign group_col_o  = 16'({group_col_q, LineBits'(0)});

  // Something to choose, or on its way.
  assign awake = Structural || candidate || mask1_q || mask2_q || mask3_q || mask_load_o ||
                 group1_q || group2_q || group3_q || group_valid_o;

  assign quant_ready_o = quant_ready_q;
  assign quant_take    = quant_valid_i && quant_ready_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      tile_valid_q  <= 1'b0;
      quant_valid_q <= 1'b0;
      quant_ready_q <= 1'b1;
      shadow_busy_o <= 1'b0;
      in_block_q    <= 1'b0;
      mask_done_q   <= 1'b0;
      same_q        <= 1'b0;
      index_q       <= '0;
      gap_q         <= '0;
      {mask1_q, mask2_q, mask3_q, mask_load_o}      <= '0;
      {group1_q, group2_q, group3_q, group_valid_o} <= '0;
      drain_o       <= 1'b0;
      reads2_q      <= 1'b0;
      c_re_o        <= 1'b0;
    end else begin
      if (block_end && !raw) gap_q <= update_q ? GapBits'(UpdateGap) : GapBits'(RawGap);
      else if (gap_q != '0) gap_q <= gap_q - 1'b1;
      if (block_end) same_q <= !quant_sel_q && !gemm_last;

      if (gemm_end && tile_last) tile_valid_q <= 1'b0;
      // An update's next tile, with the descriptor that is here.
      if (tile_load_i && same_q && gemm_q.out_format == cuatro_pkg::OUT_UPDATE) tile_valid_q <= 1'b1;
      if (tile_push_i) tile_valid_q <= 1'b1;
      if (!quant_sel_q && tile_last && index_q == (update_q ? GroupBits'(Groups - 1) : GroupBits'(Release)))
        shadow_busy_o <= 1'b0;
      if (tile_push_i) shadow_busy_o <= 1'b1;

      if (quant_end && quant_last) quant_valid_q <= 1'b0;
      if (quant_take) quant_valid_q <= 1'b1;
      if (quant_sel_q && quant_last && index_q == GroupBits'(Groups - 2)) quant_ready_q <= 1'b1;
      if (quant_take) quant_ready_q <= 1'b0;

      if (awake) begin
        in_block_q  <= (fetch_mask || issue) && !block_end;
        mask_done_q <= (fetch_mask || mask_done_q) && !block_end;
        if (issue) index_q <= index_q + 1'b1;
        {mask1_q, mask2_q, mask3_q, mask_load_o}      <= {load_mask, mask1_q, mask2_q, mask3_q};
        {group1_q, group2_q, group3_q, group_valid_o} <= {issue, group1_q, group2_q, group3_q};
        drain_o  <= issue && !quant_sel;
        reads2_q <= reads1;
        c_re_o   <= reads2_q;
      end
    end

    if (awake) begin
      quant_sel_q     <= quant_sel;
      update_q        <= update;
      row1_q          <= quant_sel ? quant_row : gemm_row;
      col1_q          <= quant_sel ? quant_col : gemm_col;
      // Descriptors may change in the cycle after their last group was chosen.
      transpose_o     <= gemm_q.transpose;
      addend1_q       <= gemm_q.addend;
      source1_q       <= quant_q.source;
      base1_q         <= quant_sel ? quant_q.c_base : gemm_q.c_base;
      if (load_mask) base1_q <= quant_sel ? quant_q.mask_in_base : gemm_q.mask_in_base;
      base2_q         <= base1_q;
      offset2_q       <= offset1;
      c_addr_o        <= base2_q + offset2_q;

      {quant1_q, quant2_q, quant3_q} <= {quant_sel, quant1_q, quant2_q};
      if (group3_q) group_quant_o <= quant3_q;           // stands while an update's words are on their way
      {last1_q, last2_q, last3_q, group_last_o}     <= {block_end && job_last, last1_q, last2_q, last3_q};
      {index1_q, index2_q, index3_q, group_index_o} <= {index_q, index1_q, index2_q, index3_q};
      group_first_o <= index3_q == '0 && row1_q == '0 && col1_q == '0;
      // Blocks are at least four cycles apart: the first group of one still finds its numbers here.
      if (group3_q && index3_q == '0) begin
        group_block_o <= quant3_q ? quant_block : gemm_block;
        group_row_q   <= (gemm_q.transpose && !quant3_q) ? col1_q : row1_q;
        group_col_q   <= (gemm_q.transpose && !quant3_q) ? row1_q : col1_q;
        group_update_o <= !quant3_q && gemm_q.out_format == cuatro_pkg::OUT_UPDATE;
      end
      // What ends its way before is not kept: operands, their formats, and what only the other has.
      if (group3_q && index3_q == '0) begin
        group_desc_o              <= quant3_q ? quant_q : gemm_q;
        group_desc_o.op           <= '0;
        group_desc_o.a_format     <= '0;
        group_desc_o.b_format     <= '0;
        group_desc_o.two_terms    <= '0;
        group_desc_o.term_shift   <= '0;
        group_desc_o.zero_point   <= '0;
        group_desc_o.k            <= '0;
        group_desc_o.a_base       <= '0;
        group_desc_o.b_base       <= '0;
        group_desc_o.b2_base      <= '0;
        group_desc_o.c_base       <= '0;
        group_desc_o.mask_in_base <= '0;
      end
    end
    if (tile_push_i) gemm_q <= next_q;
    if (tile_load_i) begin
      next_q            <= gemm_desc_i;
      next_q.op         <= '0;
      next_q.a_format   <= '0;
      next_q.b_format   <= '0;
      next_q.source     <= '0;
      next_q.two_terms  <= '0;
      next_q.term_shift <= '0;
      next_q.zero_point <= '0;
      next_q.k          <= '0;
      next_q.a_base     <= '0;
      next_q.b_base     <= '0;
      next_q.b2_base    <= '0;
    end
    if (quant_take) begin
      quant_q              <= quant_desc_i;
      quant_q.op           <= '0;
      quant_q.a_format     <= '0;
      quant_q.b_format     <= '0;
      quant_q.addend       <= '0;
      quant_q.addend_shift <= '0;
      quant_q.transpose    <= '0;
      quant_q.two_terms    <= '0;
      quant_q.term_shift   <= '0;
      quant_q.zero_point   <= '0;
      quant_q.k            <= '0;
      quant_q.a_base       <= '0;
      quant_q.b_base       <= '0;
      quant_q.b2_base      <= '0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      assert (!tile_push_i || !tile_valid_q || (gemm_end && tile_last) || gemm_q.out_format == cuatro_pkg::OUT_UPDATE);
      assert (index_q == '0 || (issue && in_block_q));
      assert (!quant_take || !quant_valid_q || (quant_end && quant_last));
    end
  end
endmodule
