// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Convolution windows straight from the images: a load that unfolds brings a part of the images, once, into
// a slot of the window buffer (window_fill), and its blocks leave for the load port as if the unfolded
// matrix lay in memory (window_gather). While one slot is read the next ones fill. Words of other loads
// go before: load_ready_i.
//
// A job reserves its slot before its bursts are asked for, and comes here in that order twice: job_i when
// they are, fill_i when its blocks follow.
`default_nettype none

module window_unit #(
  parameter int unsigned T          = 16,
  parameter int unsigned Slots      = 4,
  parameter int unsigned SlotLines  = 512,
  parameter int unsigned SubsA      = 1,
  parameter int unsigned SubsB      = 1,
  parameter int unsigned OperandBits = 11,
  parameter bit          Structural = 1'b0
) (
  input  wire logic                clk_i,
  input  wire logic                rst_ni,
  // jobs
  output logic                     busy_o,            // has work, or tells what it did
  output logic                     room_o,            // a slot is free
  input  wire logic                reserve_i,
  input  wire logic                job_valid_i,
  input  wire cuatro_ring_pkg::job_t job_i,
  // what comes from memory
  input  wire logic                fill_i,            // a job begins
  input  wire logic                fill_load_i,       // with it, or any number of cycles before
  // Its window and source.
  // verilator lint_off UNUSEDSIGNAL
  input  wire cuatro_ring_pkg::entry_transfer_t fill_job_i,
  // verilator lint_on UNUSEDSIGNAL
  input  wire logic                word_valid_i,      // stays until more_o falls
  input  wire logic [4*T*T-1:0]    word_i,
  output logic                     more_o,
  // load port
  output logic                     load_valid_o,
  input  wire logic                load_ready_i,
  output logic [1:0]               load_space_o,
  output logic                     load_transpose_o,
  output logic [7:0]               load_sub_o,
  output logic [15:0]              load_addr_o,
  output logic [4*T*T-1:0]         load_data_o,
  // events
  output logic                     done_o,
  output logic                     outside_o,         // a block lies outside of its scratchpad, and is not loaded
  output logic [cuatro_ring_pkg::SLOT_BITS-1:0] outside_slot_o
);
  if (Slots < 2 || (Slots & (Slots - 1)) != 0) begin : g_bad_slots
    $error("window_unit: Slots must be a power of two, at least 2");
  end
  if (SlotLines < 2 * T || SlotLines > 2048 || (SlotLines & (SlotLines - 1)) != 0) begin : g_bad_lines
    $error("window_unit: the lines of a slot must be a power of two, 2 T to 2048");
  end
  localparam int unsigned SlotBits  = $clog2(Slots);
  localparam int unsigned SlotWords = SlotLines / T;
  localparam int unsigned WordBits  = $clog2(Slots * SlotWords);

  logic [SlotBits:0] open_q, filled_q;                // slots reserved, slots filled and not begun
  logic [SlotBits-1:0] fill_slot_q, gather_slot_q;
  logic filled, there, job_valid, job_ready, begun, valid, last, outside, leave;
  logic [7:0] sub_last;
  // A slot is no part of a block's way, and the rest of a job is others'.
  // verilator lint_off UNUSEDSIGNAL
  cuatro_ring_pkg::job_t job;
  // verilator lint_on UNUSEDSIGNAL
  logic [cuatro_ring_pkg::SLOT_BITS-1:0] entry_q;
  logic [T-1:0] we, re;
  logic [WordBits*T-1:0] write_addr, read_addr;
  logic [4*T*T-1:0] write_data, read_data;

  assign busy_o = open_q != '0 || reserve_i || done_o || outside_o;
  assign room_o = open_q != (SlotBits + 1)'(Slots);
  assign there  = job_valid && filled_q != '0;
  assign begun  = there && job_ready;
  assign leave  = valid && load_ready_i;

  // There is room for each slot's.
  // verilator lint_off PINCONNECTEMPTY
  fifo_ram #(.Width(cuatro_ring_pkg::JOB_BITS), .Depth(Slots)) u_jobs (
    .clk_i, .rst_ni, .in_valid_i(job_valid_i), .in_ready_o(), .in_data_i(job_i),
    .out_valid_o(job_valid), .out_ready_i(begun), .out_data_o(job));
  // verilator lint_on PINCONNECTEMPTY

  window_fill #(.T(T), .WordBits(WordBits)) u_fill (
    .clk_i, .load_i(fill_load_i), .width_i(fill_job_i.window.width), .height_i(fill_job_i.window.height),
    .x_i(fill_job_i.window.fill_x), .y_i(fill_job_i.window.fill_y), .line_i(fill_job_i.pitch[16 +: 12]),
    .pitch_i(fill_job_i.window.pitch), .gap_i(fill_job_i.window.fill_gap[11:0]), .last_channel_i(fill_job_i.window.last_channel),
    .plane_i(fill_job_i.window.plane), .blocks_i(fill_job_i.pitch[7:0]), .base_i({fill_slot_q, {WordBits-SlotBits{1'b0}}}),
    .word_valid_i, .word_i, .more_o, .filled_o(filled), .we_o(we), .addr_o(write_addr), .data_o(write_data));

  always_comb begin
    sub_last = 8'd0;
    if (job.transfer.space == cuatro_ring_pkg::SPACE_A) sub_last = 8'(SubsA - 1);
    if (job.transfer.space == cuatro_ring_pkg::SPACE_B) sub_last = 8'(SubsB - 1);
  end

  // By itself: with an expression or a part of a struct at this port Yosys 0.23 elaborates a top module twice, and stops.
  logic [cuatro_ring_pkg::TRANSFER_BITS-1:0] transfer;
  assign transfer = job.transfer;
  window_gather #(.T(T), .WordBits(WordBits), .Structural(Structural)) u_gather (
    .clk_i, .rst_ni, .job_valid_i(there), .job_ready_o(job_ready), .job_i(transfer), .sub_last_i(sub_last),
    .base_i({gather_slot_q, {WordBits-SlotBits{1'b0}}}), .re_o(re), .addr_o(read_addr), .data_i(read_data), .valid_o(valid), .ready_i(load_ready_i),
    .last_o(last), .addr_out_o(load_addr_o), .sub_o(load_sub_o), .space_o(load_space_o), .transpose_o(load_transpose_o),
    .block_o(load_data_o));

  for (genvar b = 0; b < T; b++) begin : g_bank
    ram_1r1w #(.Width(4 * T), .Depth(Slots * SlotWords)) u_ram (
      .clk_i, .we_i(we[b]), .waddr_i(write_addr[WordBits*b +: WordBits]), .wstrb_i(1'b1), .wdata_i(write_data[4*T*b +: 4*T]),
      .re_i(re[b]), .raddr_i(read_addr[WordBits*b +: WordBits]), .rdata_o(read_data[4*T*b +: 4*T]));
  end

  assign outside        = (load_addr_o >> OperandBits) != '0;
  assign load_valid_o   = valid && !outside;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      open_q        <= '0;
      filled_q      <= '0;
      fill_slot_q   <= '0;
      gather_slot_q <= '0;
      done_o        <= 1'b0;
      outside_o     <= 1'b0;
    end else begin
      open_q   <= open_q + (SlotBits + 1)'(reserve_i) - (SlotBits + 1)'(leave && last);
      filled_q <= filled_q + (SlotBits + 1)'(filled) - (SlotBits + 1)'(begun);
      if (fill_i) fill_slot_q <= fill_slot_q + 1'b1;
      if (begun) gather_slot_q <= gather_slot_q + 1'b1;
      done_o    <= leave && last;
      outside_o <= leave && outside;
    end
    if (begun) entry_q <= job.slot;
    outside_slot_o <= entry_q;
  end
endmodule
