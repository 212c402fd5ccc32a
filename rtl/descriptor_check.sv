// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Is a descriptor legal? `field_o` is FIELD_NONE, or names the first field, in the order of this
// file, that cannot be carried out: an unknown operation or format, a combination that has no
// meaning, a size beyond the exactness bound on K, or an image that does not fit its scratchpad
// (the base field of that image is named).
//
// The descriptor is held while valid_i is high; done_o rises when field_o stands, and falls with
// valid_i. Fields take a cycle. Then image by image its end, base + words, is summed up, two bits
// of one factor of the words a cycle: one cycle and half the factor's bits for each image.
`default_nettype none

module descriptor_check #(
  parameter int unsigned Rows         = 16,
  parameter int unsigned Cols         = 16,
  parameter int unsigned Lanes        = 16,
  parameter int unsigned DrainWidth   = 32,
  parameter int unsigned OperandDepth = 2048,
  parameter int unsigned ResultDepth  = 2048,
  parameter bit          Multiplier   = 1'b1,     // 0: only a factor of 1.0 (128) can be had
  parameter bit          Update       = 1'b1,     // 0: no weight update
  localparam int unsigned WordBits = (4*Lanes*Lanes > 32*DrainWidth) ? 4*Lanes*Lanes : 32*DrainWidth
) (
  input  wire logic                    clk_i,
  input  wire logic                    valid_i,
  // Tags, keys and the like need no check.
  // verilator lint_off UNUSEDSIGNAL
  input  wire cuatro_pkg::descriptor_t desc_i,
  // verilator lint_on UNUSEDSIGNAL
  output logic                         done_o,
  output logic [4:0]                   field_o
);
  if (DrainWidth > Lanes * Lanes / 4) begin : g_bad_drain
    $error("descriptor_check: DrainWidth must be at most Lanes * Lanes / 4");
  end

  localparam int unsigned RowShift  = $clog2(Rows);
  localparam int unsigned ColShift  = $clog2(Cols);
  localparam int unsigned LaneShift = $clog2(Lanes);
  localparam int unsigned WordElementShift = $clog2(WordBits / 32);
  // Words of a block of 32-bit elements, as a power of two; a block is always whole words.
  localparam int unsigned RawShift  = 2 * LaneShift + 5 - $clog2(WordBits);
  localparam int unsigned CountBits = 17 - LaneShift;    // blocks along one side
  localparam int unsigned MaxDepth  = (OperandDepth > ResultDepth) ? OperandDepth : ResultDepth;
  localparam int unsigned EndBits   = $clog2(MaxDepth + 1);

  // --- fields ---------------------------------------------------------------------------
  logic busy_q;                                          // the fields are checked
  logic gemm, quantize, log_out, code2, update;
  logic [4:0] rule;
  always_comb begin
    gemm     = desc_i.op == cuatro_pkg::OP_GEMM;
    quantize = desc_i.op == cuatro_pkg::OP_QUANTIZE;
    log_out  = desc_i.out_format == cuatro_pkg::OUT_LOG4 || desc_i.out_format == cuatro_pkg::OUT_LOG2;
    code2    = desc_i.rounding == cuatro_pkg::RND_TPR || desc_i.rounding == cuatro_pkg::RND_TWO_TERM;

    update   = Update && gemm && desc_i.out_format == cuatro_pkg::OUT_UPDATE;

    rule = cuatro_pkg::FIELD_NONE;
    if (!valid_i || busy_q) rule = cuatro_pkg::FIELD_NONE;
    else if (desc_i.op > cuatro_pkg::OP_QUANTIZE) rule = cuatro_pkg::FIELD_OP;
    else if (gemm || quantize) begin
      // sizes
      if (desc_i.m == '0) rule = cuatro_pkg::FIELD_M;
      else if (desc_i.n == '0) rule = cuatro_pkg::FIELD_N;
      else if (gemm && (desc_i.k == '0 || 32'(desc_i.k) > (desc_i.two_terms ?
               cuatro_pkg::MAX_K_TWO_TERM : cuatro_pkg::MAX_K_ONE_TERM))) rule = cuatro_pkg::FIELD_K;
      // formats
      else if (gemm && desc_i.a_format > cuatro_pkg::A_AFFINE) rule = cuatro_pkg::FIELD_A_FORMAT;
      else if (gemm && desc_i.b_format == 2'd1) rule = cuatro_pkg::FIELD_B_FORMAT;
      else if (gemm && desc_i.term_shift == 2'd3) rule = cuatro_pkg::FIELD_TERM_SHIFT;
      else if (quantize && desc_i.two_terms) rule = cuatro_pkg::FIELD_TWO_TERMS;
      else if (quantize && desc_i.transpose) rule = cuatro_pkg::FIELD_TRANSPOSE;
      else if (quantize && desc_i.source > cuatro_pkg::SRC_S32) rule = cuatro_pkg::FIELD_SOURCE;
      else if (desc_i.addend > cuatro_pkg::ADD_MATRIX ||
               (quantize && desc_i.addend != cuatro_pkg::ADD_NONE) ||
               (update && desc_i.addend != cuatro_pkg::ADD_MATRIX)) rule = cuatro_pkg::FIELD_ADDEND;
      else if (desc_i.addend_shift == 2'd3 || (update && desc_i.addend_shift != 2'd0)) rule = cuatro_pkg::FIELD_ADDEND_SHIFT;
      else if ((desc_i.out_format > cuatro_pkg::OUT_RAW && !update) || (update && (desc_i.mask_in || desc_i.mask_out)) ||
               (desc_i.out_format == cuatro_pkg::OUT_RAW && (quantize || desc_i.mask_out)))
        rule = cuatro_pkg::FIELD_OUT_FORMAT;
      else if (desc_i.rounding > cuatro_pkg::RND_TWO_TERM ||
               (desc_i.out_format == cuatro_pkg::OUT_RAW && desc_i.rounding != cuatro_pkg::RND_NEAREST) ||
               (update && desc_i.rounding != cuatro_pkg::RND_STOCHASTIC) ||
               (desc_i.rounding == cuatro_pkg::RND_FLOOR && log_out) ||
               (desc_i.rounding == cuatro_pkg::RND_TPR && desc_i.out_format != cuatro_pkg::OUT_LOG4) ||
               (desc_i.rounding == cuatro_pkg::RND_TWO_TERM && !log_out))
        rule = cuatro_pkg::FIELD_ROUNDING;
      else if (signed'(desc_i.shift) < -16 || (update && (signed'(desc_i.shift) < -4 || signed'(desc_i.shift) > 27)))
        rule = cuatro_pkg::FIELD_SHIFT;
      else if (!Multiplier && !update && desc_i.mult != 8'd128) rule = cuatro_pkg::FIELD_MULT;
    end
  end

  // Size divided by 2^shift, rounded up.
  function automatic logic [CountBits-1:0] parts(input logic [15:0] size, input int unsigned shift);
    parts = CountBits'(size >> shift) + CountBits'((size & ~(16'hffff << shift)) != '0);
  endfunction

  // --- images, in the order of their fields ---------------------------------------------------
  // Words of an image are `along` << `shift` times `across`, counts of tiles or blocks along its sides.
  logic [CountBits-1:0] row_tiles_q, col_tiles_q, k_blocks_q, row_blocks_q, col_blocks_q, bias_words_q;
  logic [CountBits-1:0] along, across;
  logic [1:0] shift, c_shift_q;
  logic bias_q;                                          // the addend is one
  logic [15:0] base;
  logic [7:0] pending_q, next_q, image_q;                // still to come; the next, the one in work: one-hot
  always_comb begin
    along  = '0;
    across = '0;
    shift  = 2'd0;
    base   = '0;
    // Only while it counts: in C++ the rest is time saved.
    if (busy_q && !done_o) begin
      along  = col_blocks_q;
      across = row_blocks_q;
      base   = ({16{next_q[0]}} & desc_i.a_base) | ({16{next_q[1]}} & desc_i.b_base) |
               ({16{next_q[2]}} & desc_i.b2_base) | ({16{next_q[3]}} & desc_i.c_base) |
               ({16{next_q[4]}} & desc_i.mask_in_base) | ({16{next_q[5]}} & desc_i.r_base) |
               ({16{next_q[6]}} & desc_i.r2_base) | ({16{next_q[7]}} & desc_i.mask_out_base);
      if (next_q[0] || next_q[1] || next_q[2]) begin
        along  = k_blocks_q;
        across = next_q[0] ? row_tiles_q : col_tiles_q;
      end else if (next_q[3]) begin
        shift = c_shift_q;
        if (bias_q) begin
          along  = bias_words_q;
          across = CountBits'(1);
        end
      end else if (next_q[5] && (desc_i.out_format == cuatro_pkg::OUT_RAW || desc_i.out_format == cuatro_pkg::OUT_UPDATE)) begin
        shift = 2'(RawShift);
      end
    end
  end

  // The sum: what it has reached, what a 1 in the lowest bit of the factor adds, the factor's bits left.
  logic [EndBits-1:0] end_q, part_q;
  logic [CountBits-1:0] factor_q;
  logic beyond_q, part_beyond_q;                         // not less than 2^EndBits
  logic turn, too_far;
  logic [EndBits+1:0] sum;
  logic [19:0] first_part;
  assign turn       = factor_q == '0;
  assign first_part = 20'(along) << shift;
  assign sum = (EndBits+2)'(end_q) + ((EndBits+2)'(part_q) & {(EndBits+2){factor_q[0]}}) +
               ((EndBits+2)'({part_q, 1'b0}) & {(EndBits+2){factor_q[1]}});
  assign too_far = beyond_q || end_q > ((image_q[2:0] != '0) ? EndBits'(OperandDepth) : EndBits'(ResultDepth));

  always_ff @(posedge clk_i) begin
    if (valid_i && !busy_q) begin
      row_tiles_q  <= parts(desc_i.m, RowShift);
      col_tiles_q  <= parts(desc_i.n, ColShift);
      k_blocks_q   <= parts(desc_i.k, LaneShift);
      row_blocks_q <= parts(desc_i.m, LaneShift);
      col_blocks_q <= parts(desc_i.n, LaneShift);
      bias_words_q <= parts(desc_i.n, WordElementShift);
      bias_q       <= gemm && desc_i.addend == cuatro_pkg::ADD_BIAS;
      c_shift_q    <= 2'(RawShift);
      if (gemm && desc_i.addend == cuatro_pkg::ADD_BIAS) c_shift_q <= 2'd0;
      if (quantize && desc_i.source == cuatro_pkg::SRC_U8) c_shift_q <= 2'(RawShift - 2);
      if (quantize && desc_i.source == cuatro_pkg::SRC_S16) c_shift_q <= 2'(RawShift - 1);
    end
    if (!valid_i) begin
      busy_q <= 1'b0;
      done_o <= 1'b0;
    end else if (!busy_q) begin
      busy_q    <= 1'b1;
      done_o    <= rule != cuatro_pkg::FIELD_NONE || !(gemm || quantize);
      field_o   <= rule;
      pending_q <= {desc_i.mask_out, code2 || update, 1'b1, desc_i.mask_in,
                    quantize || desc_i.addend != cuatro_pkg::ADD_NONE, gemm && desc_i.two_terms, gemm, gemm};
      next_q    <= gemm ? 8'h01 : 8'h08;
      image_q   <= '0;
      end_q     <= '0;
      beyond_q  <= 1'b0;
      factor_q  <= '0;
    end else if (!done_o) begin
      // Stands again in the second cycle after a turn, which is the next one at the earliest.
      next_q <= pending_q & (~pending_q + 8'd1);
      if (turn) begin
        if (too_far) begin
          field_o <= '0;
          for (int unsigned i = 0; i < 8; i++) begin
            if (image_q[i]) field_o <= cuatro_pkg::FIELD_A_BASE + 5'(i);
          end
        end
        done_o        <= too_far || pending_q == '0;
        pending_q     <= pending_q & ~next_q;
        image_q       <= next_q;
        end_q         <= EndBits'(base);
        beyond_q      <= (20'(base) >> EndBits) != '0;
        part_q        <= EndBits'(first_part);
        part_beyond_q <= (first_part >> EndBits) != '0;
        factor_q      <= across;
      end else begin
        end_q         <= sum[EndBits-1:0];
        beyond_q      <= beyond_q || sum[EndBits+1:EndBits] != '0 || (part_beyond_q && factor_q[1:0] != '0);
        part_q        <= part_q << 2;
        part_beyond_q <= part_beyond_q || part_q[EndBits-1:EndBits-2] != '0;
        factor_q      <= factor_q >> 2;
      end
    end
  end
endmodule
