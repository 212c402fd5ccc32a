// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Picks DrainWidth results of one Lanes × Lanes block of the shadow accumulators,
// combinational: DrainWidth / Lanes lines from line_i on, rows of the block or, with
// transpose_i, columns. line_i is a multiple of DrainWidth / Lanes.
`default_nettype none

module drain_select #(
  parameter int unsigned Rows       = 16,
  parameter int unsigned Cols       = 16,
  parameter int unsigned Lanes      = 16,
  parameter int unsigned DrainWidth = 32,
  localparam int unsigned LineBits  = $clog2(Lanes),
  localparam int unsigned RowBlockBits = (Rows == Lanes) ? 1 : $clog2(Rows / Lanes),
  localparam int unsigned ColBlockBits = (Cols == Lanes) ? 1 : $clog2(Cols / Lanes)
) (
  input  wire logic [Rows*Cols*32-1:0]  shadow_i,
  input  wire logic                     transpose_i,
  input  wire logic [RowBlockBits-1:0]  row_block_i,
  input  wire logic [ColBlockBits-1:0]  col_block_i,
  input  wire logic [LineBits-1:0]      line_i,
  output logic [DrainWidth*32-1:0]      result_o
);
  localparam int unsigned Lines  = DrainWidth / Lanes;
  localparam int unsigned Groups = Lanes / Lines;

  // The block, then its lines: constant slices and a one-of-Groups choice.
  logic [Lanes*Lanes*32-1:0] block;
  always_comb begin
    block = '0;
    for (int unsigned rb = 0; rb < Rows / Lanes; rb++) begin
      for (int unsigned cb = 0; cb < Cols / Lanes; cb++) begin
        if (32'(row_block_i) == rb && 32'(col_block_i) == cb) begin
          for (int unsigned i = 0; i < Lanes; i++) begin
            block[32*Lanes*i +: 32*Lanes] = shadow_i[32*(Cols*(Lanes*rb + i) + Lanes*cb) +: 32*Lanes];
          end
        end
      end
    end
  end

  logic [Lanes*Lanes*32-1:0] oriented;
  for (genvar i = 0; i < Lanes; i++) begin : g_row
    for (genvar j = 0; j < Lanes; j++) begin : g_col
      assign oriented[32*(Lanes*i + j) +: 32] =
          transpose_i ? block[32*(Lanes*j + i) +: 32] : block[32*(Lanes*i + j) +: 32];
    end
  end

  always_comb begin
    result_o = '0;
    for (int unsigned g = 0; g < Groups; g++) begin
      if (32'(line_i) == g * Lines) result_o = oriented[32*DrainWidth*g +: 32*DrainWidth];
    end
  end
endmodule
