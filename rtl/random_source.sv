// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// A random byte a lane, a pure function of the key and the element's row and column: no state, so
// codes do not depend on the order in which elements pass. The lanes are Width/T whole lines of a
// T-wide block: lane i is the element (row_i + i / T, col_i + i mod T), modulo 2^16. Seven rounds
// of add, rotate and xor on 16-bit words, i = 0..6 (fewer leave
// distant rows correlated):
//   x = (ror(x, 7) + y) ^ key[16·(i mod 4) +: 16] ^ i;   y = rol(y, 2) ^ x
// from x = row, y = column; the byte is bits 15..8 of x. valid_o follows valid_i by one cycle;
// without valid_i the outputs keep their values. No back-pressure.
//
// The clocked block computes in arrays that are private to it, with loops over lanes that the C++
// compiler vectorises.
`default_nettype none

module random_source #(
  parameter int unsigned Width = 32,
  parameter int unsigned T     = 16
) (
  input  wire logic               clk_i,
  input  wire logic               rst_ni,
  input  wire logic               valid_i,
  input  wire logic [63:0]        key_i,
  input  wire logic [15:0]        row_i,    // of lane 0
  input  wire logic [15:0]        col_i,    // of lane 0
  output logic                    valid_o,
  output logic [8*Width-1:0]      random_o
);
  if (Width % 4 != 0 || Width % T != 0) begin : g_bad_width
    $error("random_source: Width must be a multiple of 4 and of T");
  end

  localparam int unsigned Quads  = (Width % 16 == 0) ? 4 : 1;
  localparam int unsigned Groups = Width / (4 * Quads);

  logic [15:0] random [Width];

  // The arrays above are private to the one clocked block below.
  // verilator lint_off BLKSEQ
  task automatic draw();
    logic [15:0] key0, key1, key2, key3, key4, key5, key6;
    logic [15:0] x, y;
    key0 = key_i[15:0];
    key1 = key_i[31:16] ^ 16'd1;
    key2 = key_i[47:32] ^ 16'd2;
    key3 = key_i[63:48] ^ 16'd3;
    key4 = key_i[15:0] ^ 16'd4;
    key5 = key_i[31:16] ^ 16'd5;
    key6 = key_i[47:32] ^ 16'd6;
    for (int unsigned i = 0; i < Width; i++) begin
      x = row_i + 16'(i / T);
      y = col_i + 16'(i % T);
      x = ({x[6:0], x[15:7]} + y) ^ key0;
      y = {y[13:0], y[15:14]} ^ x;
      x = ({x[6:0], x[15:7]} + y) ^ key1;
      y = {y[13:0], y[15:14]} ^ x;
      x = ({x[6:0], x[15:7]} + y) ^ key2;
      y = {y[13:0], y[15:14]} ^ x;
      x = ({x[6:0], x[15:7]} + y) ^ key3;
      y = {y[13:0], y[15:14]} ^ x;
      x = ({x[6:0], x[15:7]} + y) ^ key4;
      y = {y[13:0], y[15:14]} ^ x;
      x = ({x[6:0], x[15:7]} + y) ^ key5;
      y = {y[13:0], y[15:14]} ^ x;
      x = ({x[6:0], x[15:7]} + y) ^ key6;
      random[i] = x;
    end
  endtask
  // verilator lint_on BLKSEQ

  always_ff @(posedge clk_i) begin
    valid_o <= valid_i && rst_ni;
    if (valid_i) begin
      draw();
      for (int unsigned g = 0; g < Groups; g++) begin
        for (int unsigned q = 0; q < Quads; q++) begin
          random_o[32*(Quads*g + q) +: 32] <=
              {random[4*(Quads*g + q) + 3][15:8], random[4*(Quads*g + q) + 2][15:8],
               random[4*(Quads*g + q) + 1][15:8], random[4*(Quads*g + q)][15:8]};
        end
      end
    end
  end

endmodule
