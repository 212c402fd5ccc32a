// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// One AXI channel's handshake, AMBA AXI A3.1.2 and A3.2.1: broken_o[0] VALID is up during reset or in the first
// cycle after it, [1] VALID fell before READY, [2] the payload changed before READY. The reset is synchronous, so
// that VALID has one edge to fall.
`default_nettype none

module axi_checker_channel #(
  parameter int unsigned Width = 32
) (
  input  wire logic             clk_i,
  input  wire logic             rst_ni,
  input  wire logic             valid_i,
  input  wire logic             ready_i,
  input  wire logic [Width-1:0] payload_i,
  output logic [2:0]            broken_o
);
  logic reset_q, waits_q;
  logic [Width-1:0] payload_q;
  initial begin  // before the first edge nothing is known
    reset_q = 1'b0;
    waits_q = 1'b0;
  end
  always_ff @(posedge clk_i) begin
    reset_q   <= !rst_ni;
    waits_q   <= rst_ni && valid_i && !ready_i;
    payload_q <= payload_i;
  end
  assign broken_o[0] = reset_q && valid_i;
  assign broken_o[1] = rst_ni && waits_q && !valid_i;
  assign broken_o[2] = rst_ni && waits_q && valid_i && payload_i != payload_q;
endmodule
