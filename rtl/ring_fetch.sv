// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Entries of one ring, read ahead in bursts. The ring has 2^size_i entries from base_i on; tail_i
// counts the entries that the host has written, head_o those that are here, both modulo 2^16. Bursts
// are aligned, so that none crosses 4 KiB or the end of the ring. Read data is always taken.
// overflow_o: the tail is more than a ring ahead of the head.
//
// What is still to be asked for is known two cycles later, the overflow too, and so a burst is asked
// for three cycles after another at the earliest: one that is known to overflow never is.
`default_nettype none

module ring_fetch #(
  parameter int unsigned AddrBits   = 40,
  parameter int unsigned DataBits   = 512,
  parameter int unsigned BurstBeats = 16,
  parameter int unsigned Entries    = 32           // read ahead
) (
  input  wire logic                clk_i,
  input  wire logic                rst_ni,
  input  wire logic                enable_i,
  input  wire logic [AddrBits-1:0] base_i,
  input  wire logic [3:0]          size_i,
  input  wire logic [15:0]         tail_i,
  output logic [15:0]              head_o,
  output logic                     overflow_o,
  output logic                     empty_o,        // no entry is left to come
  // read bursts
  output logic                     burst_valid_o,
  input  wire logic                burst_ready_i,
  output logic [AddrBits-1:0]      burst_addr_o,
  output logic [7:0]               burst_len_o,
  // read data
  input  wire logic                beat_valid_i,
  input  wire logic [DataBits-1:0] beat_data_i,
  output logic [AddrBits-1:0]      beat_addr_o,    // of the entry that the next beat belongs to, and its slot
  output logic [cuatro_ring_pkg::SLOT_BITS-1:0] beat_slot_o,
  // entries
  output logic                     entry_valid_o,
  input  wire logic                entry_ready_i,
  output logic [cuatro_ring_pkg::ENTRY_BITS-1:0] entry_o,
  output logic [cuatro_ring_pkg::SLOT_BITS-1:0]  slot_o
);
  localparam int unsigned EntryBits  = cuatro_ring_pkg::ENTRY_BITS;
  localparam int unsigned Beats      = EntryBits / DataBits;            // of an entry
  localparam int unsigned BeatBits   = (Beats == 1) ? 1 : $clog2(Beats);
  localparam int unsigned Group      = BurstBeats / Beats;              // entries of a whole burst
  localparam int unsigned GroupBits  = $clog2(Group);
  localparam int unsigned IndexBits  = $clog2(Entries);

  if (Group < 2 || Group > 64 || Group > Entries) begin : g_bad_burst
    $error("ring_fetch: a burst must hold 2 to 64 entries, no more than are read ahead");
  end

  logic [15:0] asked_q, left_q;                      // entries asked for, given on
  logic [15:0] waiting_q, ahead_q;                   // entries to ask for; not here yet
  logic space_q, space2_q, settled_q;                // room for a whole burst; no burst a cycle ago
  logic [BeatBits-1:0] beat_q;
  logic [GroupBits:0] room, count_q;                 // entries of the next burst
  logic [cuatro_ring_pkg::SLOT_BITS-1:0] mask, asked_slot;
  logic ask, give, entry_end;

  assign mask    = cuatro_ring_pkg::SLOT_BITS'((32'd1 << size_i) - 1);
  assign asked_slot = asked_q[cuatro_ring_pkg::SLOT_BITS-1:0] & mask;
  assign room    = (GroupBits + 1)'(Group) - {1'b0, asked_q[GroupBits-1:0]};
  assign ask     = enable_i && !burst_valid_o && settled_q && count_q != '0 && space2_q && !overflow_o;

  assign empty_o    = tail_i == left_q;

  assign beat_slot_o = head_o[cuatro_ring_pkg::SLOT_BITS-1:0] & mask;
  assign beat_addr_o = base_i + (AddrBits'(beat_slot_o) << $clog2(EntryBits / 8));
  assign entry_end   = beat_valid_i && beat_q == BeatBits'(Beats - 1);
  assign give        = head_o != left_q && (!entry_valid_o || entry_ready_i);

  ram_1r1w #(.Width(EntryBits), .Depth(Entries), .Granule(DataBits)) u_entries (
    .clk_i, .we_i(beat_valid_i), .waddr_i(head_o[IndexBits-1:0]), .wstrb_i(Beats'(32'd1 << beat_q)),
    .wdata_i({Beats{beat_data_i}}), .re_i(give), .raddr_i(left_q[IndexBits-1:0]), .rdata_o(entry_o));

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      burst_valid_o <= 1'b0;
      entry_valid_o <= 1'b0;
      asked_q       <= '0;
      head_o        <= '0;
      left_q        <= '0;
      beat_q        <= '0;
      waiting_q     <= '0;
      ahead_q       <= '0;
      count_q       <= '0;
      overflow_o    <= 1'b0;
      settled_q     <= 1'b0;
    end else begin
      waiting_q  <= tail_i - asked_q;
      ahead_q    <= tail_i - head_o;
      count_q    <= (waiting_q < 16'(room)) ? waiting_q[GroupBits:0] : room;
      overflow_o <= ahead_q > 16'(32'd1 << size_i);
      settled_q  <= !burst_valid_o;
      if (ask) burst_valid_o <= 1'b1;
      else if (burst_ready_i) burst_valid_o <= 1'b0;
      if (ask) asked_q <= asked_q + 16'(count_q);
      if (beat_valid_i) beat_q <= entry_end ? '0 : beat_q + 1'b1;
      if (entry_end) head_o <= head_o + 1'b1;
      if (give) left_q <= left_q + 1'b1;
      if (give) entry_valid_o <= 1'b1;
      else if (entry_ready_i) entry_valid_o <= 1'b0;
    end
    if (ask) begin
      burst_addr_o <= base_i + (AddrBits'(asked_slot) << $clog2(EntryBits / 8));
      burst_len_o  <= 8'(32'(count_q) * Beats - 1);
    end
    space_q  <= 16'(asked_q - left_q) <= 16'(Entries - Group);
    space2_q <= space_q;
    if (give) slot_o <= left_q[cuatro_ring_pkg::SLOT_BITS-1:0] & mask;
  end
endmodule
