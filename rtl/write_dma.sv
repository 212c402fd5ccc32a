// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// The write side of the bus: stores of both lanes and completion records. Records go first, then the
// GEMM lane. A store is done when the bus has answered its last burst, so that a load that waits for it
// reads what it wrote; one that wants a record begins when there is a place for it (reserve_*), so that
// the bus's answers are always taken. While hold_i is high no new burst is begun; those begun are finished and their
// answers taken.
`default_nettype none

module write_dma #(
  parameter int unsigned AddrBits    = 40,
  parameter int unsigned DataBits    = 512,
  parameter int unsigned BurstBeats  = 16,
  parameter int unsigned WordBits    = 1024,
  parameter int unsigned GrainBits   = 256,
  parameter int unsigned WriteBursts = 32            // without an answer, and one more
) (
  input  wire logic                clk_i,
  input  wire logic                rst_ni,
  input  wire logic                hold_i,
  output logic                     quiet_o,
  // stores
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
  // records
  input  wire logic [2*AddrBits-1:0] record_base_i,
  input  wire logic                record_valid_i,
  output logic                     record_done_o,
  input  wire logic                record_irq_i,
  input  wire cuatro_ring_pkg::record_t record_i,
  output logic                     written_o,        // a record is in memory
  // store port
  output logic                     store_valid_o,
  output logic [15:0]              store_addr_o,
  input  wire logic [WordBits-1:0] store_data_i,
  // write address, data, answer
  output logic                     awvalid_o,
  input  wire logic                awready_i,
  output logic [AddrBits-1:0]      awaddr_o,
  output logic [7:0]               awlen_o,
  output logic                     wvalid_o,
  input  wire logic                wready_i,
  output logic [DataBits-1:0]      wdata_o,
  output logic [DataBits/8-1:0]    wstrb_o,
  output logic                     wlast_o,
  input  wire logic                bvalid_i,
  output logic                     bready_o,
  // OKAY and EXOKAY are one.
  // verilator lint_off UNUSEDSIGNAL
  input  wire logic [1:0]          bresp_i,
  // verilator lint_on UNUSEDSIGNAL
  // events
  output logic [1:0]               done_o,           // stores, a bit a lane
  output logic                     reserve_o,        // a store that wants a record begins
  input  wire logic                reserve_ready_i,
  output logic                     done_valid_o,     // one is done
  output cuatro_ring_pkg::tag_t    done_tag_o,
  output logic                     irq_o,
  output logic                     fault_o,
  output cuatro_ring_pkg::fault_t  fault_info_o
);
  localparam int unsigned InfoBits   = AddrBits + 16 + 2;
  localparam int unsigned CreditBits = $clog2(WriteBursts + 2) + 1;

  cuatro_ring_pkg::job_t job_q, pack_job;
  cuatro_ring_pkg::tag_t job_tag_q, tag;
  logic job_valid_q, job_is_record_q, job_valid, job_ready, list_ready, burst_idle, pack_valid, pack_ready, pack_record, take_record;
  logic burst_valid, burst_ready, burst_last, record_taken_q, job_record_q;
  logic [AddrBits-1:0] burst_addr;
  logic [7:0] burst_len;

  // A record is taken as a job once, and stays where it is until it has been packed.
  assign job_valid     = job_valid_q && burst_idle && list_ready;
  assign job_ready     = !hold_i && (!job_valid_q || job_valid);
  assign take_record   = job_ready && record_valid_i && !record_taken_q;
  assign gemm_ready_o  = job_ready && gemm_valid_i && !take_record && (reserve_ready_i || !gemm_i[cuatro_ring_pkg::QUEUE_FLAGS]);
  assign quant_ready_o = job_ready && quant_valid_i && !take_record && !gemm_valid_i &&
                         (reserve_ready_i || !quant_i[cuatro_ring_pkg::QUEUE_FLAGS]);
  assign reserve_o     = (gemm_ready_o && gemm_i[cuatro_ring_pkg::QUEUE_FLAGS]) ||
                         (quant_ready_o && quant_i[cuatro_ring_pkg::QUEUE_FLAGS]);

  logic [AddrBits-1:0] record_addr;
  assign record_addr = (record_i.lane ? record_base_i[AddrBits +: AddrBits] : record_base_i[AddrBits-1:0]) +
                       {{(AddrBits - cuatro_ring_pkg::SLOT_BITS - cuatro_ring_pkg::RECORD_ITEM){1'b0}}, record_i.slot,
                        {cuatro_ring_pkg::RECORD_ITEM{1'b0}}};

  always_ff @(posedge clk_i) begin
    if (!rst_ni) job_valid_q <= 1'b0;
    else if (take_record || gemm_ready_o || quant_ready_o) job_valid_q <= 1'b1;
    else if (job_valid) job_valid_q <= 1'b0;
    if (take_record) begin
      job_q      <= '0;
      job_q.transfer.item <= 4'(cuatro_ring_pkg::RECORD_ITEM);
      job_q.transfer.rows <= 16'd1;
      job_q.transfer.cols <= 16'd1;
      job_q.lane <= record_i.lane;
      job_q.slot <= record_i.slot;
      job_q.irq  <= record_irq_i;
      job_q.transfer.base <= 64'(record_addr);
    end else if (gemm_ready_o) begin
      job_q <= {1'b0, gemm_i[cuatro_ring_pkg::QUEUE_FLAGS +: cuatro_ring_pkg::JOB_BITS-1]};
    end else if (quant_ready_o) begin
      job_q <= {1'b1, quant_i[cuatro_ring_pkg::QUEUE_FLAGS +: cuatro_ring_pkg::JOB_BITS-1]};
    end
    job_q.transfer.window <= '0;                     // of loads only
    if (job_ready) job_is_record_q <= take_record;
  end

  dma_bursts #(.AddrBits(AddrBits), .DataBits(DataBits), .BurstBeats(BurstBeats)) u_bursts (
    .clk_i, .rst_ni, .job_valid_i(job_valid), .job_ready_o(burst_idle), .base_i(job_q.transfer.base[AddrBits-1:0]),
    .pitch_i(job_q.transfer.pitch), .rows_i(job_q.transfer.rows), .cols_i(job_q.transfer.cols), .item_i(job_q.transfer.item), .burst_valid_o(burst_valid),
    .burst_ready_i(burst_ready), .burst_addr_o(burst_addr), .burst_len_o(burst_len), .burst_last_o(burst_last));

  fifo_ram #(.Width(cuatro_ring_pkg::JOB_BITS + 1), .Depth(4)) u_jobs (
    .clk_i, .rst_ni, .in_valid_i(job_valid), .in_ready_o(list_ready), .in_data_i({job_is_record_q, job_q}),
    .out_valid_o(pack_valid), .out_ready_i(pack_ready), .out_data_o({pack_record, pack_job}));

  // --- write address, and what waits for an answer ----------------------------------------
  logic info_room, info_valid, info_pop, info_last, info_record, ask;
  logic [AddrBits-1:0] info_addr;
  logic [CreditBits-1:0] credit_q;                   // bursts handed out whose data has not begun
  logic some_credit_q, take_credit;

  assign burst_ready = (!awvalid_o || awready_i) && info_room && !hold_i;
  assign ask         = burst_valid && burst_ready;

  fifo_ram #(.Width(InfoBits), .Depth(WriteBursts)) u_bursts_out (
    .clk_i, .rst_ni, .in_valid_i(ask), .in_ready_o(info_room), .in_data_i({burst_addr, job_tag_q, burst_last, job_record_q}),
    .out_valid_o(info_valid), .out_ready_i(info_pop), .out_data_o({info_addr, tag, info_last, info_record}));

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      awvalid_o      <= 1'b0;
      credit_q       <= '0;
      some_credit_q  <= 1'b0;
      record_taken_q <= 1'b0;
    end else begin
      if (ask) awvalid_o <= 1'b1;
      else if (awready_i) awvalid_o <= 1'b0;
      if (ask != take_credit) credit_q <= ask ? credit_q + 1'b1 : credit_q - 1'b1;
      if (ask) some_credit_q <= 1'b1;
      else if (take_credit) some_credit_q <= credit_q != CreditBits'(1);
      if (take_record) record_taken_q <= 1'b1;
      else if (record_done_o) record_taken_q <= 1'b0;
    end
    if (ask) begin
      awaddr_o <= burst_addr;
      awlen_o  <= burst_len;
    end
    if (job_valid) begin
      job_record_q     <= job_is_record_q;
      job_tag_q.lane   <= job_q.lane;
      job_tag_q.irq    <= job_q.irq;
      job_tag_q.record <= job_q.record;
      job_tag_q.slot   <= job_q.slot;
    end
  end

  store_pack #(.DataBits(DataBits), .WordBits(WordBits), .GrainBits(GrainBits), .BurstBeats(BurstBeats)) u_pack (
    .clk_i, .rst_ni, .job_valid_i(pack_valid), .job_ready_o(pack_ready), .job_i(pack_job), .job_is_record_i(pack_record),
    .record_i, .record_done_o, .store_valid_o, .store_addr_o, .store_data_i, .credit_i(some_credit_q),
    .take_o(take_credit), .beat_valid_o(wvalid_o), .beat_ready_i(wready_i), .beat_data_o(wdata_o), .beat_strb_o(wstrb_o),
    .beat_last_o(wlast_o));

  // --- answers ----------------------------------------------------------------------------
  logic wants;
  logic [CreditBits-1:0] out_q;

  assign wants        = info_last && !info_record && tag.record;
  assign done_valid_o = bvalid_i && info_valid && wants;
  assign done_tag_o   = tag;
  assign bready_o     = info_valid;
  assign info_pop     = bvalid_i && bready_o;
  assign written_o    = info_pop && info_last && info_record;
  assign quiet_o      = !awvalid_o && out_q == '0;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      out_q        <= '0;
      done_o       <= '0;
      irq_o        <= 1'b0;
      fault_o      <= 1'b0;
    end else begin
      if (ask != info_pop) out_q <= ask ? out_q + 1'b1 : out_q - 1'b1;
      done_o  <= {info_pop && info_last && !info_record && tag.lane, info_pop && info_last && !info_record && !tag.lane};
      irq_o   <= info_pop && info_last && tag.irq && !tag.record;
      fault_o <= info_pop && bresp_i[1];
    end
    if (info_pop) begin
      fault_info_o       <= '0;
      fault_info_o.code  <= info_record ? cuatro_ring_pkg::ERR_RECORD_WRITE : cuatro_ring_pkg::ERR_STORE_WRITE;
      fault_info_o.lane  <= tag.lane;
      fault_info_o.slot  <= tag.slot;
      fault_info_o.addr  <= 64'(info_addr);
    end
  end
endmodule
