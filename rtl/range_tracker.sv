// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Statistics of the tensors that pass: absmax = max |t| (32 bits unsigned, |-2^31| = 2^31),
// sumabs = sum |t| (64 bits, modulo 2^64) and the number of saturated elements (32 bits), over
// the valid lanes; t is the word a, or with relu_i max(a, 0). Two ports, since codes leave a few
// cycles after their words: valid_i brings Width words, clip_valid_i the saturated flags, 0 in
// lanes without an element. Each port names one of `Contexts` accumulators, so that one tensor
// drains while another's result is read. clear_i[c] empties accumulator c; a group that comes
// with it is the first of the new tensor. A group or a clear shows in the outputs after two
// cycles. Any mixture of ports and gaps is accepted; no back-pressure.
//
// The clocked block computes in arrays that are private to it, consumer first, with loops over
// lanes that the C++ compiler vectorises.
`default_nettype none

module range_tracker #(
  parameter int unsigned Width    = 32,
  parameter int unsigned Contexts = 2,
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
  // saturated flags
  input  wire logic                   clip_valid_i,
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

  localparam int unsigned Quads    = (Width % 16 == 0) ? 4 : 1;
  localparam int unsigned Groups   = Width / (4 * Quads);
  localparam int unsigned ClipBits = $clog2(Width + 1);

  // First stage: |t|, and the lanes reduced to four. The tree halves the number of lanes a level.
  // Second stage: four to one, and the accumulators.
  logic [31:0] word    [Width];
  logic [31:0] counted [Width];
  logic [31:0] largest [Width];
  logic [63:0] sum     [Width];

  logic                   valid_q, clip_valid_q;
  logic [ContextBits-1:0] context_q, clip_context_q;
  logic [Contexts-1:0]    clear_q;
  logic [ClipBits-1:0]    clips_q;

  function automatic logic [31:0] larger(input logic [31:0] a, input logic [31:0] b);
    larger = (a > b) ? a : b;
  endfunction

  // The four arrays above are private to the one clocked block below.
  // verilator lint_off BLKSEQ
  task automatic reduce_words();
    logic [31:0] negative;
    // Loops of four or less unroll, so that these are constant slices.
    for (int unsigned g = 0; g < Groups; g++) begin
      for (int unsigned q = 0; q < Quads; q++) begin
        for (int unsigned i = 0; i < 4; i++) begin
          word[4*(Quads*g + q) + i]    = a_i[32*(4*(Quads*g + q) + i) +: 32];
          counted[4*(Quads*g + q) + i] = {32{lane_valid_i[4*(Quads*g + q) + i]}};
        end
      end
    end
    for (int unsigned i = 0; i < Width; i++) begin
      negative   = {32{word[i][31]}};
      largest[i] = ((word[i] ^ negative) - negative) & counted[i] & ~(negative & {32{relu_i}});
      sum[i]     = 64'(largest[i]);
    end
    for (int unsigned half = Width / 2; half >= 4; half = half / 2) begin
      for (int unsigned i = 0; i < half; i++) begin
        largest[i] = larger(largest[i], largest[half + i]);
        sum[i]     = sum[i] + sum[half + i];
      end
    end
  endtask
  // verilator lint_on BLKSEQ

  always_ff @(posedge clk_i) begin
    // Second stage.
    for (int unsigned c = 0; c < Contexts; c++) begin
      if (clear_q[c]) begin
        absmax_o[32*c +: 32]    <= 32'd0;
        sumabs_o[64*c +: 64]    <= 64'd0;
        saturated_o[32*c +: 32] <= 32'd0;
      end
      if (valid_q && 32'(context_q) == c) begin
        absmax_o[32*c +: 32] <=
            larger(absmax_o[32*c +: 32] & {32{~clear_q[c]}},
                   larger(larger(largest[0], largest[1]), larger(largest[2], largest[3])));
        sumabs_o[64*c +: 64] <=
            (sumabs_o[64*c +: 64] & {64{~clear_q[c]}}) + ((sum[0] + sum[1]) + (sum[2] + sum[3]));
      end
      if (clip_valid_q && 32'(clip_context_q) == c) begin
        saturated_o[32*c +: 32] <= (saturated_o[32*c +: 32] & {32{~clear_q[c]}}) + 32'(clips_q);
      end
    end
    // First stage.
    if (valid_i) begin
      reduce_words();
      context_q <= context_i;
    end
    if (clip_valid_i) begin
      clips_q        <= ClipBits'($countones(clip_i));
      clip_context_q <= clip_context_i;
    end
    valid_q      <= valid_i && rst_ni;
    clip_valid_q <= clip_valid_i && rst_ni;
    clear_q      <= clear_i & {Contexts{rst_ni}};
  end

endmodule
