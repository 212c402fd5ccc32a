// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// The optimiser's step on Width weights a cycle: gradients, state words {v, w} and random bytes to
// new state words and INT4 codes of the new weights.
//   g  = clamp(round(gradient))
//   v' = clamp(v - floor(v/8 + u1) + g)          clamp: to ±32767
//   w' = clamp(w - floor(v' · 2^-rate + u2))     ui = (2·Ri + 1)/512
//   code = clamp(round_half_even(w' · 2^-code_shift), ±7), saturated if that clipped
// A gradient comes as a slot of rescale_unit, {negative, 6'b0, sticky, magnitude}: of a shift by
// two more than the contract's n, so that the magnitude has 15 integer and 9 fraction bits and is
// all ones from 2^15 on, where g clamps. Its rounding is floor(gradient + u0). Random bytes are
// {R2, R1, R0} a lane. The state comes two cycles after valid_i, codes three. No back-pressure.
//
// The fast form computes in arrays that are private to its clocked block, with loops over lanes
// that the C++ compiler vectorises. `Structural` builds it from update_lane.
`default_nettype none

module update_unit #(
  parameter int unsigned Width      = 32,
  parameter bit          Structural = 1'b0
) (
  input  wire logic                clk_i,
  // Structural registers run free, a slot has six bits that are always 0, and of R1 three bits count.
  // verilator lint_off UNUSEDSIGNAL
  input  wire logic                rst_ni,
  input  wire logic                valid_i,
  input  wire logic [32*Width-1:0] slot_i,
  input  wire logic [24*Width-1:0] random_i,
  // verilator lint_on UNUSEDSIGNAL
  input  wire logic [32*Width-1:0] state_i,
  input  wire logic [3:0]          rate_i,
  input  wire logic [3:0]          code_shift_i,
  output logic [32*Width-1:0]      state_o,
  output logic [4*Width-1:0]       code_o,
  output logic [Width-1:0]         saturated_o
);
  if (Width % 4 != 0) begin : g_bad_width
    $error("update_unit: Width must be a multiple of 4");
  end

  if (Structural) begin : g_structural
    // Four lanes share a copy of what steers them, in modules of their own, which synthesis does not merge.
    logic [3:0]  code_shift1_q;
    logic [14:0] below_q;
    logic [15:0] above_q;
    always_ff @(posedge clk_i) begin
      code_shift1_q <= code_shift_i;
      below_q       <= ~(15'h7fff << ((code_shift1_q == 4'd0) ? 4'd0 : code_shift1_q - 4'd1));
      above_q       <= 16'(16'hfff8 << code_shift1_q);
    end
    for (genvar q = 0; q < Width / 4; q++) begin : g_quad
      logic [3:0] rate, code_shift;
      delay #(.Width(4), .Cycles(1)) u_rate (.clk_i, .d_i(rate_i), .q_o(rate));
      delay #(.Width(4), .Cycles(1)) u_code_shift (.clk_i, .d_i(code_shift1_q), .q_o(code_shift));
      for (genvar i = 4*q; i < 4*q + 4; i++) begin : g_lane
        update_lane u_lane (
          .clk_i, .negative_i(slot_i[32*i + 31]), .magnitude_i(slot_i[32*i +: 24]), .sticky_i(slot_i[32*i + 24]),
          .state_i(state_i[32*i +: 32]), .random0_i(random_i[24*i +: 8]), .random1_i(random_i[24*i + 13 +: 3]),
          .random2_i(random_i[24*i + 16 +: 8]), .rate_i(rate), .code_shift_i(code_shift), .below_i(below_q),
          .above_i(above_q), .state_o(state_o[32*i +: 32]), .code_o(code_o[4*i +: 4]), .saturated_o(saturated_o[i]));
      end
    end
  end else begin : g_fast
    localparam int unsigned Quads  = (Width % 16 == 0) ? 4 : 1;
    localparam int unsigned Groups = Width / (4 * Quads);
    localparam int unsigned Codes  = (Width % 8 == 0) ? 8 : 4;   // in a word of 32 bits
    localparam int unsigned Words  = Width / Codes;

    logic [31:0] slot   [Width];
    logic [31:0] word   [Width];                     // state, old and then new
    logic [31:0] random [3*Width/4];                 // as they come
    logic [31:0] byte0  [Width];
    logic [31:0] byte1  [Width];
    logic [31:0] byte2  [Width];
    logic [31:0] code   [Width];
    logic [31:0] clip   [Width];
    logic [31:0] packed_code [Words];
    logic [31:0] packed_clip [Words];
    logic [1:0]  ready_q;

    // The arrays above are private to the one clocked block below.
    // verilator lint_off BLKSEQ
    task automatic take();
      // Loops of four or less unroll, so that these are constant slices.
      for (int unsigned g = 0; g < Groups; g++) begin
        for (int unsigned q = 0; q < Quads; q++) begin
          for (int unsigned i = 0; i < 4; i++) begin
            slot[4*(Quads*g + q) + i] = slot_i[32*(4*(Quads*g + q) + i) +: 32];
            word[4*(Quads*g + q) + i] = state_i[32*(4*(Quads*g + q) + i) +: 32];
          end
          for (int unsigned i = 0; i < 3; i++) begin
            random[3*(Quads*g + q) + i] = random_i[32*(3*(Quads*g + q) + i) +: 32];
          end
        end
      end
      for (int unsigned q = 0; q < Width / 4; q++) begin
        byte0[4*q]     = random[3*q] & 32'hff;
        byte1[4*q]     = (random[3*q] >> 8) & 32'hff;
        byte2[4*q]     = (random[3*q] >> 16) & 32'hff;
        byte0[4*q + 1] = random[3*q] >> 24;
        byte1[4*q + 1] = random[3*q + 1] & 32'hff;
        byte2[4*q + 1] = (random[3*q + 1] >> 8) & 32'hff;
        byte0[4*q + 2] = (random[3*q + 1] >> 16) & 32'hff;
        byte1[4*q + 2] = random[3*q + 1] >> 24;
        byte2[4*q + 2] = random[3*q + 2] & 32'hff;
        byte0[4*q + 3] = (random[3*q + 2] >> 8) & 32'hff;
        byte1[4*q + 3] = (random[3*q + 2] >> 16) & 32'hff;
        byte2[4*q + 3] = random[3*q + 2] >> 24;
      end
    endtask

    function automatic logic signed [31:0] clamped(input logic signed [31:0] x, input logic signed [31:0] most);
      logic signed [31:0] low;
      low     = (x < -most) ? -most : x;
      clamped = (low > most) ? most : low;
    endfunction

    task automatic step();
      logic signed [31:0] negative, x, v, w, whole, rounded, tie_odd, half, odd;
      half = (32'sd1 << code_shift_i) >>> 1;
      odd  = (code_shift_i == 4'd0) ? 32'sd0 : 32'sd1;
      for (int unsigned i = 0; i < Width; i++) begin
        // In 1/512. Below zero, sticky pulls a magnitude's floor down.
        negative = {32{slot[i][31]}};
        x        = $signed({8'd0, slot[i][23:0]} ^ negative) + $signed(negative & {31'd0, ~slot[i][24]});
        x        = (x + $signed({23'd0, byte0[i][7:0], 1'b1})) >>> 9;
        v        = $signed(word[i]) >>> 16;
        w        = $signed(word[i] << 16) >>> 16;
        v        = clamped(v - (((v <<< 6) + $signed({23'd0, byte1[i][7:0], 1'b1})) >>> 9) + clamped(x, 32'sd32767), 32'sd32767);
        w        = clamped(w - ((((v <<< 9) >>> rate_i) + $signed({23'd0, byte2[i][7:0], 1'b1})) >>> 9), 32'sd32767);
        tie_odd  = (w >>> code_shift_i) & odd;
        rounded  = (w + half - odd + tie_odd) >>> code_shift_i;
        whole    = clamped(rounded, 32'sd7);
        word[i]  = {v[15:0], w[15:0]};
        code[i]  = whole;
        clip[i]  = {31'd0, rounded != whole};
      end
    endtask

    task automatic pack();
      logic [31:0] codes, clips;
      for (int unsigned k = 0; k < Words; k++) begin
        codes = 32'd0;
        clips = 32'd0;
        for (int unsigned j = 0; j < Codes; j++) begin
          codes = codes | ((code[Codes*k + j] & 32'd15) << (4*j));
          clips = clips | (clip[Codes*k + j] << j);
        end
        packed_code[k] = codes;
        packed_clip[k] = clips;
      end
    endtask
    // verilator lint_on BLKSEQ

    always_ff @(posedge clk_i) begin
      ready_q <= {ready_q[0], valid_i} & {2{rst_ni}};
      if (ready_q[1]) begin
        for (int unsigned k = 0; k < Words; k++) begin
          code_o[4*Codes*k +: 4*Codes] <= packed_code[k][4*Codes-1:0];
          saturated_o[Codes*k +: Codes] <= packed_clip[k][Codes-1:0];
        end
      end
      if (ready_q[0]) begin
        for (int unsigned g = 0; g < Groups; g++) begin
          for (int unsigned q = 0; q < Quads; q++) begin
            for (int unsigned i = 0; i < 4; i++) begin
              state_o[32*(4*(Quads*g + q) + i) +: 32] <= word[4*(Quads*g + q) + i];
            end
          end
        end
      end
      if (ready_q[0]) pack();
      if (valid_i) begin
        take();
        step();
      end
    end
  end
endmodule
