// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Width lanes of rescaled values v (the slots of rescale_unit) to LOG4 codes, or with base2_i to
// LOG2 codes: sign and a level 0, B^0 .. B^6. NEAREST takes the nearest level in the linear
// domain, midpoints towards zero, below 1 from 5/8 (LOG4) or 1/2 (LOG2) on, exclusive. STOCHASTIC
// goes up from level lo if |v| > lo·(1 + (B-1)·u), below 1 if |v| > u, u = (2R + 1)/512 from the
// lane's random byte R. TPR makes two codes, NEAREST of v and NEAREST of v/2. TWO_TERM makes code
// 1 by NEAREST and code 2 by STOCHASTIC of the exact remainder v - q1, times 2 (LOG4) or 4 (LOG2).
// code2_o is 0 for the roundings with one code. saturated_o: |v| > B^6, lane by lane. A zero level
// is 0000. valid_o follows valid_i by one cycle; without valid_i the outputs keep their values.
// No back-pressure.
//
// The clocked block computes in arrays that are private to it, with loops over lanes that the C++
// compiler vectorises.
`default_nettype none

module log4_quantizer #(
  parameter int unsigned Width = 32
) (
  input  wire logic                clk_i,
  input  wire logic                rst_ni,
  input  wire logic                valid_i,
  input  wire logic                base2_i,
  input  wire logic [2:0]          rounding_i,   // rounding_e
  input  wire logic [32*Width-1:0] slot_i,
  input  wire logic [8*Width-1:0]  random_i,
  output logic                     valid_o,
  output logic [4*Width-1:0]       code1_o,
  output logic [4*Width-1:0]       code2_o,
  output logic [Width-1:0]         saturated_o
);
  if (Width % 4 != 0) begin : g_bad_width
    $error("log4_quantizer: Width must be a multiple of 4");
  end

  localparam int unsigned Quads  = (Width % 16 == 0) ? 4 : 1;
  localparam int unsigned Groups = Width / (4 * Quads);
  localparam int unsigned Codes  = (Width % 8 == 0) ? 8 : 4;   // in a word of 32 bits
  localparam int unsigned Words  = Width / Codes;

  // Magnitudes have 12 fraction bits here, the lowest being sticky, so that `>` needs no second
  // look: a threshold is always even.
  localparam logic [31:0] One = 32'd1 << 12;

  // at_least[k] picks the bits of a magnitude that say it is B^k or more.
  logic [31:0] at_least [8];
  for (genvar k = 0; k < 7; k++) begin : g_level
    assign at_least[k] = base2_i ? 32'hffffffff << (12 + k) : 32'hffffffff << (12 + 2 * k);
  end
  assign at_least[7] = 32'd0;

  // From the level below a magnitude (as an exponent e, 0..7) to that of its code: up if the
  // magnitude exceeds `above_level` · level, or `below_one` where the level is 0.
  function automatic logic [31:0] round_exponent(
      input logic [31:0] magnitude, input logic [31:0] e, input logic [31:0] above_level,
      input logic [31:0] below_one, input logic base2);
    logic [2:0]  steps;
    logic [31:0] threshold;
    steps     = e[2:0] - 3'd1;
    threshold = (e == 32'd0) ? below_one
                             : above_level << (base2 ? {1'b0, steps} : {steps, 1'b0});
    round_exponent = e + {31'd0, magnitude > threshold && e != 32'd7};
  endfunction

  // Fenced: vectorised loops, which test_log4_quantizer takes around every threshold with every random byte.
  // verilator coverage_off
  logic [31:0] slot      [Width];
  logic [31:0] random    [Width];
  logic [31:0] exponent  [Width];   // of code 1
  logic [31:0] code1     [Width];
  logic [31:0] code2     [Width];
  logic [31:0] saturated [Width];
  logic [31:0] packed_code1 [Words];
  logic [31:0] packed_code2 [Words];
  logic [31:0] packed_saturated [Words];

  // The arrays above are private to the one clocked block below.
  // verilator lint_off BLKSEQ
  task automatic quantize();
    logic [31:0] base4, nearest_above, nearest_below, largest, is_stochastic, is_tpr;
    logic [31:0] magnitude, e, above_level, below_one, draw, level, difference, borrow, sign;
    // Loops of four or less unroll, so that these are constant slices.
    for (int unsigned g = 0; g < Groups; g++) begin
      for (int unsigned q = 0; q < Quads; q++) begin
        for (int unsigned i = 0; i < 4; i++) begin
          slot[4*(Quads*g + q) + i] = slot_i[32*(4*(Quads*g + q) + i) +: 32];
        end
      end
    end
    // The other roundings do not look at them.
    if (rounding_i == cuatro_pkg::RND_STOCHASTIC || rounding_i == cuatro_pkg::RND_TWO_TERM) begin
      for (int unsigned g = 0; g < Groups; g++) begin
        for (int unsigned q = 0; q < Quads; q++) begin
          for (int unsigned i = 0; i < 4; i++) begin
            random[4*(Quads*g + q) + i] = {24'd0, random_i[8*(4*(Quads*g + q) + i) +: 8]};
          end
        end
      end
    end
    base4         = {32{~base2_i}};
    nearest_above = base2_i ? One + One / 2 : 2 * One + One / 2;
    nearest_below = base2_i ? One / 2 : One / 8 * 5;
    largest       = base2_i ? One << 6 : One << 12;
    is_stochastic = {32{rounding_i == cuatro_pkg::RND_STOCHASTIC}};
    is_tpr        = {32{rounding_i == cuatro_pkg::RND_TPR}};
    for (int unsigned i = 0; i < Width; i++) begin
      magnitude   = {7'd0, slot[i][23:0], slot[i][24]};
      draw        = {20'd0, random[i][7:0], 4'b1000};   // u
      above_level = ((One + draw + ((draw << 1) & base4)) & is_stochastic)
                    | (nearest_above & ~is_stochastic);
      below_one   = (draw & is_stochastic) | (nearest_below & ~is_stochastic);
      e = 32'd0;
      for (int unsigned h = 0; h < 2; h++) begin
        for (int unsigned k = 0; k < 4; k++) begin
          e = e + {31'd0, (magnitude & at_least[4*h + k]) != 32'd0};
        end
      end
      e = round_exponent(magnitude, e, above_level, below_one, base2_i);
      exponent[i]  = e;
      code1[i]     = e | ((slot[i] >> 28) & {28'd0, e != 32'd0, 3'd0});
      saturated[i] = {31'd0, magnitude > largest};
    end
    if (rounding_i == cuatro_pkg::RND_TPR || rounding_i == cuatro_pkg::RND_TWO_TERM) begin
      for (int unsigned i = 0; i < Width; i++) begin
        magnitude  = {7'd0, slot[i][23:0], slot[i][24]};
        // The level of code 1, 0 for exponent 0; a smaller magnitude turns the remainder's sign.
        level      = ((32'd1 << (base2_i ? {1'b0, exponent[i][2:0]} : {exponent[i][2:0], 1'b0}))
                      << (base2_i ? 11 : 10)) & {32{exponent[i] != 32'd0}};
        difference = magnitude - level;
        borrow     = {32{difference[31]}};
        difference = (difference ^ borrow) - borrow;
        difference = difference << (base2_i ? 2 : 1);
        magnitude  = (((magnitude >> 1) | (magnitude & 32'd1)) & is_tpr) | (difference & ~is_tpr);
        sign       = slot[i] ^ (borrow & ~is_tpr);
        draw        = {20'd0, random[i][7:0], 4'b1000};
        above_level = ((One + draw + ((draw << 1) & base4)) & ~is_tpr) | (nearest_above & is_tpr);
        below_one   = (draw & ~is_tpr) | (nearest_below & is_tpr);
        e = 32'd0;
        for (int unsigned h = 0; h < 2; h++) begin
          for (int unsigned k = 0; k < 4; k++) begin
            e = e + {31'd0, (magnitude & at_least[4*h + k]) != 32'd0};
          end
        end
        e = round_exponent(magnitude, e, above_level, below_one, base2_i);
        code2[i] = e | ((sign >> 28) & {28'd0, e != 32'd0, 3'd0});
      end
    end else begin
      for (int unsigned i = 0; i < Width; i++) code2[i] = 32'd0;
    end
  endtask

  task automatic pack();
    logic [31:0] p_code1, p_code2, flags;
    for (int unsigned w = 0; w < Words; w++) begin
      p_code1 = 32'd0;
      p_code2 = 32'd0;
      flags   = 32'd0;
      for (int unsigned j = 0; j < Codes; j++) begin
        p_code1 = p_code1 | ((code1[Codes*w + j] & 32'd15) << (4*j));
        p_code2 = p_code2 | ((code2[Codes*w + j] & 32'd15) << (4*j));
        flags   = flags | ((saturated[Codes*w + j] & 32'd1) << j);
      end
      packed_code1[w]     = p_code1;
      packed_code2[w]     = p_code2;
      packed_saturated[w] = flags;
    end
  endtask
  // verilator lint_on BLKSEQ
  // verilator coverage_on

  always_ff @(posedge clk_i) begin
    valid_o <= valid_i && rst_ni;
    if (valid_i) begin
      quantize();
      pack();
      for (int unsigned w = 0; w < Words; w++) begin
        code1_o[4*Codes*w +: 4*Codes] <= packed_code1[w][4*Codes-1:0];
        code2_o[4*Codes*w +: 4*Codes] <= packed_code2[w][4*Codes-1:0];
        saturated_o[Codes*w +: Codes] <= packed_saturated[w][Codes-1:0];
      end
    end
  end

endmodule
