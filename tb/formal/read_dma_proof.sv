// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// read_dma keeps the rules of an AXI4 master on AR and R against any legal slave, jobs that entry_check lets pass, and
// rings that ask again when all of their beats are here; it asks nothing while hold_i is up, quiet_o tells that nothing is
// open, and a load's job waits in load_unpack when its first beat comes. Bounded: what is open stands in sums of beats.
//
// proof: bmc:11
// fault: rtl/read_dma.sv: if (ask) begin ==> if (ask || hold_i) begin
// fault: rtl/read_dma.sv: assign open         = (!arvalid_o || arready_i) ==> assign open         = 1'b1
// fault: rtl/dma_bursts.sv: assign room    = (IndexBits + 1)'(BurstBeats) - {1'b0, addr_q[BeatBits +: IndexBits]} ==> assign room    = (IndexBits + 1)'(BurstBeats)
// fault: rtl/load_unpack.sv: else if (finish) active_q ==> if (finish) active_q
`default_nettype none

module read_dma_proof (
  input wire logic        clk_i,
  input wire logic        hold_i,
  input wire logic [1:0]  job_valid_i,
  input wire logic [19:0] base_i,
  input wire logic [19:0] pitch_i,
  input wire logic [1:0]  rows_i,
  input wire logic [1:0]  cols_i,
  input wire logic        item_i,
  input wire logic [1:0]  space_i,
  input wire logic [15:0] addr_i,
  input wire logic [1:0]  ring_valid_i,
  input wire logic [39:0] ring_addr_i,
  input wire logic [3:0]  ring_len_i,
  input wire logic        arready_i,
  input wire logic        rvalid_i,
  input wire logic [63:0] rdata_i,
  input wire logic [1:0]  rresp_i,
  input wire logic [1:0]  rid_i,
  input wire logic        rlast_i
);
  localparam int unsigned ReadBeats = 4;
  logic started_q;
  initial started_q = 1'b0;
  always_ff @(posedge clk_i) started_q <= 1'b1;

  cuatro_ring_pkg::entry_transfer_t transfer;
  logic [cuatro_ring_pkg::QUEUE_BITS-1:0] job;
  always_comb begin
    transfer       = '0;
    transfer.base  = {44'd0, base_i};
    transfer.pitch = {12'd0, pitch_i};
    transfer.rows  = {14'd0, rows_i};
    transfer.cols  = {14'd0, cols_i};
    transfer.item  = item_i ? 4'd4 : 4'd3;     // 16 and 8 bytes
    transfer.space = space_i;
    transfer.addr  = addr_i;
    job = {116'd0, transfer, {cuatro_ring_pkg::PAYLOAD{1'b0}}};
  end

  logic quiet, gemm_ready, quant_ready, arvalid, rready, load_valid, load_transpose, beat, fault;
  logic [1:0] ring_ready, ring_beat, load_space, done, arid;
  logic [19:0] araddr;
  logic [7:0] arlen, load_sub;
  logic [15:0] load_addr;
  logic [127:0] load_data;
  cuatro_ring_pkg::fault_t fault_info;
  read_dma #(
    .AddrBits(20), .DataBits(64), .BurstBeats(2), .ReadBeats(ReadBeats), .WordBits(128), .GrainBits(64), .OperandBits(3),
    .ResultBits(3)
  ) dut (
    .clk_i, .rst_ni(started_q), .hold_i, .quiet_o(quiet), .gemm_valid_i(job_valid_i[0]),
    .gemm_ready_o(gemm_ready), .gemm_i(job), .quant_valid_i(job_valid_i[1]), .quant_ready_o(quant_ready), .quant_i(job),
    .ring_valid_i, .ring_ready_o(ring_ready), .ring_addr0_i(ring_addr_i[19:0]), .ring_len0_i({6'd0, ring_len_i[1:0]}),
    .ring_addr1_i(ring_addr_i[39:20]), .ring_len1_i({6'd0, ring_len_i[3:2]}),
    .ring_beat_o(ring_beat), .arvalid_o(arvalid), .arready_i, .araddr_o(araddr), .arlen_o(arlen), .arid_o(arid), .rvalid_i,
    .rready_o(rready), .rdata_i, .rresp_i, .rid_i, .load_valid_o(load_valid), .load_space_o(load_space),
    .load_transpose_o(load_transpose), .load_sub_o(load_sub), .load_addr_o(load_addr), .load_data_o(load_data),
    .done_o(done), .beat_o(beat), .fault_o(fault), .fault_info_o(fault_info));

  // ReadBeats + BurstBeats - 1 beats of loads and the rings' may be open, each a burst.
  logic [21:0] master_broken;
  logic [10:0] slave_broken;
  axi_master_checker #(
    .AddrWidth(20), .DataWidth(64), .IdWidth(2), .MaxReads(ReadBeats + 2), .MaxWrites(1), .MaxBeats(4), .AssumeSlave(1'b1)
  ) rules (
    .clk_i, .rst_ni(started_q), .AWID(2'd0), .AWADDR(20'd0), .AWLEN(8'd0), .AWSIZE(3'd0), .AWBURST(2'd1), .AWVALID(1'b0),
    .AWREADY(1'b0), .WDATA(64'd0), .WSTRB(8'd0), .WLAST(1'b0), .WVALID(1'b0), .WREADY(1'b0), .BID(2'd0), .BRESP(2'd0),
    .BVALID(1'b0), .BREADY(1'b0), .ARID(arid), .ARADDR(araddr), .ARLEN(arlen), .ARSIZE(3'd3), .ARBURST(2'd1),
    .ARVALID(arvalid), .ARREADY(arready_i), .RID(rid_i), .RDATA(rdata_i), .RRESP(rresp_i), .RLAST(rlast_i),
    .RVALID(rvalid_i), .RREADY(rready), .master_broken_o(master_broken), .slave_broken_o(slave_broken));

  // Beats that a ring waits for; reads open.
  logic [2:0] ring_q [2];
  logic [3:0] open_q;
  logic hold_q, arvalid_q, arready_q;
  always_ff @(posedge clk_i) begin
    for (int unsigned i = 0; i < 2; i++) begin
      if (!started_q) ring_q[i] <= 3'd0;
      else ring_q[i] <= ring_q[i] + (ring_ready[i] ? 3'(ring_len_i[2*i +: 2]) + 3'd1 : 3'd0) - 3'(ring_beat[i]);
      if (ring_valid_i[i]) assume (ring_q[i] == 3'd0);
      // Ring entries do not cross a page.
      assume (32'(ring_addr_i[20*i +: 12]) + (32'(ring_len_i[2*i +: 2]) + 1) * 8 <= 4096 && ring_addr_i[20*i +: 3] == 3'd0);
    end
    open_q <= !started_q ? 4'd0 : open_q + 4'(arvalid && arready_i) - 4'(rvalid_i && rready && rlast_i);

    // What entry_check lets pass.
    assume (rows_i != 2'd0 && cols_i != 2'd0 && space_i != 2'd3);
    assume (base_i[2:0] == 3'd0 && pitch_i[2:0] == 3'd0 && (!item_i || (!base_i[3] && !pitch_i[3])));

    hold_q    <= hold_i;
    arvalid_q <= arvalid;
    arready_q <= arready_i;
    if (started_q) begin
      if (hold_q && arvalid) assert (arvalid_q && !arready_q);       // no new one
      assert (!quiet || (!arvalid && open_q == 4'd0));
    end
  end
endmodule
