// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// AXI4-Lite slave to a simple register bus: one write and one read at a time, each answered before the
// next is taken. A write or read is on the bus for one cycle (`*_valid_o`); its answer (error, data) is
// taken in the next.
`default_nettype none

module axi_lite_port #(
  parameter int unsigned AddrBits = 12
) (
  input  wire logic                clk_i,
  input  wire logic                rst_ni,
  input  wire logic                awvalid_i,
  output logic                     awready_o,
  input  wire logic [AddrBits-1:0] awaddr_i,
  input  wire logic                wvalid_i,
  output logic                     wready_o,
  input  wire logic [31:0]         wdata_i,
  input  wire logic [3:0]          wstrb_i,
  output logic                     bvalid_o,
  input  wire logic                bready_i,
  output logic [1:0]               bresp_o,
  input  wire logic                arvalid_i,
  output logic                     arready_o,
  input  wire logic [AddrBits-1:0] araddr_i,
  output logic                     rvalid_o,
  input  wire logic                rready_i,
  output logic [31:0]              rdata_o,
  output logic [1:0]               rresp_o,
  // register bus
  output logic                     write_valid_o,
  output logic [AddrBits-1:0]      write_addr_o,
  output logic [31:0]              write_data_o,
  output logic [3:0]               write_strb_o,
  input  wire logic                write_error_i,
  output logic                     read_valid_o,
  output logic [AddrBits-1:0]      read_addr_o,
  input  wire logic [31:0]         read_data_i,
  input  wire logic                read_error_i
);
  logic addr_q, data_q, write_answer_q, read_q, read_answer_q;

  assign awready_o     = !addr_q;
  assign wready_o      = !data_q;
  assign arready_o     = !read_q;
  // Both halves of a write stay until it is answered.
  assign write_valid_o = addr_q && data_q && !write_answer_q && !bvalid_o;
  assign read_valid_o  = read_q && !read_answer_q && !rvalid_o;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      addr_q         <= 1'b0;
      data_q         <= 1'b0;
      read_q         <= 1'b0;
      write_answer_q <= 1'b0;
      read_answer_q  <= 1'b0;
      bvalid_o       <= 1'b0;
      rvalid_o       <= 1'b0;
    end else begin
      if (awvalid_i && awready_o) addr_q <= 1'b1;
      else if (bvalid_o && bready_i) addr_q <= 1'b0;
      if (wvalid_i && wready_o) data_q <= 1'b1;
      else if (bvalid_o && bready_i) data_q <= 1'b0;
      if (arvalid_i && arready_o) read_q <= 1'b1;
      else if (rvalid_o && rready_i) read_q <= 1'b0;
      write_answer_q <= write_valid_o;
      read_answer_q  <= read_valid_o;
      if (write_answer_q) bvalid_o <= 1'b1;
      else if (bready_i) bvalid_o <= 1'b0;
      if (read_answer_q) rvalid_o <= 1'b1;
      else if (rready_i) rvalid_o <= 1'b0;
    end
    if (awvalid_i && awready_o) write_addr_o <= awaddr_i;
    if (wvalid_i && wready_o) begin
      write_data_o <= wdata_i;
      write_strb_o <= wstrb_i;
    end
    if (arvalid_i && arready_o) read_addr_o <= araddr_i;
    if (write_answer_q) bresp_o <= {write_error_i, 1'b0};
    if (read_answer_q) begin
      rresp_o <= {read_error_i, 1'b0};
      rdata_o <= read_error_i ? 32'd0 : read_data_i;
    end
  end
endmodule
