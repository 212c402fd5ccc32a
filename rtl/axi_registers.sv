// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// The registers behind the AXI4-Lite port, at the addresses of cuatro_regs_pkg; their meaning is in
// rtl/README.md. Answers come in the cycle after the request. Unmapped addresses, and writes of
// parts of a word or to what cannot be written, are errors and change nothing.
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
        cuatro_regs_pkg::RING0_BASE_LO:   read_data_o <= ring_base_o[31:0];
        cuatro_regs_pkg::RING0_BASE_HI:   read_data_o <= 32'(ring_base_o[AddrBits-1:32]);
        cuatro_regs_pkg::RECORD0_BASE_LO: read_data_o <= record_base_o[31:0];
        cuatro_regs_pkg::RECORD0_BASE_HI: read_data_o <= 32'(record_base_o[AddrBits-1:32]);
        cuatro_regs_pkg::RING0_SIZE:      read_data_o <= {28'd0, ring_size_o[3:0]};
        cuatro_regs_pkg::RING0_HEAD:      read_data_o <= {16'd0, ring_head_i[15:0]};
        cuatro_regs_pkg::RING0_TAIL:      read_data_o <= {16'd0, ring_tail_o[15:0]};
        cuatro_regs_pkg::RING1_BASE_LO:   read_data_o <= ring_base_o[AddrBits +: 32];
        cuatro_regs_pkg::RING1_BASE_HI:   read_data_o <= 32'(ring_base_o[2*AddrBits-1:AddrBits+32]);
        cuatro_regs_pkg::RECORD1_BASE_LO: read_data_o <= record_base_o[AddrBits +: 32];
        cuatro_regs_pkg::RECORD1_BASE_HI: read_data_o <= 32'(record_base_o[2*AddrBits-1:AddrBits+32]);
        cuatro_regs_pkg::RING1_SIZE:      read_data_o <= {28'd0, ring_size_o[7:4]};
        cuatro_regs_pkg::RING1_HEAD:      read_data_o <= {16'd0, ring_head_i[31:16]};
        cuatro_regs_pkg::RING1_TAIL:      read_data_o <= {16'd0, ring_tail_o[31:16]};
        cuatro_regs_pkg::PERF_CYCLES_LO:       read_data_o <= cycles_i[31:0];
        cuatro_regs_pkg::PERF_CYCLES_HI:       read_data_o <= cycles_i[63:32];
        cuatro_regs_pkg::PERF_BUSY_LO:         read_data_o <= perf_busy_i[31:0];
        cuatro_regs_pkg::PERF_BUSY_HI:         read_data_o <= perf_busy_i[63:32];
        cuatro_regs_pkg::PERF_MAC_LO:          read_data_o <= perf_mac_i[31:0];
        cuatro_regs_pkg::PERF_MAC_HI:          read_data_o <= perf_mac_i[63:32];
        cuatro_regs_pkg::PERF_STALL_LO:        read_data_o <= perf_stall_i[31:0];
        cuatro_regs_pkg::PERF_STALL_HI:        read_data_o <= perf_stall_i[63:32];
        cuatro_regs_pkg::PERF_LOAD_LO:         read_data_o <= perf_load_i[31:0];
        cuatro_regs_pkg::PERF_LOAD_HI:         read_data_o <= perf_load_i[63:32];
        cuatro_regs_pkg::PERF_STORE_LO:        read_data_o <= perf_store_i[31:0];
        cuatro_regs_pkg::PERF_STORE_HI:        read_data_o <= perf_store_i[63:32];
        cuatro_regs_pkg::PERF_READ_LO:         read_data_o <= reads_i[31:0];
        cuatro_regs_pkg::PERF_READ_HI:         read_data_o <= reads_i[63:32];
        cuatro_regs_pkg::PERF_WRITE_LO:        read_data_o <= writes_i[31:0];
        cuatro_regs_pkg::PERF_WRITE_HI:        read_data_o <= writes_i[63:32];
        default:                          read_error_o <= 1'b1;
      endcase
    end
  end

  // --- write ------------------------------------------------------------------------------
  localparam logic [31:0] RingMask = ~32'd4095, RecordMask = ~32'd31;
  logic good_size;
  assign good_size = write_data_i[3:0] >= 4'd6 && write_data_i[3:0] <= 4'(cuatro_ring_pkg::SLOT_BITS);

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
      if (write_valid_i && write_strb_i != 4'hf) begin
        write_error_o <= 1'b1;
      end else if (write_valid_i) begin
        write_error_o <= 1'b0;
        // High halves wider than the bus are cut.
        unique case (write_addr_i)
          cuatro_regs_pkg::CTRL: begin
            enable_o     <= write_data_i[0];
            soft_reset_o <= write_data_i[1];
          end
          cuatro_regs_pkg::IRQ_ENABLE:      irq_enable_q <= write_data_i[2:0];
          cuatro_regs_pkg::IRQ_STATUS:      ;
          cuatro_regs_pkg::RING0_BASE_LO:   ring_base_o[31:0]                       <= write_data_i & RingMask;
          cuatro_regs_pkg::RING0_BASE_HI:   ring_base_o[AddrBits-1:32]              <= write_data_i[AddrBits-33:0];
          cuatro_regs_pkg::RECORD0_BASE_LO: record_base_o[31:0]                     <= write_data_i & RecordMask;
          cuatro_regs_pkg::RECORD0_BASE_HI: record_base_o[AddrBits-1:32]            <= write_data_i[AddrBits-33:0];
          cuatro_regs_pkg::RING0_SIZE:      if (good_size) ring_size_o[3:0] <= write_data_i[3:0]; else write_error_o <= 1'b1;
          cuatro_regs_pkg::RING0_TAIL:      ring_tail_o[15:0]                       <= write_data_i[15:0];
          cuatro_regs_pkg::RING1_BASE_LO:   ring_base_o[AddrBits +: 32]             <= write_data_i & RingMask;
          cuatro_regs_pkg::RING1_BASE_HI:   ring_base_o[2*AddrBits-1:AddrBits+32]   <= write_data_i[AddrBits-33:0];
          cuatro_regs_pkg::RECORD1_BASE_LO: record_base_o[AddrBits +: 32]           <= write_data_i & RecordMask;
          cuatro_regs_pkg::RECORD1_BASE_HI: record_base_o[2*AddrBits-1:AddrBits+32] <= write_data_i[AddrBits-33:0];
          cuatro_regs_pkg::RING1_SIZE:      if (good_size) ring_size_o[7:4] <= write_data_i[3:0]; else write_error_o <= 1'b1;
          cuatro_regs_pkg::RING1_TAIL:      ring_tail_o[31:16]                      <= write_data_i[15:0];
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
  assign irq_clear = (write_valid_i && write_addr_i == cuatro_regs_pkg::IRQ_STATUS && write_strb_i == 4'hf) ? write_data_i[2:0] : 3'd0;

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
