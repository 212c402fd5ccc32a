// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// axi_lite_port keeps the rules of an AXI4-Lite slave against any legal master and any registers, answers within
// MaxWait cycles, and asks the register bus once for each write and read, with what the master sent. Reset at any time.
//
// proof: pdr short
// fault: rtl/axi_lite_port.sv: assign wready_o      = !data_q ==> assign wready_o      = !data_q || bvalid_o
// fault: rtl/axi_lite_port.sv: if (write_answer_q) bresp_o ==> bresp_o
// fault: rtl/axi_lite_port.sv: if (read_answer_q) rvalid_o <= 1'b1 ==> if (read_answer_q && !rready_i) rvalid_o <= 1'b1
// fault: rtl/axi_lite_port.sv: addr_q && data_q && !write_answer_q && !bvalid_o ==> addr_q && data_q && !bvalid_o
`default_nettype none

module axi_lite_port_proof (
  input wire logic        clk_i,
  input wire logic        reset_i,
  input wire logic        awvalid_i,
  input wire logic [3:0]  awaddr_i,
  input wire logic        wvalid_i,
  input wire logic [31:0] wdata_i,
  input wire logic [3:0]  wstrb_i,
  input wire logic        bready_i,
  input wire logic        arvalid_i,
  input wire logic [3:0]  araddr_i,
  input wire logic        rready_i,
  input wire logic        write_error_i,
  input wire logic [31:0] read_data_i,
  input wire logic        read_error_i
);
  logic started_q, rst_n;
  initial started_q = 1'b0;
  always_ff @(posedge clk_i) started_q <= 1'b1;
  assign rst_n = started_q && !reset_i;

  logic awready, wready, bvalid, arready, rvalid, write_valid, read_valid;
  logic [1:0] bresp, rresp;
  logic [31:0] rdata, write_data;
  logic [3:0] write_addr, write_strb, read_addr;
  axi_lite_port #(.AddrBits(4)) dut (
    .clk_i, .rst_ni(rst_n), .awvalid_i, .awready_o(awready), .awaddr_i, .wvalid_i, .wready_o(wready), .wdata_i, .wstrb_i,
    .bvalid_o(bvalid), .bready_i, .bresp_o(bresp), .arvalid_i, .arready_o(arready), .araddr_i, .rvalid_o(rvalid), .rready_i,
    .rdata_o(rdata), .rresp_o(rresp), .write_valid_o(write_valid), .write_addr_o(write_addr), .write_data_o(write_data),
    .write_strb_o(write_strb), .write_error_i, .read_valid_o(read_valid), .read_addr_o(read_addr), .read_data_i, .read_error_i);

  logic [8:0] master_broken;
  logic [13:0] slave_broken;
  axi_lite_slave_checker #(.AddrWidth(4), .MaxOpen(1), .MaxWait(4), .AssumeMaster(1'b1)) rules (
    .clk_i, .rst_ni(rst_n), .AWADDR(awaddr_i), .AWVALID(awvalid_i), .AWREADY(awready), .WDATA(wdata_i), .WSTRB(wstrb_i),
    .WVALID(wvalid_i), .WREADY(wready), .BRESP(bresp), .BVALID(bvalid), .BREADY(bready_i), .ARADDR(araddr_i),
    .ARVALID(arvalid_i), .ARREADY(arready), .RDATA(rdata), .RRESP(rresp), .RVALID(rvalid), .RREADY(rready_i),
    .master_broken_o(master_broken), .slave_broken_o(slave_broken));

  // What the master sent last, whether the registers have been asked, and what they said a cycle later.
  logic [3:0] awaddr_q, strb_q, araddr_q;
  logic [31:0] wdata_q, data_q;
  logic wrote_q, read_q, write_asked_q, read_asked_q, write_error_q, read_error_q;
  always_ff @(posedge clk_i) begin
    if (awvalid_i && awready) awaddr_q <= awaddr_i;
    if (wvalid_i && wready) {strb_q, wdata_q} <= {wstrb_i, wdata_i};
    if (arvalid_i && arready) araddr_q <= araddr_i;
    write_asked_q <= write_valid;
    read_asked_q  <= read_valid;
    if (write_asked_q) write_error_q <= write_error_i;
    if (read_asked_q) {read_error_q, data_q} <= {read_error_i, read_data_i};
    wrote_q <= rst_n && (write_valid || (wrote_q && !(bvalid && bready_i)));
    read_q  <= rst_n && (read_valid || (read_q && !(rvalid && rready_i)));

    if (rst_n) begin
      if (write_valid) assert (!wrote_q && {write_addr, write_strb, write_data} == {awaddr_q, strb_q, wdata_q});
      if (read_valid) assert (!read_q && read_addr == araddr_q);
      if (bvalid) assert (wrote_q && bresp == {write_error_q, 1'b0});
      if (rvalid) assert (read_q && rresp == {read_error_q, 1'b0} && rdata == (read_error_q ? 32'd0 : data_q));
    end
  end
endmodule
