// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Statistics of the tensors that pass: absmax = max |t| (32 bits unsigned, |-2^31| = 2^31),
// sumabs = sum |t| (64 bits, modulo 2^64) and the number of saturated elements (32 bits), over
// the valid lanes; t is the word a, or with relu_i max(a, 0). Two ports, since codes leave a few
// cycles after their words: valid_i brings Width words, clip_valid_i the saturated flags, 0 in
// lanes without an element. Each port names one of `Contexts` accumulators, so that one tensor
// drains while another's result is read. clear_i[c] empties accumulator c of absmax and sumabs,
// clip_clear_i[c] that of the flags; a group that comes with it is the first of the new tensor. A
// group or a clear shows in absmax_o and the lower half of sumabs_o after seven cycles, in the
// upper half after eight; flags show after three. With narrow_valid_i in the cycle before valid_i the
// group is that of narrow_i, signed words of 16 bits, all of them valid. Any mixture of ports and gaps is accepted; no
// back-pressure.
//
// The fast form reduces in arrays that are private to its clocked block, consumer first, with
// loops over lanes that the C++ compiler vectorises. `Structural` builds that from range_tree.
`default_nettype none

module range_tracker #(
  parameter int unsigned Width    = 32,
  parameter int unsigned Contexts = 2,
  parameter bit          Structural = 1'b0,
  localparam int unsigned ContextBits = (Contexts > 1) ? $clog2(Contexts) : 1
) (
  input  wire logic                   clk_i,
  input  wire logic                   rst_ni,
  input  wire logic [Contexts-1:0]    clear_i,
  // words
  input  wire logic                   valid_i,
  input  wire logic [ContextBits-1:0] context_i,
  input  wire logic                   relu_i,
  input  wire logic [Width-1:0]       lane_valid_i,
  input  wire logic [32*Width-1:0]    a_i,
  // The words' signs, read with Structural: from registers of their own, since they go everywhere.
  // verilator lint_off UNUSEDSIGNAL
  input  wire logic [Width-1:0]       negative_i,
  // verilator lint_on UNUSEDSIGNAL
  input  wire logic                   narrow_valid_i,
  // words of 16 bits, in the lower halves
  // verilator lint_off UNUSEDSIGNAL
  input  wire logic [32*Width-1:0]    narrow_i,
  // verilator lint_on UNUSEDSIGNAL
  // saturated flags
  input  wire logic                   clip_valid_i,
  input  wire logic [Contexts-1:0]    clip_clear_i,
  input  wire logic [ContextBits-1:0] clip_context_i,
  input  wire logic [Width-1:0]       clip_i,
  // accumulators, context 0 lowest
  output logic [32*Contexts-1:0]      absmax_o,
  output logic [64*Contexts-1:0]      sumabs_o,
  output logic [32*Contexts-1:0]      saturated_o
);
  if (Width < 4 || (Width & (Width - 1)) != 0) begin : g_bad_width
    $error("range_tracker: Width must be a power of two, at least 4");
  end

  if (Structural && Width > 32) begin : g_bad_tree
    $error("range_tracker: the Structural form adds at most 32 words");
  end

  localparam int unsigned ClipBits = $clog2(Width + 1);

  function automatic logic [31:0] larger(input logic [31:0] a, input logic [31:0] b);
    larger = (a > b) ? a : b;
  endfunction

  // --- six cycles: a group's largest |t| and its sum ---------------------------------------
  logic [31:0] group_largest;
  logic [39:0] group_sum;
  if (Structural) begin : g_structural
    range_tree #(.Width(Width)) u_tree (
      .clk_i, .relu_i, .lane_valid_i, .a_i, .negative_i, .narrow_valid_i, .narrow_i, .largest_o(group_largest), .sum_o(group_sum));
  end else begin : g_fast
    localparam int unsigned Quads  = (Width % 16 == 0) ? 4 : 1;
    localparam int unsigned Groups = Width / (4 * Quads);
    localparam int unsigned Ways   = (Width < 8) ? Width : 8;

    // Lanes to eight, then eight to one. Halves of a word are summed apart: 32 bits hold their sums.
    // Fenced: words of vectorised loops, which test_range_tracker compares in every lane.
    // verilator coverage_off
    logic [31:0] word    [Width];
    logic [31:0] largest [Ways];
    logic [31:0] low     [Ways];
    logic [31:0] high    [Ways];
    // verilator coverage_on
    logic        relu_q, narrow_q;
    logic [1:0]  busy_q;
    logic [31:0] largest_q;
    logic [39:0] sum_q;

    // Fenced: vectorised loops, which test_range_tracker takes through corner words in every lane.
    // verilator coverage_off
    // The four arrays above are private to the one clocked block below.
    // verilator lint_off BLKSEQ
    task automatic take_words();
      // Loops of four or less unroll, so that these are constant slices.
      for (int unsigned g = 0; g < Groups; g++) begin
        for (int unsigned q = 0; q < Quads; q++) begin
          for (int unsigned i = 0; i < 4; i++) begin
            word[4*(Quads*g + q) + i] =
                a_i[32*(4*(Quads*g + q) + i) +: 32] & {32{lane_valid_i[4*(Quads*g + q) + i]}};
          end
        end
      end
    endtask

    task automatic take_narrow();
      for (int unsigned g = 0; g < Groups; g++) begin
        for (int unsigned q = 0; q < Quads; q++) begin
          for (int unsigned i = 0; i < 4; i++) begin
            word[4*(Quads*g + q) + i] = {{16{narrow_i[32*(4*(Quads*g + q) + i) + 15]}}, narrow_i[32*(4*(Quads*g + q) + i) +: 16]};
          end
        end
      end
    endtask

    task automatic reduce_words();
      logic [31:0] negative, size, best, low_sum_v, high_sum_v;
      for (int unsigned w = 0; w < Ways; w++) begin
        best       = 32'd0;
        low_sum_v  = 32'd0;
        high_sum_v = 32'd0;
        for (int unsigned g = 0; g < Width / Ways; g++) begin
          negative   = {32{word[Ways*g + w][31]}};
          size       = ((word[Ways*g + w] ^ negative) - negative) & ~(negative & {32{relu_q}});
          best       = larger(best, size);
          low_sum_v  = low_sum_v + (size & 32'hffff);
          high_sum_v = high_sum_v + (size >> 16);
        end
        largest[w] = best;
        low[w]     = low_sum_v;
        high[w]    = high_sum_v;
      end
    endtask

    task automatic reduce_ways();
      logic [31:0] best, low_sum_v, high_sum_v;
      best       = 32'd0;
      low_sum_v  = 32'd0;
      high_sum_v = 32'd0;
      for (int unsigned w = 0; w < Ways; w++) begin
        best       = larger(best, largest[w]);
        low_sum_v  = low_sum_v + low[w];
        high_sum_v = high_sum_v + high[w];
      end
      largest_q <= best;
      sum_q     <= 40'({high_sum_v, 16'd0}) + 40'(low_sum_v);
    endtask
    // verilator lint_on BLKSEQ
    // verilator coverage_on

    always_ff @(posedge clk_i) begin
      busy_q <= {busy_q[0], valid_i};
      if (busy_q[1]) reduce_ways();
      if (busy_q[0]) reduce_words();
      narrow_q <= narrow_valid_i;
      if (valid_i) begin
        if (narrow_q) take_narrow();
        else take_words();
        relu_q <= relu_i && !narrow_q;
      end
    end
    delay #(.Width(32), .Cycles(3)) u_largest (.clk_i, .d_i(largest_q), .q_o(group_largest));
    delay #(.Width(40), .Cycles(3)) u_sum (.clk_i, .d_i(sum_q), .q_o(group_sum));
  end

  // --- accumulators ------------------------------------------------------------------------
  logic [5:0] valid_q;
  logic group_valid, high_valid_q, carry_q, clip_valid1_q, clip_valid_q;
  logic [ContextBits-1:0] next_context, group_context, high_context_q, clip_context1_q, clip_context_q;
  logic [Contexts-1:0] clear_d, next_clear, group_clear, high_clear_q, clip_clear1_q, clip_clear_q;
  logic [7:0] high_q;                       // what goes into the upper half of sumabs, with the carry

  // Flags are counted by eights, then added up.
  localparam int unsigned Some  = (Width < 8) ? Width : 8;
  localparam int unsigned Somes = Width / Some;
  logic [4*Somes-1:0] some_clips_q;
  logic [ClipBits-1:0] clips_d, clips_q;
  for (genvar i = 0; i < Somes; i++) begin : g_some
    always_ff @(posedge clk_i) begin
      // In C++ only where there are any: time saved.
      if (Structural || (clip_valid_i && clip_i != '0)) some_clips_q[4*i +: 4] <= 4'($countones(clip_i[Some*i +: Some]));
      else if (clip_valid_i) some_clips_q[4*i +: 4] <= '0;
    end
  end
  always_comb begin
    clips_d = '0;
    for (int unsigned i = 0; i < Somes; i++) clips_d = clips_d + ClipBits'(some_clips_q[4*i +: 4]);
  end

  assign clear_d     = clear_i & {Contexts{rst_ni}};
  assign group_valid = valid_q[5];
  delay #(.Width(ContextBits), .Cycles(5)) u_next_context (.clk_i, .d_i(context_i), .q_o(next_context));
  delay #(.Width(Contexts), .Cycles(5)) u_next_clear (.clk_i, .d_i(clear_d), .q_o(next_clear));
  delay #(.Width(ContextBits), .Cycles(1)) u_context (.clk_i, .d_i(next_context), .q_o(group_context));
  delay #(.Width(Contexts), .Cycles(1)) u_clear (.clk_i, .d_i(next_clear), .q_o(group_clear));

  // One adder serves all contexts. Which one it adds to stands at the start of the cycle.
  logic [Contexts-1:0] low_pick_q, high_pick_q, clip_pick_q;
  for (genvar c = 0; c < Contexts; c++) begin : g_pick
    always_ff @(posedge clk_i) begin
      low_pick_q[c]  <= 32'(next_context) == c && !next_clear[c];
      high_pick_q[c] <= 32'(group_context) == c && !(group_clear[c] && rst_ni);
      clip_pick_q[c] <= 32'(clip_context1_q) == c && !(clip_clear1_q[c] && rst_ni);
    end
  end
  // The lowest bit of high_sum takes the carry in.
  // verilator lint_off UNUSEDSIGNAL
  logic [32:0] low_sum, high_sum;
  // verilator lint_on UNUSEDSIGNAL
  logic [31:0] low, high, clipped;
  always_comb begin
    low     = '0;
    high    = '0;
    clipped = '0;
    // In C++ only for a group: time saved.
    if (Structural || group_valid || high_valid_q || clip_valid_q) begin
      for (int unsigned c = 0; c < Contexts; c++) begin
        low     = low | (sumabs_o[64*c +: 32] & {32{low_pick_q[c]}});
        high    = high | (sumabs_o[64*c + 32 +: 32] & {32{high_pick_q[c]}});
        clipped = clipped | (saturated_o[32*c +: 32] & {32{clip_pick_q[c]}});
      end
    end
    low_sum  = {1'b0, low} + {1'b0, group_sum[31:0]};
    high_sum = {high, 1'b1} + {24'd0, high_q, carry_q};
  end

  always_ff @(posedge clk_i) begin
    for (int unsigned c = 0; c < Contexts; c++) begin
      if (group_clear[c]) begin
        absmax_o[32*c +: 32] <= 32'd0;
        sumabs_o[64*c +: 32] <= 32'd0;
      end
      if (group_valid && 32'(group_context) == c) begin
        absmax_o[32*c +: 32] <= larger(absmax_o[32*c +: 32] & {32{~group_clear[c]}}, group_largest);
        sumabs_o[64*c +: 32] <= low_sum[31:0];
      end
      if (high_clear_q[c]) sumabs_o[64*c + 32 +: 32] <= 32'd0;
      if (high_valid_q && 32'(high_context_q) == c) sumabs_o[64*c + 32 +: 32] <= high_sum[32:1];
      if (clip_clear_q[c]) saturated_o[32*c +: 32] <= 32'd0;
      if (clip_valid_q && 32'(clip_context_q) == c) saturated_o[32*c +: 32] <= clipped + 32'(clips_q);
    end
    high_q         <= group_sum[39:32];
    carry_q        <= low_sum[32];
    high_context_q <= group_context;
    high_clear_q   <= group_clear & {Contexts{rst_ni}};
    high_valid_q   <= group_valid && rst_ni;
    valid_q        <= {valid_q[4:0], valid_i} & {6{rst_ni}};
    clips_q         <= clips_d;
    clip_context1_q <= clip_context_i;
    clip_context_q  <= clip_context1_q;
    clip_clear1_q   <= clip_clear_i & {Contexts{rst_ni}};
    clip_clear_q    <= clip_clear1_q & {Contexts{rst_ni}};
    clip_valid1_q   <= clip_valid_i && rst_ni;
    clip_valid_q    <= clip_valid1_q && rst_ni;
  end
endmodule
