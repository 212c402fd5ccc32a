// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// The first fault and the soft reset. A fault holds everything: no new burst, no new command; when the
// bus is quiet the block is halted and stays so until a soft reset. A soft reset, asked for at any
// time, holds everything too, waits for the quiet bus and then resets the block for a few cycles. When
// several faults come in one cycle the lowest bit wins.
`default_nettype none

module fault_control #(
  parameter int unsigned Sources = 5
) (
  input  wire logic                    clk_i,
  input  wire logic                    rst_ni,
  input  wire logic [Sources-1:0]      fault_i,
  input  wire logic [Sources*cuatro_ring_pkg::FAULT_BITS-1:0] fault_info_i,
  input  wire logic                    soft_reset_i,
  input  wire logic                    quiet_i,
  output logic                         hold_o,
  output logic                         halted_o,
  output logic                         resetting_o,
  output logic                         error_o,
  output cuatro_ring_pkg::fault_t      error_info_o,
  output logic                         block_rst_no
);
  localparam int unsigned Bits = cuatro_ring_pkg::FAULT_BITS;
  localparam int unsigned ResetCycles = 4;

  logic [2:0] count_q;
  logic done;

  assign done   = count_q == 3'(ResetCycles);
  assign hold_o = error_o || resetting_o;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      error_o      <= 1'b0;
      error_info_o <= '0;
      halted_o     <= 1'b0;
      resetting_o  <= 1'b0;
      block_rst_no <= 1'b0;
      count_q      <= '0;
    end else begin
      if (soft_reset_i) resetting_o <= 1'b1;
      else if (done) resetting_o <= 1'b0;
      if (resetting_o && (quiet_i || !block_rst_no) && !done) count_q <= count_q + 1'b1;
      else count_q <= '0;
      block_rst_no <= count_q == '0 || done;
      halted_o     <= hold_o && quiet_i && error_o && !resetting_o;
      if (!block_rst_no) begin
        error_o      <= 1'b0;
        error_info_o <= '0;
      end else if (fault_i != '0 && !error_o) begin
        error_o <= 1'b1;
        for (int unsigned i = Sources; i > 0; i--) begin
          if (fault_i[i-1]) error_info_o <= fault_info_i[Bits*(i-1) +: Bits];
        end
      end
    end
  end
endmodule
