// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Step 5 of the output stage, the table of sw/golden/README.md, line by line: a slot, a random byte, a format and a
// rounding to codes, combinational. INT rounds by an offset and an arithmetic shift; NEAREST of LOG counts the
// midpoints below the magnitude; STOCHASTIC looks for the largest level at or below it. A magnitude and its sticky bit
// are one number in 1/4096: odd ones stand for what lies between, and all thresholds are even.
`default_nettype none

module quantize_spec (
  input  wire logic [31:0] slot_i,
  input  wire logic [7:0]  random_i,
  input  wire logic [2:0]  format_i,
  input  wire logic [2:0]  rounding_i,
  output logic             legal_o,
  output logic [3:0]       code1_o,
  output logic [3:0]       code2_o,      // 0 for one code
  output logic             saturated_o
);
  // B^k.
  function automatic logic [31:0] level(input int unsigned k, input logic base2);
    level = base2 ? 32'd4096 << k : 32'd4096 << (2 * k);
  endfunction

  function automatic logic [3:0] code_of(input logic negative, input logic [2:0] e);
    code_of = (e == 3'd0) ? 4'd0 : {negative, e};
  endfunction

  // Up past 5/8 or 1/2, then past 2.5 · 4^k or 1.5 · 2^k.
  function automatic logic [2:0] nearest(input logic [31:0] m, input logic base2);
    nearest = (base2 ? m > 32'd2048 : m > 32'd2560) ? 3'd1 : 3'd0;
    for (int unsigned k = 0; k < 6; k++) begin
      if (m > (level(k, base2) >> 1) * (base2 ? 32'd3 : 32'd5)) nearest = 3'(k + 2);
    end
  endfunction

  // Up past lo · (1 + (B - 1) · u), u = (2R + 1) / 512.
  function automatic logic [2:0] stochastic(input logic [31:0] m, input logic base2, input logic [7:0] draw);
    logic [31:0] twice_r, up;
    twice_r    = {23'd0, draw, 1'b1};
    stochastic = (m > twice_r << 3) ? 3'd1 : 3'd0;
    for (int unsigned k = 0; k < 7; k++) begin
      up = level(k, base2) + (level(k, base2) >> 9) * twice_r * (base2 ? 32'd1 : 32'd3);
      if (m >= level(k, base2)) stochastic = (m > up && k < 6) ? 3'(k + 2) : 3'(k + 1);
    end
  endfunction

  logic [31:0] m, q1, remainder;
  logic signed [31:0] v, q;
  logic [2:0] e1;
  logic is_int, is_unsigned, base2, above;
  always_comb begin
    is_int      = format_i == cuatro_pkg::OUT_INT4 || format_i == cuatro_pkg::OUT_UINT4;
    is_unsigned = format_i == cuatro_pkg::OUT_UINT4;
    base2       = format_i == cuatro_pkg::OUT_LOG2;
    legal_o     = format_i <= cuatro_pkg::OUT_LOG2 &&
                  (rounding_i <= cuatro_pkg::RND_STOCHASTIC || (!is_int && rounding_i <= cuatro_pkg::RND_TWO_TERM)) &&
                  (is_int || rounding_i != cuatro_pkg::RND_FLOOR);
    m           = {7'd0, slot_i[23:0], slot_i[24]};
    v           = $signed(m);
    if (slot_i[31]) v = is_unsigned ? 32'sd0 : -v;
    case (rounding_i)
      cuatro_pkg::RND_NEAREST: begin
        q = (v + 32'sd2048) >>> 12;
        if (v[11:0] == 12'd2048) q = (v >>> 12) + $signed({31'd0, v[12]});   // a tie: to the even one
      end
      cuatro_pkg::RND_FLOOR: q = v >>> 12;
      default: q = (v + $signed({20'd0, random_i, 4'd8})) >>> 12;
    endcase

    e1        = (rounding_i == cuatro_pkg::RND_STOCHASTIC) ? stochastic(m, base2, random_i) : nearest(m, base2);
    q1        = (e1 == 3'd0) ? 32'd0 : level(32'(e1) - 32'd1, base2);
    above     = q1 > m;                                                      // the remainder has the other sign
    remainder = above ? q1 - m : m - q1;
    if (is_int) begin
      saturated_o = is_unsigned ? q > 15 : q > 7 || q < -7;
      code1_o     = q[3:0];
      if (saturated_o) code1_o = is_unsigned ? 4'd15 : (q < 0) ? 4'd9 : 4'd7;
    end else begin
      saturated_o = m > level(6, base2);
      code1_o     = code_of(slot_i[31], e1);
    end
    code2_o = 4'd0;
    if (rounding_i == cuatro_pkg::RND_TPR) begin                             // v / 2
      code2_o = code_of(slot_i[31], nearest({8'd0, slot_i[23:1], slot_i[0] | slot_i[24]}, base2));
    end
    if (rounding_i == cuatro_pkg::RND_TWO_TERM) begin                        // 2r or 4r
      code2_o = code_of(slot_i[31] ^ above, stochastic(base2 ? remainder << 2 : remainder << 1, base2, random_i));
    end
  end
endmodule
