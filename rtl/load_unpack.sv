// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Read beats to words of the load port. Takes the jobs whose bursts are on their way, in that order;
// an item of several beats is put together, items smaller than a beat are taken out of it one a
// cycle. The load port must always be ready. done_o pulses with the last word of a job, fault_o when
// a beat came with an error or a word lies outside of its scratchpad (it is not written then).
//
// Words of a job that unfolds are for the window unit: source_valid_o, until source_more_i falls.
`default_nettype none

module load_unpack #(
  parameter int unsigned AddrBits     = 40,
  parameter int unsigned DataBits     = 512,
  parameter int unsigned WordBits     = 1024,
  parameter int unsigned GrainBits    = 256,       // of the smallest item
  parameter int unsigned SubsA        = 1,         // blocks in a word of A
  parameter int unsigned SubsB        = 1,
  parameter int unsigned OperandBits  = 11,        // of scratchpad addresses
  parameter int unsigned ResultBits   = 11
) (
  input  wire logic                clk_i,
  input  wire logic                rst_ni,
  // jobs
  input  wire logic                job_valid_i,
  output logic                     job_ready_o,
  // An interrupt or a record is for stores only; a transfer's address may have more bits than the bus.
  // verilator lint_off UNUSEDSIGNAL
  input  wire cuatro_ring_pkg::job_t job_i,
  // verilator lint_on UNUSEDSIGNAL
  // read data
  input  wire logic                beat_valid_i,
  output logic                     beat_ready_o,
  input  wire logic [DataBits-1:0] beat_data_i,
  input  wire logic                beat_error_i,
  // load port
  output logic                     load_valid_o,
  output logic [1:0]               load_space_o,
  output logic                     load_transpose_o,
  output logic [7:0]               load_sub_o,
  output logic [15:0]              load_addr_o,
  output logic [WordBits-1:0]      load_data_o,
  output logic                     source_load_o,    // the next job unfolds: what it says may be taken, until it begins
  output logic                     source_valid_o,
  input  wire logic                source_more_i,
  // events; of a job that unfolds there is no done_o
  output logic                     done_o,
  output logic                     done_lane_o,
  output logic                     fault_o,
  output cuatro_ring_pkg::fault_t  fault_info_o
);
  localparam int unsigned BeatBits   = $clog2(DataBits / 8);
  localparam int unsigned UnitBits   = (GrainBits > DataBits) ? DataBits : GrainBits;
  localparam int unsigned Units      = DataBits / UnitBits;            // of a beat
  localparam int unsigned UnitByteBits = $clog2(UnitBits / 8);
  localparam int unsigned RegBits    = (WordBits > DataBits) ? WordBits : DataBits;
  localparam int unsigned Parts      = RegBits / DataBits;
  localparam int unsigned PartBits   = (Parts == 1) ? 1 : $clog2(Parts);

  logic active_q, more_q, transpose_q, lane_q, narrow_q, unfold_q;
  logic [1:0] space_q;
  logic [3:0] item_q;
  logic [cuatro_ring_pkg::SLOT_BITS-1:0] slot_q;
  logic [PartBits-1:0] part_q, part_last_q;
  // A narrow word is the low end of a wide beat.
  // verilator lint_off UNUSEDSIGNAL
  logic [RegBits-1:0] word;
  // verilator lint_on UNUSEDSIGNAL
  logic accept, step, finish, outside, item_row_last, item_last, beat_end;
  logic [AddrBits-1:0] item_byte;
  logic [15:0] item_addr;
  logic [7:0] item_sub, sub_last;

  // A job that follows one that unfolds begins late, and its beats must wait; else a beat comes when its job has been here
  // for long: its address went out later. Of the bus's inputs beat_ready_o says nothing, as AXI demands.
  assign beat_ready_o = (active_q || !job_valid_i) && !more_q && !source_more_i;
  assign accept       = beat_valid_i && beat_ready_o;
  assign step         = (more_q && !source_more_i) || (accept && (narrow_q || part_q == part_last_q));
  assign finish       = step && item_last;
  assign job_ready_o  = (!active_q || (finish && !unfold_q)) && !source_valid_o;
  assign source_load_o = job_valid_i && job_i.transfer.unfold && !(active_q && unfold_q) && !source_valid_o;
  // The next item begins another beat.
  assign beat_end     = item_row_last ||
                        ({1'b0, item_byte[BeatBits-1:0]} + ((BeatBits + 1)'(1) << item_q)) == (BeatBits + 1)'(DataBits / 8);
  assign outside      = (space_q == cuatro_ring_pkg::SPACE_C) ? (item_addr >> ResultBits) != '0 : (item_addr >> OperandBits) != '0;

  always_comb begin
    sub_last = 8'd0;
    if (job_i.transfer.space == cuatro_ring_pkg::SPACE_A) sub_last = 8'(SubsA - 1);
    if (job_i.transfer.space == cuatro_ring_pkg::SPACE_B) sub_last = 8'(SubsB - 1);
  end

  dma_items #(.AddrBits(AddrBits)) u_items (
    .clk_i, .load_i(!active_q || item_last), .base_i(job_i.transfer.base[AddrBits-1:0]), .pitch_i(AddrBits'(job_i.transfer.pitch)),
    .rows_i(job_i.transfer.rows), .cols_i(job_i.transfer.cols), .item_i(job_i.transfer.item), .addr_i(job_i.transfer.addr), .col_step_i(job_i.transfer.col_step),
    .row_step_i(job_i.transfer.row_step), .sub_rows_i(job_i.transfer.sub_rows), .sub_i(job_i.transfer.sub), .sub_last_i(sub_last),
    .step_i(step || !active_q), .byte_o(item_byte), .addr_o(item_addr), .sub_o(item_sub), .row_last_o(item_row_last), .last_o(item_last));

  // An item that is smaller than a beat leaves from the low end: the beat is turned until it is there.
  logic [31:0] first, next;                         // units to turn by
  assign first = narrow_q ? 32'(item_byte[BeatBits-1:0]) >> UnitByteBits : 32'd0;
  assign next  = (32'd1 << item_q) >> UnitByteBits;

  for (genvar u = 0; u < Units; u++) begin : g_low
    logic [UnitBits-1:0] unit_q;
    always_ff @(posedge clk_i) begin
      if (accept && (narrow_q || part_q == '0)) unit_q <= beat_data_i[UnitBits*((u + first) & (Units - 1)) +: UnitBits];
      else if (more_q && !source_more_i) unit_q <= word[UnitBits*((u + next) & (Units - 1)) +: UnitBits];
    end
    assign word[UnitBits*u +: UnitBits] = unit_q;
  end
  for (genvar p = 1; p < Parts; p++) begin : g_part
    logic [DataBits-1:0] beat_q;
    always_ff @(posedge clk_i) begin
      if (accept && part_q == PartBits'(p)) beat_q <= beat_data_i;
    end
    assign word[DataBits*p +: DataBits] = beat_q;
  end
  assign load_data_o = word[WordBits-1:0];

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      active_q       <= 1'b0;
      more_q         <= 1'b0;
      load_valid_o   <= 1'b0;
      source_valid_o <= 1'b0;
      done_o         <= 1'b0;
      fault_o        <= 1'b0;
    end else begin
      if (job_valid_i && job_ready_o) active_q <= 1'b1;
      else if (finish) active_q <= 1'b0;
      if (!source_more_i) begin
        more_q         <= step && narrow_q && !beat_end;
        source_valid_o <= step && unfold_q;
      end
      load_valid_o <= step && !outside && !unfold_q;
      done_o       <= finish && !unfold_q;
      fault_o      <= (accept && beat_error_i) || (step && outside && !unfold_q);
    end
    if (job_valid_i && job_ready_o) begin
      space_q     <= job_i.transfer.space;
      transpose_q <= job_i.transfer.transpose;
      item_q      <= job_i.transfer.item;
      narrow_q    <= job_i.transfer.item < 4'(BeatBits);
      lane_q      <= job_i.lane;
      unfold_q    <= job_i.transfer.unfold;
      slot_q      <= job_i.slot;
      part_q      <= '0;
      part_last_q <= (job_i.transfer.item <= 4'(BeatBits)) ? '0 : PartBits'((32'd1 << (job_i.transfer.item - 4'(BeatBits))) - 1);
    end else if (accept && !narrow_q) begin
      part_q <= (part_q == part_last_q) ? '0 : part_q + 1'b1;
    end
    if (step) begin
      load_space_o     <= space_q;
      load_transpose_o <= transpose_q;
      load_sub_o       <= item_sub;
      load_addr_o      <= item_addr;
    end
    if (accept || step) begin
      done_lane_o        <= lane_q;
      fault_info_o.code  <= (accept && beat_error_i) ? cuatro_ring_pkg::ERR_LOAD_READ : cuatro_ring_pkg::ERR_BAD_ENTRY;
      fault_info_o.field <= (accept && beat_error_i) ? cuatro_ring_pkg::BAD_NONE : cuatro_ring_pkg::BAD_ADDR;
      fault_info_o.lane  <= lane_q;
      fault_info_o.slot  <= slot_q;
      fault_info_o.addr  <= 64'(item_byte);
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_ni) assert (!(beat_valid_i && beat_ready_o) || active_q);
  end
endmodule
