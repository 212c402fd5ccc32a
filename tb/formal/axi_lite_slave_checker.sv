// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// The rules of an AXI4-Lite slave port, from AMBA AXI (IHI 0022, chapters A3 and B1), as immediate assertions: in
// simulation those of both sides; in a proof those of the slave, and with AssumeMaster those of the master are what it
// may rely on. Address and data of a write come in either order. master_broken_o and slave_broken_o tell which rule
// breaks in this cycle, lowest bit first:
//
//   master  0-2   AW in reset, dropped, changed        3-5   W                 6-8  AR
//   slave   0-2   B in reset, dropped, changed         3-5   R
//           6     B before address and data            7     R without a read
//           8,9   BRESP, RRESP is EXOKAY               10,11 more than MaxOpen writes, reads taken
//           12,13 no answer to a write, a read for MaxWait cycles that did not wait for the master
//
// Stricter than AMBA: a response not in the cycle of the last handshake it answers, and the last two lines.
`default_nettype none

module axi_lite_slave_checker #(
  parameter int unsigned AddrWidth = 12,
  parameter int unsigned DataWidth = 32,
  parameter int unsigned MaxOpen   = 2,
  parameter int unsigned MaxWait   = 16,
  parameter bit AssumeMaster = 1'b0
) (
  input  wire logic                   clk_i,
  input  wire logic                   rst_ni,
  input  wire logic [AddrWidth-1:0]   AWADDR,
  input  wire logic                   AWVALID,
  input  wire logic                   AWREADY,
  input  wire logic [DataWidth-1:0]   WDATA,
  input  wire logic [DataWidth/8-1:0] WSTRB,
  input  wire logic                   WVALID,
  input  wire logic                   WREADY,
  input  wire logic [1:0]             BRESP,
  input  wire logic                   BVALID,
  input  wire logic                   BREADY,
  input  wire logic [AddrWidth-1:0]   ARADDR,
  input  wire logic                   ARVALID,
  input  wire logic                   ARREADY,
  input  wire logic [DataWidth-1:0]   RDATA,
  input  wire logic [1:0]             RRESP,
  input  wire logic                   RVALID,
  input  wire logic                   RREADY,
  output logic [8:0]                  master_broken_o,
  output logic [13:0]                 slave_broken_o
);
  localparam int unsigned CountBits = $clog2(MaxOpen + 1);
  localparam int unsigned WaitBits  = $clog2(MaxWait + 1);
  localparam logic [1:0] EXOKAY = 2'b01;

  logic [2:0] aw_broken, w_broken, ar_broken, b_broken, r_broken;
  axi_checker_channel #(.Width(AddrWidth)) u_aw (
    .clk_i, .rst_ni, .valid_i(AWVALID), .ready_i(AWREADY), .payload_i(AWADDR), .broken_o(aw_broken));
  axi_checker_channel #(.Width(DataWidth + DataWidth / 8)) u_w (
    .clk_i, .rst_ni, .valid_i(WVALID), .ready_i(WREADY), .payload_i({WDATA, WSTRB}), .broken_o(w_broken));
  axi_checker_channel #(.Width(AddrWidth)) u_ar (
    .clk_i, .rst_ni, .valid_i(ARVALID), .ready_i(ARREADY), .payload_i(ARADDR), .broken_o(ar_broken));
  axi_checker_channel #(.Width(2)) u_b (
    .clk_i, .rst_ni, .valid_i(BVALID), .ready_i(BREADY), .payload_i(BRESP), .broken_o(b_broken));
  axi_checker_channel #(.Width(DataWidth + 2)) u_r (
    .clk_i, .rst_ni, .valid_i(RVALID), .ready_i(RREADY), .payload_i({RDATA, RRESP}), .broken_o(r_broken));

  // Taken and not yet answered.
  logic [CountBits-1:0] addresses_q, data_q, reads_q;
  logic [WaitBits-1:0] write_wait_q, read_wait_q;
  logic write_waits, read_waits;
  assign write_waits = (addresses_q != '0 || AWVALID) && (data_q != '0 || WVALID) && !BVALID;
  assign read_waits  = (reads_q != '0 || ARVALID) && !RVALID;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      addresses_q  <= '0;
      data_q       <= '0;
      reads_q      <= '0;
      write_wait_q <= '0;
      read_wait_q  <= '0;
    end else begin
      addresses_q <= addresses_q + CountBits'(AWVALID && AWREADY && !slave_broken_o[10])
                     - CountBits'(BVALID && BREADY && addresses_q != '0);
      data_q      <= data_q + CountBits'(WVALID && WREADY && !slave_broken_o[10])
                     - CountBits'(BVALID && BREADY && data_q != '0);
      reads_q     <= reads_q + CountBits'(ARVALID && ARREADY && !slave_broken_o[11])
                     - CountBits'(RVALID && RREADY && reads_q != '0);
      write_wait_q <= !write_waits ? '0 : write_wait_q + WaitBits'(32'(write_wait_q) < MaxWait);
      read_wait_q  <= !read_waits ? '0 : read_wait_q + WaitBits'(32'(read_wait_q) < MaxWait);
    end
  end

  logic live_q, on;  // there has been a reset
  initial live_q = 1'b0;
  always_ff @(posedge clk_i) live_q <= live_q || !rst_ni;
  assign on = live_q && rst_ni;

  assign master_broken_o = {ar_broken, w_broken, aw_broken};
  always_comb begin
    slave_broken_o = '0;
    slave_broken_o[5:0] = {r_broken, b_broken};
    if (on) begin
      slave_broken_o[6]  = BVALID && (addresses_q == '0 || data_q == '0);
      slave_broken_o[7]  = RVALID && reads_q == '0;
      slave_broken_o[8]  = BVALID && BRESP == EXOKAY;
      slave_broken_o[9]  = RVALID && RRESP == EXOKAY;
      slave_broken_o[10] = !(BVALID && BREADY) && ((AWVALID && AWREADY && 32'(addresses_q) == MaxOpen)
                                                   || (WVALID && WREADY && 32'(data_q) == MaxOpen));
      slave_broken_o[11] = !(RVALID && RREADY) && ARVALID && ARREADY && 32'(reads_q) == MaxOpen;
      slave_broken_o[12] = write_waits && 32'(write_wait_q) == MaxWait;
      slave_broken_o[13] = read_waits && 32'(read_wait_q) == MaxWait;
    end
  end

  always_ff @(posedge clk_i) begin
    b_in_reset:       assert (!slave_broken_o[0]);
    b_dropped:        assert (!slave_broken_o[1]);
    b_changed:        assert (!slave_broken_o[2]);
    r_in_reset:       assert (!slave_broken_o[3]);
    r_dropped:        assert (!slave_broken_o[4]);
    r_changed:        assert (!slave_broken_o[5]);
    b_without_write:  assert (!slave_broken_o[6]);
    r_without_read:   assert (!slave_broken_o[7]);
    b_exokay:         assert (!slave_broken_o[8]);
    r_exokay:         assert (!slave_broken_o[9]);
    writes_open:      assert (!slave_broken_o[10]);
    reads_open:       assert (!slave_broken_o[11]);
    write_unanswered: assert (!slave_broken_o[12]);
    read_unanswered:  assert (!slave_broken_o[13]);
  end
  if (AssumeMaster) begin : g_assume
    always_ff @(posedge clk_i) assume (master_broken_o == '0);
  end else begin : g_assert
    always_ff @(posedge clk_i) begin
      aw_in_reset:    assert (!master_broken_o[0]);
      aw_dropped:     assert (!master_broken_o[1]);
      aw_changed:     assert (!master_broken_o[2]);
      w_in_reset:     assert (!master_broken_o[3]);
      w_dropped:      assert (!master_broken_o[4]);
      w_changed:      assert (!master_broken_o[5]);
      ar_in_reset:    assert (!master_broken_o[6]);
      ar_dropped:     assert (!master_broken_o[7]);
      ar_changed:     assert (!master_broken_o[8]);
    end
  end
endmodule
