// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// The read side of the bus: bursts of loads and of both rings onto AR, and what comes back to where it
// belongs. Loads of a lane run in order; GEMM loads go before quantize loads, which run further ahead
// by themselves. Loads ask for ReadBeats beats ahead at most, rings come before them. While hold_i is
// high no new burst is asked for; what was asked for comes and is taken. IDs: 0, 1 = rings, 2 = loads.
// GEMM loads may unfold what they bring (window_unit).
`default_nettype none

module read_dma #(
  parameter int unsigned AddrBits    = 40,
  parameter int unsigned DataBits    = 512,
  parameter int unsigned BurstBeats  = 16,
  parameter int unsigned ReadBeats   = 192,
  parameter int unsigned WordBits    = 1024,
  parameter int unsigned GrainBits   = 256,
  parameter int unsigned SubsA       = 1,
  parameter int unsigned SubsB       = 1,
  parameter int unsigned OperandBits = 11,
  parameter int unsigned ResultBits  = 11,
  parameter int unsigned Lanes       = 16,
  parameter int unsigned WindowLines = 512,           // of a slot of the window buffer
  parameter bit          Structural  = 1'b0
) (
  input  wire logic                clk_i,
  input  wire logic                rst_ni,
  input  wire logic                hold_i,
  output logic                     quiet_o,          // nothing is on the bus
  // loads
  input  wire logic                gemm_valid_i,
  output logic                     gemm_ready_o,
  // Waits are over; a command's payload is longer.
  // verilator lint_off UNUSEDSIGNAL
  input  wire logic [cuatro_ring_pkg::QUEUE_BITS-1:0] gemm_i,
  // verilator lint_on UNUSEDSIGNAL
  input  wire logic                quant_valid_i,
  output logic                     quant_ready_o,
  // As gemm_i's waits and payload.
  // verilator lint_off UNUSEDSIGNAL
  input  wire logic [cuatro_ring_pkg::QUEUE_BITS-1:0] quant_i,
  // verilator lint_on UNUSEDSIGNAL
  // rings
  input  wire logic [1:0]          ring_valid_i,
  output logic [1:0]               ring_ready_o,
  input  wire logic [AddrBits-1:0] ring_addr0_i,
  input  wire logic [7:0]          ring_len0_i,
  input  wire logic [AddrBits-1:0] ring_addr1_i,
  input  wire logic [7:0]          ring_len1_i,
  output logic [1:0]               ring_beat_o,      // rdata is a ring's
  // read address, read data
  output logic                     arvalid_o,
  input  wire logic                arready_i,
  output logic [AddrBits-1:0]      araddr_o,
  output logic [7:0]               arlen_o,
  output logic [1:0]               arid_o,
  input  wire logic                rvalid_i,
  output logic                     rready_o,
  input  wire logic [DataBits-1:0] rdata_i,
  // OKAY and EXOKAY are one.
  // verilator lint_off UNUSEDSIGNAL
  input  wire logic [1:0]          rresp_i,
  // verilator lint_on UNUSEDSIGNAL
  input  wire logic [1:0]          rid_i,
  // load port
  output logic                     load_valid_o,
  output logic [1:0]               load_space_o,
  output logic                     load_transpose_o,
  output logic [7:0]               load_sub_o,
  output logic [15:0]              load_addr_o,
  output logic [WordBits-1:0]      load_data_o,
  // events
  output logic [1:0]               done_o,           // loads, a bit a lane
  output logic                     beat_o,
  output logic                     fault_o,
  output cuatro_ring_pkg::fault_t  fault_info_o
);
  localparam int unsigned BeatsBits = $clog2(ReadBeats + 8 * BurstBeats) + 1;
  localparam int unsigned BlockBits = 4 * Lanes * Lanes;
  localparam int unsigned UnfoldBit = cuatro_ring_pkg::PAYLOAD + cuatro_ring_pkg::TRANSFER_UNFOLD;

  // Records and interrupts are for stores.
  cuatro_ring_pkg::job_t job_q, fetched, unpack_job;
  logic job_valid_q, job_valid, job_ready, list_ready, burst_idle, unpack_valid, unpack_ready;
  logic burst_valid, burst_ready, burst_last, open;
  logic [AddrBits-1:0] burst_addr;
  logic [7:0] burst_len;

  logic window_room, order_room, gemm_may, unfolds;
  assign job_valid     = job_valid_q && burst_idle && list_ready && order_room;
  assign job_ready     = !hold_i && (!job_valid_q || job_valid);
  assign unfolds       = gemm_i[UnfoldBit];
  assign gemm_may      = gemm_valid_i && (!unfolds || window_room);
  assign quant_ready_o = job_ready && quant_valid_i && !gemm_may;
  assign gemm_ready_o  = job_ready && gemm_may;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) job_valid_q <= 1'b0;
    else if (gemm_ready_o || quant_ready_o) job_valid_q <= 1'b1;
    else if (job_valid) job_valid_q <= 1'b0;
    if (gemm_ready_o) job_q <= {1'b0, gemm_i[cuatro_ring_pkg::QUEUE_FLAGS +: cuatro_ring_pkg::JOB_BITS-1]};
    else if (quant_ready_o) job_q <= {1'b1, quant_i[cuatro_ring_pkg::QUEUE_FLAGS +: cuatro_ring_pkg::JOB_BITS-1]};
  end

  // What unfolds lies in memory as one row of blocks.
  always_comb begin
    fetched = job_q;
    if (job_q.transfer.unfold) begin
      fetched.transfer.rows = 16'd1;
      fetched.transfer.cols = 16'(job_q.transfer.pitch[7:0]);
    end
  end

  dma_bursts #(.AddrBits(AddrBits), .DataBits(DataBits), .BurstBeats(BurstBeats)) u_bursts (
    .clk_i, .rst_ni, .job_valid_i(job_valid), .job_ready_o(burst_idle), .base_i(job_q.transfer.base[AddrBits-1:0]),
    .pitch_i(job_q.transfer.pitch), .rows_i(fetched.transfer.rows), .cols_i(fetched.transfer.cols), .item_i(job_q.transfer.item), .burst_valid_o(burst_valid),
    .burst_ready_i(burst_ready), .burst_addr_o(burst_addr), .burst_len_o(burst_len), .burst_last_o(burst_last));

  fifo_ram #(.Width(cuatro_ring_pkg::JOB_BITS), .Depth(8)) u_jobs (
    .clk_i, .rst_ni, .in_valid_i(job_valid), .in_ready_o(list_ready), .in_data_i(fetched),
    .out_valid_o(unpack_valid), .out_ready_i(unpack_ready), .out_data_o(unpack_job));

  // --- read address -----------------------------------------------------------------------
  logic [BeatsBits-1:0] beats_q;                     // asked for, until the cycle before this, and not here
  logic ask, ask_q, take;

  assign open         = (!arvalid_o || arready_i) && !hold_i;
  assign ring_ready_o = {open && ring_valid_i[1] && !ring_valid_i[0], open && ring_valid_i[0]};
  assign burst_ready  = open && ring_valid_i == '0 && beats_q < BeatsBits'(ReadBeats);
  assign ask          = ring_ready_o != '0 || (burst_valid && burst_ready);
  assign take         = rvalid_i && rready_o;
  assign quiet_o      = beats_q == '0 && !arvalid_o;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      arvalid_o <= 1'b0;
      ask_q     <= 1'b0;
      beats_q   <= '0;
    end else begin
      if (ask) arvalid_o <= 1'b1;
      else if (arready_i) arvalid_o <= 1'b0;
      ask_q   <= ask;
      beats_q <= beats_q + (BeatsBits'({1'b0, arlen_o} + 9'd1) & {BeatsBits{ask_q}}) - BeatsBits'(take);
    end
    if (ask) begin
      araddr_o <= ring_ready_o[0] ? ring_addr0_i : ring_ready_o[1] ? ring_addr1_i : burst_addr;
      arlen_o  <= ring_ready_o[0] ? ring_len0_i : ring_ready_o[1] ? ring_len1_i : burst_len;
      arid_o   <= ring_ready_o[0] ? 2'd0 : ring_ready_o[1] ? 2'd1 : 2'd2;
    end
  end

  // --- read data --------------------------------------------------------------------------
  logic unpack_beat_ready, unpack_done, unpack_done_lane, unpack_fault, source_load, source_valid, source_more, window_done, window_outside, unused_last;
  logic unpack_load, unpack_transpose, window_load, window_transpose;
  logic [1:0] unpack_space, window_space;
  logic [7:0] unpack_sub, window_sub;
  logic [15:0] unpack_addr, window_addr;
  logic [WordBits-1:0] unpack_data;
  logic [BlockBits-1:0] window_data;
  logic [cuatro_ring_pkg::SLOT_BITS-1:0] window_slot;
  cuatro_ring_pkg::fault_t unpack_fault_info;

  assign rready_o    = unpack_beat_ready;
  assign ring_beat_o = {take && rid_i == 2'd1, take && rid_i == 2'd0};
  assign beat_o      = take;
  assign unused_last = burst_last;

  load_unpack #(
    .AddrBits(AddrBits), .DataBits(DataBits), .WordBits(WordBits), .GrainBits(GrainBits), .SubsA(SubsA), .SubsB(SubsB),
    .OperandBits(OperandBits), .ResultBits(ResultBits)
  ) u_unpack (
    .clk_i, .rst_ni, .job_valid_i(unpack_valid), .job_ready_o(unpack_ready), .job_i(unpack_job),
    .beat_valid_i(rvalid_i && rid_i[1]), .beat_ready_o(unpack_beat_ready), .beat_data_i(rdata_i), .beat_error_i(rresp_i[1]),
    .load_valid_o(unpack_load), .load_space_o(unpack_space), .load_transpose_o(unpack_transpose), .load_sub_o(unpack_sub),
    .load_addr_o(unpack_addr), .load_data_o(unpack_data), .source_load_o(source_load), .source_valid_o(source_valid), .source_more_i(source_more),
    .done_o(unpack_done), .done_lane_o(unpack_done_lane), .fault_o(unpack_fault), .fault_info_o(unpack_fault_info));

  logic window_busy, window_clk;
  clock_gate #(.Structural(Structural)) u_window_clock (
    .clk_i, .enable_i(window_busy || !rst_ni), .clk_o(window_clk));
  window_unit #(
    .T(Lanes), .Slots(4), .SlotLines(WindowLines), .SubsA(SubsA), .SubsB(SubsB), .OperandBits(OperandBits), .Structural(Structural)
  ) u_windows (
    .clk_i(window_clk), .rst_ni, .busy_o(window_busy), .room_o(window_room), .reserve_i(gemm_ready_o && unfolds), .job_valid_i(job_valid && job_q.transfer.unfold),
    .job_i(job_q), .fill_i(unpack_valid && unpack_ready && unpack_job.transfer.unfold), .fill_load_i(source_load),
    .fill_job_i(unpack_job.transfer),
    .word_valid_i(source_valid), .word_i(unpack_data[BlockBits-1:0]), .more_o(source_more),
    .load_valid_o(window_load), .load_ready_i(!unpack_load), .load_space_o(window_space), .load_transpose_o(window_transpose),
    .load_sub_o(window_sub), .load_addr_o(window_addr), .load_data_o(window_data), .done_o(window_done),
    .outside_o(window_outside), .outside_slot_o(window_slot));

  assign load_valid_o     = unpack_load || window_load;
  assign load_space_o     = unpack_load ? unpack_space : window_space;
  assign load_transpose_o = unpack_load ? unpack_transpose : window_transpose;
  assign load_sub_o       = unpack_load ? unpack_sub : window_sub;
  assign load_addr_o      = unpack_load ? unpack_addr : window_addr;
  assign load_data_o      = unpack_load ? unpack_data : WordBits'(window_data);

  // GEMM loads are told in the order in which they began.
  logic gemm_done;
  done_order #(.Depth(16)) u_order (
    .clk_i, .rst_ni, .begin_i(job_valid && !job_q.lane), .ready_o(order_room), .which_i(job_q.transfer.unfold),
    .done_i({window_done, unpack_done && !unpack_done_lane}), .done_o(gemm_done));
  assign done_o = {unpack_done && unpack_done_lane, gemm_done};

  assign fault_o = unpack_fault || window_outside;
  always_comb begin
    fault_info_o = unpack_fault_info;
    if (!unpack_fault) begin
      fault_info_o       = '0;
      fault_info_o.code  = cuatro_ring_pkg::ERR_BAD_ENTRY;
      fault_info_o.field = cuatro_ring_pkg::BAD_ADDR;
      fault_info_o.slot  = window_slot;
    end
  end
endmodule
