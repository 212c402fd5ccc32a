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

  // Six comparisons written out: a function's variables would cost time in every simulated cycle.
  always_ff @(posedge clk_i) begin
    if (!rst_ni || !valid_i || pop_i) begin
      ready_o <= 1'b0;
    end else if (!ready_o) begin
      ready_o <= !((waits_i[0] && $signed(done_i[Bits*0 +: Bits] - counts_i[Bits*0 +: Bits]) < 0) ||
                   (waits_i[1] && $signed(done_i[Bits*1 +: Bits] - counts_i[Bits*1 +: Bits]) < 0) ||
                   (waits_i[2] && $signed(done_i[Bits*2 +: Bits] - counts_i[Bits*2 +: Bits]) < 0) ||
                   (waits_i[3] && $signed(done_i[Bits*3 +: Bits] - counts_i[Bits*3 +: Bits]) < 0) ||
                   (waits_i[4] && $signed(done_i[Bits*4 +: Bits] - counts_i[Bits*4 +: Bits]) < 0) ||
                   (waits_i[5] && $signed(done_i[Bits*5 +: Bits] - counts_i[Bits*5 +: Bits]) < 0));
    end
  end
endmodule
