// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// fifo_ram: as fifo_proof: what enters leaves, once and in order; it refuses no word while fewer than Depth are there,
// takes none beyond Depth + 1, and offers a word two cycles after the first came at the latest.
//
// proof: pdr Depth=2 Width=2
// proof: pdr Depth=4 Width=1
// fault: rtl/fifo_ram.sv: fetch = stored_q != '0 && (!out_valid_o || out_ready_i) ==> fetch = stored_q != '0 && out_ready_i
// fault: rtl/fifo_ram.sv: stored_q != (IndexBits + 1)'(Depth); ==> stored_q != (IndexBits + 1)'(Depth - 1);
// fault: rtl/fifo_ram.sv: if (push) write_q ==> if (in_valid_i) write_q
`default_nettype none

module fifo_ram_proof #(
  parameter int unsigned Depth = 2,
  parameter int unsigned Width = 2
) (
  input wire logic             clk_i,
  input wire logic             reset_i,
  input wire logic             mark_i,      // watch the word that enters now
  input wire logic             in_valid_i,
  input wire logic [Width-1:0] in_data_i,
  input wire logic             out_ready_i
);
  logic started_q, rst_n, in_ready, out_valid, push, pop;
  logic [Width-1:0] out_data;
  initial started_q = 1'b0;
  always_ff @(posedge clk_i) started_q <= 1'b1;
  assign rst_n = started_q && !reset_i;

  fifo_ram #(.Width(Width), .Depth(Depth)) dut (
    .clk_i, .rst_ni(rst_n), .in_valid_i, .in_ready_o(in_ready), .in_data_i, .out_valid_o(out_valid), .out_ready_i,
    .out_data_o(out_data));

  logic [4:0] inside_q, ahead_q;
  logic [1:0] waited_q;
  logic watched_q;
  logic [Width-1:0] word_q;
  assign push = in_valid_i && in_ready;
  assign pop  = out_valid && out_ready_i;
  always_ff @(posedge clk_i) begin
    if (!rst_n) begin
      inside_q  <= '0;
      watched_q <= 1'b0;
      waited_q  <= '0;
    end else begin
      inside_q <= inside_q + 5'(push) - 5'(pop);
      waited_q <= (inside_q == 5'd0 || out_valid) ? 2'd0 : waited_q + 2'd1;
      if (push && mark_i && !watched_q) begin
        watched_q <= 1'b1;
        word_q    <= in_data_i;
        ahead_q   <= inside_q - 5'(pop);
      end else if (watched_q && pop) begin
        if (ahead_q == 5'd0) watched_q <= 1'b0;
        ahead_q <= ahead_q - 5'd1;
      end
    end

    if (rst_n) begin
      assert (in_ready || inside_q >= 5'(Depth));
      assert (inside_q <= 5'(Depth + 1));
      assert (!out_valid || inside_q != 5'd0);
      assert (waited_q < 2'd2);
      if (watched_q) assert (ahead_q < inside_q);
      if (watched_q && ahead_q == 5'd0 && out_valid) assert (out_data == word_q);
    end
  end
endmodule
