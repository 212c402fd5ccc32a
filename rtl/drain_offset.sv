// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Which word of its image in the C scratchpad a group of the drain needs, or a block's mask:
// addends of a matrix and sources lie block after block, group after group, a bias as it is.
`default_nettype none

module drain_offset #(
  parameter int unsigned Lanes      = 16,
  parameter int unsigned DrainWidth = 32,
  localparam int unsigned WordBits  = (4*Lanes*Lanes > 32*DrainWidth) ? 4*Lanes*Lanes : 32*DrainWidth,
  localparam int unsigned GroupBits = $clog2(Lanes * Lanes / DrainWidth)
) (
  input  wire logic                 mask_i,
  input  wire logic                 quant_i,
  input  wire logic [1:0]           source_i,
  input  wire logic                 bias_i,
  input  wire logic [15:0]          block_i,    // of S
  input  wire logic [GroupBits-1:0] index_i,
  input  wire logic [15:0]          col_i,      // of the result, in blocks
  output logic [15:0]               offset_o
);
  // Groups of 32-bit elements a C word holds; blocks of bias elements it holds.
  localparam int unsigned WordGroupShift = $clog2(WordBits / (32 * DrainWidth));
  localparam int unsigned WordBlockShift = $clog2(WordBits / (32 * Lanes));
  logic [23:0] linear;                          // group of the image
  always_comb begin
    linear   = 24'({block_i, index_i});
    offset_o = 16'(linear >> WordGroupShift);
    if (mask_i) offset_o = block_i;
    else if (quant_i) begin
      unique case (source_i)
        cuatro_pkg::SRC_U8:  offset_o = 16'(linear >> (WordGroupShift + 2));
        cuatro_pkg::SRC_S16: offset_o = 16'(linear >> (WordGroupShift + 1));
        default: ;
      endcase
    end else if (bias_i) begin
      offset_o = col_i >> WordBlockShift;
    end
  end
endmodule
