// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Width lanes of v = a · (mult/128) · 2^-shift, mult unsigned (128 = 1.0), shift in -16..31: a
// signed 32-bit word becomes sign and magnitude with 13 integer and 11 fraction bits. Bits below
// are not rounded but ORed into a sticky bit; a magnitude of 2^13 or more becomes all ones with
// sticky set. One slot of 32 bits a lane: {negative, 6'b0, sticky, magnitude[23:0]}. With
// Multiplier = 0 there is no multiplier and mult_i is ignored.
//
// valid_i comes with mult_i and shift_i, the words a_i two cycles later, the slots with valid_o
// three cycles after the words; they count in that cycle only. No back-pressure.
//
// The fast form computes in arrays that are private to its clocked block, consumer first, with
// loops over lanes that the C++ compiler vectorises. `Structural` builds it from rescale_lane.
`default_nettype none

module rescale_unit #(
  parameter int unsigned Width      = 32,
  parameter bit          Multiplier = 1'b1,
  parameter bit          Structural = 1'b0
) (
  input  wire logic                clk_i,
  input  wire logic                rst_ni,
  input  wire logic                valid_i,
  input  wire logic [7:0]          mult_i,
  input  wire logic signed [5:0]   shift_i,
  input  wire logic [32*Width-1:0] a_i,
  // The words' signs, read with Structural: from registers of their own, since they go everywhere.
  // verilator lint_off UNUSEDSIGNAL
  input  wire logic [Width-1:0]    negative_i,
  // verilator lint_on UNUSEDSIGNAL
  output logic                     valid_o,
  output logic [32*Width-1:0]      slot_o
);
  if (Width % 4 != 0) begin : g_bad_width
    $error("rescale_unit: Width must be a multiple of 4");
  end

  logic [4:0] ready_q;
  always_ff @(posedge clk_i) ready_q <= {ready_q[3:0], valid_i} & {5{rst_ni}};
  assign valid_o = ready_q[4];

  // With 20 zeros below the product and shift + 16 places to the right, bits 23..0 are the
  // magnitude. One factor and one shift serve all lanes, so what they select is built once.
  if (Structural) begin : g_structural
    // The factor is 128..255 times 2^-doublings.
    logic [7:0]  normal, factor_q;
    logic [9:0]  booth;
    logic [2:0]  doublings, trailing;
    logic [5:0]  places_d, places_q;
    logic [3:0]  one, two;
    logic [2:0]  minus;
    logic [39:0] turned;
    logic [31:0] low_mask;
    logic        zero;
    always_comb begin
      normal    = Multiplier ? mult_i : 8'd128;
      doublings = 3'd0;
      for (int unsigned i = 4; i > 0; i = i / 2) begin
        if (normal >> (8 - i) == 8'd0) begin
          normal    = normal << i;
          doublings = doublings | 3'(i);
        end
      end
      places_d = 6'(shift_i) + 6'd16 + 6'(doublings);
      if (normal == 8'd0) places_d = 6'd63;
    end
    always_ff @(posedge clk_i) begin
      factor_q <= normal;
      places_q <= places_d;
    end
    always_comb begin
      zero     = factor_q == 8'd0;
      trailing = 3'd0;
      for (int unsigned i = 0; i < 7; i++) begin
        if (8'(factor_q << (7 - i)) == 8'd0) trailing = 3'(i + 1);
      end

      // Digits -2..2 of radix 4; the highest, with bit 7 always set, is 256 - 0..2 · 64.
      booth = {1'b0, factor_q, 1'b0};
      for (int unsigned i = 0; i < 4; i++) begin
        one[i] = booth[2*i] ^ booth[2*i + 1];
        two[i] = booth[2*i + 2] ? !booth[2*i] && !booth[2*i + 1] : booth[2*i] && booth[2*i + 1];
      end
      minus = {booth[6], booth[4], booth[2]};
      // -x = ~x + 1 - 2^32 for the 32 bits of a row, modulo 2^40 and the same for all lanes.
      turned = (40'd1 << 6) - (40'd1 << 38);
      for (int unsigned i = 0; i < 3; i++) begin
        if (minus[i]) turned = turned + (40'd1 << (2 * i)) - (40'd1 << (32 + 2 * i));
      end
      // The product ends in as many zeros as both factors together.
      low_mask = ~(32'hffffffff << ((places_q > 6'd20 + 6'(trailing)) ? places_q - 6'd20 - 6'(trailing) : 6'd0));
      if (zero) low_mask = 32'd0;
    end

    logic [3:0]  one_q, two_q;
    logic [2:0]  minus_q;
    logic [39:0] positive_q, negative_q, over_mask_q;
    logic [31:0] low_mask_q;
    logic [5:0]  places1_q, places2_q, places3_q;
    logic        zero1_q, zero2_q, zero3_q;
    always_ff @(posedge clk_i) begin
      one_q       <= one;
      two_q       <= two;
      minus_q     <= minus;
      positive_q  <= turned;
      negative_q  <= turned + 40'(factor_q);
      low_mask_q  <= low_mask;
      places1_q   <= places_q;
      places2_q   <= places1_q;
      places3_q   <= places2_q;
      over_mask_q <= 40'hff_ffffffff << (7'(places2_q) + 7'd4);
      zero1_q     <= zero;
      zero2_q     <= zero1_q;
      zero3_q     <= zero2_q;
    end

    for (genvar i = 0; i < Width; i++) begin : g_lane
      rescale_lane #(.Multiplier(Multiplier)) u_lane (
        .clk_i, .a_i(a_i[32*i +: 32]), .negative_i(negative_i[i]), .one_i(one_q), .two_i(two_q), .minus_i(minus_q),
        .correction_positive_i(positive_q), .correction_negative_i(negative_q),
        .low_mask_i(low_mask_q), .zero_i(zero3_q), .places_i(places3_q), .over_mask_i(over_mask_q),
        .negative_o(slot_o[32*i + 31]), .sticky_o(slot_o[32*i + 24]),
        .magnitude_o(slot_o[32*i +: 24]));
      assign slot_o[32*i + 25 +: 6] = 6'd0;
    end
  end else begin : g_fast
    localparam int unsigned Quads  = (Width % 16 == 0) ? 4 : 1;
    localparam int unsigned Groups = Width / (4 * Quads);

    logic [7:0] mult;
    logic [5:0] shift;
    delay #(.Width(14), .Cycles(3)) u_factor (.clk_i, .d_i({mult_i, shift_i}), .q_o({mult, shift}));

    // The product has 40 bits: `over` and `lost` are those that end up above and below.
    logic [5:0]  places;
    logic [59:0] kept_or_above;
    logic [63:0] over, lost;
    assign places        = shift + 6'd16;
    assign kept_or_above = {60{1'b1}} << places;
    assign over          = {24'd0, kept_or_above[35:0], 4'd0};  // 24 places further up
    assign lost          = {24'd0, ~kept_or_above[59:20]};

    logic [7:0] factor;
    logic       factor_nonzero;
    assign factor         = Multiplier ? mult : 8'd128;
    assign factor_nonzero = factor != 8'd0;

    // With a factor of 1.0 the product is the word seven places up, and 32 bits are enough.
    logic [31:0] over1, lost1;
    logic [4:0]  up1, down1;
    assign over1 = over[38:7];
    assign lost1 = lost[38:7];
    assign up1   = (places < 6'd27) ? 5'(6'd27 - places) : 5'd0;
    assign down1 = (places < 6'd27) ? 5'd0 : 5'(places - 6'd27);

    // Fenced: vectorised loops, which test_rescale_unit takes through every multiplier at every shift.
    // verilator coverage_off
    logic [31:0] a    [Width];
    logic [31:0] slot [Width];

    // The arrays above are private to the one clocked block below.
    // verilator lint_off BLKSEQ
    task automatic take_words();
      // Loops of four or less unroll, so that these are constant slices.
      for (int unsigned g = 0; g < Groups; g++) begin
        for (int unsigned q = 0; q < Quads; q++) begin
          for (int unsigned i = 0; i < 4; i++) begin
            a[4*(Quads*g + q) + i] = a_i[32*(4*(Quads*g + q) + i) +: 32];
          end
        end
      end
    endtask

    task automatic rescale();
      logic [31:0] negative, magnitude;
      logic [63:0] product;
      logic [23:0] shifted;
      if (factor == 8'd128) begin
        for (int unsigned i = 0; i < Width; i++) begin
          negative  = {32{a[i][31]}};
          magnitude = (a[i] ^ negative) - negative;
          shifted   = 24'((magnitude >> down1) << up1);
          slot[i]   = {negative[31], 6'd0, (magnitude & (over1 | lost1)) != 32'd0,
                       shifted | {24{(magnitude & over1) != 32'd0}}};
        end
      end else for (int unsigned i = 0; i < Width; i++) begin
        negative  = {32{a[i][31]}};
        magnitude = (a[i] ^ negative) - negative;
        product   = 64'(magnitude) * 64'(factor);
        shifted   = 24'((product << 20) >> places);
        slot[i]   = {negative[31] & factor_nonzero, 6'd0,
                     (product & (over | lost)) != 64'd0,
                     (product & over) != 64'd0 ? 24'hffffff : shifted};
      end
    endtask
    // verilator lint_on BLKSEQ
    // verilator coverage_on

    always_ff @(posedge clk_i) begin
      if (ready_q[3]) begin
        for (int unsigned g = 0; g < Groups; g++) begin
          for (int unsigned q = 0; q < Quads; q++) begin
            for (int unsigned i = 0; i < 4; i++) begin
              slot_o[32*(4*(Quads*g + q) + i) +: 32] <= slot[4*(Quads*g + q) + i];
            end
          end
        end
      end
      if (ready_q[2]) rescale();
      if (ready_q[1]) take_words();
    end
  end
endmodule
