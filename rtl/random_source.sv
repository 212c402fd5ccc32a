// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// A random byte a lane, a pure function of the key and the element's row and column: no state, so
// codes do not depend on the order in which elements pass. The lanes are Width/T whole lines of a
// T-wide block: lane i is the element (row_i + i / T, col_i + i mod T), modulo 2^16. Seven rounds
// of add, rotate and xor on 16-bit words, i = 0..6 (fewer leave
// distant rows correlated):
//   x = (ror(x, 7) + y) ^ key[16·(i mod 4) +: 16] ^ i;   y = rol(y, 2) ^ x
// from x = row, y = column; the byte is bits 15..8 of x. The bytes come with valid_o four cycles
// after valid_i, with `Structural` seven, and count in that cycle only. No back-pressure.
//
// The fast form computes in arrays that are private to its clocked block, with loops over lanes
// that the C++ compiler vectorises. `Structural` builds it from random_lane; its three cycles more
// are those by which quantize_unit takes the bytes later.
`default_nettype none

module random_source #(
  parameter int unsigned Width      = 32,
  parameter int unsigned T          = 16,
  parameter bit          Structural = 1'b0
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
  if (Structural && T > 16) begin : g_bad_line
    $error("random_source: the Structural form shares round 0 between at most 16 lanes of a line");
  end

  logic [6:0] ready_q;
  always_ff @(posedge clk_i) ready_q <= {ready_q[5:0], valid_i} & {7{rst_ni}};
  assign valid_o = Structural ? ready_q[6] : ready_q[3];

  if (Structural) begin : g_structural
    // Keys 0..3 are needed in rounds 0..3 and again in 4..6; a round is a cycle.
    logic [63:0] key_q [6];
    logic [95:0] round_key;
    logic [11:0] column_q, column_next_q;
    for (genvar i = 0; i < 6; i++) begin : g_key
      if (i == 0) begin : g_first
        always_ff @(posedge clk_i) key_q[i] <= key_i;
      end else begin : g_next
        always_ff @(posedge clk_i) key_q[i] <= key_q[i-1];
      end
      assign round_key[16*i +: 16] = key_q[i][16*((i + 1) % 4) +: 16] ^ 16'(i + 1);
    end
    always_ff @(posedge clk_i) begin
      column_q      <= col_i[15:4];
      column_next_q <= col_i[15:4] + 12'd1;
    end
    for (genvar l = 0; l < Width / T; l++) begin : g_line
      logic [15:0] row, sum;
      logic [11:0] sum_q, sum_next_q;
      assign row = row_i + 16'(l);
      assign sum = {row[6:0], row[15:7]} + col_i;
      always_ff @(posedge clk_i) begin
        sum_q      <= sum[15:4];
        sum_next_q <= sum[15:4] + 12'd1;
      end
      for (genvar j = 0; j < T; j++) begin : g_lane
        logic [4:0] sum_low_q, column_low_q;
        always_ff @(posedge clk_i) begin
          sum_low_q    <= {1'b0, sum[3:0]} + 5'(j);
          column_low_q <= {1'b0, col_i[3:0]} + 5'(j);
        end
        random_lane u_lane (
          .clk_i, .sum_i(sum_q), .sum_next_i(sum_next_q), .sum_low_i(sum_low_q),
          .column_i(column_q), .column_next_i(column_next_q), .column_low_i(column_low_q),
          .key0_i(key_q[0][15:0]), .key_i(round_key), .random_o(random_o[8*(T*l + j) +: 8]));
      end
    end
  end else begin : g_fast
    localparam int unsigned Quads  = (Width % 16 == 0) ? 4 : 1;
    localparam int unsigned Groups = Width / (4 * Quads);

    // Drawn in the third cycle, so that what waits is narrow.
    logic [63:0] key;
    logic [31:0] element;
    delay #(.Width(64), .Cycles(2)) u_key (.clk_i, .d_i(key_i), .q_o(key));
    delay #(.Width(32), .Cycles(2)) u_element (.clk_i, .d_i({row_i, col_i}), .q_o(element));

    logic [15:0] random [Width];

    // The array above is private to the one clocked block below.
    // verilator lint_off BLKSEQ
    task automatic draw();
      logic [15:0] key0, key1, key2, key3, key4, key5, key6;
      logic [15:0] x, y;
      key0 = key[15:0];
      key1 = key[31:16] ^ 16'd1;
      key2 = key[47:32] ^ 16'd2;
      key3 = key[63:48] ^ 16'd3;
      key4 = key[15:0] ^ 16'd4;
      key5 = key[31:16] ^ 16'd5;
      key6 = key[47:32] ^ 16'd6;
      for (int unsigned i = 0; i < Width; i++) begin
        x = element[31:16] + 16'(i / T);
        y = element[15:0] + 16'(i % T);
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
      if (ready_q[2]) begin
        for (int unsigned g = 0; g < Groups; g++) begin
          for (int unsigned q = 0; q < Quads; q++) begin
            random_o[32*(Quads*g + q) +: 32] <=
                {random[4*(Quads*g + q) + 3][15:8], random[4*(Quads*g + q) + 2][15:8],
                 random[4*(Quads*g + q) + 1][15:8], random[4*(Quads*g + q)][15:8]};
          end
        end
      end
      if (ready_q[1]) draw();
    end
  end
endmodule
