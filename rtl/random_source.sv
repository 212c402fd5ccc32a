// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// A random byte a lane, a pure function of the key and the element's row and column: no state, so
// codes do not depend on the order in which elements pass. The lanes are Width/T whole lines of a
// T-wide block: lane i is the element (row0_i + row_i + i / T, col0_i + col_i + i mod T), modulo
// 2^16, row_i a multiple of Width/T. Seven rounds of add, rotate and xor on 16-bit words, i = 0..6
// (fewer leave distant rows correlated):
//   x = (ror(x, 7) + y) ^ key[16·(i mod 4) +: 16] ^ i;   y = rol(y, 2) ^ x
// from x = row, y = column; the byte is bits 15..8 of x. Two more bytes, if three_i asks for them, are
// bits 7..0 of x (second_o) and 15..8 of y (third_o). The bytes come with valid_o five cycles
// after valid_i, with `Structural` eight, and count in that cycle only. No back-pressure.
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
  // Structural registers run free.
  // verilator lint_off UNUSEDSIGNAL
  input  wire logic               three_i,
  // verilator lint_on UNUSEDSIGNAL
  input  wire logic [63:0]        key_i,
  input  wire logic [15:0]        row0_i,   // of the block's tensor in S
  input  wire logic [15:0]        col0_i,
  input  wire logic [15:0]        row_i,    // of lane 0 in the tensor
  input  wire logic [15:0]        col_i,
  output logic                    valid_o,
  output logic [8*Width-1:0]      random_o,
  output logic [8*Width-1:0]      second_o,
  output logic [8*Width-1:0]      third_o
);
  if (Width % 4 != 0 || Width % T != 0 || ((Width / T) & (Width / T - 1)) != 0) begin : g_bad_width
    $error("random_source: Width must be a multiple of 4 and a power of two times T");
  end
  if (Structural && T > 16) begin : g_bad_line
    $error("random_source: the Structural form shares round 0 between at most 16 lanes of a line");
  end

  logic [7:0] ready_q;
  always_ff @(posedge clk_i) ready_q <= {ready_q[6:0], valid_i} & {8{rst_ni}};
  assign valid_o = Structural ? ready_q[7] : ready_q[4];

  if (Structural) begin : g_structural
    // Keys 0..3 are needed in rounds 0..3 and again in 4..6; a round is a cycle, from the second on.
    logic [63:0] key_q [7];
    logic [95:0] round_key;
    logic [15:0] col_q;
    logic [11:0] column_next;
    for (genvar i = 0; i < 7; i++) begin : g_key
      if (i == 0) begin : g_first
        always_ff @(posedge clk_i) key_q[i] <= key_i;
      end else begin : g_next
        always_ff @(posedge clk_i) key_q[i] <= key_q[i-1];
        assign round_key[16*(i - 1) +: 16] = key_q[i][16*(i % 4) +: 16] ^ 16'(i);
      end
    end
    always_ff @(posedge clk_i) col_q <= col0_i + col_i;
    assign column_next = col_q[15:4] + 12'd1;
    for (genvar l = 0; l < Width / T; l++) begin : g_line
      // Lanes of a line differ in the lowest four bits and in the carry from there, for which the
      // upper bits of round 0 stand ready without and with it.
      logic [15:0] row_q, turned, sum, half, carry;
      logic [11:0] sum_next, x, x_next;
      assign turned   = {row_q[6:0], row_q[15:7]};
      assign sum      = turned + col_q;
      // turned + col_q + 16 without a second adder in its way.
      assign half     = turned ^ col_q ^ 16'd16;
      assign carry    = (turned & col_q) | ((turned | col_q) & 16'd16);
      assign sum_next = 12'((half + (carry << 1)) >> 4);
      assign x        = sum[15:4] ^ key_q[0][15:4];
      assign x_next   = sum_next ^ key_q[0][15:4];
      always_ff @(posedge clk_i) row_q <= row0_i + (row_i | 16'(l));
      for (genvar j = 0; j < T; j++) begin : g_lane
        logic [4:0] sum_low, column_low;
        logic [15:0] x_q, column_q;
        assign sum_low    = {1'b0, sum[3:0]} + 5'(j);
        assign column_low = {1'b0, col_q[3:0]} + 5'(j);
        always_ff @(posedge clk_i) begin
          x_q      <= {sum_low[4] ? x_next : x, sum_low[3:0] ^ key_q[0][3:0]};
          column_q <= {column_low[4] ? column_next : col_q[15:4], column_low[3:0]};
        end
        random_lane u_lane (
          .clk_i, .x_i(x_q), .column_i(column_q), .key_i(round_key), .random_o(random_o[8*(T*l + j) +: 8]),
          .second_o(second_o[8*(T*l + j) +: 8]), .third_o(third_o[8*(T*l + j) +: 8]));
      end
    end
  end else begin : g_fast
    localparam int unsigned Quads  = (Width % 16 == 0) ? 4 : 1;
    localparam int unsigned Groups = Width / (4 * Quads);

    // Drawn in the fourth cycle, so that what waits is narrow.
    logic [63:0] key;
    logic [31:0] element_q, element;
    always_ff @(posedge clk_i) element_q <= {row0_i + row_i, col0_i + col_i};
    delay #(.Width(64), .Cycles(3)) u_key (.clk_i, .d_i(key_i), .q_o(key));
    delay #(.Width(32), .Cycles(2)) u_element (.clk_i, .d_i(element_q), .q_o(element));

    // Fenced: words of vectorised loops, which test_random_source compares in every lane.
    // verilator coverage_off
    logic [15:0] random [Width];
    logic [15:0] other [Width];
    // verilator coverage_on
    logic [3:0] three_q;
    always_ff @(posedge clk_i) three_q <= {three_q[2:0], valid_i && three_i};

    // Fenced: vectorised loops, which test_random_source compares in every lane with random and corner keys, rows and columns.
    // verilator coverage_off
    // The arrays above are private to the one clocked block below.
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
        other[i]  = {y[13:0], y[15:14]} ^ x;
      end
    endtask
    // verilator lint_on BLKSEQ
    // verilator coverage_on

    always_ff @(posedge clk_i) begin
      if (ready_q[3]) begin
        for (int unsigned g = 0; g < Groups; g++) begin
          for (int unsigned q = 0; q < Quads; q++) begin
            random_o[32*(Quads*g + q) +: 32] <=
                {random[4*(Quads*g + q) + 3][15:8], random[4*(Quads*g + q) + 2][15:8],
                 random[4*(Quads*g + q) + 1][15:8], random[4*(Quads*g + q)][15:8]};
          end
        end
      end
      if (three_q[3]) begin
        for (int unsigned g = 0; g < Groups; g++) begin
          for (int unsigned q = 0; q < Quads; q++) begin
            second_o[32*(Quads*g + q) +: 32] <=
                {random[4*(Quads*g + q) + 3][7:0], random[4*(Quads*g + q) + 2][7:0],
                 random[4*(Quads*g + q) + 1][7:0], random[4*(Quads*g + q)][7:0]};
            third_o[32*(Quads*g + q) +: 32] <=
                {other[4*(Quads*g + q) + 3][15:8], other[4*(Quads*g + q) + 2][15:8],
                 other[4*(Quads*g + q) + 1][15:8], other[4*(Quads*g + q)][15:8]};
          end
        end
      end
      if (ready_q[2]) draw();
    end
  end
endmodule
