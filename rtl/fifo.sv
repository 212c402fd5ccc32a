// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// First-in first-out queue of Depth words (a power of two), in flip-flops. Both sides are
// valid/ready; a word written is readable in the next cycle; full throughput. Bits that are 0 in
// Keep are not stored and come out as 0.
`default_nettype none

module fifo #(
  parameter int unsigned Width = 32,
  parameter int unsigned Depth = 2,
  parameter logic [Width-1:0] Keep = {Width{1'b1}},  // '1 is 1 in Yosys 0.23
  localparam int unsigned IndexBits = (Depth == 1) ? 1 : $clog2(Depth)
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
  if (Depth < 2 || (Depth & (Depth - 1)) != 0) begin : g_bad_depth
    $error("fifo: Depth must be a power of two, at least 2");
  end

  logic [IndexBits:0] count_q;
  logic push, pop;

  assign in_ready_o  = count_q != (IndexBits + 1)'(Depth);
  assign out_valid_o = count_q != '0;
  assign push = in_valid_i && in_ready_o;
  assign pop  = out_valid_o && out_ready_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) count_q <= '0;
    else if (push != pop) count_q <= push ? count_q + 1'b1 : count_q - 1'b1;
  end

  if (Depth == 2) begin : g_pair
    // The oldest entry has a register of its own, so that it leaves early in the cycle.
    logic [Width-1:0] head_q, tail_q;
    always_ff @(posedge clk_i) begin
      if (pop || !out_valid_o) head_q <= in_ready_o ? in_data_i & Keep : tail_q;
      if (push) tail_q <= in_data_i & Keep;
    end
    assign out_data_o = head_q;
  end else begin : g_ring
    logic [Width-1:0] mem_q [Depth];
    logic [IndexBits-1:0] read_q, write_q;
    assign out_data_o = mem_q[read_q];
    always_ff @(posedge clk_i) begin
      if (push) mem_q[write_q] <= in_data_i & Keep;
      if (!rst_ni) begin
        read_q  <= '0;
        write_q <= '0;
      end else begin
        if (push) write_q <= write_q + 1'b1;
        if (pop)  read_q  <= read_q + 1'b1;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_ni) assert (count_q <= (IndexBits + 1)'(Depth));
  end
endmodule
