// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// The protocol checkers on both ports of cuatro_axi, in its benches.
`default_nettype none

bind cuatro_axi axi_master_checker #(
  .AddrWidth(AddrBits), .DataWidth(DataBits), .IdWidth(2), .MaxReads(256), .MaxWrites(WriteBursts + 2), .MaxBeats(BurstBeats)
) u_master_rules (
  .clk_i, .rst_ni, .AWID(m_axi_awid), .AWADDR(m_axi_awaddr), .AWLEN(m_axi_awlen), .AWSIZE(m_axi_awsize),
  .AWBURST(m_axi_awburst), .AWVALID(m_axi_awvalid), .AWREADY(m_axi_awready), .WDATA(m_axi_wdata), .WSTRB(m_axi_wstrb),
  .WLAST(m_axi_wlast), .WVALID(m_axi_wvalid), .WREADY(m_axi_wready), .BID(m_axi_bid), .BRESP(m_axi_bresp),
  .BVALID(m_axi_bvalid), .BREADY(m_axi_bready), .ARID(m_axi_arid), .ARADDR(m_axi_araddr), .ARLEN(m_axi_arlen),
  .ARSIZE(m_axi_arsize), .ARBURST(m_axi_arburst), .ARVALID(m_axi_arvalid), .ARREADY(m_axi_arready), .RID(m_axi_rid),
  .RDATA(m_axi_rdata), .RRESP(m_axi_rresp), .RLAST(m_axi_rlast), .RVALID(m_axi_rvalid), .RREADY(m_axi_rready),
  .master_broken_o(), .slave_broken_o());

bind cuatro_axi axi_lite_slave_checker u_slave_rules (
  .clk_i, .rst_ni, .AWADDR(s_axi_awaddr), .AWVALID(s_axi_awvalid), .AWREADY(s_axi_awready), .WDATA(s_axi_wdata),
  .WSTRB(s_axi_wstrb), .WVALID(s_axi_wvalid), .WREADY(s_axi_wready), .BRESP(s_axi_bresp), .BVALID(s_axi_bvalid),
  .BREADY(s_axi_bready), .ARADDR(s_axi_araddr), .ARVALID(s_axi_arvalid), .ARREADY(s_axi_arready), .RDATA(s_axi_rdata),
  .RRESP(s_axi_rresp), .RVALID(s_axi_rvalid), .RREADY(s_axi_rready), .master_broken_o(), .slave_broken_o());
