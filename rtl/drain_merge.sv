// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// First stage of the output path: the 32-bit words of a group. A GEMM group is the
// accumulators plus an addend shifted left by 0..2 (none, one bias word a GEMM column, or a
// matrix), modulo 2^32; a quantize group is the source words, widened from 8 (unsigned), 16
// or 32 bits (signed). Then the mask, and elements outside the tensor become zero, so that
// nothing behind this stage needs to know about ragged edges.
//
// Latency one cycle: group_valid_i with c_word_i and result_i → valid_o with x_o. A mask word
// arrives with mask_load_i and serves the groups that follow.
`default_nettype none

module drain_merge #(
  parameter int unsigned Lanes      = 16,
  parameter int unsigned DrainWidth = 32,
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
  output logic [DrainWidth*32-1:0]      x_o
);
  localparam int unsigned Lines    = DrainWidth / Lanes;
  localparam int unsigned Elements = WordBits / 32;
  localparam int unsigned MaskSpan = Lanes * Lanes;

  logic [31:0] word [Elements];
  for (genvar i = 0; i < Elements; i++) begin : g_word
    assign word[i] = c_word_i[32*i +: 32];
  end
  logic [31:0] result [DrainWidth];
  for (genvar i = 0; i < DrainWidth; i++) begin : g_result
    assign result[i] = result_i[32*i +: 32];
  end

  // Where the group's elements start in the C word: a word is a few groups of 32-bit elements,
  // twice or four times as many of narrower ones; bias words start at a block or at a line.
  localparam int unsigned WordGroups = Elements / DrainWidth;
  localparam int unsigned WordBlocks = Elements / Lanes;
  localparam int unsigned LaneShift  = $clog2(Lanes);
  localparam int unsigned LineShift  = $clog2(Lines);
  logic [31:0] linear, group32, group16, group8, bias_block, bias_line, rows_left, cols_left;
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
  assign mask_bits = mask_q[32'(index_i) * DrainWidth +: DrainWidth] | {DrainWidth{!mask_i}};

  logic [31:0] x_v [DrainWidth];

  // The array above is private to the clocked block below.
  // verilator lint_off BLKSEQ
  task automatic select_words();
    logic [31:0] shift;
    shift = 32'(addend_shift_i);
    if (quant_i) begin
      unique case (source_i)
        cuatro_pkg::SRC_U8: begin
          for (int unsigned i = 0; i < DrainWidth; i++) begin
            x_v[i] = (word[DrainWidth/4*group8 + i/4] >> (8 * (i & 32'd3))) & 32'hff;
          end
        end
        cuatro_pkg::SRC_S16: begin
          for (int unsigned i = 0; i < DrainWidth; i++) begin
            x_v[i] = word[DrainWidth/2*group16 + i/2] << (16 * (~i & 32'd1));
            x_v[i] = {{16{x_v[i][31]}}, x_v[i][31:16]};
          end
        end
        default: begin
          for (int unsigned i = 0; i < DrainWidth; i++) x_v[i] = word[DrainWidth*group32 + i];
        end
      endcase
    end else begin
      unique case (addend_i)
        cuatro_pkg::ADD_BIAS: begin
          for (int unsigned l = 0; l < Lines; l++) begin
            if (transpose_i) begin
              for (int unsigned j = 0; j < Lanes; j++) begin
                x_v[l*Lanes + j] = result[l*Lanes + j] + (word[Lines*bias_line + l] << shift);
              end
            end else begin
              for (int unsigned j = 0; j < Lanes; j++) begin
                x_v[l*Lanes + j] = result[l*Lanes + j] + (word[Lanes*bias_block + j] << shift);
              end
            end
          end
        end
        cuatro_pkg::ADD_MATRIX: begin
          for (int unsigned i = 0; i < DrainWidth; i++) begin
            x_v[i] = result[i] + (word[DrainWidth*group32 + i] << shift);
          end
        end
        default: begin
          for (int unsigned i = 0; i < DrainWidth; i++) x_v[i] = result[i];
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
    if (!rst_ni) valid_o <= 1'b0;
    else valid_o <= group_valid_i;
    if (group_valid_i) begin
      select_words();
      clear_absent();
      // Loops of four or less unroll, so that these are constant slices.
      for (int unsigned l = 0; l < Lines; l++) begin
        for (int unsigned h = 0; h < Lanes / 4; h++) begin
          for (int unsigned j = 0; j < 4; j++) begin
            x_o[32*(Lanes*l + 4*h + j) +: 32] <= x_v[Lanes*l + 4*h + j];
          end
        end
      end
    end
  end
endmodule
