// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// One ring from memory to the engines: entries are fetched, checked and put into the queue of their
// kind (loads, commands, stores), each of which goes on in order as soon as what its head waits for is
// done. Queues hold an entry as it came, with its slot (cuatro_ring_pkg). A bad entry stops the lane and is reported until reset. busy_o: something is not done yet.
`default_nettype none

module ring_lane #(
  parameter int unsigned AddrBits   = 40,
  parameter int unsigned DataBits   = 512,
  parameter int unsigned BurstBeats = 16,
  parameter int unsigned GrainLog   = 5,
  parameter int unsigned BlockLog   = 7,
  parameter int unsigned WordLog    = 7,
  parameter bit          Lane       = 1'b0,
  parameter int unsigned QueueDepth = 16
) (
  input  wire logic                clk_i,
  input  wire logic                rst_ni,
  input  wire logic                enable_i,
  input  wire logic [AddrBits-1:0] base_i,
  input  wire logic [3:0]          size_i,
  input  wire logic [15:0]         tail_i,
  output logic [15:0]              head_o,
  // read bursts and data
  output logic                     burst_valid_o,
  input  wire logic                burst_ready_i,
  output logic [AddrBits-1:0]      burst_addr_o,
  output logic [7:0]               burst_len_o,
  input  wire logic                beat_valid_i,
  input  wire logic [DataBits-1:0] beat_data_i,
  input  wire logic                beat_error_i,
  // to the engines
  output logic                     load_valid_o,
  input  wire logic                load_ready_i,
  output logic [cuatro_ring_pkg::QUEUE_BITS-1:0] load_o,
  output logic                     cmd_valid_o,
  input  wire logic                cmd_ready_i,
  output logic [cuatro_ring_pkg::QUEUE_BITS-1:0] cmd_o,
  output logic                     store_valid_o,
  input  wire logic                store_ready_i,
  output logic [cuatro_ring_pkg::QUEUE_BITS-1:0] store_o,
  // finished jobs, and this lane's share of them: loads, commands, stores
  input  wire logic [cuatro_ring_pkg::WAIT_BITS-1:0] done_i,
  output logic                     fault_o,
  output cuatro_ring_pkg::fault_t  fault_info_o,
  output logic                     busy_o
);
  localparam int unsigned CountBits = cuatro_ring_pkg::COUNT_BITS;
  localparam int unsigned WaitBits  = cuatro_ring_pkg::WAIT_BITS + cuatro_ring_pkg::COUNTS;
  localparam int unsigned Width     = cuatro_ring_pkg::QUEUE_BITS;

  logic overflow, empty, entry_valid, take, leave;
  logic [AddrBits-1:0] beat_addr;
  logic [cuatro_ring_pkg::SLOT_BITS-1:0] beat_slot;
  logic [cuatro_ring_pkg::ENTRY_BITS-1:0] entry;
  logic [cuatro_ring_pkg::SLOT_BITS-1:0] slot;
  logic [4:0] bad;

  ring_fetch #(.AddrBits(AddrBits), .DataBits(DataBits), .BurstBeats(BurstBeats)) u_fetch (
    .clk_i, .rst_ni, .enable_i, .base_i, .size_i, .tail_i, .head_o, .overflow_o(overflow), .empty_o(empty),
    .burst_valid_o, .burst_ready_i, .burst_addr_o, .burst_len_o, .beat_valid_i, .beat_data_i,
    .beat_addr_o(beat_addr), .beat_slot_o(beat_slot),
    .entry_valid_o(entry_valid), .entry_ready_i(take), .entry_o(entry), .slot_o(slot));

  entry_check #(
    .AddrBits(AddrBits), .GrainLog(GrainLog), .BlockLog(BlockLog), .WordLog(WordLog), .Lane(Lane)
  ) u_check (.clk_i, .take_i(take), .entry_i(entry), .bad_o(bad));

  // --- the entry on its way to a queue: one in two cycles, far more than the engines finish ---
  logic valid_q, good, is_load, is_cmd, is_store, load_room, cmd_room, store_room;
  logic [3:0] kind_q;
  logic [Width-1:0] word_q;

  assign good     = valid_q && bad == cuatro_ring_pkg::BAD_NONE;
  assign is_load  = good && kind_q == cuatro_ring_pkg::ENTRY_LOAD;
  assign is_cmd   = good && kind_q == cuatro_ring_pkg::ENTRY_COMMAND;
  assign is_store = good && kind_q == cuatro_ring_pkg::ENTRY_STORE;
  assign leave    = (is_load && load_room) || (is_cmd && cmd_room) || (is_store && store_room);
  assign take     = entry_valid && !valid_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) valid_q <= 1'b0;
    else if (take) valid_q <= 1'b1;
    else if (leave) valid_q <= 1'b0;
    if (take) begin
      kind_q <= entry[3:0];
      // Payload, slot, interrupt and record flags, counts, waits.
      word_q <= {entry[cuatro_ring_pkg::HEAD_BITS +: cuatro_ring_pkg::TRANSFER_BITS], slot, entry[9:8],
                 entry[32 +: cuatro_ring_pkg::WAIT_BITS], entry[16 +: cuatro_ring_pkg::COUNTS]};
    end
  end

  // --- one queue a kind -----------------------------------------------------------------
  logic load_head, cmd_head, store_head, load_met, cmd_met, store_met;
  // A command's payload is shorter than a transfer's.
  // verilator lint_off UNUSEDSIGNAL
  logic [Width-1:0] load_word, cmd_word, store_word;
  // verilator lint_on UNUSEDSIGNAL

  fifo_ram #(.Width(Width), .Depth(QueueDepth)) u_loads (
    .clk_i, .rst_ni, .in_valid_i(is_load), .in_ready_o(load_room), .in_data_i(word_q),
    .out_valid_o(load_head), .out_ready_i(load_met && load_ready_i), .out_data_o(load_word));
  fifo_ram #(.Width(Width), .Depth(QueueDepth)) u_commands (
    .clk_i, .rst_ni, .in_valid_i(is_cmd), .in_ready_o(cmd_room), .in_data_i(word_q),
    .out_valid_o(cmd_head), .out_ready_i(cmd_met && cmd_ready_i), .out_data_o(cmd_word));
  fifo_ram #(.Width(Width), .Depth(QueueDepth)) u_stores (
    .clk_i, .rst_ni, .in_valid_i(is_store), .in_ready_o(store_room), .in_data_i(word_q),
    .out_valid_o(store_head), .out_ready_i(store_met && store_ready_i), .out_data_o(store_word));

  wait_gate u_load_gate (
    .clk_i, .rst_ni, .valid_i(load_head), .pop_i(load_met && load_ready_i), .waits_i(load_word[cuatro_ring_pkg::COUNTS-1:0]),
    .counts_i(load_word[WaitBits-1:cuatro_ring_pkg::COUNTS]), .done_i, .ready_o(load_met));
  wait_gate u_cmd_gate (
    .clk_i, .rst_ni, .valid_i(cmd_head), .pop_i(cmd_met && cmd_ready_i), .waits_i(cmd_word[cuatro_ring_pkg::COUNTS-1:0]),
    .counts_i(cmd_word[WaitBits-1:cuatro_ring_pkg::COUNTS]), .done_i, .ready_o(cmd_met));
  wait_gate u_store_gate (
    .clk_i, .rst_ni, .valid_i(store_head), .pop_i(store_met && store_ready_i), .waits_i(store_word[cuatro_ring_pkg::COUNTS-1:0]),
    .counts_i(store_word[WaitBits-1:cuatro_ring_pkg::COUNTS]), .done_i, .ready_o(store_met));

  assign load_valid_o  = load_met;
  assign load_o        = load_word;
  assign cmd_valid_o   = cmd_met;
  assign cmd_o         = cmd_word;
  assign store_valid_o = store_met;
  assign store_o       = store_word;

  // --- what is not done -----------------------------------------------------------------
  logic [CountBits-1:0] loads_q, cmds_q, stores_q;     // queued since reset, but for a cycle ago
  logic [2:0] queued_q;
  localparam int unsigned Own = Lane ? 1 : 0;
  assign busy_o = !empty || entry_valid || valid_q || queued_q != '0 || loads_q != done_i[CountBits*Own +: CountBits] ||
                  cmds_q != done_i[CountBits*(2+Own) +: CountBits] || stores_q != done_i[CountBits*(4+Own) +: CountBits];

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      queued_q <= '0;
      loads_q  <= '0;
      cmds_q   <= '0;
      stores_q <= '0;
    end else begin
      queued_q <= {is_store && store_room, is_cmd && cmd_room, is_load && load_room};
      if (queued_q[0]) loads_q <= loads_q + 1'b1;
      if (queued_q[1]) cmds_q <= cmds_q + 1'b1;
      if (queued_q[2]) stores_q <= stores_q + 1'b1;
    end
  end

  // --- faults ---------------------------------------------------------------------------
  always_ff @(posedge clk_i) begin
    if (!rst_ni) fault_o <= 1'b0;
    else fault_o <= (beat_valid_i && beat_error_i) || (enable_i && overflow) || (valid_q && !good);
    fault_info_o.lane  <= Lane;
    fault_info_o.slot  <= word_q[WaitBits + 2 +: cuatro_ring_pkg::SLOT_BITS];
    fault_info_o.field <= cuatro_ring_pkg::BAD_NONE;
    fault_info_o.addr  <= '0;
    if (beat_valid_i && beat_error_i) begin
      fault_info_o.code <= cuatro_ring_pkg::ERR_RING_READ;
      fault_info_o.addr <= 64'(beat_addr);
      fault_info_o.slot <= beat_slot;
    end else if (enable_i && overflow) begin
      fault_info_o.code <= cuatro_ring_pkg::ERR_RING_OVERFLOW;
      fault_info_o.slot <= '0;
    end else begin
      fault_info_o.code  <= cuatro_ring_pkg::ERR_BAD_ENTRY;
      fault_info_o.field <= bad;
    end
  end
endmodule
