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
// three a lane.
//
// valid_i comes with a group, its state words in the cycle after. New state words come four cycles
// after valid_i, codes five. A group a cycle, no back-pressure.
//
// The fast form computes in arrays that are private to its clocked block, consumer first, with loops
// over lanes that the C++ compiler vectorises. `Structural` builds it from update_lane.
`default_nettype none

module update_unit #(
  parameter int unsigned Width      = 32,
  parameter bit          Structural = 1'b0
) (
  input  wire logic                clk_i,
  // Structural registers run free, a slot has six bits that are always 0, and there of R1 three count.
  // verilator lint_off UNUSEDSIGNAL
  input  wire logic                rst_ni,
  input  wire logic                valid_i,
  input  wire logic [32*Width-1:0] slot_i,
  input  wire logic [8*Width-1:0]  random0_i,
  input  wire logic [8*Width-1:0]  random1_i,
  input  wire logic [8*Width-1:0]  random2_i,
  input  wire logic [32*Width-1:0] state_i,
  // verilator lint_on UNUSEDSIGNAL
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
    localparam int unsigned Some = 4;                // lanes that share a copy of what steers them
    logic [3:0]  rate, code_shift;
    logic [14:0] below_q;
    logic [15:0] above_q;
    delay #(.Width(4), .Cycles(1)) u_rate (.clk_i, .d_i(rate_i), .q_o(rate));
    delay #(.Width(4), .Cycles(3)) u_code_shift (.clk_i, .d_i(code_shift_i), .q_o(code_shift));
    always_ff @(posedge clk_i) begin
      below_q <= ~(15'h7fff << ((code_shift == 4'd0) ? 4'd0 : code_shift - 4'd1));
      above_q <= 16'(16'hfff8 << code_shift);
    end
    for (genvar k = 0; k < Width / Some; k++) begin : g_some
      // Copies are in modules of their own, which synthesis does not merge.
      logic [3:0] rate_copy, code_shift_copy;
      delay #(.Width(8), .Cycles(1)) u_copy (.clk_i, .d_i({rate, code_shift}), .q_o({rate_copy, code_shift_copy}));
      for (genvar j = 0; j < Some; j++) begin : g_lane
        localparam int unsigned Lane = Some * k + j;
        update_lane u_lane (
          .clk_i, .negative_i(slot_i[32*Lane + 31]), .magnitude_i(slot_i[32*Lane +: 24]), .sticky_i(slot_i[32*Lane + 24]),
          .random0_i(random0_i[8*Lane +: 8]), .random1_i(random1_i[8*Lane + 5 +: 3]), .random2_i(random2_i[8*Lane +: 8]),
          .state_i(state_i[32*Lane +: 32]),
          .rate_i(rate_copy), .code_shift_i(code_shift_copy), .below_i(below_q), .above_i(above_q),
          .state_o(state_o[32*Lane +: 32]), .code_o(code_o[4*Lane +: 4]), .saturated_o(saturated_o[Lane]));
      end
    end
  end else begin : g_fast
    localparam int unsigned Quads  = (Width % 16 == 0) ? 4 : 1;
    localparam int unsigned Groups = Width / (4 * Quads);
    localparam int unsigned Codes  = (Width % 8 == 0) ? 8 : 4;   // in a word of 32 bits
    localparam int unsigned Words  = Width / Codes;

    // Fenced: words of vectorised loops, which test_update_unit compares in every lane.
    // verilator coverage_off
    logic [31:0] slot   [Width];
    logic [31:0] byte0  [Width];
    logic [31:0] byte1  [Width];
    logic [31:0] byte2  [Width];
    logic [31:0] word   [Width];                     // state, old and then new
    logic [31:0] code   [Width];
    logic [31:0] clip   [Width];
    logic [31:0] word_late [Width];                  // the same a cycle later
    logic [31:0] code_late [Width];
    logic [31:0] clip_late [Width];
    logic [31:0] packed_code [Words];
    logic [31:0] packed_clip [Words];
    // verilator coverage_on
    logic [3:0]  ready_q, rate_q, code_shift_q;

    // Fenced: vectorised loops, which test_update_unit takes through every shift, every random byte and every code.
    // verilator coverage_off
    // The arrays above are private to the one clocked block below.
    // verilator lint_off BLKSEQ
    task automatic take_group();
      // Loops of four or less unroll, so that these are constant slices.
      for (int unsigned g = 0; g < Groups; g++) begin
        for (int unsigned q = 0; q < Quads; q++) begin
          for (int unsigned i = 0; i < 4; i++) begin
            slot[4*(Quads*g + q) + i]  = slot_i[32*(4*(Quads*g + q) + i) +: 32];
            byte0[4*(Quads*g + q) + i] = {24'd0, random0_i[8*(4*(Quads*g + q) + i) +: 8]};
            byte1[4*(Quads*g + q) + i] = {24'd0, random1_i[8*(4*(Quads*g + q) + i) +: 8]};
            byte2[4*(Quads*g + q) + i] = {24'd0, random2_i[8*(4*(Quads*g + q) + i) +: 8]};
          end
        end
      end
    endtask

    task automatic take_state();
      for (int unsigned g = 0; g < Groups; g++) begin
        for (int unsigned q = 0; q < Quads; q++) begin
          for (int unsigned i = 0; i < 4; i++) begin
            word[4*(Quads*g + q) + i] = state_i[32*(4*(Quads*g + q) + i) +: 32];
          end
        end
      end
    endtask

    function automatic logic signed [31:0] clamped(input logic signed [31:0] x, input logic signed [31:0] most);
      logic signed [31:0] low;
      low     = (x < -most) ? -most : x;
      clamped = (low > most) ? most : low;
    endfunction

    task automatic step();
      logic signed [31:0] negative, x, v, w, whole, rounded, tie_odd, half, odd;
      half = (32'sd1 << code_shift_q) >>> 1;
      odd  = (code_shift_q == 4'd0) ? 32'sd0 : 32'sd1;
      for (int unsigned i = 0; i < Width; i++) begin
        // In 1/512. Below zero, sticky pulls a magnitude's floor down.
        negative = {32{slot[i][31]}};
        x        = $signed({8'd0, slot[i][23:0]} ^ negative) + $signed(negative & {31'd0, ~slot[i][24]});
        x        = (x + $signed({23'd0, byte0[i][7:0], 1'b1})) >>> 9;
        v        = $signed(word[i]) >>> 16;
        w        = $signed(word[i] << 16) >>> 16;
        v        = clamped(v - (((v <<< 6) + $signed({23'd0, byte1[i][7:0], 1'b1})) >>> 9) + clamped(x, 32'sd32767), 32'sd32767);
        w        = clamped(w - ((((v <<< 9) >>> rate_q) + $signed({23'd0, byte2[i][7:0], 1'b1})) >>> 9), 32'sd32767);
        tie_odd  = (w >>> code_shift_q) & odd;
        rounded  = (w + half - odd + tie_odd) >>> code_shift_q;
        whole    = clamped(rounded, 32'sd7);
        word[i]  = {v[15:0], w[15:0]};
        code[i]  = whole;
        clip[i]  = {31'd0, rounded != whole};
      end
    endtask

    task automatic keep();
      for (int unsigned i = 0; i < Width; i++) begin
        word_late[i] = word[i];
        code_late[i] = code[i];
        clip_late[i] = clip[i];
      end
    endtask

    task automatic pack();
      logic [31:0] codes, clips;
      for (int unsigned k = 0; k < Words; k++) begin
        codes = 32'd0;
        clips = 32'd0;
        for (int unsigned j = 0; j < Codes; j++) begin
          codes = codes | ((code_late[Codes*k + j] & 32'd15) << (4*j));
          clips = clips | (clip_late[Codes*k + j] << j);
        end
        packed_code[k] = codes;
        packed_clip[k] = clips;
      end
    endtask
    // verilator lint_on BLKSEQ
    // verilator coverage_on

    always_ff @(posedge clk_i) begin
      ready_q <= {ready_q[2:0], valid_i} & {4{rst_ni}};
      if (ready_q[3]) begin
        for (int unsigned k = 0; k < Words; k++) begin
          code_o[4*Codes*k +: 4*Codes] <= packed_code[k][4*Codes-1:0];
          saturated_o[Codes*k +: Codes] <= packed_clip[k][Codes-1:0];
        end
      end
      if (ready_q[2]) begin
        for (int unsigned g = 0; g < Groups; g++) begin
          for (int unsigned q = 0; q < Quads; q++) begin
            for (int unsigned i = 0; i < 4; i++) begin
              state_o[32*(4*(Quads*g + q) + i) +: 32] <= word_late[4*(Quads*g + q) + i];
            end
          end
        end
        pack();
      end
      if (ready_q[1]) keep();
      if (ready_q[0]) begin
        take_state();
        step();
      end
      if (valid_i) begin
        take_group();
        rate_q       <= rate_i;
        code_shift_q <= code_shift_i;
      end
    end
  end
endmodule
