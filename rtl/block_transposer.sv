// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// A T × T block of 4-bit elements, element (i, j) at bits 4·(i·T + j), combinational. With
// transpose_i output (i, j) is input (j, i), else the block passes unchanged.
//
// Written as log2(T) rounds that swap elements between whole rows: a round exchanges those whose
// row and column numbers differ in one bit. Masks and shifts are constants, so the rounds are
// wires in silicon and one 2:1 multiplexer a bit remains; in C++ they are a few operations on
// words, skipped when transpose_i is 0: keep it 0 in idle cycles.
`default_nettype none

module block_transposer #(
  parameter int unsigned T = 16
) (
  input  wire logic             transpose_i,
  input  wire logic [4*T*T-1:0] block_i,
  output logic [4*T*T-1:0]      block_o
);
  if (T < 4 || T > 32 || (T & (T - 1)) != 0) begin : g_bad_edge
    $error("block_transposer: T must be 4, 8, 16 or 32");
  end

  localparam int unsigned RowBits = 4 * T;
  localparam int unsigned Half    = T / 2;
  localparam int unsigned Rounds  = $clog2(T);

  logic [RowBits-1:0] row  [T];
  logic [RowBits-1:0] next [T];

  task automatic transpose();
    logic [RowBits-1:0] low;  // elements whose column number has the round's bit clear
    // Loops of four or less unroll, so that these are constant slices.
    for (int unsigned q = 0; q < T / 4; q++) begin
      for (int unsigned i = 0; i < 4; i++) row[4*q + i] = block_i[RowBits*(4*q + i) +: RowBits];
    end
    // From the highest bit of the row number down. A round pairs the upper half of the rows with
    // the lower and interleaves them, which brings the next bit on top, and every row back to its
    // place in the end.
    low = {RowBits{1'b1}} >> (RowBits / 2);
    for (int unsigned r = 0; r < Rounds; r++) begin
      for (int unsigned p = 0; p < Half; p++) begin
        next[2*p]     = (row[p] & low) | ((row[Half + p] & low) << (RowBits / 2 >> r));
        next[2*p + 1] = (row[Half + p] & ~low) | ((row[p] >> (RowBits / 2 >> r)) & low);
      end
      for (int unsigned i = 0; i < T; i++) row[i] = next[i];
      low = low ^ (low << (RowBits / 4 >> r));
    end
    for (int unsigned q = 0; q < T / 4; q++) begin
      for (int unsigned i = 0; i < 4; i++) block_o[RowBits*(4*q + i) +: RowBits] = row[4*q + i];
    end
  endtask

  always_comb begin
    block_o = block_i;
    for (int unsigned i = 0; i < T; i++) row[i] = '0;
    for (int unsigned i = 0; i < T; i++) next[i] = '0;
    if (transpose_i) transpose();
  end

endmodule
