// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// One lane of update_unit as gates, in three ranks: new momentum, new weight, code.
//
// Rounding is one comparison: with u = (2R + 1)/512 only nine fraction bits of what is rounded
// count, and floor(x + u) is above floor(x) if they and 2R + 1 carry, that is if the upper eight
// and R do with the lowest as carry in. The gradient comes as sign and magnitude: below zero the
// magnitude rounds up, away from zero, if it exceeds u, which is the same sum with R turned. The
// decay v/8 has three fraction bits, so that only R1's upper three count.
`default_nettype none

module update_lane (
  input  wire logic        clk_i,
  // rank 1: |a| · 2^-n, 15 integer and 9 fraction bits, all ones and sticky if it is 2^15 or more
  input  wire logic        negative_i,
  input  wire logic [23:0] magnitude_i,
  input  wire logic        sticky_i,
  input  wire logic [31:0] state_i,       // {v, w}
  input  wire logic [7:0]  random0_i,
  input  wire logic [2:0]  random1_i,     // R1's upper three bits
  input  wire logic [7:0]  random2_i,
  // rank 2
  input  wire logic [3:0]  rate_i,
  // rank 3
  input  wire logic [3:0]  code_shift_i,
  input  wire logic [14:0] below_i,       // bits of w that lie below the code's half
  input  wire logic [15:0] above_i,       // and above its three bits
  // two cycles later, three cycles later
  output logic [31:0]      state_o,
  output logic [3:0]       code_o,
  output logic             saturated_o
);
  // Modulo 2^17, in which every sum is exact, to ±32767.
  function automatic logic [15:0] clamped(input logic [16:0] sum);
    clamped = sum[15:0];
    if (sum[16] && (!sum[15] || sum[14:0] == '0)) clamped = 16'h8001;
    if (!sum[16] && sum[15]) clamped = 16'h7fff;
  endfunction

  // --- rank 1: v - floor(v/8 + u1) + g ---------------------------------------------------------
  logic [15:0] v;
  // Of a comparison only the carry counts.
  // verilator lint_off UNUSEDSIGNAL
  logic [8:0] round0, round2;
  logic [3:0] round1;
  // verilator lint_on UNUSEDSIGNAL
  logic up0;
  logic [16:0] gradient, kept, decay, half, momentum;
  logic [15:0] major;
  always_comb begin
    v        = state_i[31:16];
    round0   = {1'b0, magnitude_i[8:1]} + {1'b0, random0_i ^ {8{negative_i}}} +
               {8'd0, magnitude_i[0] && (sticky_i || !negative_i)};
    round1   = {1'b0, state_i[18:16]} + {1'b0, random1_i};
    up0      = round0[8] && magnitude_i[23:9] != '1;
    // x - y = x + ~y + 1: of the gradient's one and of the decay's, those that rounding leaves.
    gradient = {2'd0, magnitude_i[23:9]} ^ {17{negative_i}};
    kept     = {v[15], v};
    decay    = ~{{4{v[15]}}, v[15:3]};
    half     = kept ^ decay ^ gradient;
    major    = (kept[15:0] & decay[15:0]) | (kept[15:0] & gradient[15:0]) | (decay[15:0] & gradient[15:0]);
    momentum = half + {major, !round1[3]} + {16'd0, up0 ^ negative_i};
  end

  logic signed [15:0] v1_q;
  logic [15:0] w1_q;
  logic [7:0] random1_q;
  always_ff @(posedge clk_i) begin
    v1_q      <= clamped(momentum);
    w1_q      <= state_i[15:0];
    random1_q <= random2_i;
  end

  // --- rank 2: w - floor(v · 2^-s + u2) --------------------------------------------------------
  logic signed [24:0] step;
  logic [16:0] weight;
  logic [15:0] w2_q, v2_q;
  always_comb begin
    step   = $signed({v1_q, 9'd0}) >>> rate_i;
    round2 = {1'b0, step[8:1]} + {1'b0, random1_q} + {8'd0, step[0]};
    weight = {w1_q[15], w1_q} + ~{step[24], step[24:9]} + {16'd0, !round2[8]};
  end
  always_ff @(posedge clk_i) begin
    w2_q <= clamped(weight);
    v2_q <= v1_q;
  end
  assign state_o = {v2_q, w2_q};

  // --- rank 3: the code, half to even ----------------------------------------------------------
  // From bit 4 on `above` tells.
  // verilator lint_off UNUSEDSIGNAL
  logic signed [16:0] shifted;
  // verilator lint_on UNUSEDSIGNAL
  logic up, negative, clip;
  logic [3:0] whole, rounded;
  always_comb begin
    negative = w2_q[15];
    shifted  = $signed({w2_q, 1'b0}) >>> code_shift_i;
    whole    = shifted[4:1];
    up       = shifted[0] && ((w2_q[14:0] & below_i) != '0 || shifted[1]);
    rounded  = whole + {3'd0, up};
    // Beyond -8..7, or 7 and up, or -8 and not up.
    clip     = ((w2_q ^ {16{negative}}) & above_i) != '0 || (whole[2:0] == {3{!negative}} && up != negative);
  end
  always_ff @(posedge clk_i) begin
    code_o      <= clip ? {negative, 2'b00, 1'b1} | {1'b0, {2{!negative}}, 1'b0} : rounded;
    saturated_o <= clip;
  end
endmodule
