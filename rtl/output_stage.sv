// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// From accumulators or source words to words of the R scratchpad, DrainWidth elements a cycle,
// no back-pressure. One cycle each: merge (addend, mask), rescale beside the random bytes,
// quantize, gather and write. The words themselves travel beside for raw results, masks and
// statistics. Units that a group does not need do not switch.
//
// When the last group of a command has gone through, its response appears on done_*_o in the
// cycle that writes its last word: by the time the response is read, R is complete.
`default_nettype none

module output_stage #(
  parameter int unsigned Lanes      = 16,
  parameter int unsigned DrainWidth = 32,
  parameter bit          Multiplier = 1'b1,
  localparam int unsigned WordBits  = (4*Lanes*Lanes > 32*DrainWidth) ? 4*Lanes*Lanes : 32*DrainWidth,
  localparam int unsigned GroupBits = $clog2(Lanes * Lanes / DrainWidth),
  localparam int unsigned Parts     = WordBits / (32 * DrainWidth)
) (
  input  wire logic                     clk_i,
  input  wire logic                     rst_ni,
  // a group, with the words read for it in the cycle before
  input  wire logic [WordBits-1:0]      c_word_i,
  input  wire logic [DrainWidth*32-1:0] result_i,
  input  wire logic                     mask_load_i,
  input  wire logic                     group_valid_i,
  input  wire logic                     group_quant_i,
  // Operand fields end their way before this stage.
  // verilator lint_off UNUSEDSIGNAL
  input  wire cuatro_pkg::descriptor_t  group_desc_i,
  // verilator lint_on UNUSEDSIGNAL
  input  wire logic [15:0]              group_block_i,
  input  wire logic [GroupBits-1:0]     group_index_i,
  input  wire logic [15:0]              group_row_i,
  input  wire logic [15:0]              group_col_i,
  input  wire logic                     group_first_i,
  input  wire logic                     group_last_i,
  // R scratchpad
  output logic                          we_o,
  output logic [15:0]                   waddr_o,
  output logic [Parts-1:0]              wstrb_o,
  output logic [WordBits-1:0]           wdata_o,
  // finished commands
  output logic                          done_valid_o,
  output cuatro_pkg::response_t         done_o
);
  // --- slot 1: merge ------------------------------------------------------------------
  logic merged;
  logic [DrainWidth*32-1:0] x2, x3_q, x4_q;

  drain_merge #(.Lanes(Lanes), .DrainWidth(DrainWidth)) u_merge (
    .clk_i, .rst_ni, .c_word_i, .result_i, .mask_load_i, .group_valid_i, .quant_i(group_quant_i),
    .source_i(group_desc_i.source), .addend_i(group_desc_i.addend),
    .addend_shift_i(group_desc_i.addend_shift), .transpose_i(group_desc_i.transpose),
    .mask_i(group_desc_i.mask_in), .block_i(group_block_i), .index_i(group_index_i),
    .row_i(group_row_i), .col_i(group_col_i),
    .rows_i(group_desc_i.transpose ? group_desc_i.n : group_desc_i.m),
    .cols_i(group_desc_i.transpose ? group_desc_i.m : group_desc_i.n),
    .valid_o(merged), .x_o(x2));

  // What the later slots need of the group, slot 2 to slot 4.
  logic [15:0] tag2_q, tag3_q, tag4_q, block2_q, block3_q, block4_q, row2_q, col2_q;
  logic [15:0] r2_q, r3_q, r4_q, second2_q, second3_q, second4_q, mask2_q, mask3_q, mask4_q;
  logic [GroupBits-1:0] index2_q, index3_q, index4_q;
  logic [63:0] key2_q;
  logic [7:0] mult2_q;
  logic [5:0] shift2_q;
  logic [2:0] format2_q, format3_q, format4_q, rounding2_q, rounding3_q, rounding4_q;
  logic quant2_q, quant3_q, quant4_q, first2_q, first3_q, first4_q, last2_q, last3_q, last4_q;
  logic mask_out2_q, mask_out3_q, mask_out4_q, valid3_q, valid4_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      valid3_q <= 1'b0;
      valid4_q <= 1'b0;
    end else begin
      valid3_q <= merged;
      valid4_q <= valid3_q;
    end
    if (group_valid_i) begin
      tag2_q      <= group_desc_i.tag;
      block2_q    <= group_block_i;
      index2_q    <= group_index_i;
      row2_q      <= group_desc_i.row0 + group_row_i;
      col2_q      <= group_desc_i.col0 + group_col_i;
      r2_q        <= group_desc_i.r_base;
      second2_q   <= group_desc_i.r2_base;
      mask2_q     <= group_desc_i.mask_out_base;
      key2_q      <= group_desc_i.key;
      mult2_q     <= group_desc_i.mult;
      shift2_q    <= group_desc_i.shift;
      format2_q   <= group_desc_i.out_format;
      rounding2_q <= group_desc_i.rounding;
      mask_out2_q <= group_desc_i.mask_out;
      quant2_q    <= group_quant_i;
      first2_q    <= group_first_i;
      last2_q     <= group_last_i;
    end
    if (merged) begin
      x3_q        <= x2;
      tag3_q      <= tag2_q;
      block3_q    <= block2_q;
      index3_q    <= index2_q;
      r3_q        <= r2_q;
      second3_q   <= second2_q;
      mask3_q     <= mask2_q;
      format3_q   <= format2_q;
      rounding3_q <= rounding2_q;
      mask_out3_q <= mask_out2_q;
      quant3_q    <= quant2_q;
      first3_q    <= first2_q;
      last3_q     <= last2_q;
    end
    if (valid3_q) begin
      x4_q        <= x3_q;
      tag4_q      <= tag3_q;
      block4_q    <= block3_q;
      index4_q    <= index3_q;
      r4_q        <= r3_q;
      second4_q   <= second3_q;
      mask4_q     <= mask3_q;
      format4_q   <= format3_q;
      rounding4_q <= rounding3_q;
      mask_out4_q <= mask_out3_q;
      quant4_q    <= quant3_q;
      first4_q    <= first3_q;
      last4_q     <= last3_q;
    end
  end

  // --- slot 2: rescale, random bytes ---------------------------------------------------
  logic coded2, draws2;
  logic [DrainWidth*32-1:0] slot3;
  logic [DrainWidth*8-1:0] random3;

  assign coded2 = merged && format2_q != cuatro_pkg::OUT_RAW;
  assign draws2 = coded2 && (rounding2_q == cuatro_pkg::RND_STOCHASTIC ||
                             rounding2_q == cuatro_pkg::RND_TWO_TERM);

  // The slots' own valid bits say when a unit's output counts.
  // verilator lint_off PINCONNECTEMPTY
  rescale_unit #(.Width(DrainWidth), .Multiplier(Multiplier)) u_rescale (
    .clk_i, .rst_ni, .valid_i(coded2), .mult_i(mult2_q), .shift_i(shift2_q), .a_i(x2), .valid_o(),
    .slot_o(slot3));
  random_source #(.Width(DrainWidth), .T(Lanes)) u_random (
    .clk_i, .rst_ni, .valid_i(draws2), .key_i(key2_q), .row_i(row2_q), .col_i(col2_q), .valid_o(),
    .random_o(random3));

  // --- slot 3: quantize ----------------------------------------------------------------
  logic linear3, log3;
  logic [DrainWidth*4-1:0] linear_code4, log_code4, second_code4;
  logic [DrainWidth-1:0] linear_clip4, log_clip4;

  assign linear3 = valid3_q && (format3_q == cuatro_pkg::OUT_INT4 || format3_q == cuatro_pkg::OUT_UINT4);
  assign log3    = valid3_q && (format3_q == cuatro_pkg::OUT_LOG4 || format3_q == cuatro_pkg::OUT_LOG2);

  int4_quantizer #(.Width(DrainWidth)) u_int4 (
    .clk_i, .rst_ni, .valid_i(linear3), .unsigned_i(format3_q == cuatro_pkg::OUT_UINT4),
    .rounding_i(rounding3_q), .slot_i(slot3), .random_i(random3), .valid_o(),
    .code_o(linear_code4), .saturated_o(linear_clip4));
  log4_quantizer #(.Width(DrainWidth)) u_log4 (
    .clk_i, .rst_ni, .valid_i(log3), .base2_i(format3_q == cuatro_pkg::OUT_LOG2),
    .rounding_i(rounding3_q), .slot_i(slot3), .random_i(random3), .valid_o(),
    .code1_o(log_code4), .code2_o(second_code4), .saturated_o(log_clip4));
  // verilator lint_on PINCONNECTEMPTY

  // --- slot 4: statistics, words of R --------------------------------------------------
  logic raw4, log4;
  logic [DrainWidth-1:0] clip4;
  logic [63:0] absmax, saturated;
  logic [127:0] sumabs;

  assign raw4  = format4_q == cuatro_pkg::OUT_RAW;
  assign log4  = format4_q == cuatro_pkg::OUT_LOG4 || format4_q == cuatro_pkg::OUT_LOG2;
  assign clip4 = log4 ? log_clip4 : linear_clip4;

  // Elements outside the tensor are zero here, so every lane may count.
  range_tracker #(.Width(DrainWidth), .Contexts(2)) u_range (
    .clk_i, .rst_ni, .clear_i({2{valid4_q && first4_q}} & {quant4_q, !quant4_q}),
    .valid_i(valid4_q), .context_i(quant4_q), .relu_i(format4_q == cuatro_pkg::OUT_UINT4),
    .lane_valid_i({DrainWidth{1'b1}}), .a_i(x4_q), .clip_valid_i(valid4_q && !raw4),
    .clip_context_i(quant4_q), .clip_i(clip4), .absmax_o(absmax), .sumabs_o(sumabs),
    .saturated_o(saturated));

  block_packer #(.Lanes(Lanes), .DrainWidth(DrainWidth)) u_packer (
    .clk_i, .rst_ni, .valid_i(valid4_q), .raw_i(raw4),
    .second_i(rounding4_q == cuatro_pkg::RND_TPR || rounding4_q == cuatro_pkg::RND_TWO_TERM),
    .mask_i(mask_out4_q), .block_i(block4_q), .index_i(index4_q), .r_base_i(r4_q),
    .r2_base_i(second4_q), .mask_base_i(mask4_q), .x_i(x4_q),
    .code1_i(log4 ? log_code4 : linear_code4), .code2_i(second_code4),
    .we_o, .waddr_o, .wstrb_o, .wdata_o);

  // --- responses -----------------------------------------------------------------------
  // Statistics follow slot 4 by two cycles, the last word of a block by three at most.
  logic [2:0] done_q;
  logic end_quant5_q, end_quant6_q;
  logic [15:0] end_tag5_q, end_tag6_q;
  cuatro_pkg::response_t response_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) done_q <= '0;
    else done_q <= {done_q[1:0], valid4_q && last4_q};
    end_quant5_q <= quant4_q;
    end_tag5_q   <= tag4_q;
    end_quant6_q <= end_quant5_q;
    end_tag6_q   <= end_tag5_q;
    if (done_q[1]) begin
      response_q.tag       <= end_tag6_q;
      response_q.field     <= cuatro_pkg::FIELD_NONE;
      response_q.absmax    <= end_quant6_q ? absmax[63:32] : absmax[31:0];
      response_q.sumabs    <= end_quant6_q ? sumabs[127:64] : sumabs[63:0];
      response_q.saturated <= end_quant6_q ? saturated[63:32] : saturated[31:0];
    end
  end

  assign done_valid_o = done_q[2];
  assign done_o       = response_q;
endmodule
