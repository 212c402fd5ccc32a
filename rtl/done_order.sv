// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Jobs that two engines finish, each in its own order, told in the order in which they began: a pulse of
// done_o for each, when all before it are done, too. At most Depth jobs may be under way.
`default_nettype none

module done_order #(
  parameter int unsigned Depth = 16
) (
  input  wire logic       clk_i,
  input  wire logic       rst_ni,
  input  wire logic       begin_i,
  output logic            ready_o,
  input  wire logic       which_i,          // engine of what begins
  input  wire logic [1:0] done_i,           // a bit an engine
  output logic            done_o
);
  localparam int unsigned CountBits = $clog2(Depth) + 2;

  logic head_valid, which, tell;
  logic [CountBits-1:0] done0_q, done1_q;   // finished and not told

  fifo #(.Width(1), .Depth(Depth)) u_order (
    .clk_i, .rst_ni, .in_valid_i(begin_i), .in_ready_o(ready_o), .in_data_i(which_i),
    .out_valid_o(head_valid), .out_ready_i(tell), .out_data_o(which));

  assign tell = head_valid && (which ? done1_q != '0 : done0_q != '0);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      done0_q <= '0;
      done1_q <= '0;
      done_o  <= 1'b0;
    end else begin
      done0_q <= done0_q + CountBits'(done_i[0]) - CountBits'(tell && !which);
      done1_q <= done1_q + CountBits'(done_i[1]) - CountBits'(tell && which);
      done_o  <= tell;
    end
  end
endmodule
