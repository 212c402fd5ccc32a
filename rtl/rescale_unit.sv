// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Width lanes of v = a · (mult/128) · 2^-shift, mult unsigned (128 = 1.0), shift in -16..31: a
// signed 32-bit word becomes sign and magnitude with 13 integer and 11 fraction bits. Bits below
// are not rounded but ORed into a sticky bit; a magnitude of 2^13 or more becomes all ones with
// sticky set. One slot of 32 bits a lane: {negative, 6'b0, sticky, magnitude[23:0]}. With
// Multiplier = 0 there is no multiplier and mult_i is ignored. valid_o follows valid_i by one
// cycle; without valid_i the outputs keep their values. No back-pressure.
//
// The clocked block computes in arrays that are private to it, with loops over lanes that the C++
// compiler vectorises.
`default_nettype none

module rescale_unit #(
  parameter int unsigned Width      = 32,
  parameter bit          Multiplier = 1'b1
) (
  input  wire logic                clk_i,
  input  wire logic                rst_ni,
  input  wire logic                valid_i,
  input  wire logic [7:0]          mult_i,
  input  wire logic signed [5:0]   shift_i,
  input  wire logic [32*Width-1:0] a_i,
  output logic                     valid_o,
  output logic [32*Width-1:0]      slot_o
);
  if (Width % 4 != 0) begin : g_bad_width
    $error("rescale_unit: Width must be a multiple of 4");
  end

  localparam int unsigned Quads  = (Width % 16 == 0) ? 4 : 1;
  localparam int unsigned Groups = Width / (4 * Quads);

  // The product has 40 bits. With 20 zeros below it and shift + 16 places to the right, bits
  // 23..0 are the magnitude: `over` and `lost` are the bits of the product that end up above and
  // below. One shift amount serves all lanes, so these masks are built once.
  logic [5:0]  places;
  logic [59:0] kept_or_above;
  logic [63:0] over, lost;
  assign places        = shift_i + 6'd16;
  assign kept_or_above = {60{1'b1}} << places;
  assign over          = {24'd0, kept_or_above[35:0], 4'd0};  // 24 places further up
  assign lost          = {24'd0, ~kept_or_above[59:20]};

  logic [7:0] factor;
  logic       factor_nonzero;
  assign factor         = Multiplier ? mult_i : 8'd128;
  assign factor_nonzero = factor != 8'd0;

  logic [31:0] a    [Width];
  logic [31:0] slot [Width];

  // The arrays above are private to the one clocked block below.
  // verilator lint_off BLKSEQ
  task automatic rescale();
    logic [31:0] negative, magnitude;
    logic [63:0] product, shifted;
    // Loops of four or less unroll, so that these are constant slices.
    for (int unsigned g = 0; g < Groups; g++) begin
      for (int unsigned q = 0; q < Quads; q++) begin
        for (int unsigned i = 0; i < 4; i++) begin
          a[4*(Quads*g + q) + i] = a_i[32*(4*(Quads*g + q) + i) +: 32];
        end
      end
    end
    for (int unsigned i = 0; i < Width; i++) begin
      negative  = {32{a[i][31]}};
      magnitude = (a[i] ^ negative) - negative;
      product   = 64'(magnitude) * 64'(factor);
      // Eights first, then ones: fewer multiplexers than one shift by six bits.
      shifted   = (product << 20) >> {places[5:3], 3'd0};
      shifted   = shifted >> places[2:0];
      slot[i]   = {negative[31] & factor_nonzero, 6'd0,
                   (product & (over | lost)) != 64'd0,
                   (product & over) != 64'd0 ? 24'hffffff : shifted[23:0]};
    end
  endtask
  // verilator lint_on BLKSEQ

  always_ff @(posedge clk_i) begin
    valid_o <= valid_i && rst_ni;
    if (valid_i) begin
      rescale();
      for (int unsigned g = 0; g < Groups; g++) begin
        for (int unsigned q = 0; q < Quads; q++) begin
          for (int unsigned i = 0; i < 4; i++) begin
            slot_o[32*(4*(Quads*g + q) + i) +: 32] <= slot[4*(Quads*g + q) + i];
          end
        end
      end
    end
  end

endmodule
