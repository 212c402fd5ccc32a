// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// One lane of quantize_unit as gates, in four ranks.
//  1. Leading digit. For the roundings with two codes, code 1 is NEAREST of v, by comparison with
//     the seven midpoints, and what goes on is v/2 (TPR) or the remainder (TWO_TERM); for the
//     others v itself. A code that is above v leaves a remainder level - v; its bits are those of
//     v turned, one unit short of it, which `short` makes good in the comparison of rank 4. Where
//     that unit would carry into the next level, rounding up from the level below gives the same.
//  2. Level at or below the value, and the value's bits around it: LOG, in units of the level,
//     what exceeds it; INT, the fraction. Bits further down are ORed.
//  3. The codes rounded down and up, and which of them without the random byte.
//  4. The comparison with the random byte, and the choice.
// Rounding up is one comparison: LOG of the excess with a threshold, INT of the fraction with 1
// minus the offset. All thresholds are multiples of 1/512.
`default_nettype none

module quantize_lane (
  input  wire logic        clk_i,
  // with the slot
  input  wire logic        negative_i,
  input  wire logic [24:0] value_i,         // magnitude and, lowest, sticky
  input  wire logic        base2_i,
  input  wire logic        tpr_i,
  input  wire logic        two_term_i,
  // a cycle later
  input  wire logic        int_i,
  input  wire logic        base2_late_i,
  // two cycles after the slot
  input  wire logic        is_int_i,
  input  wire logic        unsigned_i,
  input  wire logic        base2_last_i,
  input  wire logic        nearest_i,
  input  wire logic        floor_i,
  // three cycles after the slot
  input  wire logic        int_late_i,
  input  wire logic        stochastic_i,
  input  wire logic [7:0]  random_i,
  // one and four cycles after the slot
  output logic [3:0]       code1_o,
  output logic [3:0]       code_o,
  output logic             saturated_o
);
  // --- rank 1 ---------------------------------------------------------------------------
  // Bit 12 is 1.0. any_above[k] ORs the bits from k up, any_below[k] those below k.
  logic [25:0] any_above, any_below;
  always_comb begin
    any_above = '0;
    any_below = '0;
    for (int unsigned k = 25; k > 0; k--) any_above[k-1] = any_above[k] | value_i[k-1];
    for (int unsigned k = 0; k < 25; k++) any_below[k+1] = any_below[k] | value_i[k];
  end

  // level[j]: at or above B^j; beyond[j]: above the midpoint below B^j, so that the code is at
  // least j + 1. Midpoints: 5/8 and 2.5 · 4^(j-1), or 1/2 and 1.5 · 2^(j-1).
  logic [6:0] level, beyond;
  always_comb begin
    for (int unsigned j = 0; j < 7; j++) begin
      level[j] = base2_i ? any_above[12 + j] : any_above[12 + 2*j];
      if (j == 0) begin
        beyond[j] = base2_i ? any_above[12] || (value_i[11] && any_below[11])
                            : any_above[12] || (value_i[11] && (value_i[10] || (value_i[9] && any_below[9])));
      end else begin
        beyond[j] = base2_i
            ? any_above[12 + j] || (value_i[11 + j] && value_i[10 + j] && any_below[10 + j])
            : any_above[12 + 2*j] ||
              (value_i[11 + 2*j] && (value_i[10 + 2*j] || (value_i[9 + 2*j] && any_below[9 + 2*j])));
      end
    end
  end

  logic up;
  logic [24:0] remainder, value_d, value_q;
  always_comb begin
    up = (beyond & ~level) != '0;
    // Below the code's level: v, or turned. The level's own bits: LOG4 01 leaves 00, 10 leaves 01.
    for (int unsigned k = 0; k < 25; k++) begin
      if (k < 12) remainder[k] = value_i[k] ^ up;
      else begin
        remainder[k] = value_i[k];
        if (base2_i) begin
          if (k < 18) remainder[k] = up ? !value_i[k] && beyond[(k < 18) ? k - 11 : 6] : value_i[k];
          if (k < 19 && beyond[(k < 19) ? k - 12 : 6] && (k == 18 || !beyond[(k < 18) ? k - 11 : 6]))
            remainder[k] = 1'b0;
        end else begin
          if (k < 24) remainder[k] = up ? !value_i[k] && beyond[(k < 24) ? (k - 12) / 2 + 1 : 6] : value_i[k];
          if (beyond[(k - 12) / 2] && (k == 24 || !beyond[(k < 24) ? (k - 12) / 2 + 1 : 6]))
            remainder[k] = (k % 2 == 0 && k < 24) ? value_i[(k < 24) ? k + 1 : 24] && !up : 1'b0;
        end
      end
    end
    value_d = value_i;
    if (tpr_i) value_d = {1'b0, value_i[24:2], value_i[1] | value_i[0]};
    if (two_term_i) begin
      value_d = base2_i ? {remainder[22:0], {2{up}}} : {remainder[23:0], up};
      // Beyond the largest level either way.
      if (base2_i && (remainder[24:23] != '0)) value_d[24] = 1'b1;
    end
  end

  logic negative1_q, short1_q, large1_q;
  always_ff @(posedge clk_i) begin
    code1_o[3]  <= negative_i && beyond[0];
    code1_o[2]  <= beyond[3];
    code1_o[1]  <= (beyond[1] && !beyond[3]) || beyond[5];
    code1_o[0]  <= (beyond[0] && !beyond[1]) || (beyond[2] && !beyond[3]) || (beyond[4] && !beyond[5]) || beyond[6];
    value_q     <= value_d;
    negative1_q <= negative_i ^ (two_term_i && up);
    short1_q    <= two_term_i && up;
    large1_q    <= base2_i ? any_above[19] || (value_i[18] && any_below[18])
                           : value_i[24] && any_below[24];
  end

  // --- rank 2 ---------------------------------------------------------------------------
  logic [25:0] over;                      // OR of the bits from k up
  logic [6:0]  reached;                   // B^j or more
  logic [5:0]  place;                     // the level is B^j, or 0 and 1 for j = 0
  logic [3:0]  excess;
  logic [10:0] window;
  logic        rest;
  always_comb begin
    over = '0;
    for (int unsigned k = 25; k > 0; k--) over[k-1] = over[k] | value_q[k-1];
    for (int unsigned j = 0; j < 7; j++) reached[j] = !int_i && (base2_late_i ? over[12 + j] : over[12 + 2*j]);
    for (int unsigned j = 0; j < 6; j++) place[j] = !reached[j + 1] && (j == 0 || reached[j]);
    window = '0;
    rest   = value_q[2:0] != '0;
    for (int unsigned j = 0; j < 6; j++) begin
      if (base2_late_i) begin
        window = window | (value_q[3 + j +: 11] & {11{place[j]}});
        if (j != 0) rest = rest || (value_q[2 + j] && reached[j]);
      end else begin
        window = window | (value_q[3 + 2*j +: 11] & {11{place[j]}});
        if (j != 0) rest = rest || (value_q[1 + 2*j +: 2] != '0 && reached[j]);
      end
    end
    // Integer bits less the level: 01 leaves 00, 10 leaves 01, 11 leaves 10.
    excess = {2'b00, window[10:9]};
    if (reached[0]) excess = {2'b00, window[10] & window[9], ~window[9]};
    if (base2_late_i && reached[0]) excess = '0;
    if (int_i) excess = value_q[15:12];
  end

  logic [3:0] excess_q;                   // INT: the integer part
  logic [8:0] fraction_q;
  logic [2:0] exponent_q;
  logic rest_q, negative_q, short_q, large_q;
  always_ff @(posedge clk_i) begin
    excess_q      <= excess;
    fraction_q    <= window[8:0];
    exponent_q[2] <= reached[3];
    exponent_q[1] <= (reached[1] && !reached[3]) || reached[5];
    exponent_q[0] <= (reached[0] && !reached[1]) || (reached[2] && !reached[3]) ||
                     (reached[4] && !reached[5]) || reached[6];
    rest_q        <= rest;
    negative_q    <= negative1_q;
    short_q       <= short1_q;
    large_q       <= int_i ? over[16] : large1_q;
  end

  // --- rank 3 ---------------------------------------------------------------------------
  // Code and saturation of a rounded value; a negative UINT4 value is 0.
  function automatic logic [4:0] clamped(input logic [4:0] whole, input logic too_large, input logic negative,
                                         input logic is_unsigned);
    logic high;
    high    = too_large || whole[4] || (!is_unsigned && whole[3]);
    clamped = {high, whole[3:0]};
    if (negative) clamped[3:0] = 4'(4'd0 - whole[3:0]);
    if (high) clamped[3:0] = negative ? 4'd9 : {is_unsigned, 3'd7};
    if (negative && is_unsigned) clamped = 5'd0;
  endfunction

  logic one_or_more, fixed;
  logic [2:0] exponent_up;
  logic [4:0] down, up_code;
  always_comb begin
    one_or_more = exponent_q != 3'd0;
    exponent_up = (exponent_q == 3'd7) ? 3'd7 : exponent_q + 3'd1;
    if (is_int_i) begin
      down    = clamped({1'b0, excess_q}, large_q, negative_q, unsigned_i);
      up_code = clamped({1'b0, excess_q} + 5'd1, large_q, negative_q, unsigned_i);
      fixed   = (nearest_i && fraction_q[8] && (fraction_q[7:0] != '0 || rest_q || excess_q[0])) ||
                (floor_i && negative_q && (fraction_q != '0 || rest_q));
    end else begin
      down    = {large_q, negative_q && one_or_more, exponent_q};
      up_code = {large_q, negative_q, exponent_up};
      // Above 1.5 or 0.5 levels more than the level, or above 5/8 or 1/2.
      if (base2_last_i) fixed = fraction_q[8] && (fraction_q[7:0] != '0 || rest_q);
      else if (one_or_more) begin
        fixed = excess_q[1] || (excess_q[0] && fraction_q[8] && (fraction_q[7:0] != '0 || rest_q));
      end else begin
        fixed = fraction_q[8] && (fraction_q[7] || (fraction_q[6] && (fraction_q[5:0] != '0 || rest_q)));
      end
    end
  end

  logic [4:0] down_q, up_q;
  logic [8:0] fraction3_q;
  logic [1:0] excess3_q;
  logic fixed_q, carry_q, invert_q, triple_q;
  always_ff @(posedge clk_i) begin
    down_q      <= down;
    up_q        <= up_code;
    fixed_q     <= fixed;
    fraction3_q <= fraction_q;
    excess3_q   <= excess_q[1:0];
    carry_q     <= is_int_i ? negative_q && rest_q : rest_q || short_q;
    invert_q    <= !is_int_i || negative_q;
    triple_q    <= !is_int_i && !base2_last_i && one_or_more;
  end

  // --- rank 4 ---------------------------------------------------------------------------
  // u = (2R + 1)/512. LOG: up if excess - u or - 3u - 1/512 + carry is not negative, where a carry
  // stands for a rest. INT: up if fraction - 1 + u + carry is not negative; a negative value rounds
  // towards minus infinity by the complement of u.
  logic [11:0] left, offset, offset2;
  // Only the sign counts.
  // verilator lint_off UNUSEDSIGNAL
  logic [11:0] sum;
  // verilator lint_on UNUSEDSIGNAL
  logic round_up;
  always_comb begin
    left     = {int_late_i, excess3_q | {2{int_late_i}}, fraction3_q};
    offset   = {{3{!int_late_i}}, random_i ^ {8{invert_q}}, !invert_q};
    offset2  = {2'b11, ~random_i, 2'b10} & {12{triple_q}};
    sum      = left + offset + offset2 + 12'(carry_q);
    round_up = stochastic_i ? !sum[11] : fixed_q;
  end
  always_ff @(posedge clk_i) {saturated_o, code_o} <= round_up ? up_q : down_q;
endmodule
