// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Commands of both lanes onto the core's one port. At most three of a lane are in the core, one
// running and two queued: then a full queue of one lane never blocks the other's. A command leaves its
// lane a cycle before it is on the port.
`default_nettype none

module command_issue (
  input  wire logic                    clk_i,
  input  wire logic                    rst_ni,
  input  wire logic                    hold_i,
  // lanes: queue words, whose waits are over
  // verilator lint_off UNUSEDSIGNAL
  input  wire logic                    gemm_valid_i,
  output logic                         gemm_ready_o,
  input  wire logic [cuatro_ring_pkg::QUEUE_BITS-1:0] gemm_i,
  input  wire logic                    quant_valid_i,
  output logic                         quant_ready_o,
  input  wire logic [cuatro_ring_pkg::QUEUE_BITS-1:0] quant_i,
  // verilator lint_on UNUSEDSIGNAL
  // core
  output logic                         cmd_valid_o,
  input  wire logic                    cmd_ready_i,
  output cuatro_pkg::descriptor_t      cmd_o,
  // answers, a bit a lane
  input  wire logic [cuatro_ring_pkg::LANES-1:0] done_i
);
  localparam int unsigned Most  = 3;
  localparam int unsigned Flags = cuatro_ring_pkg::QUEUE_FLAGS;
  logic [1:0] gemm_q, quant_q;
  logic open;

  assign open          = !hold_i && (!cmd_valid_o || cmd_ready_i);
  assign gemm_ready_o  = open && gemm_valid_i && gemm_q != 2'(Most);
  assign quant_ready_o = open && quant_valid_i && quant_q != 2'(Most) && !gemm_ready_o;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      cmd_valid_o <= 1'b0;
      gemm_q      <= '0;
      quant_q     <= '0;
    end else begin
      if (gemm_ready_o || quant_ready_o) cmd_valid_o <= 1'b1;
      else if (cmd_ready_i) cmd_valid_o <= 1'b0;
      if (gemm_ready_o != done_i[0]) gemm_q <= gemm_ready_o ? gemm_q + 1'b1 : gemm_q - 1'b1;
      if (quant_ready_o != done_i[1]) quant_q <= quant_ready_o ? quant_q + 1'b1 : quant_q - 1'b1;
    end
    // The core's tag says whose and which it is, and what its end asks for.
    if (gemm_ready_o) begin
      cmd_o     <= gemm_i[cuatro_ring_pkg::PAYLOAD +: cuatro_pkg::DESCRIPTOR_BITS];
      cmd_o.tag <= {1'b0, gemm_i[Flags+1], gemm_i[Flags], gemm_i[cuatro_ring_pkg::QUEUE_SLOT +: cuatro_ring_pkg::SLOT_BITS]};
    end else if (quant_ready_o) begin
      cmd_o     <= quant_i[cuatro_ring_pkg::PAYLOAD +: cuatro_pkg::DESCRIPTOR_BITS];
      cmd_o.tag <= {1'b1, quant_i[Flags+1], quant_i[Flags], quant_i[cuatro_ring_pkg::QUEUE_SLOT +: cuatro_ring_pkg::SLOT_BITS]};
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_ni) assert (!(done_i[0] && gemm_q == '0) && !(done_i[1] && quant_q == '0));
  end
endmodule
