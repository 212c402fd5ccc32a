// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// The read side of the bus: bursts of loads and of both rings onto AR, and what comes back to where it
// belongs. Loads of a lane run in order; GEMM loads go before quantize loads, which run further ahead
// by themselves. Loads ask for ReadBeats beats ahead at most, rings come before them. While hold_i is
// high no new burst is asked for; what was asked for comes and is taken. IDs: 0, 1 = rings, 2 = loads.
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
  parameter int unsigned ResultBits  = 11
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

  // Records and interrupts are for stores.
  cuatro_ring_pkg::job_t job_q, unpack_job;
  logic job_valid_q, job_valid, job_ready, list_ready, burst_idle, unpack_valid, unpack_ready;
  logic burst_valid, burst_ready, burst_last, open;
  logic [AddrBits-1:0] burst_addr;
  logic [7:0] burst_len;

  assign job_valid     = job_valid_q && burst_idle && list_ready;
  assign job_ready     = !hold_i && (!job_valid_q || job_valid);
  assign quant_ready_o = job_ready && quant_valid_i && !gemm_valid_i;
  assign gemm_ready_o  = job_ready && gemm_valid_i && !quant_ready_o;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) job_valid_q <= 1'b0;
    else if (gemm_ready_o || quant_ready_o) job_valid_q <= 1'b1;
    else if (job_valid) job_valid_q <= 1'b0;
    if (gemm_ready_o) job_q <= {1'b0, gemm_i[cuatro_ring_pkg::QUEUE_FLAGS +: cuatro_ring_pkg::JOB_BITS-1]};
    else if (quant_ready_o) job_q <= {1'b1, quant_i[cuatro_ring_pkg::QUEUE_FLAGS +: cuatro_ring_pkg::JOB_BITS-1]};
  end

  dma_bursts #(.AddrBits(AddrBits), .DataBits(DataBits), .BurstBeats(BurstBeats)) u_bursts (
    .clk_i, .rst_ni, .job_valid_i(job_valid), .job_ready_o(burst_idle), .base_i(job_q.transfer.base[AddrBits-1:0]),
    .pitch_i(job_q.transfer.pitch), .rows_i(job_q.transfer.rows), .cols_i(job_q.transfer.cols), .item_i(job_q.transfer.item), .burst_valid_o(burst_valid),
    .burst_ready_i(burst_ready), .burst_addr_o(burst_addr), .burst_len_o(burst_len), .burst_last_o(burst_last));

  fifo_ram #(.Width(cuatro_ring_pkg::JOB_BITS), .Depth(8)) u_jobs (
    .clk_i, .rst_ni, .in_valid_i(job_valid), .in_ready_o(list_ready), .in_data_i(job_q),
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
  logic unpack_beat_ready, done, done_lane, unused_last;

  assign rready_o    = unpack_beat_ready;
  assign ring_beat_o = {take && rid_i == 2'd1, take && rid_i == 2'd0};
  assign done_o      = {done && done_lane, done && !done_lane};
  assign beat_o      = take;
  assign unused_last = burst_last;

  load_unpack #(
    .AddrBits(AddrBits), .DataBits(DataBits), .WordBits(WordBits), .GrainBits(GrainBits), .SubsA(SubsA), .SubsB(SubsB),
    .OperandBits(OperandBits), .ResultBits(ResultBits)
  ) u_unpack (
    .clk_i, .rst_ni, .job_valid_i(unpack_valid), .job_ready_o(unpack_ready), .job_i(unpack_job),
    .beat_valid_i(rvalid_i && rid_i[1]), .beat_ready_o(unpack_beat_ready), .beat_data_i(rdata_i), .beat_error_i(rresp_i[1]),
    .load_valid_o, .load_space_o, .load_transpose_o, .load_sub_o, .load_addr_o, .load_data_o,
    .done_o(done), .done_lane_o(done_lane), .fault_o, .fault_info_o);
endmodule
