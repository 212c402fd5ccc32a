// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// dma_items: item c of row r lies `pitch` · r + (c << item) bytes from the base, and in the scratchpad where the whole words of
// blocks before it, counted along rows or between them, say; it stays until the step; load_i without a step, in the cycles of
// a job's last item and when there is no job, changes nothing. Up to three rows of three items, words of up to four blocks.
//
// proof: bmc:9
// fault: rtl/dma_items.sv: row_last_o  <= one_col_q; ==> row_last_o  <= 1'b0;
// fault: rtl/dma_items.sv: last_row_q  <= rows_q == 16'd2; ==> last_row_q  <= rows_q == 16'd1;
// fault: rtl/dma_items.sv: if (sub_rows_q || full) addr_o ==> if (full) addr_o
// fault: rtl/dma_items.sv: row_byte_q  <= next_row_byte; ==> row_byte_q  <= byte_o + pitch_q;
// fault: rtl/dma_items.sv: !sub_rows_q ? first_sub_q : full ==> full
// fault: rtl/dma_items.sv: last_o        = row_last_o && last_row_q; ==> last_o        = last_row_q;
`default_nettype none

module dma_items_proof (
  input wire logic        clk_i,
  input wire logic        load_i,
  input wire logic        step_i,
  input wire logic [3:0]  base_i,
  input wire logic [3:0]  pitch_i,
  input wire logic [1:0]  rows_i,
  input wire logic [1:0]  cols_i,
  input wire logic [1:0]  item_i,
  input wire logic [3:0]  addr_i,
  input wire logic [3:0]  col_step_i,
  input wire logic [3:0]  row_step_i,
  input wire logic        sub_rows_i,
  input wire logic [1:0]  sub_i,
  input wire logic [1:0]  sub_last_i
);
  logic load, busy_q, row_last, last;
  logic [7:0] at, sub;
  logic [15:0] addr;
  initial busy_q = 1'b0;

  assign load = load_i && (!busy_q || last);
  dma_items #(.AddrBits(8)) dut (
    .clk_i, .load_i(load), .base_i(8'(base_i)), .pitch_i(8'(pitch_i)), .rows_i(16'(rows_i)), .cols_i(16'(cols_i)), .item_i(4'(item_i)), .addr_i(16'(addr_i)),
    .col_step_i(16'(col_step_i)), .row_step_i(16'(row_step_i)), .sub_rows_i, .sub_i(8'(sub_i)), .sub_last_i(8'(sub_last_i)), .step_i, .byte_o(at), .addr_o(addr),
    .sub_o(sub), .row_last_o(row_last), .last_o(last));

  // The job, and the item's place in it.
  logic [3:0] base_q, pitch_q, addr_q, col_step_q, row_step_q;
  logic [1:0] rows_q, cols_q, item_q, sub_q, sub_last_q, r_q, c_q;
  logic sub_rows_q;
  always_ff @(posedge clk_i) begin
    if (step_i && load) begin
      assume (rows_i != '0 && cols_i != '0 && sub_i <= sub_last_i);
      busy_q <= 1'b1;
      {base_q, pitch_q, rows_q, cols_q, item_q} <= {base_i, pitch_i, rows_i, cols_i, item_i};
      {addr_q, col_step_q, row_step_q, sub_rows_q, sub_q, sub_last_q} <= {addr_i, col_step_i, row_step_i, sub_rows_i, sub_i, sub_last_i};
      {r_q, c_q} <= '0;
    end else if (step_i && last) begin
      busy_q <= 1'b0;
    end else if (step_i) begin
      c_q <= (c_q == cols_q - 2'd1) ? 2'd0 : c_q + 2'd1;
      if (c_q == cols_q - 2'd1) r_q <= r_q + 2'd1;
    end
  end

  logic [3:0] blocks, subs, words, left;
  logic [15:0] along, between;
  always_comb begin
    subs    = 4'(sub_last_q) + 4'd1;
    blocks  = 4'(sub_q) + 4'(sub_rows_q ? r_q : c_q);
    words   = (blocks >= 4'd2 * subs) ? blocks >= 4'd3 * subs ? blocks >= 4'd4 * subs ? (blocks >= 4'd5 * subs) ? 4'd5 : 4'd4 : 4'd3 : 4'd2 : 4'(blocks >= subs);
    left    = blocks - words * subs;
    along   = 16'(col_step_q) * 16'(sub_rows_q ? 4'(c_q) : words);
    between = 16'(row_step_q) * 16'(sub_rows_q ? words : 4'(r_q));
    if (busy_q) begin
      assert (at == 8'(base_q) + 8'(pitch_q) * 8'(r_q) + (8'(c_q) << item_q));
      assert (addr == 16'(addr_q) + along + between);
      assert (sub == 8'(left));
      assert (row_last == (c_q == cols_q - 2'd1) && last == (row_last && r_q == rows_q - 2'd1));
    end
  end
endmodule
