// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Sign-magnitude addition: x + y, or with `subtract_i` |x - y| and `negative_o` = x < y; the caller complements
// y then (`addend_i` = ~y). One Sklansky prefix network serves both signs of a difference, the carry being known
// only behind it:
//   x >= y: x + ~y carries out, and the end-around carry completes the two's complement: x + ~y + 1
//   x <  y: no carry out, and the one's complement is the magnitude: ~(x + ~y) = y - x
`default_nettype none

module end_around_adder #(
  parameter int unsigned Width = 23
) (
  input  wire logic             subtract_i,
  input  wire logic [Width-1:0] x_i,
  input  wire logic [Width-1:0] addend_i,
  output logic [Width:0]        magnitude_o,
  output logic                  negative_o
);
  localparam int unsigned Levels = $clog2(Width);

  logic [Width-1:0] half_sum;
  assign half_sum = x_i ^ addend_i;

  // Behind the last level, bit i tells of bits i..0: a carry comes out, or passes through.
  for (genvar level = 0; level <= Levels; level++) begin : g_level
    logic [Width-1:0] generates;
    // The last level needs few of them.
    // verilator lint_off UNUSEDSIGNAL
    logic [Width-1:0] propagates;
    // verilator lint_on UNUSEDSIGNAL
    if (level == 0) begin : g_bits
      assign generates  = x_i & addend_i;
      assign propagates = x_i | addend_i;
    end else begin : g_prefix
      localparam int unsigned Span = 1 << (level - 1);
      for (genvar i = 0; i < Width; i++) begin : g_bit
        if ((i / Span) % 2 == 1) begin : g_join
          localparam int unsigned Below = (i / Span) * Span - 1;
          assign generates[i]  = g_level[level-1].generates[i] |
                                 (g_level[level-1].propagates[i] & g_level[level-1].generates[Below]);
          assign propagates[i] = g_level[level-1].propagates[i] & g_level[level-1].propagates[Below];
        end else begin : g_keep
          assign generates[i]  = g_level[level-1].generates[i];
          assign propagates[i] = g_level[level-1].propagates[i];
        end
      end
    end
  end

  logic carry_out, around;
  logic [Width-1:0] carries;
  assign carry_out  = g_level[Levels].generates[Width-1];
  assign around     = subtract_i && carry_out;
  assign negative_o = subtract_i && !carry_out;
  assign carries    = {g_level[Levels].generates[Width-2:0] |
                       (g_level[Levels].propagates[Width-2:0] & {Width-1{around}}), around};

  assign magnitude_o = {!subtract_i && carry_out, half_sum ^ carries ^ {Width{negative_o}}};
endmodule
