// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// What a checker remembers of open transactions, oldest first. A word may leave in the cycle in which it comes:
// first_o is data_i while the queue is empty. count_o does not count a word of this cycle. A word too many is lost.
`default_nettype none

module axi_checker_queue #(
  parameter int unsigned Width = 8,
  parameter int unsigned Depth = 4,
  localparam int unsigned CountBits = $clog2(Depth + 1)
) (
  input  wire logic             clk_i,
  input  wire logic             rst_ni,
  input  wire logic             push_i,
  input  wire logic [Width-1:0] data_i,
  input  wire logic             pop_i,
  output logic [CountBits-1:0]  count_o,
  output logic [Width-1:0]      first_o
);
  logic [Depth*Width-1:0] words_q;
  logic [(Depth+1)*Width-1:0] words_d;
  logic [CountBits-1:0] count_q;
  logic push, pop;
  assign push = push_i && (pop_i || 32'(count_q) < Depth);
  assign pop  = pop_i && (push_i || count_q != '0);

  always_comb begin
    words_d = {{Width{1'b0}}, words_q};
    for (int unsigned i = 0; i <= Depth; i++) begin
      if (push && 32'(count_q) == i) words_d[Width*i +: Width] = data_i;
    end
    if (pop) words_d = words_d >> Width;
  end
  always_ff @(posedge clk_i) begin
    words_q <= words_d[Depth*Width-1:0];
    if (!rst_ni) count_q <= '0;
    else count_q <= count_q + CountBits'(push) - CountBits'(pop);
  end
  assign count_o = count_q;
  assign first_o = (count_q == '0) ? data_i : words_q[Width-1:0];
endmodule
