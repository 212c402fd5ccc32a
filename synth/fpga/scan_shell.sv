// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Boundary scan around a module with more ports than a package has pins: six pins serve any
// number of bits. `shift_i` moves one bit into the chain and one out of it, highest bit first.
// `update_i` gives the module the chain's InBits for one cycle; in every other cycle its inputs
// are zero, enables included. `capture_i` takes the module's OutBits into the lowest bits of
// the chain. One of the three at a time; two cycles pass from a load into the module's registers
// to the next.
`default_nettype none

module scan_shell #(
  parameter int unsigned InBits  = 8,
  parameter int unsigned OutBits = 8,
  localparam int unsigned Bits   = (InBits > OutBits) ? InBits : OutBits
) (
  input  wire logic               clk_i,
  // pins
  input  wire logic               shift_i,
  input  wire logic               data_i,
  input  wire logic               update_i,
  input  wire logic               capture_i,
  output logic                    data_o,
  // the module
  output logic [InBits-1:0]       to_o,
  input  wire logic [OutBits-1:0] from_i
);
  logic [Bits-1:0] chain_q, chain_d;

  always_comb begin
    chain_d = chain_q;
    if (shift_i) chain_d = {chain_q[Bits-2:0], data_i};
    if (capture_i) chain_d[OutBits-1:0] = from_i;
  end

  always_ff @(posedge clk_i) begin
    chain_q <= chain_d;
    to_o    <= update_i ? chain_q[InBits-1:0] : '0;
  end

  assign data_o = chain_q[Bits-1];
endmodule
