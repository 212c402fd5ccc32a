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
// An update adds nothing. Its accumulators come UPDATE_RESULT_LAG cycles after group_valid_i, and
// x_o with them; its state words UPDATE_STATE_LAG cycles after group_valid_i, and leave as state_o a
// cycle later, 0 outside the tensor.
//
// The fast form does it in the first cycle, in an array that is private to its clocked block;
// `Structural` builds it from drain_merge_gates.
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
  input  wire logic                     update_i,
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
  output logic [2*DrainWidth-1:0]       negative_o,  // with Structural the words' signs, twice, in registers of their own; else 0
  output logic [DrainWidth*32-1:0]      state_o
);
  localparam int unsigned MaskSpan = Lanes * Lanes;
  logic [MaskSpan-1:0] mask_q;
  always_ff @(posedge clk_i) begin
    if (mask_load_i) mask_q <= c_word_i[MaskSpan-1:0];
  end
  logic [DrainWidth-1:0] mask_bits;
  assign mask_bits = (mask_load_i ? c_word_i[DrainWidth-1:0] : mask_q[32'(index_i) * DrainWidth +: DrainWidth]) |
                     {DrainWidth{!mask_i}};

  if (Structural) begin : g_structural
    logic valid_q;
    always_ff @(posedge clk_i) begin
      valid_q <= group_valid_i && rst_ni;
      valid_o <= valid_q && rst_ni;
    end
    drain_merge_gates #(.Lanes(Lanes), .DrainWidth(DrainWidth)) u_gates (
      .clk_i, .rst_ni, .c_word_i, .result_i, .group_valid_i, .quant_i, .update_i, .source_i, .addend_i, .addend_shift_i,
      .transpose_i, .mask_bits_i(mask_bits), .block_i, .index_i, .row_i, .col_i, .rows_i, .cols_i, .x_o, .negative_o, .state_o);
  end else begin : g_fast
    localparam int unsigned Lines    = DrainWidth / Lanes;
    localparam int unsigned Elements = WordBits / 32;

    // Where the group's elements start in the C word: a word is a few groups of 32-bit elements,
    // twice or four times as many of narrower ones; bias words start at a block or at a line.
    localparam int unsigned WordGroups = Elements / DrainWidth;
    localparam int unsigned WordBlocks = Elements / Lanes;
    localparam int unsigned LaneShift  = $clog2(Lanes);
    localparam int unsigned LineShift  = $clog2(Lines);
    localparam int unsigned ResultLag  = cuatro_pkg::UPDATE_RESULT_LAG;
    localparam int unsigned StateLag   = cuatro_pkg::UPDATE_STATE_LAG;
    // A group may lie wholly beyond the last row; a block never lies beyond the last column.
    function automatic logic [31:0] left_of(input logic [15:0] place, input logic [15:0] size);
      left_of = (place < size) ? 32'(size) - 32'(place) : 32'd0;
    endfunction
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
      rows_left  = left_of(update_i ? element_q[ResultLag][31:16] : row_i, rows_i);
      cols_left  = left_of(update_i ? element_q[ResultLag][15:0] : col_i, cols_i);
    end

    // Groups of an update, until their state is here.
    logic [StateLag:0] late;
    logic [StateLag:1] late_q;
    logic [31:0] element_q [StateLag+1];
    logic [31:0] part_q [StateLag+1];
    logic run, valid_q;
    assign late = {late_q, group_valid_i && update_i};
    assign run  = update_i ? late[ResultLag] : group_valid_i;
    assign element_q[0] = {row_i, col_i};
    assign part_q[0]    = group32;
    for (genvar i = 1; i <= StateLag; i++) begin : g_late
      always_ff @(posedge clk_i) begin
        if (late[i-1]) begin
          element_q[i] <= element_q[i-1];
          part_q[i]    <= part_q[i-1];
        end
      end
    end
    always_ff @(posedge clk_i) begin
      late_q  <= late[StateLag-1:0] & {StateLag{rst_ni}};
      valid_q <= run && rst_ni;
      valid_o <= valid_q && rst_ni;
    end
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
    logic [31:0] state_v [DrainWidth];

    // The two arrays above are private to the clocked block below.
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
        unique case (update_i ? cuatro_pkg::ADD_NONE : addend_i)
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

    task automatic select_state();
      logic [31:0] lines_here, cols_here;
      lines_here = left_of(element_q[StateLag][31:16], rows_i);
      cols_here  = left_of(element_q[StateLag][15:0], cols_i);
      for (int unsigned s = 0; s < DrainWidth / Step; s++) begin
        for (int unsigned i = 0; i < Step; i++) state_v[Step*s + i] = word[DrainWidth/Step*part_q[StateLag] + s][i];
      end
      for (int unsigned l = 0; l < Lines; l++) begin
        for (int unsigned j = 0; j < Lanes; j++) begin
          state_v[l*Lanes + j] = state_v[l*Lanes + j] & {32{(l < lines_here) & (j < cols_here)}};
        end
      end
    endtask
    // verilator lint_on BLKSEQ

    always_ff @(posedge clk_i) begin
      if (late[StateLag]) begin
        select_state();
        for (int unsigned l = 0; l < Lines; l++) begin
          for (int unsigned h = 0; h < Lanes / 4; h++) begin
            for (int unsigned j = 0; j < 4; j++) begin
              state_o[32*(Lanes*l + 4*h + j) +: 32] <= state_v[Lanes*l + 4*h + j];
            end
          end
        end
      end
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
      if (run) begin
        select_words();
        if (mask_i || rows_left < Lines || cols_left < Lanes) clear_absent();
      end
    end
  end
endmodule
