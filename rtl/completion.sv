// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// What happens when a command or a store is done: it is counted, its record is queued for memory if
// it wants one, and its interrupt raised, after the record if there is one. Answers of the core are
// taken while the queue has room. A refused command is a fault.
//
// Records leave over the bus behind whatever store is on it, so no store may wait on the bus for room
// here: one that wants a record reserves its place before it begins (reserve_i while reserve_ready_o),
// answers of the core use what is not reserved, and a store's record is then always taken.
`default_nettype none

module completion #(
  parameter int unsigned Depth = 16                // records
) (
  input  wire logic                     clk_i,
  input  wire logic                     rst_ni,
  input  wire logic [31:0]              cycle_i,
  // the core's answers
  input  wire logic                     rsp_valid_i,
  output logic                          rsp_ready_o,
  input  wire cuatro_pkg::response_t    rsp_i,
  // stores that want a record: one begins; one is done
  input  wire logic                     reserve_i,
  output logic                          reserve_ready_o,
  input  wire logic                     store_valid_i,
  input  wire cuatro_ring_pkg::tag_t    store_tag_i,
  // records to write; irq: raise the interrupt when written
  output logic                          record_valid_o,
  input  wire logic                     record_done_i,
  output logic                          record_irq_o,
  output cuatro_ring_pkg::record_t      record_o,
  input  wire logic                     written_i,     // a record is in memory
  // events
  output logic [cuatro_ring_pkg::LANES-1:0] done_o,     // commands
  output logic                          irq_o,
  output logic                          fault_o,
  output cuatro_ring_pkg::fault_t       fault_info_o,
  output logic                          busy_o         // a record is not in memory yet
);
  // What a record holds that is not zero: sums, time, and where it belongs.
  localparam int unsigned Width = 32 + 64 + 32 + 32 + 5 + 1 + 16;

  // The wish for a record is met by its being here.
  // verilator lint_off UNUSEDSIGNAL
  cuatro_ring_pkg::tag_t kept;
  // verilator lint_on UNUSEDSIGNAL
  cuatro_ring_pkg::tag_t tag, from;
  logic room, push, take, kept_store, field_zero;
  logic [$clog2(Depth + 1)-1:0] places_q;               // queued or reserved
  logic [4:0] kept_field;
  logic [31:0] kept_saturated, kept_absmax, kept_cycle;
  logic [63:0] kept_sumabs;
  logic [Width-1:0] in, out;

  assign tag           = rsp_i.tag;
  assign take          = rsp_valid_i && rsp_ready_o;
  // One place less for stores: both may take one in the same cycle.
  assign reserve_ready_o = places_q < ($clog2(Depth + 1))'(Depth - 1);
  assign rsp_ready_o   = places_q < ($clog2(Depth + 1))'(Depth) && !store_valid_i;
  assign push          = (take && tag.record) || store_valid_i;
  assign field_zero    = rsp_i.field == cuatro_pkg::FIELD_NONE;
  assign from          = store_valid_i ? store_tag_i : tag;
  assign in            = {rsp_i.saturated, rsp_i.sumabs, rsp_i.absmax, cycle_i, rsp_i.field, store_valid_i, from};

  fifo_ram #(.Width(Width), .Depth(Depth)) u_records (
    .clk_i, .rst_ni, .in_valid_i(push), .in_ready_o(room), .in_data_i(in),
    .out_valid_o(record_valid_o), .out_ready_i(record_done_i), .out_data_o(out));

  assign {kept_saturated, kept_sumabs, kept_absmax, kept_cycle, kept_field, kept_store, kept} = out;
  assign record_irq_o = kept.irq;
  always_comb begin
    record_o       = '0;
    record_o.cycle = kept_cycle;
    record_o.kind  = kept_store ? cuatro_ring_pkg::ENTRY_STORE : cuatro_ring_pkg::ENTRY_COMMAND;
    record_o.lane  = kept.lane;
    record_o.slot  = kept.slot;
    if (!kept_store) begin
      record_o.field     = kept_field;
      record_o.sumabs    = kept_sumabs;
      record_o.saturated = kept_saturated;
      record_o.absmax    = kept_absmax;
    end
  end

  // Depth + 1 are queued at most, and as many again on the bus.
  localparam int unsigned CountBits = $clog2(Depth + 64);
  logic [CountBits-1:0] pending_q;
  assign busy_o = pending_q != '0;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      done_o    <= '0;
      irq_o     <= 1'b0;
      fault_o   <= 1'b0;
      pending_q <= '0;
      places_q  <= '0;
    end else begin
      places_q <= places_q + ($clog2(Depth + 1))'(reserve_i) + ($clog2(Depth + 1))'(take && tag.record) -
                  ($clog2(Depth + 1))'(record_done_i);
      assert (!push || room);
      assert (!reserve_i || reserve_ready_o);
      if (push != written_i) pending_q <= push ? pending_q + 1'b1 : pending_q - 1'b1;
      done_o  <= {take && tag.lane, take && !tag.lane};
      irq_o   <= take && tag.irq && !tag.record;
      fault_o <= take && !field_zero;
    end
    if (take) begin
      fault_info_o       <= '0;
      fault_info_o.code  <= cuatro_ring_pkg::ERR_REFUSED;
      fault_info_o.field <= rsp_i.field;
      fault_info_o.lane  <= tag.lane;
      fault_info_o.slot  <= tag.slot;
    end
  end
endmodule
