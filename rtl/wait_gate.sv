// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Whether the jobs that the entry at a queue's head waits for are done. Counts are modulo 2^16: a
// job counted c is done when (done - c) is not negative as a signed number. The answer is of the
// cycle before; it falls when the entry leaves.
`default_nettype none

module wait_gate (
  input  wire logic                                  clk_i,
  input  wire logic                                  rst_ni,
  input  wire logic                                  valid_i,
  input  wire logic                                  pop_i,
  input  wire logic [cuatro_ring_pkg::COUNTS-1:0]    waits_i,
  input  wire logic [cuatro_ring_pkg::WAIT_BITS-1:0] counts_i,
  input  wire logic [cuatro_ring_pkg::WAIT_BITS-1:0] done_i,
  output logic                                       ready_o
);
  localparam int unsigned Bits = cuatro_ring_pkg::COUNT_BITS;

  function automatic logic met(input logic [cuatro_ring_pkg::COUNTS-1:0] waits,
                               input logic [cuatro_ring_pkg::WAIT_BITS-1:0] counts,
                               input logic [cuatro_ring_pkg::WAIT_BITS-1:0] done);
    logic [Bits-1:0] ahead;
    met = 1'b1;
    for (int unsigned i = 0; i < cuatro_ring_pkg::COUNTS; i++) begin
      ahead = done[Bits*i +: Bits] - counts[Bits*i +: Bits];
      if (waits[i] && ahead[Bits-1]) met = 1'b0;
    end
  endfunction

  always_ff @(posedge clk_i) begin
    if (!rst_ni || !valid_i || pop_i) ready_o <= 1'b0;
    else if (!ready_o) ready_o <= met(waits_i, counts_i, done_i);
  end
endmodule
