// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// write_dma keeps the rules of an AXI4 master on AW, W and B against any legal slave, with stores that entry_check lets
// pass and records; it begins no burst while hold_i is up, and quiet_o tells that nothing is open. WLAST, strobes and
// the order of data stand on two walks over the same job, dma_bursts and store_pack, which is beyond PDR: bounded.
//
// proof: bmc:14
// fault: rtl/store_pack.sv: (open_q || credit_i) ==> (open_q || active_q)
// fault: rtl/store_pack.sv: burst_end = beat_end && (row_end || ==> burst_end = beat_end && (row_last_q ||
// fault: rtl/store_pack.sv: beat_strb_o[UnitBits/8*u]) ==> beat_strb_o[0])
// fault: rtl/write_dma.sv: burst_ready = (!awvalid_o || awready_i) && info_room && !hold_i ==> burst_ready = (!awvalid_o || awready_i || hold_i) && info_room
// fault: rtl/write_dma.sv: .beat_valid_o(wvalid_o), .beat_ready_i(wready_i) ==> .beat_valid_o(wvalid_o), .beat_ready_i(wready_i || !awvalid_o)
`default_nettype none

module write_dma_proof (
  input wire logic         clk_i,
  input wire logic         hold_i,
  input wire logic [1:0]   job_valid_i,
  input wire logic [23:0]  base_i,
  input wire logic [23:0]  pitch_i,
  input wire logic [1:0]   rows_i,
  input wire logic [1:0]   cols_i,
  input wire logic [1:0]   item_i,
  input wire logic         wants_record_i,
  input wire logic         record_valid_i,
  input wire logic [12:0]  record_slot_i,
  input wire logic [127:0] word_i,
  input wire logic         awready_i,
  input wire logic         wready_i,
  input wire logic         bvalid_i,
  input wire logic [1:0]   bresp_i,
  input wire logic         done_ready_i
);
  localparam int unsigned WriteBursts = 2;
  logic started_q;
  initial started_q = 1'b0;
  always_ff @(posedge clk_i) started_q <= 1'b1;

  cuatro_ring_pkg::entry_transfer_t transfer;
  logic [cuatro_ring_pkg::QUEUE_BITS-1:0] job;
  cuatro_ring_pkg::record_t record;
  always_comb begin
    transfer       = '0;
    transfer.base  = {40'd0, base_i};
    transfer.pitch = {8'd0, pitch_i};
    transfer.rows  = {14'd0, rows_i};
    transfer.cols  = {14'd0, cols_i};
    transfer.item  = 4'd2 + 4'(item_i);              // 4, 8 and 16 bytes
    job = {116'd0, transfer, 14'd0, wants_record_i, {cuatro_ring_pkg::QUEUE_FLAGS{1'b0}}};
    record      = '0;
    record.slot = record_slot_i;
  end

  logic quiet, gemm_ready, quant_ready, record_done, written, store_valid, awvalid, wvalid, wlast, bready, done_valid, irq, fault;
  logic [15:0] store_addr;
  logic [23:0] awaddr;
  logic [7:0] awlen, wstrb;
  logic [63:0] wdata;
  logic [1:0] done;
  logic [127:0] word_q;
  cuatro_ring_pkg::tag_t done_tag;
  cuatro_ring_pkg::fault_t fault_info;
  write_dma #(
    .AddrBits(24), .DataBits(64), .BurstBeats(2), .WordBits(128), .GrainBits(32), .WriteBursts(WriteBursts)
  ) dut (
    .clk_i, .rst_ni(started_q), .hold_i, .quiet_o(quiet), .gemm_valid_i(job_valid_i[0]), .gemm_ready_o(gemm_ready),
    .gemm_i(job), .quant_valid_i(job_valid_i[1]), .quant_ready_o(quant_ready), .quant_i(job), .record_base_i(48'd0),
    .record_valid_i, .record_done_o(record_done), .record_irq_i(1'b0), .record_i(record), .written_o(written),
    .store_valid_o(store_valid), .store_addr_o(store_addr), .store_data_i(word_q), .awvalid_o(awvalid), .awready_i,
    .awaddr_o(awaddr), .awlen_o(awlen), .wvalid_o(wvalid), .wready_i, .wdata_o(wdata), .wstrb_o(wstrb), .wlast_o(wlast),
    .bvalid_i, .bready_o(bready), .bresp_i, .done_o(done), .done_valid_o(done_valid), .done_ready_i,
    .done_tag_o(done_tag), .irq_o(irq), .fault_o(fault), .fault_info_o(fault_info));

  // The queue of open bursts holds one more than WriteBursts.
  logic [21:0] master_broken;
  logic [10:0] slave_broken;
  axi_master_checker #(
    .AddrWidth(24), .DataWidth(64), .MaxReads(1), .MaxWrites(WriteBursts + 1), .MaxBeats(2), .AssumeSlave(1'b1)
  ) rules (
    .clk_i, .rst_ni(started_q), .AWID(1'b0), .AWADDR(awaddr), .AWLEN(awlen), .AWSIZE(3'd3), .AWBURST(2'd1),
    .AWVALID(awvalid), .AWREADY(awready_i), .WDATA(wdata), .WSTRB(wstrb), .WLAST(wlast), .WVALID(wvalid), .WREADY(wready_i),
    .BID(1'b0), .BRESP(bresp_i), .BVALID(bvalid_i), .BREADY(bready), .ARID(1'b0), .ARADDR(24'd0), .ARLEN(8'd0),
    .ARSIZE(3'd0), .ARBURST(2'd1), .ARVALID(1'b0), .ARREADY(1'b0), .RID(1'b0), .RDATA(64'd0), .RRESP(2'd0), .RLAST(1'b0),
    .RVALID(1'b0), .RREADY(1'b0), .master_broken_o(master_broken), .slave_broken_o(slave_broken));

  logic [3:0] open_q;                                // from AWVALID to the answer
  logic record_valid_q, record_done_q, hold_q, awvalid_q, awready_q;
  logic [12:0] record_slot_q;
  logic [11:0] below;
  assign below = (12'd1 << transfer.item) - 12'd1;
  always_ff @(posedge clk_i) begin
    if (store_valid) word_q <= word_i;               // held until the next is asked for
    record_valid_q <= started_q && record_valid_i;
    record_done_q  <= record_done;
    record_slot_q  <= record_slot_i;
    if (record_valid_q && !record_done_q) assume (record_valid_i && record_slot_i == record_slot_q);
    assume (rows_i != 2'd0 && cols_i != 2'd0 && item_i != 2'd3);
    assume ((base_i[11:0] & below) == 12'd0 && (pitch_i[11:0] & below) == 12'd0);

    open_q <= !started_q ? 4'd0 : open_q + 4'(awvalid && !(awvalid_q && !awready_q)) - 4'(bvalid_i && bready);
    hold_q    <= hold_i;
    awvalid_q <= started_q && awvalid;
    awready_q <= awready_i;
    if (started_q) begin
      if (hold_q && awvalid) assert (awvalid_q && !awready_q);       // no new one
      assert (!quiet || (!awvalid && !wvalid && open_q == 4'd0));
    end
  end
endmodule
