// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Takes commands one by one, checks them and sends each on its way: GEMM and QUANTIZE to their
// queues, where they may run at the same time; NOP and everything illegal straight to the
// response port, an illegal one with the field that made it so. All sides are valid/ready.
//
// A command is taken only while a place for its response is free (`release_i` pulses when a
// response leaves), so that a finished command never waits.
`default_nettype none

module command_dispatch #(
  parameter int unsigned Rows          = 16,
  parameter int unsigned Cols          = 16,
  parameter int unsigned Lanes         = 16,
  parameter int unsigned DrainWidth    = 32,
  parameter int unsigned OperandDepth  = 2048,
  parameter int unsigned ResultDepth   = 2048,
  parameter bit          Multiplier    = 1'b1,
  parameter bit          Update        = 1'b1,
  parameter int unsigned ResponseDepth = 8
) (
  input  wire logic                    clk_i,
  input  wire logic                    rst_ni,
  // commands
  input  wire logic                    cmd_valid_i,
  output logic                         cmd_ready_o,
  input  wire cuatro_pkg::descriptor_t cmd_desc_i,
  // to the GEMM and quantize queues
  output logic                         gemm_valid_o,
  input  wire logic                    gemm_ready_i,
  output logic                         quant_valid_o,
  input  wire logic                    quant_ready_i,
  output cuatro_pkg::descriptor_t      desc_o,
  // answers given here
  output logic                         answer_valid_o,
  input  wire logic                    answer_ready_i,
  output logic [15:0]                  answer_tag_o,
  output logic [4:0]                   answer_field_o,
  // responses that left
  input  wire logic                    release_i,
  output logic                         busy_o
);
  localparam int unsigned CountBits = $clog2(ResponseDepth + 1);

  cuatro_pkg::descriptor_t desc_q;
  logic valid_q, done, legal, gemm, quantize, leave;
  logic [4:0] field;
  logic [CountBits-1:0] pending_q;       // commands taken whose response has not left

  descriptor_check #(
    .Rows(Rows), .Cols(Cols), .Lanes(Lanes), .DrainWidth(DrainWidth),
    .OperandDepth(OperandDepth), .ResultDepth(ResultDepth), .Multiplier(Multiplier), .Update(Update)
  ) u_check (.clk_i, .valid_i(valid_q), .desc_i(desc_q), .done_o(done), .field_o(field));

  assign legal    = field == cuatro_pkg::FIELD_NONE;
  assign gemm     = legal && desc_q.op == cuatro_pkg::OP_GEMM;
  assign quantize = legal && desc_q.op == cuatro_pkg::OP_QUANTIZE;

  assign gemm_valid_o   = valid_q && done && gemm;
  assign quant_valid_o  = valid_q && done && quantize;
  assign answer_valid_o = valid_q && done && !gemm && !quantize;
  assign answer_tag_o   = desc_q.tag;
  assign answer_field_o = field;
  assign desc_o         = desc_q;
  assign leave = (gemm_valid_o && gemm_ready_i) || (quant_valid_o && quant_ready_i) ||
                 (answer_valid_o && answer_ready_i);
  assign cmd_ready_o = !valid_q && pending_q != CountBits'(ResponseDepth);
  assign busy_o      = pending_q != '0;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_q   <= 1'b0;
      pending_q <= '0;
    end else begin
      if (cmd_valid_i && cmd_ready_o) valid_q <= 1'b1;
      else if (leave) valid_q <= 1'b0;
      if ((cmd_valid_i && cmd_ready_o) != release_i) begin
        pending_q <= release_i ? pending_q - 1'b1 : pending_q + 1'b1;
      end
    end
    if (cmd_valid_i && cmd_ready_o) desc_q <= cmd_desc_i;
  end
endmodule
