// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// One output of the structural tile: a Lanes-wide dot product of decoded operands, its exact
// 32-bit accumulator and the shadow that the drain reads. With `mac_i`: acc = (first_i ? 0 :
// acc << shift_i) + Σ a·b; with `capture_i` as well, the shadow takes the same sum.
`default_nettype none

module mac_dot #(
  parameter int unsigned Lanes = 16
) (
  input  wire logic                clk_i,
  input  wire logic                mac_i,
  input  wire logic                first_i,
  input  wire logic [1:0]          shift_i,
  input  wire logic                capture_i,
  input  wire logic [5*Lanes-1:0]  a_i,
  input  wire logic [14*Lanes-1:0] b_i,
  output logic [31:0]              shadow_o
);
  logic signed [31:0] acc_q, sum;

  always_comb begin
    sum = first_i ? 32'sd0 : acc_q <<< shift_i;
    for (int unsigned l = 0; l < Lanes; l++) begin
      sum = sum + 32'(signed'(a_i[5*l +: 5]) * signed'(19'(signed'(b_i[14*l +: 14]))));
    end
  end

  always_ff @(posedge clk_i) begin
    if (mac_i) acc_q <= sum;
    if (mac_i && capture_i) shadow_o <= sum;
  end
endmodule
