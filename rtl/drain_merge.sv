// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// First stage of the output path: the 32-bit words of a group. A GEMM group is the
// accumulators plus an addend shifted left by 0..2 (none, one bias word a GEMM column, or a
// matrix), modulo 2^32; a quantize group is the source words, widened from 8 (unsigned), 16
// or 32 bits (signed). Then the mask, and elements outside the tensor become zero, so that
// nothing behind this stage needs to know about ragged edges.
//
// Latency two cycles: group_valid_i with c_word_i and result_i → valid_o with x_o. A mask word
// arrives with mask_load_i and serves the groups that follow, and the first of its block if that
// comes in the same cycle.
//
// The fast form does it in the first cycle, in an array that is private to its clocked block.
// `Structural` selects the other operand in the first cycle and adds in the second; a quantize
// group adds its source word to zero. There what steers all lanes or is read in many places has
// copies in modules of their own, which synthesis does not merge.
`default_nettype none

module drain_merge #(
  parameter int unsigned Lanes      = 16,
  parameter int unsigned DrainWidth = 32,
  parameter bit          Structural = 1'b0,
  localparam int unsigned WordBits  = (4*Lanes*Lanes > 32*DrainWidth) ? 4*Lanes*Lanes : 32*DrainWidth,
  localparam int unsigned GroupBits = $clog2(Lanes * Lanes / DrainWidth)
) (
  input  wire logic                     clk_i,
  input  wire logic                     rst_ni,
  // data read in the cycle before
  input  wire logic [WordBits-1:0]      c_word_i,
  input  wire logic [DrainWidth*32-1:0] result_i,
  // what it is
  input  wire logic                     mask_load_i,
  input  wire logic                     group_valid_i,
  input  wire logic                     quant_i,
  input  wire logic [1:0]               source_i,
  input  wire logic [1:0]               addend_i,
  input  wire logic [1:0]               addend_shift_i,
  input  wire logic                     transpose_i,
  input  wire logic                     mask_i,
  input  wire logic [15:0]              block_i,
  input  wire logic [GroupBits-1:0]     index_i,
  input  wire logic [15:0]              row_i,
  input  wire logic [15:0]              col_i,
  input  wire logic [15:0]              rows_i,      // of S
  input  wire logic [15:0]              cols_i,
  // out
  output logic                          valid_o,
  output logic [DrainWidth*32-1:0]      x_o,
  output logic [2*DrainWidth-1:0]       negative_o   // with Structural the words' signs, twice, in registers of their own; else 0
);
  localparam int unsigned Lines    = DrainWidth / Lanes;
  localparam int unsigned Elements = WordBits / 32;
  localparam int unsigned MaskSpan = Lanes * Lanes;

  // Where the group's elements start in the C word: a word is a few groups of 32-bit elements,
  // twice or four times as many of narrower ones; bias words start at a block or at a line.
  localparam int unsigned WordGroups = Elements / DrainWidth;
  localparam int unsigned WordBlocks = Elements / Lanes;
  localparam int unsigned LaneShift  = $clog2(Lanes);
  localparam int unsigned LineShift  = $clog2(Lines);
  // Shapes differ in what they use.
  // verilator lint_off UNUSEDSIGNAL
  logic [31:0] linear, group32, group16, group8, bias_block, bias_line, rows_left, cols_left;
  // verilator lint_on UNUSEDSIGNAL
  always_comb begin
    linear     = 32'({block_i, index_i});
    group32    = linear & (WordGroups - 1);
    group16    = linear & (2*WordGroups - 1);
    group8     = linear & (4*WordGroups - 1);
    bias_block = (32'(col_i) >> LaneShift) & (WordBlocks - 1);
    bias_line  = (32'(row_i) >> LineShift) & (Elements / Lines - 1);
    // A group may lie wholly beyond the last row; a block never lies beyond the last column.
    rows_left  = (row_i < rows_i) ? 32'(rows_i) - 32'(row_i) : 32'd0;
    cols_left  = 32'(cols_i) - 32'(col_i);
  end

  logic [MaskSpan-1:0] mask_q;
  always_ff @(posedge clk_i) begin
    if (mask_load_i) mask_q <= c_word_i[MaskSpan-1:0];
  end
  logic [DrainWidth-1:0] mask_bits;
  assign mask_bits = (mask_load_i ? c_word_i[DrainWidth-1:0] : mask_q[32'(index_i) * DrainWidth +: DrainWidth]) |
                     {DrainWidth{!mask_i}};

  logic valid_q;
  always_ff @(posedge clk_i) begin
    valid_q <= group_valid_i && rst_ni;
    valid_o <= valid_q && rst_ni;
  end

  if (Structural) begin : g_structural
    // Bytes, half-words and bias words start at a multiple of so many words.
    localparam int unsigned Step      = (DrainWidth / 2 < Lanes) ? DrainWidth / 2 : Lanes;
    localparam int unsigned StepShift = $clog2(Step);
    localparam int unsigned Steps     = Elements / Step;
    localparam int unsigned StepBits  = $clog2(Steps);

    logic u8, s16, s32, matrix, row_bias, line_bias;
    logic [31:0] start_word;
    logic [StepBits-1:0] start;
    // What nothing starts at needs no multiplexer.
    // verilator lint_off UNUSEDSIGNAL
    logic [WordBits-1:0] from_start;
    // verilator lint_on UNUSEDSIGNAL
    logic [32*DrainWidth-1:0] words;
    logic [8*DrainWidth-1:0] bytes;
    always_comb begin
      u8         = quant_i && source_i == cuatro_pkg::SRC_U8;
      s16        = quant_i && source_i == cuatro_pkg::SRC_S16;
      s32        = quant_i && !u8 && !s16;
      matrix     = !quant_i && addend_i == cuatro_pkg::ADD_MATRIX;
      row_bias   = !quant_i && addend_i == cuatro_pkg::ADD_BIAS && !transpose_i;
      line_bias  = !quant_i && addend_i == cuatro_pkg::ADD_BIAS && transpose_i;
      start_word = Lanes * bias_block;
      if (u8) start_word = DrainWidth/2 * (group8 >> 1);
      if (s16) start_word = DrainWidth/2 * group16;
      start      = StepBits'(start_word >> StepShift);
      from_start = c_word_i >> {start, {(StepShift + 5){1'b0}}};
      bytes      = group8[0] ? from_start[8*DrainWidth +: 8*DrainWidth] : from_start[8*DrainWidth-1:0];
    end
    if (WordGroups == 1) begin : g_whole
      assign words = c_word_i;
    end else begin : g_part
      assign words = (32*DrainWidth)'(c_word_i >> {group32[$clog2(WordGroups)-1:0], {($clog2(DrainWidth) + 5){1'b0}}});
    end

    logic [31:0] word [Elements];
    for (genvar i = 0; i < Elements; i++) begin : g_word
      assign word[i] = c_word_i[32*i +: 32];
    end
    logic [31:0] line_word [Lines];
    for (genvar l = 0; l < Lines; l++) begin : g_line
      always_comb begin
        line_word[l] = '0;
        for (int unsigned i = 0; i < Elements / Lines; i++) begin
          line_word[l] = line_word[l] | (word[Lines*i + l] & {32{bias_line == i}});
        end
      end
    end

    // Row and column start at multiples of Lines and Lanes.
    logic [Lines-1:0] in_rows, in_rows_q;
    logic [Lanes-1:0] in_cols, in_cols_q;
    logic [DrainWidth-1:0] mask_q1;
    logic [2:0] shift;
    // A group of one line has no line beyond the last row.
    // verilator lint_off UNSIGNED
    always_comb begin
      for (int unsigned l = 0; l < Lines; l++) begin
        in_rows[l] = (row_i >> LineShift) < (rows_i >> LineShift) ||
                     ((row_i >> LineShift) == (rows_i >> LineShift) && l < (32'(rows_i) & (Lines - 1)));
      end
      for (int unsigned j = 0; j < Lanes; j++) begin
        in_cols[j] = (col_i >> LaneShift) != (cols_i >> LaneShift) || j < (32'(cols_i) & (Lanes - 1));
      end
      shift = quant_i ? 3'b001 : 3'b001 << addend_shift_i;
    end
    // verilator lint_on UNSIGNED
    always_ff @(posedge clk_i) begin
      in_rows_q <= in_rows;
      in_cols_q <= in_cols;
      mask_q1   <= mask_bits;
    end

    logic [DrainWidth-1:0] negative;
    for (genvar i = 0; i < DrainWidth; i++) begin : g_lane
      logic [31:0] other, other_q, shifted, result_q, x;
      logic [2:0] shift_q;
      delay #(.Width(3), .Cycles(1)) u_shift (.clk_i, .d_i(shift), .q_o(shift_q));
      assign other = (words[32*i +: 32] & {32{s32 || matrix}})
                     | (from_start[32*(i % Lanes) +: 32] & {32{row_bias}})
                     | (line_word[i / Lanes] & {32{line_bias}})
                     | ({{16{from_start[16*i + 15]}}, from_start[16*i +: 16]} & {32{s16}})
                     | {24'd0, bytes[8*i +: 8] & {8{u8}}};
      assign shifted = (other_q & {32{shift_q[0]}}) | ({other_q[30:0], 1'b0} & {32{shift_q[1]}}) |
                       ({other_q[29:0], 2'b00} & {32{shift_q[2]}});
      assign x = (result_q + shifted) & {32{in_rows_q[i / Lanes] && in_cols_q[i % Lanes] && mask_q1[i]}};
      assign negative[i] = x[31];
      always_ff @(posedge clk_i) begin
        other_q         <= other;
        result_q        <= result_i[32*i +: 32] & {32{!quant_i}};
        x_o[32*i +: 32] <= x;
      end
    end
    delay #(.Width(DrainWidth), .Cycles(1)) u_negative_low (.clk_i, .d_i(negative), .q_o(negative_o[DrainWidth-1:0]));
    delay #(.Width(DrainWidth), .Cycles(1)) u_negative_high (
      .clk_i, .d_i(negative), .q_o(negative_o[2*DrainWidth-1:DrainWidth]));
  end else begin : g_fast
    assign negative_o = '0;   // packing 32 signs a cycle would cost more than the sums

    // Everything in a C word starts at a multiple of so many words: an index of its own for what is
    // within them tells the C++ compiler that none wraps around.
    localparam int unsigned Step = (DrainWidth / 4 < Lanes) ? DrainWidth / 4 : Lanes;
    logic [31:0] word [Elements/Step][Step];
    for (genvar s = 0; s < Elements / Step; s++) begin : g_word
      for (genvar i = 0; i < Step; i++) begin : g_element
        assign word[s][i] = c_word_i[32*(Step*s + i) +: 32];
      end
    end
    logic [31:0] x_v [DrainWidth];

    // The array above is private to the clocked block below.
    // verilator lint_off BLKSEQ
    task automatic select_words();
      logic [31:0] addend;
      if (quant_i) begin
        unique case (source_i)
          // A word at a time: shifts by an amount of each lane's own would not vectorise.
          cuatro_pkg::SRC_U8: begin
            for (int unsigned s = 0; s < DrainWidth / 4 / Step; s++) begin
              for (int unsigned i = 0; i < Step; i++) begin
                for (int unsigned j = 0; j < 4; j++) begin
                  x_v[4*(Step*s + i) + j] = (word[DrainWidth/4/Step*group8 + s][i] >> (8*j)) & 32'hff;
                end
              end
            end
          end
          cuatro_pkg::SRC_S16: begin
            for (int unsigned s = 0; s < DrainWidth / 2 / Step; s++) begin
              for (int unsigned i = 0; i < Step; i++) begin
                addend = word[DrainWidth/2/Step*group16 + s][i];
                x_v[2*(Step*s + i)]     = {{16{addend[15]}}, addend[15:0]};
                x_v[2*(Step*s + i) + 1] = {{16{addend[31]}}, addend[31:16]};
              end
            end
          end
          default: begin
            for (int unsigned s = 0; s < DrainWidth / Step; s++) begin
              for (int unsigned i = 0; i < Step; i++) x_v[Step*s + i] = word[DrainWidth/Step*group32 + s][i];
            end
          end
        endcase
      end else begin
        unique case (addend_i)
          cuatro_pkg::ADD_BIAS: begin
            for (int unsigned l = 0; l < Lines; l++) begin
              if (transpose_i) begin
                addend = word[(Lines*bias_line + l) / Step][(Lines*bias_line + l) % Step] << addend_shift_i;
                for (int unsigned j = 0; j < Lanes; j++) begin
                  x_v[l*Lanes + j] = result_i[32*(l*Lanes + j) +: 32] + addend;
                end
              end else begin
                for (int unsigned s = 0; s < Lanes / Step; s++) begin
                  for (int unsigned i = 0; i < Step; i++) begin
                    x_v[l*Lanes + Step*s + i] = result_i[32*(l*Lanes + Step*s + i) +: 32] +
                                                (word[Lanes/Step*bias_block + s][i] << addend_shift_i);
                  end
                end
              end
            end
          end
          cuatro_pkg::ADD_MATRIX: begin
            for (int unsigned s = 0; s < DrainWidth / Step; s++) begin
              for (int unsigned i = 0; i < Step; i++) begin
                x_v[Step*s + i] = result_i[32*(Step*s + i) +: 32] +
                                  (word[DrainWidth/Step*group32 + s][i] << addend_shift_i);
              end
            end
          end
          default: begin
            for (int unsigned i = 0; i < DrainWidth; i++) x_v[i] = result_i[32*i +: 32];
          end
        endcase
      end
    endtask

    task automatic clear_absent();
      logic [31:0] keep;
      for (int unsigned l = 0; l < Lines; l++) begin
        for (int unsigned j = 0; j < Lanes; j++) begin
          keep = {32{(l < rows_left) & (j < cols_left) & mask_bits[l*Lanes + j]}};
          x_v[l*Lanes + j] = x_v[l*Lanes + j] & keep;
        end
      end
    endtask
    // verilator lint_on BLKSEQ

    always_ff @(posedge clk_i) begin
      if (valid_q) begin
        // Loops of four or less unroll, so that these are constant slices.
        for (int unsigned l = 0; l < Lines; l++) begin
          for (int unsigned h = 0; h < Lanes / 4; h++) begin
            for (int unsigned j = 0; j < 4; j++) begin
              x_o[32*(Lanes*l + 4*h + j) +: 32] <= x_v[Lanes*l + 4*h + j];
            end
          end
        end
      end
      if (group_valid_i) begin
        select_words();
        if (mask_i || rows_left < Lines || cols_left < Lanes) clear_absent();
      end
    end
  end
endmodule
