// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Whether a ring entry can be obeyed; if not, which field is at fault. Combinational. What a command
// says to the core is checked there; a load's last scratchpad address while it runs.
`default_nettype none

module entry_check #(
  parameter int unsigned AddrBits  = 40,
  parameter int unsigned GrainLog  = 5,            // log2 of the smallest item's bytes
  parameter int unsigned BlockLog  = 7,            // of a block of codes
  parameter int unsigned WordLog   = 7,            // of a scratchpad word
  parameter bit          Lane      = 1'b0
) (
  // A command's payload is looked at in the core.
  // verilator lint_off UNUSEDSIGNAL
  input  wire logic [cuatro_ring_pkg::ENTRY_BITS-1:0] entry_i,
  // verilator lint_on UNUSEDSIGNAL
  output logic [4:0]                                  bad_o
);
  localparam int unsigned HeadBits = cuatro_ring_pkg::HEAD_BITS;

  // Waits may be any.
  // verilator lint_off UNUSEDSIGNAL
  cuatro_ring_pkg::entry_head_t head;
  cuatro_ring_pkg::entry_transfer_t transfer;
  // verilator lint_on UNUSEDSIGNAL
  logic [9:0] below;                              // ones below an item
  logic load, store, reserved;

  assign head     = entry_i[HeadBits-1:0];
  assign transfer = entry_i[HeadBits +: cuatro_ring_pkg::TRANSFER_BITS];
  assign load     = head.kind == cuatro_ring_pkg::ENTRY_LOAD;
  assign store    = head.kind == cuatro_ring_pkg::ENTRY_STORE;
  assign below    = 10'((32'd1 << transfer.item) - 1);
  assign reserved = {head.reserved, head.reserved0, head.reserved1} != '0;

  // The first match counts.
  always_comb begin
    bad_o = cuatro_ring_pkg::BAD_NONE;
    if (load || store) begin
      if (({transfer.reserved, transfer.reserved0, transfer.reserved1, transfer.reserved2} != '0) ||
          (entry_i[cuatro_ring_pkg::ENTRY_BITS-1:HeadBits+cuatro_ring_pkg::TRANSFER_BITS] != '0)) bad_o = cuatro_ring_pkg::BAD_RESERVED;
      if (store && {transfer.sub, transfer.sub_rows, transfer.transpose} != '0) bad_o = cuatro_ring_pkg::BAD_ADDR;
      if ((64'(transfer.pitch) & 64'(below)) != '0) bad_o = cuatro_ring_pkg::BAD_PITCH;
      if ((transfer.base & 64'(below)) != '0 || (transfer.base >> AddrBits) != '0) bad_o = cuatro_ring_pkg::BAD_BASE;
      if (transfer.cols == '0 || transfer.rows == '0) bad_o = cuatro_ring_pkg::BAD_SIZE;
      if (transfer.item < 4'(GrainLog) || transfer.item > 4'(WordLog)) bad_o = cuatro_ring_pkg::BAD_ITEM;
      if (load && transfer.space != cuatro_ring_pkg::SPACE_C && transfer.item != 4'(BlockLog)) bad_o = cuatro_ring_pkg::BAD_ITEM;
      if (load ? transfer.space > cuatro_ring_pkg::SPACE_C : transfer.space != '0) bad_o = cuatro_ring_pkg::BAD_SPACE;
      if (load && (head.record || head.irq)) bad_o = cuatro_ring_pkg::BAD_FLAGS;
    end else if (head.kind == cuatro_ring_pkg::ENTRY_COMMAND) begin
      if (entry_i[cuatro_ring_pkg::ENTRY_BITS-1:HeadBits+cuatro_pkg::DESCRIPTOR_BITS] != '0) bad_o = cuatro_ring_pkg::BAD_RESERVED;
      if (entry_i[HeadBits +: 4] != (Lane ? cuatro_pkg::OP_QUANTIZE : cuatro_pkg::OP_GEMM)) bad_o = cuatro_ring_pkg::BAD_OP;
    end else begin
      bad_o = cuatro_ring_pkg::BAD_KIND;
    end
    if (bad_o == cuatro_ring_pkg::BAD_NONE && reserved) bad_o = cuatro_ring_pkg::BAD_RESERVED;
  end
endmodule
