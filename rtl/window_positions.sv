// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Where the windows of T output positions of a convolution begin, row after row and image after image:
// column and row of each window's first element in the source (negative in the padding), and the buffer
// line of that element. With dilated_i the source's rows and columns stand two apart, and stride_i is 1:
// the line is then that of the next element that there is.
//
// Two positions a cycle are made, the next T while the last T are in use: `take_i`, allowed with ready_o,
// ends the present ones, and the next ones follow a cycle later. All numbers are modulo 2^12.
`default_nettype none

module window_positions #(
  parameter int unsigned T = 16,
  localparam int unsigned Bits = 12
) (
  input  wire logic              clk_i,
  input  wire logic              rst_ni,
  // job
  input  wire logic              load_i,
  input  wire logic [7:0]        out_x_i,
  input  wire logic [7:0]        out_y_i,
  input  wire logic [7:0]        out_width_i,
  input  wire logic [7:0]        out_height_i,
  input  wire logic [3:0]        stride_i,
  input  wire logic              dilated_i,
  input  wire logic [3:0]        pad_h_i,
  input  wire logic [3:0]        pad_w_i,
  input  wire logic [Bits-1:0]   pitch_i,
  input  wire logic [Bits-1:0]   next_image_i,
  input  wire logic [Bits-1:0]   origin_i,
  // positions
  input  wire logic              take_i,
  output logic                   ready_o,
  output logic [Bits*T-1:0]      col_o,
  output logic [Bits*T-1:0]      row_o,
  output logic [Bits*T-1:0]      line_o
);
  if (T < 2 || T % 2 != 0) begin : g_bad_edge
    $error("window_positions: T must be even");
  end
  localparam int unsigned CountBits = $clog2(T / 2) + 1;

  logic [CountBits-1:0] made_q;                      // pairs
  logic [7:0] x_q, y_q, last_x_q, last_y_q;
  logic [3:0] stride_q;
  logic dilated_q;
  logic [Bits-1:0] col_q, row_q, line_q, step_q, next_image_q, first_col_q, first_row_q;
  logic [Bits*T-1:0] cols_q, rows_q, lines_q;        // being made, from the high end; of one block, which writes them last

  assign ready_o = made_q == CountBits'(T / 2);

  logic [7:0] x, y;
  logic [Bits-1:0] col, row, line;
  logic [2*Bits-1:0] pair_cols, pair_rows, pair_lines;

  // What is assigned at once is the clocked block's own.
  // verilator lint_off BLKSEQ
  task automatic step();
    if (x != last_x_q) begin
      x   = x + 8'd1;
      col = col + Bits'(stride_q);
    end else begin
      x   = 8'd0;
      col = first_col_q;
      if (y != last_y_q) begin
        y    = y + 8'd1;
        line = line + ((dilated_q && row[0]) ? '0 : step_q);
        row  = row + Bits'(stride_q);
      end else begin
        y    = 8'd0;
        line = line + next_image_q;
        row  = first_row_q;
      end
    end
  endtask

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      made_q <= CountBits'(T / 2);
    end else if (load_i) begin
      made_q <= '0;
    end else if (!ready_o) begin
      made_q <= made_q + 1'b1;
    end else if (take_i) begin
      made_q <= '0;
    end
    if (take_i) begin
      col_o  <= cols_q;
      row_o  <= rows_q;
      line_o <= lines_q;
    end
    if (load_i) begin
      x_q          <= out_x_i;
      y_q          <= out_y_i;
      last_x_q     <= out_width_i - 8'd1;
      last_y_q     <= out_height_i - 8'd1;
      stride_q     <= stride_i;
      dilated_q    <= dilated_i;
      col_q        <= Bits'(out_x_i) * Bits'(stride_i) - Bits'(pad_w_i);
      row_q        <= Bits'(out_y_i) * Bits'(stride_i) - Bits'(pad_h_i);
      line_q       <= origin_i;
      step_q       <= dilated_i ? pitch_i : Bits'(pitch_i * Bits'(stride_i));
      next_image_q <= next_image_i;
      first_col_q  <= Bits'(0) - Bits'(pad_w_i);
      first_row_q  <= Bits'(0) - Bits'(pad_h_i);
    end else if (!ready_o) begin
      x    = x_q;
      y    = y_q;
      col  = col_q;
      row  = row_q;
      line = line_q;
      pair_cols[0 +: Bits]  = col;
      pair_rows[0 +: Bits]  = row;
      pair_lines[0 +: Bits] = line + (dilated_q ? {col[Bits-1], col[Bits-1:1]} + Bits'(col[0]) : col);
      step();
      pair_cols[Bits +: Bits]  = col;
      pair_rows[Bits +: Bits]  = row;
      pair_lines[Bits +: Bits] = line + (dilated_q ? {col[Bits-1], col[Bits-1:1]} + Bits'(col[0]) : col);
      step();
      x_q     <= x;
      y_q     <= y;
      col_q   <= col;
      row_q   <= row;
      line_q  <= line;
      cols_q  = {pair_cols, cols_q[Bits*T-1:2*Bits]};
      rows_q  = {pair_rows, rows_q[Bits*T-1:2*Bits]};
      lines_q = {pair_lines, lines_q[Bits*T-1:2*Bits]};
    end
  end
  // verilator lint_on BLKSEQ
endmodule
