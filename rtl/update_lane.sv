// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// One lane of update_unit as gates, in five ranks: the gradient, the new momentum, the step, the new
// weight, its code.
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
  input  wire logic [7:0]  random0_i,
  input  wire logic [2:0]  random1_i,     // R1's upper three bits
  input  wire logic [7:0]  random2_i,
  // rank 2
  input  wire logic [31:0] state_i,       // {v, w}
  // rank 3
  input  wire logic [3:0]  rate_i,
  // rank 5
  input  wire logic [3:0]  code_shift_i,
  input  wire logic [14:0] below_i,       // bits of w that lie below the code's half
  input  wire logic [15:0] above_i,       // and above its three bits
  // four cycles later, five cycles later
  output logic [31:0]      state_o,
  output logic [3:0]       code_o,
  output logic             saturated_o
);
  // --- rank 1: the gradient is `gradient_q` + `more_q` -----------------------------------------
  // Of a comparison only the carry counts.
  // verilator lint_off UNUSEDSIGNAL
  logic [8:0] round0, round2;
  logic [3:0] round1;
  // verilator lint_on UNUSEDSIGNAL
  logic [15:0] gradient_q;
  logic [7:0] random2_q, random22_q;
  logic [2:0] random1_q;
  logic more_q;
  assign round0 = {1'b0, magnitude_i[8:1]} + {1'b0, random0_i ^ {8{negative_i}}} +
                  {8'd0, magnitude_i[0] && (sticky_i || !negative_i)};
  always_ff @(posedge clk_i) begin
    // -x = ~x + 1
    gradient_q <= {1'b0, magnitude_i[23:9]} ^ {16{negative_i}};
    more_q     <= (round0[8] && magnitude_i[23:9] != '1) ^ negative_i;
    random1_q  <= random1_i;
    random2_q  <= random2_i;
  end

  // --- rank 2: v - floor(v/8 + u1) + g, but -2^15 stays ----------------------------------------
  logic [16:0] kept, decay, gradient, half, momentum;
  logic [15:0] major, v2_q, w2_q;
  always_comb begin
    kept     = {state_i[31], state_i[31:16]};
    decay    = ~{{4{state_i[31]}}, state_i[31:19]};
    gradient = {gradient_q[15], gradient_q};
    round1   = {1'b0, state_i[18:16]} + {1'b0, random1_q};
    half     = kept ^ decay ^ gradient;
    major    = (kept[15:0] & decay[15:0]) | (kept[15:0] & gradient[15:0]) | (decay[15:0] & gradient[15:0]);
    momentum = half + {major, !round1[3]} + {16'd0, more_q};
  end
  always_ff @(posedge clk_i) begin
    v2_q <= momentum[15:0];
    if (momentum[16] != momentum[15]) v2_q <= {momentum[16], {14{!momentum[16]}}, 1'b1};
    w2_q       <= state_i[15:0];
    random22_q <= random2_q;
  end

  // --- rank 3: floor(v · 2^-s + u2) is `step_q` + `up_q` ---------------------------------------
  logic [15:0] v, v3_q, w3_q, step_q;
  logic signed [24:0] step;
  logic up_q;
  always_comb begin
    v      = {v2_q[15:1], v2_q[0] || v2_q == 16'h8000};
    step   = $signed({v, 9'd0}) >>> rate_i;
    round2 = {1'b0, step[8:1]} + {1'b0, random22_q} + {8'd0, step[0]};
  end
  always_ff @(posedge clk_i) begin
    step_q <= step[24:9];
    up_q   <= round2[8];
    v3_q   <= v;
    w3_q   <= w2_q;
  end

  // --- rank 4: the new weight ------------------------------------------------------------------
  logic [16:0] weight;
  logic [15:0] v4_q, w4_q;
  assign weight = {w3_q[15], w3_q} + ~{step_q[15], step_q} + {16'd0, !up_q};
  always_ff @(posedge clk_i) begin
    v4_q <= v3_q;
    w4_q <= weight[15:0];
    if (weight[16] != weight[15]) w4_q <= {weight[16], {14{!weight[16]}}, 1'b1};
    if (weight[16:15] == 2'b11 && weight[14:0] == '0) w4_q[0] <= 1'b1;
  end
  assign state_o = {v4_q, w4_q};

  // --- rank 5: the code, half to even ----------------------------------------------------------
  // From bit 4 on `above` tells.
  // verilator lint_off UNUSEDSIGNAL
  logic signed [16:0] shifted;
  // verilator lint_on UNUSEDSIGNAL
  logic up, negative, clip;
  logic [3:0] whole, rounded;
  always_comb begin
    negative = w4_q[15];
    shifted  = $signed({w4_q, 1'b0}) >>> code_shift_i;
    whole    = shifted[4:1];
    up       = shifted[0] && ((w4_q[14:0] & below_i) != '0 || shifted[1]);
    rounded  = whole + {3'd0, up};
    // Beyond -8..7, or 7 and up, or -8 and not up.
    clip     = ((w4_q ^ {16{negative}}) & above_i) != '0 || (whole[2:0] == {3{!negative}} && up != negative);
  end
  always_ff @(posedge clk_i) begin
    code_o      <= clip ? {negative, 2'b00, 1'b1} | {1'b0, {2{!negative}}, 1'b0} : rounded;
    saturated_o <= clip;
  end
endmodule
