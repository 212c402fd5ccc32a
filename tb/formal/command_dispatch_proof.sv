// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// command_dispatch, for all commands, readiness and resets: one command at a time is taken, and only while a place for
// its response is free; it goes to one of the three ways, with the descriptor that came, and waits there unchanged;
// a command that nobody holds up has gone within the cycles of its check, so every one that is taken leaves.
//
// proof: pdr rules
// fault: rtl/command_dispatch.sv: !valid_q && pending_q != CountBits'(ResponseDepth) ==> !valid_q
// fault: rtl/command_dispatch.sv: legal && desc_q.op == cuatro_pkg::OP_QUANTIZE ==> desc_q.op == cuatro_pkg::OP_QUANTIZE && field != cuatro_pkg::FIELD_M
// fault: rtl/command_dispatch.sv: else if (leave) valid_q <= 1'b0; ==> else if (leave && !answer_valid_o) valid_q <= 1'b0;
// fault: rtl/descriptor_check.sv: done_o        <= too_far || pending_q == '0; ==> done_o        <= pending_q == '0 && !too_far;
`default_nettype none

module command_dispatch_proof (
  input wire logic                    clk_i,
  input wire logic                    reset_i,
  input wire logic                    cmd_valid_i,
  input wire cuatro_pkg::descriptor_t cmd_desc_i,
  input wire logic                    gemm_ready_i,
  input wire logic                    quant_ready_i,
  input wire logic                    answer_ready_i,
  input wire logic                    release_i
);
  localparam int unsigned ResponseDepth = 2;
  localparam int unsigned Check         = 48;      // cycles at most: eight images, half the bits of a size each
  logic started_q, rst_n;
  initial started_q = 1'b0;
  always_ff @(posedge clk_i) started_q <= 1'b1;
  assign rst_n = started_q && !reset_i;

  logic cmd_ready, gemm_valid, quant_valid, answer_valid, busy, accept, leave;
  cuatro_pkg::descriptor_t desc;
  logic [15:0] answer_tag;
  logic [4:0] answer_field;
  command_dispatch #(
    .Rows(4), .Cols(4), .Lanes(4), .DrainWidth(4), .OperandDepth(16), .ResultDepth(16), .ResponseDepth(ResponseDepth)
  ) dut (
    .clk_i, .rst_ni(rst_n), .cmd_valid_i, .cmd_ready_o(cmd_ready), .cmd_desc_i, .gemm_valid_o(gemm_valid), .gemm_ready_i,
    .quant_valid_o(quant_valid), .quant_ready_i, .desc_o(desc), .answer_valid_o(answer_valid), .answer_ready_i,
    .answer_tag_o(answer_tag), .answer_field_o(answer_field), .release_i, .busy_o(busy));

  logic here_q, held_q;
  logic [2:0] ways, ways_q;
  logic [1:0] open_q;
  logic [5:0] wait_q;
  logic [15:0] tag_q;
  assign accept = cmd_valid_i && cmd_ready;
  assign ways   = {answer_valid, quant_valid, gemm_valid};
  assign leave  = (ways & {answer_ready_i, quant_ready_i, gemm_ready_i}) != 3'd0;
  always_ff @(posedge clk_i) begin
    if (!rst_n) begin
      here_q <= 1'b0;
      open_q <= 2'd0;
      held_q <= 1'b0;
    end else begin
      here_q <= accept || (here_q && !leave);
      open_q <= open_q + 2'(accept) - 2'(release_i);
      held_q <= ways != 3'd0 && !leave;
    end
    if (accept) tag_q <= cmd_desc_i.tag;
    wait_q <= (!rst_n || !here_q || ways != 3'd0) ? 6'd0 : wait_q + 6'd1;
    ways_q <= ways;

    if (open_q == 2'd0) assume (!release_i);       // what leaves had been taken

    if (rst_n) begin
      assert (!(accept && (here_q || open_q == 2'(ResponseDepth))));
      assert (ways == 3'd0 || (here_q && $onehot0(ways)));
      if (answer_valid) assert (answer_tag == tag_q && (answer_field != cuatro_pkg::FIELD_NONE || desc.op == cuatro_pkg::OP_NOP));
      if (gemm_valid) assert (desc.op == cuatro_pkg::OP_GEMM && answer_field == cuatro_pkg::FIELD_NONE && desc.tag == tag_q);
      if (quant_valid) assert (desc.op == cuatro_pkg::OP_QUANTIZE && answer_field == cuatro_pkg::FIELD_NONE);
      if (held_q) assert (ways == ways_q);
      assert (wait_q < 6'(Check));
      assert (busy == (open_q != 2'd0));
    end
  end
endmodule
