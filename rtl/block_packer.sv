// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Last stage of the output path: groups become words of the R scratchpad, one a cycle. Raw words
// are written as they come, in the cycle of raw_valid_i. First codes, mask bits and codes are
// gathered until their block is complete and written in the cycle of its last group.
//
// A block's groups come in order and, of each kind, in consecutive cycles; a block has at least four.
// The kinds leave the output stage at fixed distances of at most three cycles, so that their words
// never meet; the drain engine keeps raw groups away from them. An update's codes come a cycle later
// than the words of its state, and its next block another: so its word of codes falls between.
`default_nettype none

module block_packer #(
  parameter int unsigned Lanes      = 16,
  parameter int unsigned DrainWidth = 32,
  parameter bit          Structural = 1'b0,
  localparam int unsigned WordBits  = (4*Lanes*Lanes > 32*DrainWidth) ? 4*Lanes*Lanes : 32*DrainWidth,
  localparam int unsigned CodeBits  = 4 * Lanes * Lanes,
  localparam int unsigned MaskBits  = Lanes * Lanes,
  localparam int unsigned Parts     = WordBits / (32 * DrainWidth)
) (
  input  wire logic                     clk_i,
  input  wire logic                     rst_ni,
  // raw words, and which part of which word of R they are
  input  wire logic                     raw_valid_i,
  input  wire logic [15:0]              raw_addr_i,
  input  wire logic [Parts-1:0]         raw_strb_i,
  input  wire logic [DrainWidth*32-1:0] raw_i,
  // instead of raw_i, if state_i tells
  input  wire logic                     state_i,
  input  wire logic [DrainWidth*32-1:0] state_word_i,
  // first codes of two, mask bits, codes; *_last_i with the last group of a block
  input  wire logic                     first_valid_i,
  input  wire logic                     first_last_i,
  input  wire logic [15:0]              first_addr_i,
  input  wire logic [DrainWidth*4-1:0]  first_i,
  input  wire logic                     mask_valid_i,
  input  wire logic                     mask_last_i,
  input  wire logic [15:0]              mask_addr_i,
  input  wire logic [DrainWidth-1:0]    mask_i,
  input  wire logic                     code_valid_i,
  input  wire logic                     code_last_i,
  input  wire logic [15:0]              code_addr_i,
  input  wire logic [DrainWidth*4-1:0]  code_i,
  // R scratchpad
  output logic                          we_o,
  output logic [15:0]                   waddr_o,
  output logic [Parts-1:0]              wstrb_o,
  output logic [WordBits-1:0]           wdata_o
);
  // Shift registers hold the groups before the last. In silicon they shift in every cycle, which
  // saves the enables; in C++ only for a group, which saves time.
  logic [CodeBits-4*DrainWidth-1:0] first_q, code_q;
  logic [MaskBits-DrainWidth-1:0] mask_q;
  always_ff @(posedge clk_i) begin
    if (Structural || first_valid_i) first_q <= (CodeBits-4*DrainWidth)'({first_i, first_q} >> (4*DrainWidth));
    if (Structural || mask_valid_i) mask_q <= (MaskBits-DrainWidth)'({mask_i, mask_q} >> DrainWidth);
    if (Structural || code_valid_i) code_q <= (CodeBits-4*DrainWidth)'({code_i, code_q} >> (4*DrainWidth));
  end

  logic first, mask, code;
  assign first = first_valid_i && first_last_i;
  assign mask  = mask_valid_i && mask_last_i;
  assign code  = code_valid_i && code_last_i;
  assign we_o  = raw_valid_i || first || mask || code;

  always_comb begin
    waddr_o = (raw_addr_i & {16{raw_valid_i}}) | (first_addr_i & {16{first}}) |
              (mask_addr_i & {16{mask}}) | (code_addr_i & {16{code}});
    wstrb_o = raw_valid_i ? raw_strb_i : '1;
  end
  if (Structural) begin : g_structural
    assign wdata_o = ({Parts{raw_i}} & {WordBits{raw_valid_i && !state_i}})
                     | ({Parts{state_word_i}} & {WordBits{raw_valid_i && state_i}})
                     | (WordBits'({first_i, first_q}) & {WordBits{first}})
                     | (WordBits'({mask_i, mask_q}) & {WordBits{mask}})
                     | (WordBits'({code_i, code_q}) & {WordBits{code}});
  end else begin : g_fast
    always_comb begin
      wdata_o = {Parts{raw_i}};
      if (state_i) wdata_o = {Parts{state_word_i}};
      if (first) wdata_o = WordBits'({first_i, first_q});
      if (mask) wdata_o = WordBits'({mask_i, mask_q});
      if (code) wdata_o = WordBits'({code_i, code_q});
    end
  end

  // Of each kind: in the middle of a block the next group comes in the next cycle.
  logic first_open_q, mask_open_q, code_open_q;
  always_ff @(posedge clk_i) begin
    first_open_q <= rst_ni && first_valid_i && !first_last_i;
    mask_open_q  <= rst_ni && mask_valid_i && !mask_last_i;
    code_open_q  <= rst_ni && code_valid_i && !code_last_i;
    if (rst_ni) begin
      assert ($onehot0({raw_valid_i, first, mask, code}));
      assert (!first_open_q || first_valid_i);
      assert (!mask_open_q || mask_valid_i);
      assert (!code_open_q || code_valid_i);
    end
  end
endmodule
