// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// The items of a load or store, in the order of memory: where each lies there and in its scratchpad.
// Items of one row follow each other in memory. In the scratchpad a step along a row adds `col_step`,
// a step to the next row `row_step`, to the address of the row's first; one of the two (`sub_rows`)
// counts sub-blocks first and adds when all of a word's are through. `step_i` goes to the next item,
// with `load_i` to the first of the next job; `load_i` alone may come in any cycle of a job's last
// item and when there is none, `step_i` late in its cycle. All outputs are registers or follow from them.
`default_nettype none

module dma_items #(
  parameter int unsigned AddrBits = 40            // of byte addresses, as far as they matter
) (
  input  wire logic                clk_i,
  input  wire logic                load_i,
  input  wire logic [AddrBits-1:0] base_i,
  input  wire logic [AddrBits-1:0] pitch_i,
  input  wire logic [15:0]         rows_i,
  input  wire logic [15:0]         cols_i,
  input  wire logic [3:0]          item_i,
  input  wire logic [15:0]         addr_i,
  input  wire logic [15:0]         col_step_i,
  input  wire logic [15:0]         row_step_i,
  input  wire logic                sub_rows_i,
  input  wire logic [7:0]          sub_i,
  input  wire logic [7:0]          sub_last_i,     // of a word
  input  wire logic                step_i,
  output logic [AddrBits-1:0]      byte_o,
  output logic [15:0]              addr_o,
  output logic [7:0]               sub_o,
  output logic                     row_last_o,
  output logic                     last_o
);
  logic [AddrBits-1:0] row_byte_q, pitch_q, next_row_byte;
  logic [15:0] rows_q, cols_q, cols_left_q, row_addr_q, col_step_q, row_step_q, next_row_addr;
  logic [3:0] item_q;
  logic [7:0] first_sub_q, sub_last_q;
  logic sub_rows_q, one_col_q, last_row_q, full;

  assign full          = sub_o == sub_last_q;
  assign last_o        = row_last_o && last_row_q;
  assign next_row_byte = row_byte_q + pitch_q;
  assign next_row_addr = (sub_rows_q && !full) ? row_addr_q : row_addr_q + row_step_q;

  always_ff @(posedge clk_i) begin
    // What stays for a job is not needed after its last item, nor before its first: no need to wait for the step.
    if (load_i) begin
      pitch_q     <= pitch_i;
      cols_q      <= cols_i;
      item_q      <= item_i;
      col_step_q  <= col_step_i;
      row_step_q  <= row_step_i;
      sub_rows_q  <= sub_rows_i;
      first_sub_q <= sub_i;
      sub_last_q  <= sub_last_i;
      one_col_q   <= cols_i == 16'd1;
    end
    if (step_i) begin
      if (load_i) begin
        rows_q      <= rows_i;
        cols_left_q <= cols_i;
        row_last_o  <= cols_i == 16'd1;
        last_row_q  <= rows_i == 16'd1;
        row_byte_q  <= base_i;
        byte_o      <= base_i;
        row_addr_q  <= addr_i;
        addr_o      <= addr_i;
        sub_o       <= sub_i;
      end else if (row_last_o) begin
        rows_q      <= rows_q - 1'b1;
        cols_left_q <= cols_q;
        row_last_o  <= one_col_q;
        last_row_q  <= rows_q == 16'd2;
        row_byte_q  <= next_row_byte;
        byte_o      <= next_row_byte;
        row_addr_q  <= next_row_addr;
        addr_o      <= next_row_addr;
        sub_o       <= !sub_rows_q ? first_sub_q : full ? 8'd0 : sub_o + 1'b1;
      end else begin
        cols_left_q <= cols_left_q - 1'b1;
        row_last_o  <= cols_left_q == 16'd2;
        byte_o      <= byte_o + (AddrBits'(1) << item_q);
        if (sub_rows_q || full) addr_o <= addr_o + col_step_q;
        if (!sub_rows_q) sub_o <= full ? 8'd0 : sub_o + 1'b1;
      end
    end
  end
endmodule
