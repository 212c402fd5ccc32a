// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Blocks of the images under a window, as they come from memory, into the banks of the window buffer.
// Line i of a block is pixel i of T that follow each other, T channels of it. Buffer line n lies in word
// n/T of bank n mod T; rows stand pitch_i lines apart, so that a block is written a row's stretch at a
// time. Blocks come with the channels of the same T pixels one after the other, each channel block with
// plane_i buffer words of its own; lines beyond them, and lines below 0, are not written.
`default_nettype none

module window_fill #(
  parameter int unsigned T        = 16,
  parameter int unsigned WordBits = 8,               // of a bank's addresses
  localparam int unsigned Bits    = 12,
  localparam int unsigned LineLog = $clog2(T)
) (
  input  wire logic                  clk_i,
  // job: in a cycle without word_valid_i
  input  wire logic                  load_i,
  input  wire logic [7:0]            width_i,
  input  wire logic [7:0]            height_i,
  input  wire logic [7:0]            x_i,             // of the first line
  input  wire logic [7:0]            y_i,
  input  wire logic [Bits-1:0]       line_i,          // where its row begins
  input  wire logic [Bits-1:0]       pitch_i,
  input  wire logic [Bits-1:0]       gap_i,           // from an image's last row to the next one's first
  input  wire logic [3:0]            last_channel_i,
  input  wire logic [7:0]            plane_i,
  input  wire logic [7:0]            blocks_i,
  input  wire logic [WordBits-1:0]   base_i,          // of the buffer's words
  // blocks: one stays until more_o falls
  input  wire logic                  word_valid_i,
  input  wire logic [4*T*T-1:0]      word_i,
  output logic                       more_o,
  output logic                       filled_o,        // the last of the job is written
  // banks
  output logic [T-1:0]               we_o,
  output logic [WordBits*T-1:0]      addr_o,
  output logic [4*T*T-1:0]           data_o
);
  localparam int unsigned HighBits = Bits - LineLog;
  localparam int unsigned RowBits  = 4 * T;

  // A place: rest of the row, row of the image, buffer line.
  logic [7:0] left_q, y_q, first_left_q, first_y_q, last_y_q, width_q, plane_q, words_left_q;
  logic [Bits-1:0] line_q, row_q, first_line_q, first_row_q, pitch_q, gap_q;
  logic [3:0] channel_q, last_channel_q;
  logic [LineLog:0] rest_q;                           // lines of the block that are not written
  logic [WordBits-1:0] base_q, first_base_q;

  logic ends_row, ends_block, last_of_channels;         // ends_block is a register: more_o goes far
  logic [LineLog:0] count;
  logic [7:0] next_left, next_y;
  logic [Bits-1:0] next_line, next_row;

  assign ends_row         = left_q <= 8'(rest_q);
  assign count            = ends_block ? rest_q : (LineLog + 1)'(left_q);
  assign last_of_channels = channel_q == last_channel_q;
  assign more_o           = word_valid_i && !ends_block;
  assign filled_o         = word_valid_i && ends_block && words_left_q == 8'd1;

  always_comb begin
    next_left = left_q - 8'(count);
    next_y    = y_q;
    next_row  = row_q;
    next_line = line_q + Bits'(count);
    if (ends_row) begin
      next_left = width_q;
      next_y    = (y_q == last_y_q) ? 8'd0 : y_q + 8'd1;
      next_row  = row_q + ((y_q == last_y_q) ? gap_q : pitch_q);
      next_line = next_row;
    end
  end

  always_ff @(posedge clk_i) begin
    if (load_i) begin
      width_q        <= width_i;
      last_y_q       <= height_i - 8'd1;
      pitch_q        <= pitch_i;
      gap_q          <= gap_i;
      last_channel_q <= last_channel_i;
      plane_q        <= plane_i;
      base_q         <= base_i;
      first_base_q   <= base_i;
      words_left_q   <= blocks_i;
      channel_q      <= 4'd0;
      rest_q         <= (LineLog + 1)'(T);
      left_q         <= width_i - x_i;
      ends_block     <= width_i - x_i >= 8'(T);
      first_left_q   <= width_i - x_i;
      y_q            <= y_i;
      first_y_q      <= y_i;
      row_q          <= line_i;
      first_row_q    <= line_i;
      line_q         <= line_i + Bits'(x_i);
      first_line_q   <= line_i + Bits'(x_i);
    end else if (word_valid_i) begin
      rest_q     <= ends_block ? (LineLog + 1)'(T) : rest_q - count;
      ends_block <= !ends_block ? width_q >= 8'(rest_q) - left_q : (last_of_channels ? next_left : first_left_q) >= 8'(T);
      if (ends_block) begin
        words_left_q <= words_left_q - 8'd1;
        channel_q    <= last_of_channels ? 4'd0 : channel_q + 4'd1;
        base_q       <= base_q + WordBits'(plane_q);
      end
      if (ends_block && last_of_channels) begin
        base_q       <= first_base_q;
        first_left_q <= next_left;
        first_y_q    <= next_y;
        first_row_q  <= next_row;
        first_line_q <= next_line;
      end
      if (ends_block && !last_of_channels) begin
        left_q <= first_left_q;
        y_q    <= first_y_q;
        row_q  <= first_row_q;
        line_q <= first_line_q;
      end else begin
        left_q <= next_left;
        y_q    <= next_y;
        row_q  <= next_row;
        line_q <= next_line;
      end
    end
  end

  // --- banks: line i of the block to bank (i - turn) mod T ---------------------------------------
  logic [LineLog-1:0] turn;
  logic [HighBits-1:0] high, next_high;

  assign turn      = LineLog'((LineLog + 1)'(T) - rest_q) - line_q[LineLog-1:0];
  assign high      = line_q[Bits-1:LineLog];
  assign next_high = high + 1'b1;
  always_comb begin
    data_o = word_i;
    if (word_valid_i) begin
      for (int unsigned k = 0; k < LineLog; k++) begin
        if (turn[k]) data_o = (data_o >> (RowBits << k)) | (data_o << (4 * T * T - (RowBits << k)));
      end
    end
  end

  // Per bank: place of its line in the stretch.
  logic [LineLog-1:0] place;
  // Only the carry counts.
  // verilator lint_off UNUSEDSIGNAL
  logic [LineLog:0] sum;
  // verilator lint_on UNUSEDSIGNAL
  logic [HighBits-1:0] word;
  always_comb begin
    we_o   = '0;
    addr_o = '0;
    place  = '0;
    sum    = '0;
    word   = '0;
    if (word_valid_i) begin
      for (int unsigned b = 0; b < T; b++) begin
        place   = LineLog'(b) - line_q[LineLog-1:0];
        sum     = {1'b0, place} + {1'b0, line_q[LineLog-1:0]};
        word    = sum[LineLog] ? next_high : high;
        we_o[b] = {1'b0, place} < count && word < HighBits'(plane_q);
        addr_o[WordBits*b +: WordBits] = base_q + WordBits'(word);
      end
    end
  end
endmodule
