// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// axi_registers: whatever is written and however, ring bases begin at a page, records at a record and ring sizes are
// 6..13; a write of a whole word is what is read back, cut as the table says; a write to an address that no register
// can be written at is an error and changes nothing; an interrupt stays until it is cleared.
//
// proof: pdr short
// fault: rtl/axi_registers.sv: 12'd0}; ==> 12'd1};
// fault: rtl/axi_registers.sv: write_data_i[3:0] >= 4'd6 && ==> 1'b1 &&
// fault: rtl/axi_registers.sv: (irq_q & ~irq_clear) | irq_event ==> (irq_q | irq_event) & ~irq_clear
// fault: rtl/axi_registers.sv: default: write_error_o <= 1'b1; ==> default: enable_o <= 1'b0;
`default_nettype none

module axi_registers_proof (
  input wire logic        clk_i,
  input wire logic        block_rst_ni,
  input wire logic        write_valid_i,
  input wire logic [11:0] write_addr_i,
  input wire logic [31:0] write_data_i,
  input wire logic [3:0]  write_strb_i,
  input wire logic        read_valid_i,
  input wire logic [11:0] read_addr_i,
  input wire logic        busy_i,
  input wire logic        halted_i,
  input wire logic        entry_irq_i
);
  localparam int unsigned AddrBits = 40;
  logic started_q;
  initial started_q = 1'b0;
  always_ff @(posedge clk_i) started_q <= 1'b1;

  logic write_error, read_error, enable, soft_reset, irq;
  logic [31:0] read_data, ring_tail;
  logic [2*AddrBits-1:0] ring_base, record_base;
  logic [7:0] ring_size;
  axi_registers #(.AddrBits(AddrBits)) dut (
    .clk_i, .rst_ni(started_q), .block_rst_ni, .write_valid_i, .write_addr_i, .write_data_i, .write_strb_i,
    .write_error_o(write_error), .read_valid_i, .read_addr_i, .read_data_o(read_data), .read_error_o(read_error),
    .enable_o(enable), .soft_reset_o(soft_reset), .ring_base_o(ring_base), .record_base_o(record_base),
    .ring_size_o(ring_size), .ring_tail_o(ring_tail), .ring_head_i(32'd0), .busy_i, .resetting_i(1'b0), .error_i(1'b0),
    .halted_i, .error_info_i(87'd0), .entry_irq_i, .perf_i(512'd0), .irq_o(irq));

  // The last write, and what stood before it.
  logic wrote_q, whole_q, block_q, armed_q, reads_irq_q, clearing;
  logic [11:0] addr_q;
  logic [31:0] data_q;
  logic [272:0] state, state_q;
  assign state    = {ring_tail, ring_size, ring_base, record_base, enable, 72'd0};
  assign clearing = write_valid_i && write_addr_i == cuatro_regs_pkg::IRQ_STATUS && write_strb_i[0] && write_data_i[0];
  initial begin
    wrote_q = 1'b0;
    armed_q = 1'b0;
    reads_irq_q = 1'b0;
  end

  // A write of a whole word, and a read of the same address in the next cycle.
  logic reads_back_q, base_q;
  logic [31:0] expect_q;
  initial reads_back_q = 1'b0;

  always_ff @(posedge clk_i) begin
    wrote_q <= started_q && write_valid_i;
    whole_q <= write_strb_i == 4'hf;
    block_q <= block_rst_ni;
    addr_q  <= write_addr_i;
    data_q  <= write_data_i;
    state_q <= state;

    base_q       <= addr_q == cuatro_regs_pkg::RING0_BASE_LO || addr_q == cuatro_regs_pkg::RING1_BASE_LO;
    reads_back_q <= started_q && wrote_q && whole_q && read_valid_i && read_addr_i == addr_q &&
                    (addr_q == cuatro_regs_pkg::RING0_BASE_LO || addr_q == cuatro_regs_pkg::RING1_BASE_LO ||
                     addr_q == cuatro_regs_pkg::RECORD0_BASE_LO || addr_q == cuatro_regs_pkg::RECORD1_BASE_LO);
    expect_q     <= data_q;

    // An entry's interrupt is there until it is cleared; one that comes while it is cleared stays.
    reads_irq_q <= started_q && armed_q && read_valid_i && read_addr_i == cuatro_regs_pkg::IRQ_STATUS;
    armed_q     <= started_q && block_rst_ni && (entry_irq_i || (armed_q && !clearing));

    if (started_q) begin
      assert ((ring_base & {2{40'hfff}}) == '0 && (record_base & {2{40'h1f}}) == '0);
      assert (ring_size[3:0] >= 4'd6 && ring_size[3:0] <= 4'd13 && ring_size[7:4] >= 4'd6 && ring_size[7:4] <= 4'd13);
      if (wrote_q && block_q) begin
        if (addr_q[1:0] != 2'd0 || addr_q > cuatro_regs_pkg::PERF_WRITE_HI || addr_q == cuatro_regs_pkg::ID
            || addr_q == cuatro_regs_pkg::STATUS || addr_q == cuatro_regs_pkg::RING0_HEAD) begin
          assert (write_error && state == state_q);
        end
      end
      if (reads_back_q) assert (!read_error && read_data == (expect_q & (base_q ? 32'hffff_f000 : 32'hffff_ffe0)));
      if (reads_irq_q) assert (!read_error && read_data[0]);
    end
  end
endmodule
