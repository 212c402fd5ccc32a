// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Whether a ring entry can be obeyed; if not, which field is at fault, in the cycle after `take_i`. What
// a command says to the core is checked there, a load's scratchpad addresses while it runs.
`default_nettype none

module entry_check #(
  parameter int unsigned AddrBits  = 40,
  parameter int unsigned GrainLog  = 5,            // log2 of the smallest item's bytes
  parameter int unsigned BlockLog  = 7,            // of a block of codes
  parameter int unsigned WordLog   = 7,            // of a scratchpad word
  parameter bit          Lane      = 1'b0
) (
  input  wire logic clk_i,
  input  wire logic take_i,
  // Waits may be any, and a command's payload is the core's.
  // verilator lint_off UNUSEDSIGNAL
  input  wire logic [cuatro_ring_pkg::ENTRY_BITS-1:0] entry_i,
  // verilator lint_on UNUSEDSIGNAL
  output logic [4:0]                                  bad_o
);
  localparam int unsigned HeadBits = cuatro_ring_pkg::HEAD_BITS;

  // Fields of the entry, as entry_head_t and entry_transfer_t place them. The last match counts. Written
  // without a function, whose variables would cost time in every simulated cycle.
  localparam int unsigned Base  = HeadBits,      Pitch = HeadBits + 64, Cols  = HeadBits + 96, Rows = HeadBits + 112;
  localparam int unsigned Item  = HeadBits + 176, Space = HeadBits + 184, Turn = HeadBits + 188, Sub  = HeadBits + 192;
  localparam int unsigned Unfold = HeadBits + 190, Window = HeadBits + 200;
  logic [3:0] kind, item;
  logic load, store, unfold, empty;
  assign kind  = entry_i[3:0];
  assign item  = entry_i[Item +: 4];
  assign load  = kind == cuatro_ring_pkg::ENTRY_LOAD;
  assign store = kind == cuatro_ring_pkg::ENTRY_STORE;
  assign unfold = entry_i[Unfold];
  // What a window cannot be without: blocks, positions, stride, kernel, buffer words, four sizes.
  assign empty = entry_i[Pitch +: 8] == '0 || entry_i[Pitch+8 +: 8] == '0 || entry_i[Window+16 +: 4] == '0 || entry_i[Window+20 +: 4] == '0 ||
                 entry_i[Window+48 +: 8] == '0 || entry_i[Window+56 +: 8] == '0 || entry_i[Window+64 +: 8] == '0 ||
                 entry_i[Window+72 +: 8] == '0 || entry_i[Window+80 +: 8] == '0;

  always_ff @(posedge clk_i) begin
    if (take_i) begin
      bad_o <= cuatro_ring_pkg::BAD_NONE;
      if ({entry_i[7:4], entry_i[15:10], entry_i[31:22]} != '0) bad_o <= cuatro_ring_pkg::BAD_RESERVED;
      if (load || store) begin
        if ({entry_i[Item+4 +: 4], entry_i[Space+2 +: 2], entry_i[Space+7], entry_i[Window+6 +: 10]} != '0) bad_o <= cuatro_ring_pkg::BAD_RESERVED;
        if (!unfold && entry_i[cuatro_ring_pkg::ENTRY_BITS-1:Window] != '0) bad_o <= cuatro_ring_pkg::BAD_RESERVED;
        if (unfold && (empty || (entry_i[Window+5] && entry_i[Window+16 +: 4] != 4'd1))) bad_o <= cuatro_ring_pkg::BAD_WINDOW;
        if (store && {entry_i[Turn +: 2], entry_i[Sub +: 8]} != '0) bad_o <= cuatro_ring_pkg::BAD_ADDR;
        if (!unfold && (entry_i[Pitch +: 16] & ((16'd1 << item) - 16'd1)) != '0) bad_o <= cuatro_ring_pkg::BAD_PITCH;
        if ((entry_i[Base +: 16] & ((16'd1 << item) - 16'd1)) != '0 || (entry_i[Base +: 64] >> AddrBits) != '0) bad_o <= cuatro_ring_pkg::BAD_BASE;
        if (entry_i[Cols +: 16] == '0 || entry_i[Rows +: 16] == '0) bad_o <= cuatro_ring_pkg::BAD_SIZE;
        if (item < 4'(GrainLog) || item > 4'(WordLog)) bad_o <= cuatro_ring_pkg::BAD_ITEM;
        if (store && entry_i[Space +: 2] == cuatro_ring_pkg::SPACE_HALVES && item == 4'(WordLog)) bad_o <= cuatro_ring_pkg::BAD_ITEM;
        if (load && entry_i[Space +: 2] != cuatro_ring_pkg::SPACE_C && item != 4'(BlockLog)) bad_o <= cuatro_ring_pkg::BAD_ITEM;
        if (load ? entry_i[Space +: 2] > cuatro_ring_pkg::SPACE_C : entry_i[Space +: 2] > cuatro_ring_pkg::SPACE_HALVES) bad_o <= cuatro_ring_pkg::BAD_SPACE;
        if (unfold && (store || Lane || entry_i[Space +: 2] == cuatro_ring_pkg::SPACE_C)) bad_o <= cuatro_ring_pkg::BAD_SPACE;
        if (load && entry_i[9:8] != '0) bad_o <= cuatro_ring_pkg::BAD_FLAGS;
      end else if (kind == cuatro_ring_pkg::ENTRY_COMMAND) begin
        if (entry_i[cuatro_ring_pkg::ENTRY_BITS-1:HeadBits+cuatro_pkg::DESCRIPTOR_BITS] != '0) bad_o <= cuatro_ring_pkg::BAD_RESERVED;
        if (entry_i[HeadBits +: 4] != (Lane ? cuatro_pkg::OP_QUANTIZE : cuatro_pkg::OP_GEMM)) bad_o <= cuatro_ring_pkg::BAD_OP;
      end else begin
        bad_o <= cuatro_ring_pkg::BAD_KIND;
      end
    end
  end
endmodule
