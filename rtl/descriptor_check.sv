// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Is a descriptor legal? Combinational. `field_o` is FIELD_NONE, or names the first field, in
// the order of this file, that cannot be carried out: an unknown operation or format, a
// combination that has no meaning, a size beyond the exactness bound on K, or an image that
// does not fit its scratchpad (the base field of that image is named).
`default_nettype none

module descriptor_check #(
  parameter int unsigned Rows         = 16,
  parameter int unsigned Cols         = 16,
  parameter int unsigned Lanes        = 16,
  parameter int unsigned DrainWidth   = 32,
  parameter int unsigned OperandDepth = 2048,
  parameter int unsigned ResultDepth  = 2048,
  parameter bit          Multiplier   = 1'b1,     // 0: only a factor of 1.0 (128) can be had
  localparam int unsigned WordBits = (4*Lanes*Lanes > 32*DrainWidth) ? 4*Lanes*Lanes : 32*DrainWidth
) (
  // Tags, keys and the like need no check.
  // verilator lint_off UNUSEDSIGNAL
  input  wire cuatro_pkg::descriptor_t desc_i,
  // verilator lint_on UNUSEDSIGNAL
  output logic [4:0]                   field_o
);
  if (DrainWidth > Lanes * Lanes / 4) begin : g_bad_drain
    $error("descriptor_check: DrainWidth must be at most Lanes * Lanes / 4");
  end

  localparam int unsigned RowShift  = $clog2(Rows);
  localparam int unsigned ColShift  = $clog2(Cols);
  localparam int unsigned LaneShift = $clog2(Lanes);
  localparam logic [39:0] WordRound = 40'(WordBits) - 40'd1;
  // Words of a block of 32-bit elements, as a power of two; a block is always whole words.
  localparam int unsigned RawShift  = 2 * LaneShift + 5 - $clog2(WordBits);

  // Counts of tiles and blocks along one side; word counts, which are products of two.
  logic [15:0] row_tiles, col_tiles, k_blocks, row_blocks, col_blocks;
  logic [39:0] a_words, b_words, blocks, raw_words, source_words, bias_words, addend_need, result_need;
  logic gemm, quantize, log_out, code2;

  always_comb begin
    gemm     = desc_i.op == cuatro_pkg::OP_GEMM;
    quantize = desc_i.op == cuatro_pkg::OP_QUANTIZE;
    log_out  = desc_i.out_format == cuatro_pkg::OUT_LOG4 || desc_i.out_format == cuatro_pkg::OUT_LOG2;
    code2    = desc_i.rounding == cuatro_pkg::RND_TPR || desc_i.rounding == cuatro_pkg::RND_TWO_TERM;

    row_tiles    = '0;
    col_tiles    = '0;
    k_blocks     = '0;
    row_blocks   = '0;
    col_blocks   = '0;
    a_words      = '0;
    b_words      = '0;
    blocks       = '0;
    raw_words    = '0;
    source_words = '0;
    bias_words   = '0;
    addend_need  = '0;
    result_need  = '0;
    if (gemm || quantize) begin
      row_tiles  = 16'((17'(desc_i.m) + 17'(Rows - 1)) >> RowShift);
      col_tiles  = 16'((17'(desc_i.n) + 17'(Cols - 1)) >> ColShift);
      k_blocks   = 16'((17'(desc_i.k) + 17'(Lanes - 1)) >> LaneShift);
      row_blocks = 16'((17'(desc_i.m) + 17'(Lanes - 1)) >> LaneShift);
      col_blocks = 16'((17'(desc_i.n) + 17'(Lanes - 1)) >> LaneShift);
      a_words    = 40'(row_tiles) * 40'(k_blocks);
      b_words    = 40'(col_tiles) * 40'(k_blocks);
      blocks     = 40'(row_blocks) * 40'(col_blocks);
      raw_words  = blocks << RawShift;
      unique case (desc_i.source)
        cuatro_pkg::SRC_U8:  source_words = raw_words >> 2;
        cuatro_pkg::SRC_S16: source_words = raw_words >> 1;
        default:             source_words = raw_words;
      endcase
      bias_words = ((40'(desc_i.n) << 5) + WordRound) >> $clog2(WordBits);
      if (quantize) addend_need = source_words;
      else if (desc_i.addend == cuatro_pkg::ADD_BIAS) addend_need = bias_words;
      else if (desc_i.addend == cuatro_pkg::ADD_MATRIX) addend_need = raw_words;
      result_need = (desc_i.out_format == cuatro_pkg::OUT_RAW) ? raw_words : blocks;
    end

    field_o = cuatro_pkg::FIELD_NONE;
    if (desc_i.op > cuatro_pkg::OP_QUANTIZE) field_o = cuatro_pkg::FIELD_OP;
    else if (gemm || quantize) begin
      // sizes
      if (desc_i.m == '0) field_o = cuatro_pkg::FIELD_M;
      else if (desc_i.n == '0) field_o = cuatro_pkg::FIELD_N;
      else if (gemm && (desc_i.k == '0 || 32'(desc_i.k) > (desc_i.two_terms ?
               cuatro_pkg::MAX_K_TWO_TERM : cuatro_pkg::MAX_K_ONE_TERM))) field_o = cuatro_pkg::FIELD_K;
      // formats
      else if (gemm && desc_i.a_format > cuatro_pkg::A_AFFINE) field_o = cuatro_pkg::FIELD_A_FORMAT;
      else if (gemm && desc_i.b_format == 2'd1) field_o = cuatro_pkg::FIELD_B_FORMAT;
      else if (gemm && desc_i.term_shift == 2'd3) field_o = cuatro_pkg::FIELD_TERM_SHIFT;
      else if (quantize && desc_i.two_terms) field_o = cuatro_pkg::FIELD_TWO_TERMS;
      else if (quantize && desc_i.transpose) field_o = cuatro_pkg::FIELD_TRANSPOSE;
      else if (quantize && desc_i.source > cuatro_pkg::SRC_S32) field_o = cuatro_pkg::FIELD_SOURCE;
      else if (desc_i.addend > cuatro_pkg::ADD_MATRIX ||
               (quantize && desc_i.addend != cuatro_pkg::ADD_NONE)) field_o = cuatro_pkg::FIELD_ADDEND;
      else if (desc_i.addend_shift == 2'd3) field_o = cuatro_pkg::FIELD_ADDEND_SHIFT;
      else if (desc_i.out_format > cuatro_pkg::OUT_RAW ||
               (desc_i.out_format == cuatro_pkg::OUT_RAW && (quantize || desc_i.mask_out)))
        field_o = cuatro_pkg::FIELD_OUT_FORMAT;
      else if (desc_i.rounding > cuatro_pkg::RND_TWO_TERM ||
               (desc_i.out_format == cuatro_pkg::OUT_RAW && desc_i.rounding != cuatro_pkg::RND_NEAREST) ||
               (desc_i.rounding == cuatro_pkg::RND_FLOOR && log_out) ||
               (desc_i.rounding == cuatro_pkg::RND_TPR && desc_i.out_format != cuatro_pkg::OUT_LOG4) ||
               (desc_i.rounding == cuatro_pkg::RND_TWO_TERM && !log_out))
        field_o = cuatro_pkg::FIELD_ROUNDING;
      else if (signed'(desc_i.shift) < -16) field_o = cuatro_pkg::FIELD_SHIFT;
      else if (!Multiplier && desc_i.mult != 8'd128) field_o = cuatro_pkg::FIELD_MULT;
      // images
      else if (gemm && 40'(desc_i.a_base) + a_words > 40'(OperandDepth)) field_o = cuatro_pkg::FIELD_A_BASE;
      else if (gemm && 40'(desc_i.b_base) + b_words > 40'(OperandDepth)) field_o = cuatro_pkg::FIELD_B_BASE;
      else if (gemm && desc_i.two_terms && 40'(desc_i.b2_base) + b_words > 40'(OperandDepth))
        field_o = cuatro_pkg::FIELD_B2_BASE;
      else if ((quantize || desc_i.addend != cuatro_pkg::ADD_NONE) &&
               40'(desc_i.c_base) + addend_need > 40'(ResultDepth)) field_o = cuatro_pkg::FIELD_C_BASE;
      else if (desc_i.mask_in && 40'(desc_i.mask_in_base) + blocks > 40'(ResultDepth))
        field_o = cuatro_pkg::FIELD_MASK_IN_BASE;
      else if (40'(desc_i.r_base) + result_need > 40'(ResultDepth)) field_o = cuatro_pkg::FIELD_R_BASE;
      else if (code2 && 40'(desc_i.r2_base) + blocks > 40'(ResultDepth)) field_o = cuatro_pkg::FIELD_R2_BASE;
      else if (desc_i.mask_out && 40'(desc_i.mask_out_base) + blocks > 40'(ResultDepth))
        field_o = cuatro_pkg::FIELD_MASK_OUT_BASE;
    end
  end
endmodule
