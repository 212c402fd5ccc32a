// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// One lane of quantize_unit as gates, in four ranks.
//  1. Code 1, NEAREST of v by comparison with the seven midpoints, and whether it is above v.
//  2. What goes on: for the roundings with two codes v/2 (TPR) or the remainder (TWO_TERM), for the
//     others v itself; and its level. A code that is above v leaves a remainder level - v; its bits
//     are those of v turned, one unit short of it, which `short` makes good in the comparison of
//     rank 4. Where that unit would carry into the next level, rounding up from the level below
//     gives the same.
//  3. The value's bits around its level: LOG, in units of the level, what exceeds it; INT, the
//     fraction. Bits further down are ORed. The codes rounded down and up, and which of them
//     without the random byte.
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
  // a cycle later
  input  wire logic        int_i,
  input  wire logic        base2_late_i,
  input  wire logic        tpr_i,
  input  wire logic        two_term_i,
  // two cycles after the slot
  input  wire logic        is_int_i,
  input  wire logic        unsigned_i,
  input  wire logic        base2_last_i,
  input  wire logic        nearest_i,
  input  wire logic        floor_i,
  input  wire logic        stochastic_i,
  // three cycles after the slot
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
    // In five steps of 1, 2, 4, 8 and 16 places.
    any_above = {1'b0, value_i};
    any_below = {value_i, 1'b0};
    for (int unsigned i = 1; i < 32; i = 2 * i) begin
      any_above = any_above | (any_above >> i);
      any_below = any_below | (any_below << i);
    end
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

  logic [24:0] value1_q;
  logic [6:0]  beyond_q;
  logic negative1_q, up_q, large1_q;
  always_ff @(posedge clk_i) begin
    value1_q    <= value_i;
    beyond_q    <= beyond;
    negative1_q <= negative_i;
    up_q        <= (beyond & ~level) != '0;
    large1_q    <= base2_i ? any_above[19] || (value_i[18] && any_below[18])
                           : value_i[24] && any_below[24];
  end

  // How many of a thermometer's seven bits are set.
  function automatic logic [2:0] height(input logic [6:0] set);
    height[2] = set[3];
    height[1] = (set[1] && !set[3]) || set[5];
    height[0] = (set[0] && !set[1]) || (set[2] && !set[3]) || (set[4] && !set[5]) || set[6];
  endfunction
  assign code1_o = {negative1_q && beyond_q[0], height(beyond_q)};

  // --- rank 2 ---------------------------------------------------------------------------
  logic [24:0] remainder, value2_d, value2_q;
  always_comb begin
    // Below the code's level: v, or turned. The level's own bits: LOG4 01 leaves 00, 10 leaves 01.
    for (int unsigned k = 0; k < 25; k++) begin
      if (k < 12) remainder[k] = value1_q[k] ^ up_q;
      else begin
        remainder[k] = value1_q[k];
        if (base2_late_i) begin
          if (k < 18) remainder[k] = up_q ? !value1_q[k] && beyond_q[(k < 18) ? k - 11 : 6] : value1_q[k];
          if (k < 19 && beyond_q[(k < 19) ? k - 12 : 6] && (k == 18 || !beyond_q[(k < 18) ? k - 11 : 6]))
            remainder[k] = 1'b0;
        end else begin
          if (k < 24) remainder[k] = up_q ? !value1_q[k] && beyond_q[(k < 24) ? (k - 12) / 2 + 1 : 6] : value1_q[k];
          if (beyond_q[(k - 12) / 2] && (k == 24 || !beyond_q[(k < 24) ? (k - 12) / 2 + 1 : 6]))
            remainder[k] = (k % 2 == 0 && k < 24) ? value1_q[(k < 24) ? k + 1 : 24] && !up_q : 1'b0;
        end
      end
    end
    value2_d = value1_q;
    if (tpr_i) value2_d = {1'b0, value1_q[24:2], value1_q[1] | value1_q[0]};
    if (two_term_i) begin
      value2_d = base2_late_i ? {remainder[22:0], {2{up_q}}} : {remainder[23:0], up_q};
      // Beyond the largest level either way.
      if (base2_late_i && (remainder[24:23] != '0)) value2_d[24] = 1'b1;
    end
  end

  logic [24:0] over;                      // OR of the bits from k up
  logic [6:0]  reached_d, reached_q;      // B^j or more
  logic negative2_q, short2_q, large2_q;
  always_comb begin
    over = value2_d;
    for (int unsigned i = 1; i < 32; i = 2 * i) over = over | (over >> i);
    for (int unsigned j = 0; j < 7; j++) reached_d[j] = !int_i && (base2_late_i ? over[12 + j] : over[12 + 2*j]);
  end
  always_ff @(posedge clk_i) begin
    value2_q    <= value2_d;
    reached_q   <= reached_d;
    negative2_q <= negative1_q ^ (two_term_i && up_q);
    short2_q    <= two_term_i && up_q;
    large2_q    <= int_i ? over[16] : large1_q;
  end

  // --- rank 3 ---------------------------------------------------------------------------
  logic [5:0]  place;                     // the level is B^j, or 0 and 1 for j = 0
  logic [1:0]  excess;
  logic [10:0] window;
  logic [8:0]  fraction;
  logic        rest;
  always_comb begin
    for (int unsigned j = 0; j < 6; j++) place[j] = !reached_q[j + 1] && (j == 0 || reached_q[j]);
    window = '0;
    rest   = value2_q[2:0] != '0;
    for (int unsigned j = 0; j < 6; j++) begin
      if (base2_last_i) begin
        window = window | (value2_q[3 + j +: 11] & {11{place[j]}});
        if (j != 0) rest = rest || (value2_q[2 + j] && reached_q[j]);
      end else begin
        window = window | (value2_q[3 + 2*j +: 11] & {11{place[j]}});
        if (j != 0) rest = rest || (value2_q[1 + 2*j +: 2] != '0 && reached_q[j]);
      end
    end
    fraction = window[8:0];
    // Integer bits less the level: 01 leaves 00, 10 leaves 01, 11 leaves 10.
    excess = window[10:9];
    if (reached_q[0]) excess = {window[10] & window[9], ~window[9]};
    if (base2_last_i && reached_q[0]) excess = '0;
  end

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
  logic [3:0] whole;                      // INT: the integer part
  logic [2:0] exponent, exponent_up;
  logic [4:0] down, up_code;
  always_comb begin
    one_or_more = reached_q[0];
    whole       = value2_q[15:12];
    exponent    = height(reached_q);
    exponent_up = (exponent == 3'd7) ? 3'd7 : exponent + 3'd1;
    if (is_int_i) begin
      down    = clamped({1'b0, whole}, large2_q, negative2_q, unsigned_i);
      up_code = clamped({1'b0, whole} + 5'd1, large2_q, negative2_q, unsigned_i);
      fixed   = (nearest_i && fraction[8] && (fraction[7:0] != '0 || rest || whole[0])) ||
                (floor_i && negative2_q && (fraction != '0 || rest));
    end else begin
      down    = {large2_q, negative2_q && one_or_more, exponent};
      up_code = {large2_q, negative2_q, exponent_up};
      // Above 1.5 or 0.5 levels more than the level, or above 5/8 or 1/2.
      if (base2_last_i) fixed = fraction[8] && (fraction[7:0] != '0 || rest);
      else if (one_or_more) begin
        fixed = excess[1] || (excess[0] && fraction[8] && (fraction[7:0] != '0 || rest));
      end else begin
        fixed = fraction[8] && (fraction[7] || (fraction[6] && (fraction[5:0] != '0 || rest)));
      end
    end
  end

  // Up, stochastically, is one comparison in 1/256, after a bit that the parity of 2R + 1 decides:
  //   LOG    excess > R, LOG4 above 1 excess > 3R + 1     with R the random byte, u = (2R + 1)/512
  //   INT    fraction + R > 255, or of a negative value, which rounds towards minus infinity,
  //          fraction > R; the former is the complement of ~fraction > R.
  logic turn;
  logic [4:0] down3_q, up3_q;
  logic [9:0] excess3_q;
  logic carry_q, triple_q, over_q, under_q;
  assign turn = is_int_i && !negative2_q;
  always_ff @(posedge clk_i) begin
    down3_q   <= down;
    up3_q     <= up_code;
    excess3_q <= {excess & {2{!is_int_i}}, fraction[8:1] ^ {8{turn}}};
    carry_q   <= turn ? !fraction[0] : fraction[0] && (rest || short2_q);
    triple_q  <= !is_int_i && !base2_last_i && one_or_more;
    over_q    <= stochastic_i ? !turn : fixed;          // up, if it is more
    under_q   <= stochastic_i ? turn : fixed;           // up, if not
  end

  // --- rank 4 ---------------------------------------------------------------------------
  // excess + carry - R - 1, with triple - 3R - 2, is not negative: a carry out of bit 10.
  logic [9:0]  minus_r, minus_2r, half, majority;
  // Only the carry counts.
  // verilator lint_off UNUSEDSIGNAL
  logic [11:0] sum;
  // verilator lint_on UNUSEDSIGNAL
  logic round_up;
  always_comb begin
    minus_r  = {2'b11, ~random_i};
    minus_2r = {1'b1, ~random_i, 1'b1} & {10{triple_q}};
    half     = excess3_q ^ minus_r ^ minus_2r;
    majority = (excess3_q & minus_r) | (excess3_q & minus_2r) | (minus_r & minus_2r);
    sum      = {1'b0, !triple_q, half} + {1'b0, majority, carry_q};
    round_up = sum[11] ? over_q : under_q;
  end
  always_ff @(posedge clk_i) {saturated_o, code_o} <= round_up ? up3_q : down3_q;
endmodule
