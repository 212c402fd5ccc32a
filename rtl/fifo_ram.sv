// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// First-in first-out queue of Depth words (a power of two) in a RAM, whose output register holds
// the oldest word. Both sides are valid/ready; a word written is readable two cycles later; full
// throughput. Depth + 1 words fit.
`default_nettype none

module fifo_ram #(
  parameter int unsigned Width = 32,
  parameter int unsigned Depth = 16,
  localparam int unsigned IndexBits = $clog2(Depth)
) (
  input  wire logic             clk_i,
  input  wire logic             rst_ni,
  // in
  input  wire logic             in_valid_i,
  output logic                  in_ready_o,
  input  wire logic [Width-1:0] in_data_i,
  // out
  output logic                  out_valid_o,
  input  wire logic             out_ready_i,
  output logic [Width-1:0]      out_data_o
);
  logic [IndexBits:0] stored_q;            // words in the RAM, without the one at the output
  logic [IndexBits-1:0] read_q, write_q;
  logic push, fetch;

  assign in_ready_o = stored_q != (IndexBits + 1)'(Depth);
  assign push  = in_valid_i && in_ready_o;
  assign fetch = stored_q != '0 && (!out_valid_o || out_ready_i);

  ram_1r1w #(.Width(Width), .Depth(Depth)) u_ram (
    .clk_i, .we_i(push), .waddr_i(write_q), .wstrb_i(1'b1), .wdata_i(in_data_i),
    .re_i(fetch), .raddr_i(read_q), .rdata_o(out_data_o));

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      stored_q    <= '0;
      read_q      <= '0;
      write_q     <= '0;
      out_valid_o <= 1'b0;
    end else begin
      if (push != fetch) stored_q <= push ? stored_q + 1'b1 : stored_q - 1'b1;
      if (push) write_q <= write_q + 1'b1;
      if (fetch) read_q <= read_q + 1'b1;
      if (fetch) out_valid_o <= 1'b1;
      else if (out_ready_i) out_valid_o <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_ni) assert (stored_q <= (IndexBits + 1)'(Depth));
  end
endmodule
