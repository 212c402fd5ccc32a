// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// The register of the memory port's write side. What comes with valid_i leaves a cycle later: where
// the word goes, the word itself, and its first T × T codes as a block, transposed if transpose_i
// asked for it. Without valid_i valid_o falls, and what else leaves says nothing.
//
// `Structural` puts the registers in front of the transposer, which then starts a cycle and ends
// before a scratchpad; they run free, which saves a thousand enables. The fast form turns the block
// as it comes, only when one comes, in arrays that are private to its clocked block; its rounds are
// those of block_transposer.
`default_nettype none

module load_port #(
  parameter int unsigned T          = 16,
  parameter int unsigned WordBits   = 1024,
  parameter bit          Structural = 1'b0,
  localparam int unsigned BlockBits = 4 * T * T
) (
  input  wire logic                clk_i,
  input  wire logic                rst_ni,
  input  wire logic                valid_i,
  input  wire logic [1:0]          space_i,
  input  wire logic                transpose_i,
  input  wire logic [7:0]          sub_i,
  input  wire logic [15:0]         addr_i,
  input  wire logic [WordBits-1:0] data_i,
  output logic                     valid_o,
  output logic [1:0]               space_o,
  output logic [7:0]               sub_o,
  output logic [15:0]              addr_o,
  output logic [WordBits-1:0]      word_o,
  output logic [BlockBits-1:0]     block_o
);
  if (WordBits < BlockBits) begin : g_bad_word
    $error("load_port: a word must hold a block");
  end

  always_ff @(posedge clk_i) begin
    valid_o <= valid_i && rst_ni;
    if (Structural || valid_i) begin
      space_o <= space_i;
      sub_o   <= sub_i;
      addr_o  <= addr_i;
      word_o  <= data_i;
    end
  end

  if (Structural) begin : g_structural
    logic transpose_q;
    always_ff @(posedge clk_i) transpose_q <= transpose_i;
    block_transposer #(.T(T)) u_transposer (
      .transpose_i(transpose_q), .block_i(word_o[BlockBits-1:0]), .block_o);
  end else begin : g_fast
    localparam int unsigned RowBits = 4 * T;
    localparam int unsigned Half    = T / 2;
    localparam int unsigned Rounds  = $clog2(T);

    logic [RowBits-1:0] row  [T];
    logic [RowBits-1:0] next [T];

    // The arrays above are private to the one clocked block below.
    // verilator lint_off BLKSEQ
    task automatic transpose();
      logic [RowBits-1:0] low;  // elements whose column number has the round's bit clear
      // Loops of four or less unroll, so that these are constant slices.
      for (int unsigned q = 0; q < T / 4; q++) begin
        for (int unsigned i = 0; i < 4; i++) row[4*q + i] = data_i[RowBits*(4*q + i) +: RowBits];
      end
      low = {RowBits{1'b1}} >> (RowBits / 2);
      for (int unsigned r = 0; r < Rounds; r++) begin
        for (int unsigned p = 0; p < Half; p++) begin
          next[2*p]     = (row[p] & low) | ((row[Half + p] & low) << (RowBits / 2 >> r));
          next[2*p + 1] = (row[Half + p] & ~low) | ((row[p] >> (RowBits / 2 >> r)) & low);
        end
        for (int unsigned i = 0; i < T; i++) row[i] = next[i];
        low = low ^ (low << (RowBits / 4 >> r));
      end
    endtask
    // verilator lint_on BLKSEQ

    always_ff @(posedge clk_i) begin
      if (valid_i && transpose_i) begin
        transpose();
        for (int unsigned q = 0; q < T / 4; q++) begin
          for (int unsigned i = 0; i < 4; i++) block_o[RowBits*(4*q + i) +: RowBits] <= row[4*q + i];
        end
      end else if (valid_i) begin
        block_o <= data_i[BlockBits-1:0];
      end
    end
  end
endmodule
