// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// The registers behind the AXI4-Lite port, at the addresses of cuatro_regs_pkg; their meaning is in
// rtl/README.md. Answers come in the cycle after the request. Unmapped addresses, and writes to what
// cannot be written, are errors and change nothing.
`default_nettype none

module axi_registers #(
  parameter int unsigned AddrBits = 40,            // of the bus master
  parameter logic [31:0] CapsArray = 32'd0,
  parameter logic [31:0] CapsWidth = 32'd0,
  parameter logic [31:0] CapsDepth = 32'd0
) (
  input  wire logic                clk_i,
  input  wire logic                rst_ni,
  input  wire logic                block_rst_ni,   // soft reset
  // register bus
  input  wire logic                write_valid_i,
  input  wire logic [11:0]         write_addr_i,
  input  wire logic [31:0]         write_data_i,
  input  wire logic [3:0]          write_strb_i,
  output logic                     write_error_o,
  input  wire logic                read_valid_i,
  input  wire logic [11:0]         read_addr_i,
  output logic [31:0]              read_data_o,
  output logic                     read_error_o,
  // what is set here
  output logic                     enable_o,
  output logic                     soft_reset_o,
  output logic [2*AddrBits-1:0]    ring_base_o,
  output logic [2*AddrBits-1:0]    record_base_o,
  output logic [7:0]               ring_size_o,
  output logic [31:0]              ring_tail_o,
  // what is shown here
  input  wire logic [31:0]         ring_head_i,
  input  wire logic                busy_i,
  input  wire logic                resetting_i,
  input  wire logic                error_i,
  input  wire logic                halted_i,
  input  wire cuatro_ring_pkg::fault_t error_info_i,
  input  wire logic                entry_irq_i,
  input  wire logic [63:0]         cycles_i,
  input  wire logic [63:0]         perf_busy_i,
  input  wire logic [63:0]         perf_mac_i,
  input  wire logic [63:0]         perf_stall_i,
  input  wire logic [63:0]         perf_load_i,
  input  wire logic [63:0]         perf_store_i,
  input  wire logic [63:0]         reads_i,
  input  wire logic [63:0]         writes_i,
  output logic                     irq_o
);
  logic [2:0] irq_enable_q, irq_q, irq_event, irq_clear;
  logic idle_q, halted_q;

  if (AddrBits < 33 || AddrBits > 64) begin : g_bad_addr
    $error("axi_registers: AddrBits must be 33 to 64");
  end

  function automatic logic [63:0] ring_word(input logic [AddrBits-1:0] base);
    ring_word = 64'(base);
  endfunction

  // One mux for reads and for the bytes that a write's strobes keep.
  function automatic logic [31:0] pick(input logic [63:0] value, input logic high);
    pick = high ? value[63:32] : value[31:0];
  endfunction

  logic [63:0] base0, base1, record0, record1;
  assign base0   = ring_word(ring_base_o[AddrBits-1:0]);
  assign base1   = ring_word(ring_base_o[AddrBits +: AddrBits]);
  assign record0 = ring_word(record_base_o[AddrBits-1:0]);
  assign record1 = ring_word(record_base_o[AddrBits +: AddrBits]);

  // --- read -------------------------------------------------------------------------------
  always_ff @(posedge clk_i) begin
    if (read_valid_i) begin
      read_error_o <= 1'b0;
      read_data_o  <= 32'd0;
      unique case (read_addr_i)
        cuatro_regs_pkg::ID:              read_data_o <= cuatro_regs_pkg::ID_VALUE;
        cuatro_regs_pkg::VERSION:         read_data_o <= cuatro_regs_pkg::VERSION_VALUE;
        cuatro_regs_pkg::CAPS_ARRAY:      read_data_o <= CapsArray;
        cuatro_regs_pkg::CAPS_WIDTH:      read_data_o <= CapsWidth;
        cuatro_regs_pkg::CAPS_DEPTH:      read_data_o <= CapsDepth;
        cuatro_regs_pkg::CTRL:            read_data_o <= {30'd0, resetting_i || soft_reset_o, enable_o};
        cuatro_regs_pkg::STATUS:          read_data_o <= {29'd0, halted_i, error_i, idle_q};
        cuatro_regs_pkg::IRQ_ENABLE:      read_data_o <= {29'd0, irq_enable_q};
        cuatro_regs_pkg::IRQ_STATUS:      read_data_o <= {29'd0, irq_q};
        cuatro_regs_pkg::ERROR:           read_data_o <= {3'd0, error_info_i.slot, error_info_i.lane, 2'd0, error_info_i.field, 4'd0, error_info_i.code};
        cuatro_regs_pkg::ERROR_ADDR_LO:   read_data_o <= error_info_i.addr[31:0];
        cuatro_regs_pkg::ERROR_ADDR_HI:   read_data_o <= error_info_i.addr[63:32];
        cuatro_regs_pkg::RING0_BASE_LO:   read_data_o <= pick(base0, 1'b0);
        cuatro_regs_pkg::RING0_BASE_HI:   read_data_o <= pick(base0, 1'b1);
        cuatro_regs_pkg::RECORD0_BASE_LO: read_data_o <= pick(record0, 1'b0);
        cuatro_regs_pkg::RECORD0_BASE_HI: read_data_o <= pick(record0, 1'b1);
        cuatro_regs_pkg::RING0_SIZE:      read_data_o <= {28'd0, ring_size_o[3:0]};
        cuatro_regs_pkg::RING0_HEAD:      read_data_o <= {16'd0, ring_head_i[15:0]};
        cuatro_regs_pkg::RING0_TAIL:      read_data_o <= {16'd0, ring_tail_o[15:0]};
        cuatro_regs_pkg::RING1_BASE_LO:   read_data_o <= pick(base1, 1'b0);
        cuatro_regs_pkg::RING1_BASE_HI:   read_data_o <= pick(base1, 1'b1);
        cuatro_regs_pkg::RECORD1_BASE_LO: read_data_o <= pick(record1, 1'b0);
        cuatro_regs_pkg::RECORD1_BASE_HI: read_data_o <= pick(record1, 1'b1);
        cuatro_regs_pkg::RING1_SIZE:      read_data_o <= {28'd0, ring_size_o[7:4]};
        cuatro_regs_pkg::RING1_HEAD:      read_data_o <= {16'd0, ring_head_i[31:16]};
        cuatro_regs_pkg::RING1_TAIL:      read_data_o <= {16'd0, ring_tail_o[31:16]};
        cuatro_regs_pkg::PERF_CYCLES_LO:       read_data_o <= pick(cycles_i, 1'b0);
        cuatro_regs_pkg::PERF_CYCLES_HI:       read_data_o <= pick(cycles_i, 1'b1);
        cuatro_regs_pkg::PERF_BUSY_LO:         read_data_o <= pick(perf_busy_i, 1'b0);
        cuatro_regs_pkg::PERF_BUSY_HI:         read_data_o <= pick(perf_busy_i, 1'b1);
        cuatro_regs_pkg::PERF_MAC_LO:          read_data_o <= pick(perf_mac_i, 1'b0);
        cuatro_regs_pkg::PERF_MAC_HI:          read_data_o <= pick(perf_mac_i, 1'b1);
        cuatro_regs_pkg::PERF_STALL_LO:        read_data_o <= pick(perf_stall_i, 1'b0);
        cuatro_regs_pkg::PERF_STALL_HI:        read_data_o <= pick(perf_stall_i, 1'b1);
        cuatro_regs_pkg::PERF_LOAD_LO:         read_data_o <= pick(perf_load_i, 1'b0);
        cuatro_regs_pkg::PERF_LOAD_HI:         read_data_o <= pick(perf_load_i, 1'b1);
        cuatro_regs_pkg::PERF_STORE_LO:        read_data_o <= pick(perf_store_i, 1'b0);
        cuatro_regs_pkg::PERF_STORE_HI:        read_data_o <= pick(perf_store_i, 1'b1);
        cuatro_regs_pkg::PERF_READ_LO:         read_data_o <= pick(reads_i, 1'b0);
        cuatro_regs_pkg::PERF_READ_HI:         read_data_o <= pick(reads_i, 1'b1);
        cuatro_regs_pkg::PERF_WRITE_LO:        read_data_o <= pick(writes_i, 1'b0);
        cuatro_regs_pkg::PERF_WRITE_HI:        read_data_o <= pick(writes_i, 1'b1);
        default:                          read_error_o <= 1'b1;
      endcase
    end
  end

  // --- write ------------------------------------------------------------------------------
  logic [31:0] keep;
  logic good_size;
  assign good_size = write_strb_i[0] && write_data_i[3:0] >= 4'd6 && write_data_i[3:0] <= 4'(cuatro_ring_pkg::SLOT_BITS);
  assign keep = {{8{!write_strb_i[3]}}, {8{!write_strb_i[2]}}, {8{!write_strb_i[1]}}, {8{!write_strb_i[0]}}};

  function automatic logic [31:0] merge(input logic [31:0] old, input logic [31:0] data, input logic [31:0] kept);
    merge = (old & kept) | (data & ~kept);
  endfunction

  // Addresses wider than the bus are cut; rings begin at a page, records at a record.
  localparam logic [AddrBits-1:0] PageMask   = {{(AddrBits - 12){1'b1}}, 12'd0};
  localparam logic [AddrBits-1:0] RecordMask = {{(AddrBits - 5){1'b1}}, 5'd0};
  function automatic logic [AddrBits-1:0] merge_addr(input logic [63:0] old, input logic [31:0] data, input logic [31:0] kept, input logic high);
    // Its high bits may be wider than the bus.
    // verilator lint_off UNUSEDSIGNAL
    logic [63:0] both;
    // verilator lint_on UNUSEDSIGNAL
    both = high ? {merge(old[63:32], data, kept), old[31:0]} : {old[63:32], merge(old[31:0], data, kept)};
    merge_addr = both[AddrBits-1:0];
  endfunction

  always_ff @(posedge clk_i) begin
    soft_reset_o <= 1'b0;
    if (!rst_ni) begin
      enable_o      <= 1'b0;
      irq_enable_q  <= '0;
      ring_base_o   <= '0;
      record_base_o <= '0;
      ring_size_o   <= {2{4'd6}};
      ring_tail_o   <= '0;
    end else begin
      if (write_valid_i) begin
        write_error_o <= 1'b0;
        unique case (write_addr_i)
          cuatro_regs_pkg::CTRL: if (write_strb_i[0]) begin
            enable_o     <= write_data_i[0];
            soft_reset_o <= write_data_i[1];
          end
          cuatro_regs_pkg::IRQ_ENABLE:      if (write_strb_i[0]) irq_enable_q <= write_data_i[2:0];
          cuatro_regs_pkg::IRQ_STATUS:      ;
          cuatro_regs_pkg::RING0_BASE_LO:   ring_base_o[AddrBits-1:0]          <= merge_addr(base0, write_data_i, keep, 1'b0) & PageMask;
          cuatro_regs_pkg::RING0_BASE_HI:   ring_base_o[AddrBits-1:0]          <= merge_addr(base0, write_data_i, keep, 1'b1) & PageMask;
          cuatro_regs_pkg::RECORD0_BASE_LO: record_base_o[AddrBits-1:0]        <= merge_addr(record0, write_data_i, keep, 1'b0) & RecordMask;
          cuatro_regs_pkg::RECORD0_BASE_HI: record_base_o[AddrBits-1:0]        <= merge_addr(record0, write_data_i, keep, 1'b1) & RecordMask;
          cuatro_regs_pkg::RING0_SIZE:      if (good_size) ring_size_o[3:0] <= write_data_i[3:0]; else write_error_o <= 1'b1;
          cuatro_regs_pkg::RING0_TAIL:      ring_tail_o[15:0]                  <= 16'(merge({16'd0, ring_tail_o[15:0]}, write_data_i, keep));
          cuatro_regs_pkg::RING1_BASE_LO:   ring_base_o[AddrBits +: AddrBits]   <= merge_addr(base1, write_data_i, keep, 1'b0) & PageMask;
          cuatro_regs_pkg::RING1_BASE_HI:   ring_base_o[AddrBits +: AddrBits]   <= merge_addr(base1, write_data_i, keep, 1'b1) & PageMask;
          cuatro_regs_pkg::RECORD1_BASE_LO: record_base_o[AddrBits +: AddrBits] <= merge_addr(record1, write_data_i, keep, 1'b0) & RecordMask;
          cuatro_regs_pkg::RECORD1_BASE_HI: record_base_o[AddrBits +: AddrBits] <= merge_addr(record1, write_data_i, keep, 1'b1) & RecordMask;
          cuatro_regs_pkg::RING1_SIZE:      if (good_size) ring_size_o[7:4] <= write_data_i[3:0]; else write_error_o <= 1'b1;
          cuatro_regs_pkg::RING1_TAIL:      ring_tail_o[31:16]                 <= 16'(merge({16'd0, ring_tail_o[31:16]}, write_data_i, keep));
          default: write_error_o <= 1'b1;
        endcase
      end
      if (!block_rst_ni) begin
        enable_o    <= 1'b0;
        ring_tail_o <= '0;
      end
    end
  end

  // --- interrupts -------------------------------------------------------------------------
  assign irq_event = {halted_i && !halted_q, !busy_i && !idle_q, entry_irq_i};
  assign irq_clear = (write_valid_i && write_addr_i == cuatro_regs_pkg::IRQ_STATUS && write_strb_i[0]) ? write_data_i[2:0] : 3'd0;

  always_ff @(posedge clk_i) begin
    idle_q   <= !busy_i;
    halted_q <= halted_i;
    irq_o    <= (irq_q & irq_enable_q) != '0;
    if (!rst_ni || !block_rst_ni) begin
      irq_q    <= '0;
      idle_q   <= 1'b1;
      halted_q <= 1'b0;
      irq_o    <= 1'b0;
    end else begin
      irq_q <= (irq_q & ~irq_clear) | irq_event;
    end
  end
endmodule
