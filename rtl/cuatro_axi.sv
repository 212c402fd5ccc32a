// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// The block to integrate: the core with an AXI4 master, an AXI4-Lite slave and a level interrupt. The
// host writes entries into two rings in memory, GEMM and quantize; the block fetches them, moves tensors
// between memory and scratchpads, runs the commands, and writes records of what is done. Loads, commands
// and stores of both rings run at the same time, each as soon as what it waits for is done. Registers,
// entries, records, errors: rtl/README.md.
`default_nettype none

module cuatro_axi #(
  parameter int unsigned Rows         = 16,
  parameter int unsigned Cols         = 16,
  parameter int unsigned Lanes        = 16,
  parameter int unsigned DrainWidth   = 32,
  parameter int unsigned OperandDepth = 2048,
  parameter int unsigned ResultDepth  = 2048,
  parameter bit          Multiplier   = 1'b1,
  parameter bit          Update       = 1'b1,
  parameter bit          Structural   = 1'b0,
  parameter int unsigned DataBits     = 512,       // of the AXI master: 64, 128, 256, 512
  parameter int unsigned AddrBits     = 40,        // 33 to 64
  parameter int unsigned BurstBeats   = 16,        // a burst at most
  parameter int unsigned ReadBeats    = 192,       // of loads, asked for ahead: more than the read latency
  parameter int unsigned WriteBursts  = 32,        // without an answer, at most
  parameter int unsigned WindowLines  = 512        // of a slot of the window buffer: T channels of a pixel each; a power of two
) (
  input  wire logic                  clk_i,
  input  wire logic                  rst_ni,
  output logic                       irq_o,
  // AXI4-Lite slave
  input  wire logic                  s_axi_awvalid,
  output logic                       s_axi_awready,
  input  wire logic [11:0]           s_axi_awaddr,
  input  wire logic                  s_axi_wvalid,
  output logic                       s_axi_wready,
  input  wire logic [31:0]           s_axi_wdata,
  input  wire logic [3:0]            s_axi_wstrb,
  output logic                       s_axi_bvalid,
  input  wire logic                  s_axi_bready,
  output logic [1:0]                 s_axi_bresp,
  input  wire logic                  s_axi_arvalid,
  output logic                       s_axi_arready,
  input  wire logic [11:0]           s_axi_araddr,
  output logic                       s_axi_rvalid,
  input  wire logic                  s_axi_rready,
  output logic [31:0]                s_axi_rdata,
  output logic [1:0]                 s_axi_rresp,
  // AXI4 master
  output logic                       m_axi_awvalid,
  input  wire logic                  m_axi_awready,
  output logic [AddrBits-1:0]        m_axi_awaddr,
  output logic [7:0]                 m_axi_awlen,
  output logic [2:0]                 m_axi_awsize,
  output logic [1:0]                 m_axi_awburst,
  output logic [1:0]                 m_axi_awid,
  output logic [3:0]                 m_axi_awcache,
  output logic [2:0]                 m_axi_awprot,
  output logic                       m_axi_wvalid,
  input  wire logic                  m_axi_wready,
  output logic [DataBits-1:0]        m_axi_wdata,
  output logic [DataBits/8-1:0]      m_axi_wstrb,
  output logic                       m_axi_wlast,
  input  wire logic                  m_axi_bvalid,
  output logic                       m_axi_bready,
  input  wire logic [1:0]            m_axi_bresp,
  // One ID for writes; bursts know their own lengths.
  // verilator lint_off UNUSEDSIGNAL
  input  wire logic [1:0]            m_axi_bid,
  input  wire logic                  m_axi_rlast,
  // verilator lint_on UNUSEDSIGNAL
  output logic                       m_axi_arvalid,
  input  wire logic                  m_axi_arready,
  output logic [AddrBits-1:0]        m_axi_araddr,
  output logic [7:0]                 m_axi_arlen,
  output logic [2:0]                 m_axi_arsize,
  output logic [1:0]                 m_axi_arburst,
  output logic [1:0]                 m_axi_arid,
  output logic [3:0]                 m_axi_arcache,
  output logic [2:0]                 m_axi_arprot,
  input  wire logic                  m_axi_rvalid,
  output logic                       m_axi_rready,
  input  wire logic [DataBits-1:0]   m_axi_rdata,
  input  wire logic [1:0]            m_axi_rresp,
  input  wire logic [1:0]            m_axi_rid
);
  localparam int unsigned WordBits    = (4*Lanes*Lanes > 32*DrainWidth) ? 4*Lanes*Lanes : 32*DrainWidth;
  localparam int unsigned GrainBits   = (Lanes*Lanes > 256) ? 256 : Lanes*Lanes;   // smallest item: a mask block, at most a record
  localparam int unsigned OperandBits = $clog2(OperandDepth);
  localparam int unsigned ResultBits  = $clog2(ResultDepth);
  localparam int unsigned WaitBits    = cuatro_ring_pkg::WAIT_BITS;
  localparam int unsigned CountBits   = cuatro_ring_pkg::COUNT_BITS;
  localparam int unsigned GrainLog    = $clog2(GrainBits / 8);
  localparam int unsigned BlockLog    = $clog2(Lanes * Lanes / 2);
  localparam int unsigned WordLog     = $clog2(WordBits / 8);

  assign m_axi_awsize  = 3'($clog2(DataBits / 8));
  assign m_axi_awburst = 2'b01;
  assign m_axi_awid    = 2'd0;
  assign m_axi_awcache = 4'b0011;
  assign m_axi_awprot  = 3'd0;
  assign m_axi_arsize  = 3'($clog2(DataBits / 8));
  assign m_axi_arburst = 2'b01;
  assign m_axi_arcache = 4'b0011;
  assign m_axi_arprot  = 3'd0;

  // --- registers --------------------------------------------------------------------------
  logic reg_write, reg_write_error, reg_read, reg_read_error;
  logic [11:0] reg_write_addr, reg_read_addr;
  logic [31:0] reg_write_data, reg_read_data;
  logic [3:0] reg_write_strb;
  logic enable, soft_reset, busy, resetting, hold, halted, error, block_rst_n, entry_irq;
  logic [2*AddrBits-1:0] ring_base, record_base;
  logic [7:0] ring_size;
  logic [31:0] ring_tail;
  logic [15:0] ring_head0, ring_head1;
  cuatro_ring_pkg::fault_t error_info;
  logic [63:0] perf_busy, perf_mac, perf_stall, perf_load, perf_store, cycles_q, reads_q, writes_q;

  axi_lite_port u_port (
    .clk_i, .rst_ni, .awvalid_i(s_axi_awvalid), .awready_o(s_axi_awready), .awaddr_i(s_axi_awaddr),
    .wvalid_i(s_axi_wvalid), .wready_o(s_axi_wready), .wdata_i(s_axi_wdata), .wstrb_i(s_axi_wstrb),
    .bvalid_o(s_axi_bvalid), .bready_i(s_axi_bready), .bresp_o(s_axi_bresp), .arvalid_i(s_axi_arvalid),
    .arready_o(s_axi_arready), .araddr_i(s_axi_araddr), .rvalid_o(s_axi_rvalid), .rready_i(s_axi_rready),
    .rdata_o(s_axi_rdata), .rresp_o(s_axi_rresp), .write_valid_o(reg_write), .write_addr_o(reg_write_addr),
    .write_data_o(reg_write_data), .write_strb_o(reg_write_strb), .write_error_i(reg_write_error),
    .read_valid_o(reg_read), .read_addr_o(reg_read_addr), .read_data_i(reg_read_data), .read_error_i(reg_read_error));

  axi_registers #(
    .AddrBits(AddrBits), .CapsArray({2'd0, 10'(Lanes), 10'(Cols), 10'(Rows)}),
    .CapsWidth({8'(AddrBits), 12'(DataBits), 12'(DrainWidth)}),
    .CapsDepth({8'($clog2(WindowLines)), 6'd0, Update, Multiplier, 8'(ResultBits), 8'(OperandBits)})
  ) u_registers (
    .clk_i, .rst_ni, .block_rst_ni(block_rst_n), .write_valid_i(reg_write), .write_addr_i(reg_write_addr),
    .write_data_i(reg_write_data), .write_strb_i(reg_write_strb), .write_error_o(reg_write_error),
    .read_valid_i(reg_read), .read_addr_i(reg_read_addr), .read_data_o(reg_read_data), .read_error_o(reg_read_error),
    .enable_o(enable), .soft_reset_o(soft_reset), .ring_base_o(ring_base), .record_base_o(record_base),
    .ring_size_o(ring_size), .ring_tail_o(ring_tail), .ring_head_i({ring_head1, ring_head0}), .busy_i(busy), .resetting_i(resetting),
    .error_i(error), .halted_i(halted), .error_info_i(error_info), .entry_irq_i(entry_irq),
    .cycles_i(cycles_q), .perf_busy_i(perf_busy),
    .perf_mac_i(perf_mac), .perf_stall_i(perf_stall), .perf_load_i(perf_load), .perf_store_i(perf_store), .reads_i(reads_q),
    .writes_i(writes_q), .irq_o);

  // --- faults -----------------------------------------------------------------------------
  logic read_quiet, write_quiet, read_fault, write_fault, refused_fault;
  logic [1:0] ring_fault;
  cuatro_ring_pkg::fault_t ring_fault_info0, ring_fault_info1;
  cuatro_ring_pkg::fault_t read_fault_info, write_fault_info, refused_fault_info;

  fault_control #(.Sources(5)) u_faults (
    .clk_i, .rst_ni, .fault_i({ring_fault, refused_fault, write_fault, read_fault}),
    .fault_info_i({ring_fault_info1, ring_fault_info0, refused_fault_info, write_fault_info, read_fault_info}), .soft_reset_i(soft_reset),
    .quiet_i(read_quiet && write_quiet), .hold_o(hold), .halted_o(halted), .resetting_o(resetting), .error_o(error),
    .error_info_o(error_info), .block_rst_no(block_rst_n));

  // --- rings ------------------------------------------------------------------------------
  logic [WaitBits-1:0] done_q;                      // finished jobs, modulo 2^16
  logic [1:0] lane_busy, ring_valid, ring_ready, ring_beat, load_valid, load_ready, cmd_valid, cmd_ready, store_valid, store_ready;
  logic [AddrBits-1:0] ring_addr0, ring_addr1;
  logic [7:0] ring_len0, ring_len1;
  logic [cuatro_ring_pkg::QUEUE_BITS-1:0] load0, load1, cmd0, cmd1, store0, store1;

  // A lane sleeps while its ring is empty and its jobs are done, which is long after it read its last entry.
  logic [1:0] lane_clk;
  for (genvar i = 0; i < 2; i++) begin : g_lane_clock
    clock_gate #(.Structural(Structural)) u_gate (
      .clk_i, .enable_i(lane_busy[i] || ring_fault[i] || !block_rst_n), .clk_o(lane_clk[i]));
  end

  ring_lane #(
    .AddrBits(AddrBits), .DataBits(DataBits), .BurstBeats(BurstBeats), .GrainLog(GrainLog), .BlockLog(BlockLog),
    .WordLog(WordLog), .Lane(1'b0)
  ) u_lane0 (
    .clk_i(lane_clk[0]), .rst_ni(block_rst_n), .enable_i(enable), .base_i(ring_base[AddrBits*0 +: AddrBits]), .size_i(ring_size[4*0 +: 4]),
    .tail_i(ring_tail[16*0 +: 16]), .head_o(ring_head0), .burst_valid_o(ring_valid[0]), .burst_ready_i(ring_ready[0]),
    .burst_addr_o(ring_addr0), .burst_len_o(ring_len0), .beat_valid_i(ring_beat[0]), .beat_data_i(m_axi_rdata),
    .beat_error_i(m_axi_rresp[1]), .load_valid_o(load_valid[0]), .load_ready_i(load_ready[0]), .load_o(load0),
    .cmd_valid_o(cmd_valid[0]), .cmd_ready_i(cmd_ready[0]), .cmd_o(cmd0), .store_valid_o(store_valid[0]),
    .store_ready_i(store_ready[0]), .store_o(store0), .done_i(done_q), .fault_o(ring_fault[0]), .fault_info_o(ring_fault_info0),
    .busy_o(lane_busy[0]));
  ring_lane #(
    .AddrBits(AddrBits), .DataBits(DataBits), .BurstBeats(BurstBeats), .GrainLog(GrainLog), .BlockLog(BlockLog),
    .WordLog(WordLog), .Lane(1'b1)
  ) u_lane1 (
    .clk_i(lane_clk[1]), .rst_ni(block_rst_n), .enable_i(enable), .base_i(ring_base[AddrBits*1 +: AddrBits]), .size_i(ring_size[4*1 +: 4]),
    .tail_i(ring_tail[16*1 +: 16]), .head_o(ring_head1), .burst_valid_o(ring_valid[1]), .burst_ready_i(ring_ready[1]),
    .burst_addr_o(ring_addr1), .burst_len_o(ring_len1), .beat_valid_i(ring_beat[1]), .beat_data_i(m_axi_rdata),
    .beat_error_i(m_axi_rresp[1]), .load_valid_o(load_valid[1]), .load_ready_i(load_ready[1]), .load_o(load1),
    .cmd_valid_o(cmd_valid[1]), .cmd_ready_i(cmd_ready[1]), .cmd_o(cmd1), .store_valid_o(store_valid[1]),
    .store_ready_i(store_ready[1]), .store_o(store1), .done_i(done_q), .fault_o(ring_fault[1]), .fault_info_o(ring_fault_info1),
    .busy_o(lane_busy[1]));

  // --- bus --------------------------------------------------------------------------------
  logic core_load, core_load_transpose, core_load_ready, core_store, core_store_ready, core_store_data_valid;
  logic [1:0] core_load_space, loads_done, stores_done, cmds_done;
  logic [7:0] core_load_sub;
  logic [15:0] core_load_addr, core_store_addr;
  logic [WordBits-1:0] core_load_data, core_store_data;
  logic read_beat, record_valid, record_done, record_irq, record_written, store_record, record_reserve, record_reserve_ready, write_irq;
  logic cmd_irq, records_busy;
  cuatro_ring_pkg::record_t record;
  cuatro_ring_pkg::tag_t store_tag;

  read_dma #(
    .AddrBits(AddrBits), .DataBits(DataBits), .BurstBeats(BurstBeats), .ReadBeats(ReadBeats), .WordBits(WordBits),
    .GrainBits(GrainBits), .SubsA(Rows / Lanes), .SubsB(Cols / Lanes), .OperandBits(OperandBits), .ResultBits(ResultBits),
    .Lanes(Lanes), .WindowLines(WindowLines), .Structural(Structural)
  ) u_read (
    .clk_i, .rst_ni(block_rst_n), .hold_i(hold), .quiet_o(read_quiet),
    .gemm_valid_i(load_valid[0]), .gemm_ready_o(load_ready[0]), .gemm_i(load0),
    .quant_valid_i(load_valid[1]), .quant_ready_o(load_ready[1]), .quant_i(load1),
    .ring_valid_i(ring_valid), .ring_ready_o(ring_ready), .ring_addr0_i(ring_addr0), .ring_len0_i(ring_len0),
    .ring_addr1_i(ring_addr1), .ring_len1_i(ring_len1), .ring_beat_o(ring_beat),
    .arvalid_o(m_axi_arvalid), .arready_i(m_axi_arready), .araddr_o(m_axi_araddr), .arlen_o(m_axi_arlen), .arid_o(m_axi_arid),
    .rvalid_i(m_axi_rvalid), .rready_o(m_axi_rready), .rdata_i(m_axi_rdata), .rresp_i(m_axi_rresp), .rid_i(m_axi_rid),
    .load_valid_o(core_load), .load_space_o(core_load_space), .load_transpose_o(core_load_transpose),
    .load_sub_o(core_load_sub), .load_addr_o(core_load_addr), .load_data_o(core_load_data),
    .done_o(loads_done), .beat_o(read_beat), .fault_o(read_fault), .fault_info_o(read_fault_info));

  write_dma #(
    .AddrBits(AddrBits), .DataBits(DataBits), .BurstBeats(BurstBeats), .WordBits(WordBits), .GrainBits(GrainBits),
    .WriteBursts(WriteBursts)
  ) u_write (
    .clk_i, .rst_ni(block_rst_n), .hold_i(hold), .quiet_o(write_quiet),
    .gemm_valid_i(store_valid[0]), .gemm_ready_o(store_ready[0]), .gemm_i(store0),
    .quant_valid_i(store_valid[1]), .quant_ready_o(store_ready[1]), .quant_i(store1),
    .record_base_i(record_base), .record_valid_i(record_valid), .record_done_o(record_done), .record_irq_i(record_irq),
    .record_i(record), .written_o(record_written), .store_valid_o(core_store), .store_addr_o(core_store_addr),
    .store_data_i(core_store_data), .awvalid_o(m_axi_awvalid), .awready_i(m_axi_awready), .awaddr_o(m_axi_awaddr),
    .awlen_o(m_axi_awlen), .wvalid_o(m_axi_wvalid), .wready_i(m_axi_wready), .wdata_o(m_axi_wdata), .wstrb_o(m_axi_wstrb),
    .wlast_o(m_axi_wlast), .bvalid_i(m_axi_bvalid), .bready_o(m_axi_bready), .bresp_i(m_axi_bresp), .done_o(stores_done),
    .reserve_o(record_reserve), .reserve_ready_i(record_reserve_ready),
    .done_valid_o(store_record), .done_tag_o(store_tag), .irq_o(write_irq),
    .fault_o(write_fault), .fault_info_o(write_fault_info));

  // --- core -------------------------------------------------------------------------------
  logic core_cmd, core_cmd_ready, core_rsp, core_rsp_ready;
  cuatro_pkg::descriptor_t core_desc;
  cuatro_pkg::response_t core_response;

  command_issue u_issue (
    .clk_i, .rst_ni(block_rst_n), .hold_i(hold), .gemm_valid_i(cmd_valid[0]), .gemm_ready_o(cmd_ready[0]),
    .gemm_i(cmd0), .quant_valid_i(cmd_valid[1]), .quant_ready_o(cmd_ready[1]),
    .quant_i(cmd1), .cmd_valid_o(core_cmd),
    .cmd_ready_i(core_cmd_ready), .cmd_o(core_desc), .done_i(cmds_done));

  cuatro_core #(
    .Rows(Rows), .Cols(Cols), .Lanes(Lanes), .DrainWidth(DrainWidth), .OperandDepth(OperandDepth),
    .ResultDepth(ResultDepth), .Multiplier(Multiplier), .Update(Update), .Structural(Structural)
  ) u_core (
    .clk_i, .rst_ni(block_rst_n), .cmd_valid_i(core_cmd), .cmd_ready_o(core_cmd_ready), .cmd_desc_i(core_desc),
    .rsp_valid_o(core_rsp), .rsp_ready_i(core_rsp_ready), .rsp_o(core_response), .load_valid_i(core_load),
    .load_ready_o(core_load_ready), .load_space_i(core_load_space), .load_transpose_i(core_load_transpose),
    .load_sub_i(core_load_sub), .load_addr_i(core_load_addr), .load_data_i(core_load_data), .store_valid_i(core_store),
    .store_ready_o(core_store_ready), .store_addr_i(core_store_addr), .store_data_valid_o(core_store_data_valid),
    .store_data_o(core_store_data), .perf_busy_o(perf_busy), .perf_mac_o(perf_mac), .perf_drain_stall_o(perf_stall),
    .perf_load_o(perf_load), .perf_store_o(perf_store));

  completion u_completion (
    .clk_i, .rst_ni(block_rst_n), .cycle_i(cycles_q[31:0]), .rsp_valid_i(core_rsp), .rsp_ready_o(core_rsp_ready),
    .rsp_i(core_response), .reserve_i(record_reserve), .reserve_ready_o(record_reserve_ready), .store_valid_i(store_record),
    .store_tag_i(store_tag),
    .record_valid_o(record_valid), .record_done_i(record_done), .record_irq_o(record_irq), .record_o(record),
    .written_i(record_written), .done_o(cmds_done), .irq_o(cmd_irq), .fault_o(refused_fault),
    .fault_info_o(refused_fault_info), .busy_o(records_busy));

  assign busy      = lane_busy != '0 || records_busy;
  assign entry_irq = cmd_irq || write_irq;

  logic [5:0] finished;
  assign finished = {stores_done, cmds_done, loads_done};
  always_ff @(posedge clk_i) begin
    if (!block_rst_n) begin
      done_q   <= '0;
      cycles_q <= '0;
      reads_q  <= '0;
      writes_q <= '0;
    end else begin
      if (finished != '0) begin
        for (int unsigned i = 0; i < cuatro_ring_pkg::COUNTS; i++) begin
          done_q[CountBits*i +: CountBits] <= done_q[CountBits*i +: CountBits] + CountBits'(finished[i]);
        end
      end
      if (busy) cycles_q <= cycles_q + 64'd1;
      if (read_beat) reads_q <= reads_q + 64'd1;
      if (m_axi_wvalid && m_axi_wready) writes_q <= writes_q + 64'd1;
    end
  end

  // The scratchpads never refuse.
  always_ff @(posedge clk_i) begin
    if (block_rst_n) assert (core_load_ready && core_store_ready);
  end
  logic unused_valid;
  assign unused_valid = core_store_data_valid;
endmodule
