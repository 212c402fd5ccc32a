// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Width lanes of rescaled values (the slots of rescale_unit) to INT4 codes, -7..7, or with
// unsigned_i to UINT4 codes, 0..15, negative values to 0. Rounding: NEAREST is half to even,
// FLOOR towards minus infinity, STOCHASTIC floor(v + u) with u = (2R + 1)/512 from the lane's
// random byte R. saturated_o tells, lane by lane, that the rounded value lay outside; a negative
// UINT4 value is no saturation. valid_o follows valid_i by one cycle; without valid_i the outputs
// keep their values. No back-pressure.
//
// The clocked block computes in arrays that are private to it, with loops over lanes that the C++
// compiler vectorises.
`default_nettype none

module int4_quantizer #(
  parameter int unsigned Width = 32
) (
  input  wire logic                clk_i,
  input  wire logic                rst_ni,
  input  wire logic                valid_i,
  input  wire logic                unsigned_i,
  input  wire logic [2:0]          rounding_i,   // rounding_e
  input  wire logic [32*Width-1:0] slot_i,
  input  wire logic [8*Width-1:0]  random_i,
  output logic                     valid_o,
  output logic [4*Width-1:0]       code_o,
  output logic [Width-1:0]         saturated_o
);
  if (Width % 4 != 0) begin : g_bad_width
    $error("int4_quantizer: Width must be a multiple of 4");
  end

  localparam int unsigned Quads  = (Width % 16 == 0) ? 4 : 1;
  localparam int unsigned Groups = Width / (4 * Quads);
  localparam int unsigned Codes  = (Width % 8 == 0) ? 8 : 4;   // in a word of 32 bits
  localparam int unsigned Words  = Width / Codes;

  // Fenced: vectorised loops, which test_int4_quantizer takes through every magnitude and every random byte.
  // verilator coverage_off
  logic [31:0] slot      [Width];
  logic [31:0] random    [Width];
  logic [31:0] code      [Width];
  logic [31:0] saturated [Width];
  logic [31:0] packed_code [Words];
  logic [31:0] packed_saturated [Words];

  // The arrays above are private to the one clocked block below.
  // verilator lint_off BLKSEQ
  task automatic quantize();
    logic [31:0] half, stochastic, is_unsigned, top;
    logic [31:0] negative, sum, tie, rounded, outside, clamped, keep;
    // Loops of four or less unroll, so that these are constant slices.
    for (int unsigned g = 0; g < Groups; g++) begin
      for (int unsigned q = 0; q < Quads; q++) begin
        for (int unsigned i = 0; i < 4; i++) begin
          slot[4*(Quads*g + q) + i] = slot_i[32*(4*(Quads*g + q) + i) +: 32];
        end
      end
    end
    // The other roundings do not look at them.
    if (rounding_i == cuatro_pkg::RND_STOCHASTIC) begin
      for (int unsigned g = 0; g < Groups; g++) begin
        for (int unsigned q = 0; q < Quads; q++) begin
          for (int unsigned i = 0; i < 4; i++) begin
            random[4*(Quads*g + q) + i] = {24'd0, random_i[8*(4*(Quads*g + q) + i) +: 8]};
          end
        end
      end
    end
    half        = (rounding_i == cuatro_pkg::RND_NEAREST) ? 32'h400 : 32'd0;
    stochastic  = {32{rounding_i == cuatro_pkg::RND_STOCHASTIC}};
    is_unsigned = {32{unsigned_i}};
    top         = unsigned_i ? 32'd15 : 32'd7;
    for (int unsigned i = 0; i < Width; i++) begin
      negative = {32{slot[i][31]}};
      // floor(v · 2^11) + offset: a magnitude m below zero is ~m + 1, or ~m if sticky pulls it
      // down. Magnitudes from 16 on clamp whatever the rounding, so 15 bits of m are enough.
      sum      = ({17'd0, slot[i][14:0]} ^ negative) + (negative & {31'd0, ~slot[i][24]})
                 + (({21'd0, random[i][7:0], 3'b100} & stochastic) | half);
      // Half to even: v + 1/2 is whole at a tie.
      tie      = {31'd0, half != 32'd0 && {sum[10:0], slot[i][24]} == 12'd0};
      rounded  = {{11{sum[31]}}, sum[31:11]} & ~tie;
      outside  = {32{slot[i][23:15] != 9'd0 || rounded + top > (top << 1)}};
      clamped  = (negative & 32'd9) | (~negative & top);
      keep     = ~(negative & is_unsigned);
      code[i]      = ((outside & clamped) | (~outside & rounded)) & keep;
      saturated[i] = outside & keep;
    end
  endtask

  task automatic pack();
    logic [31:0] p_code, flags;
    for (int unsigned w = 0; w < Words; w++) begin
      p_code = 32'd0;
      flags  = 32'd0;
      for (int unsigned j = 0; j < Codes; j++) begin
        p_code = p_code | ((code[Codes*w + j] & 32'd15) << (4*j));
        flags  = flags | ((saturated[Codes*w + j] & 32'd1) << j);
      end
      packed_code[w]      = p_code;
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
        code_o[4*Codes*w +: 4*Codes] <= packed_code[w][4*Codes-1:0];
        saturated_o[Codes*w +: Codes] <= packed_saturated[w][Codes-1:0];
      end
    end
  end

endmodule
