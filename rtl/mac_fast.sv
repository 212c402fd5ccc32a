// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// mac_tile as C++ runs it best: one clocked block, consumers first (drain, mac, load), blocking
// writes to arrays private to that block, rolled loops that the C++ compiler vectorises. Ports and
// timing are mac_tile's. Beside them capture_i says, a cycle after a slice's load, that its sums go to
// the shadow, and flip_i two cycles later that they are what is drained from the next cycle on; row
// codes mean (code, its top bit turned with a_flip_i) - a_bias_i.
`default_nettype none

module mac_fast #(
  parameter int unsigned Rows       = 16,
  parameter int unsigned Cols       = 16,
  parameter int unsigned Lanes      = 16,
  parameter int unsigned DrainWidth = 32,
  localparam int unsigned LineBits  = $clog2(Lanes),
  localparam int unsigned RowBlockBits = (Rows == Lanes) ? 1 : $clog2(Rows / Lanes),
  localparam int unsigned ColBlockBits = (Cols == Lanes) ? 1 : $clog2(Cols / Lanes)
) (
  input  wire logic                         clk_i,
  // operands
  input  wire logic                         load_i,
  input  wire logic                         first_i,
  input  wire logic [1:0]                   shift_i,
  input  wire logic                         a_flip_i,
  input  wire logic [3:0]                   a_bias_i,
  input  wire logic [1:0]                   b_format_i,
  input  wire logic [Lanes-1:0]             lane_valid_i,
  input  wire logic [Rows*Lanes*4-1:0]      a_i,
  input  wire logic [Cols*Lanes*4-1:0]      b_i,
  // shadow
  input  wire logic                         capture_i,
  input  wire logic                         flip_i,
  input  wire logic                         drain_i,
  input  wire logic                         transpose_i,
  input  wire logic [RowBlockBits-1:0]      row_block_i,
  input  wire logic [ColBlockBits-1:0]      col_block_i,
  input  wire logic [LineBits-1:0]          line_i,
  output logic [DrainWidth*32-1:0]          result_o
);
  localparam int unsigned Lines = DrainWidth / Lanes;

  // Two's complement in unsigned words of 16 bits: the sum of a slice of Lanes products fits,
  // and narrow unsigned words are what vectorises best. LOG4 alone exceeds them, so its powers
  // from 256 on, divided by 256, are kept apart and summed apart.
  localparam int unsigned Words = (Lanes < 4) ? 1 : Lanes / 4;  // of four codes, a row or column; mac_tile refuses fewer lanes
  localparam int unsigned Pairs = (Words + 1) / 2;            // of words
  localparam int unsigned Halves = Words / Pairs;             // of a pair that are there
  localparam int unsigned PairBits = 16 * Halves;
  // Fenced: operands of vectorised loops; every pair of codes in every format on every lane is the affair of test_mac_tile.
  // verilator coverage_off
  logic [31:0] a_pair [Rows*Pairs];
  logic [31:0] b_pair [Pairs][Cols];
  logic [15:0] a_word [Halves][Rows*Pairs];
  logic [15:0] b_word [Cols];
  logic [15:0] a_q [4][Halves][Rows*Pairs];   // code in the word, word
  logic [15:0] b_q [Lanes][Cols];
  logic [15:0] b_high_q [Lanes][Cols];
  // verilator coverage_on
  logic high_q;
  logic [31:0] acc_q [Rows][Cols];
  logic [31:0] shadow_q [2][Rows][Cols];  // sums are here as soon as added, but read from front_q
  logic mac_q, first_q, front_q;
  logic [1:0] shift_q;

  // The choice waits, not the results: a shadow is written again four cycles after it went to the
  // front at the earliest.
  logic drain1_q, drain2_q, front1_q, front2_q, transpose1_q, transpose2_q;
  logic [31:0] row1_q, row2_q, col1_q, col2_q;   // of the block's first line in the shadow

  // Fenced: vectorised loops; every pair of codes in every format on every lane is the affair of test_mac_tile.
  // verilator coverage_off
  // The arrays above are private to the one clocked block below.
  // verilator lint_off BLKSEQ
  // Sums start at 2^15, so that they are unsigned: an unsigned word is the cheaper one to widen.
  task automatic mac();
    logic [15:0] sum;
    logic [15:0] slice [Rows][Cols];        // its own, so that the C++ compiler knows that it is no other
    for (int unsigned r = 0; r < Rows; r++) begin
      for (int unsigned c = 0; c < Cols; c++) begin
        sum = 16'h8000;
        for (int unsigned g = 0; g < Lanes / 4; g++) begin
          for (int unsigned l = 0; l < 4; l++) begin
            sum = sum + a_q[l][g%Halves][Pairs*r + g/Halves] * b_q[4*g + l][c];
          end
        end
        slice[r][c] = sum;
      end
    end
    if (first_q) begin
      for (int unsigned r = 0; r < Rows; r++) begin
        for (int unsigned c = 0; c < Cols; c++) acc_q[r][c] = 32'(slice[r][c]) - 32'h8000;
      end
    end else begin
      for (int unsigned r = 0; r < Rows; r++) begin
        for (int unsigned c = 0; c < Cols; c++) acc_q[r][c] = (acc_q[r][c] << shift_q) + 32'(slice[r][c]) - 32'h8000;
      end
    end
    if (high_q) begin
      for (int unsigned r = 0; r < Rows; r++) begin
        for (int unsigned c = 0; c < Cols; c++) begin
          sum = 16'h8000;
          for (int unsigned g = 0; g < Lanes / 4; g++) begin
            for (int unsigned l = 0; l < 4; l++) begin
              sum = sum + a_q[l][g%Halves][Pairs*r + g/Halves] * b_high_q[4*g + l][c];
            end
          end
          slice[r][c] = sum;
        end
      end
      for (int unsigned r = 0; r < Rows; r++) begin
        for (int unsigned c = 0; c < Cols; c++) acc_q[r][c] = acc_q[r][c] + {8'd0, slice[r][c], 8'd0} - 32'h800000;
      end
    end
  endtask

  task automatic capture();
    for (int unsigned r = 0; r < Rows; r++) begin
      for (int unsigned c = 0; c < Cols; c++) shadow_q[!front_q][r][c] = acc_q[r][c];
    end
  endtask

  // Loops of four or less unroll, so that the slices of the ports are constant.
  task automatic take_codes();
    for (int unsigned h = 0; h < Rows / 4; h++) begin
      for (int unsigned i = 0; i < 4; i++) begin
        for (int unsigned p = 0; p < Pairs; p++) begin
          a_pair[Pairs*(4*h + i) + p] = 32'(a_i[4*Lanes*(4*h + i) + 32*p +: PairBits]);
        end
      end
    end
    for (int unsigned p = 0; p < Pairs; p++) begin
      for (int unsigned h = 0; h < Cols / 4; h++) begin
        for (int unsigned i = 0; i < 4; i++) begin
          b_pair[p][4*h + i] = 32'(b_i[4*Lanes*(4*h + i) + 32*p +: PairBits]);
        end
      end
    end
  endtask

  task automatic load_a();
    logic [15:0] flip, bias;
    flip = {12'd0, a_flip_i, 3'd0};
    bias = {12'd0, a_bias_i};
    for (int unsigned h = 0; h < Halves; h++) begin
      for (int unsigned i = 0; i < Rows * Pairs; i++) a_word[h][i] = 16'(a_pair[i] >> (16*h));
    end
    for (int unsigned j = 0; j < 4; j++) begin
      for (int unsigned h = 0; h < Halves; h++) begin
        for (int unsigned i = 0; i < Rows * Pairs; i++) begin
          a_q[j][h][i] = (((a_word[h][i] >> (4*j)) & 16'd15) ^ flip) - bias;
        end
      end
    end
  endtask

  // Logarithmic codes are decoded two at once, in the bytes of a word: v is the power for the
  // lower two exponent bits, 0 at 0; with the third, `above`, it is 2^4 or 4^4 as much, and for
  // exponent 4 what v has not. Shifts by an amount of each lane's own would not vectorise.
  task automatic load_b();
    logic [15:0] keep, code, third, above, four, v, low, high, sign;
    high_q = b_format_i == cuatro_pkg::B_LOG4;
    for (int unsigned w = 0; w < Words; w++) begin
      keep = {{4{lane_valid_i[4*w + 3]}}, {4{lane_valid_i[4*w + 2]}}, {4{lane_valid_i[4*w + 1]}}, {4{lane_valid_i[4*w]}}};
      for (int unsigned c = 0; c < Cols; c++) b_word[c] = 16'(b_pair[w/Halves][c] >> (16*(w%Halves))) & keep;
      unique case (b_format_i)
        cuatro_pkg::B_LOG4: begin
          for (int unsigned p = 0; p < 2; p++) begin
            for (int unsigned c = 0; c < Cols; c++) begin
              code  = (b_word[c] >> (4*p)) & 16'h0f0f;
              sign  = (code >> 3) & 16'h0101;
              third = (code >> 2) & 16'h0101;
              above = (third << 8) - third;
              four  = third & ~(code | (code >> 1));
              v     = (code & 16'h0101) + ((code & 16'h0202) << 1) + 16'd11 * (code & (code >> 1) & 16'h0101);
              low   = (v & ~above) | (four << 6);
              high  = v & above;
              b_q[4*w + p][c]          = ((low & 16'hff) ^ -(sign & 16'd1)) + (sign & 16'd1);
              b_q[4*w + p + 2][c]      = ((low >> 8) ^ -(sign >> 8)) + (sign >> 8);
              b_high_q[4*w + p][c]     = ((high & 16'hff) ^ -(sign & 16'd1)) + (sign & 16'd1);
              b_high_q[4*w + p + 2][c] = ((high >> 8) ^ -(sign >> 8)) + (sign >> 8);
            end
          end
        end
        cuatro_pkg::B_LOG2: begin
          for (int unsigned p = 0; p < 2; p++) begin
            for (int unsigned c = 0; c < Cols; c++) begin
              code  = (b_word[c] >> (4*p)) & 16'h0f0f;
              sign  = (code >> 3) & 16'h0101;
              third = (code >> 2) & 16'h0101;
              above = (third << 8) - third;
              four  = third & ~(code | (code >> 1));
              v     = (code & 16'h0303) + (code & (code >> 1) & 16'h0101);
              low   = (v & ~above) | ((v << 4) & above) | (four << 3);
              b_q[4*w + p][c]     = ((low & 16'hff) ^ -(sign & 16'd1)) + (sign & 16'd1);
              b_q[4*w + p + 2][c] = ((low >> 8) ^ -(sign >> 8)) + (sign >> 8);
            end
          end
        end
        default: begin
          for (int unsigned j = 0; j < 4; j++) begin
            for (int unsigned c = 0; c < Cols; c++) b_q[4*w + j][c] = (((b_word[c] >> (4*j)) & 16'd15) ^ 16'd8) - 16'd8;
          end
        end
      endcase
    end
  endtask
  // verilator lint_on BLKSEQ
  // verilator coverage_on

  always_ff @(posedge clk_i) begin
    mac_q   <= load_i;
    first_q <= first_i;
    shift_q <= shift_i;
    if (flip_i) front_q <= !front_q;

    drain1_q <= drain_i;
    drain2_q <= drain1_q;
    if (drain_i) begin
      front1_q     <= front_q;
      transpose1_q <= transpose_i;
      row1_q       <= 32'(row_block_i)*Lanes + (transpose_i ? 32'd0 : 32'(line_i));
      col1_q       <= 32'(col_block_i)*Lanes + (transpose_i ? 32'(line_i) : 32'd0);
    end
    if (drain1_q) {front2_q, transpose2_q, row2_q, col2_q} <= {front1_q, transpose1_q, row1_q, col1_q};
    if (drain2_q) begin
      // Loops of four or less unroll, so that these are constant slices.
      for (int unsigned i = 0; i < Lines; i++) begin
        for (int unsigned h = 0; h < Lanes / 4; h++) begin
          for (int unsigned j = 0; j < 4; j++) begin
            if (transpose2_q) result_o[32*(Lanes*i + 4*h + j) +: 32] <= shadow_q[front2_q][row2_q + 4*h + j][col2_q + i];
            else result_o[32*(Lanes*i + 4*h + j) +: 32] <= shadow_q[front2_q][row2_q + i][col2_q + 4*h + j];
          end
        end
      end
    end
    if (mac_q) mac();
    if (mac_q && capture_i) capture();
    if (load_i) begin
      take_codes();
      load_a();
      load_b();
    end
  end
endmodule
