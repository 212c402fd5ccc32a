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
  input  wire logic [cuatro_ring_pkg::ENTRY_BITS-1:0] entry_i,
  output logic [4:0]                                  bad_o
);
  localparam int unsigned HeadBits = cuatro_ring_pkg::HEAD_BITS;

  // The first match counts; the waits may be any, and a command's payload is the core's.
  // verilator lint_off UNUSEDSIGNAL
  function automatic logic [4:0] check(input logic [cuatro_ring_pkg::ENTRY_BITS-1:0] entry);
    cuatro_ring_pkg::entry_head_t head;
    cuatro_ring_pkg::entry_transfer_t transfer;
    logic [9:0] below;                             // ones below an item
    logic load;
    head     = entry[HeadBits-1:0];
    transfer = entry[HeadBits +: cuatro_ring_pkg::TRANSFER_BITS];
    load     = head.kind == cuatro_ring_pkg::ENTRY_LOAD;
    below    = 10'((32'd1 << transfer.item) - 1);
    check    = cuatro_ring_pkg::BAD_NONE;
    if ({head.reserved, head.reserved0, head.reserved1} != '0) check = cuatro_ring_pkg::BAD_RESERVED;
    if (load || head.kind == cuatro_ring_pkg::ENTRY_STORE) begin
      if (({transfer.reserved, transfer.reserved0, transfer.reserved1, transfer.reserved2} != '0) ||
          (entry[cuatro_ring_pkg::ENTRY_BITS-1:HeadBits+cuatro_ring_pkg::TRANSFER_BITS] != '0)) check = cuatro_ring_pkg::BAD_RESERVED;
      if (!load && {transfer.sub, transfer.sub_rows, transfer.transpose} != '0) check = cuatro_ring_pkg::BAD_ADDR;
      if ((transfer.pitch & 32'(below)) != '0) check = cuatro_ring_pkg::BAD_PITCH;
      if ((transfer.base & 64'(below)) != '0 || (transfer.base >> AddrBits) != '0) check = cuatro_ring_pkg::BAD_BASE;
      if (transfer.cols == '0 || transfer.rows == '0) check = cuatro_ring_pkg::BAD_SIZE;
      if (transfer.item < 4'(GrainLog) || transfer.item > 4'(WordLog)) check = cuatro_ring_pkg::BAD_ITEM;
      if (load && transfer.space != cuatro_ring_pkg::SPACE_C && transfer.item != 4'(BlockLog)) check = cuatro_ring_pkg::BAD_ITEM;
      if (load ? transfer.space > cuatro_ring_pkg::SPACE_C : transfer.space != '0) check = cuatro_ring_pkg::BAD_SPACE;
      if (load && (head.record || head.irq)) check = cuatro_ring_pkg::BAD_FLAGS;
    end else if (head.kind == cuatro_ring_pkg::ENTRY_COMMAND) begin
      if (entry[cuatro_ring_pkg::ENTRY_BITS-1:HeadBits+cuatro_pkg::DESCRIPTOR_BITS] != '0) check = cuatro_ring_pkg::BAD_RESERVED;
      if (entry[HeadBits +: 4] != (Lane ? cuatro_pkg::OP_QUANTIZE : cuatro_pkg::OP_GEMM)) check = cuatro_ring_pkg::BAD_OP;
    end else begin
      check = cuatro_ring_pkg::BAD_KIND;
    end
  endfunction
  // verilator lint_on UNUSEDSIGNAL

  always_ff @(posedge clk_i) begin
    if (take_i) bad_o <= check(entry_i);
  end
endmodule
