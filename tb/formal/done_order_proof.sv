// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// done_order: a pulse for each job, in the order in which jobs began, in the second cycle after it and all before it
// were finished, or as soon as the ones before were told. Beside it stands the list itself: jobs under way, oldest first,
// each with its engine and whether that has finished it.
//
// proof: pdr Depth=2 short
// proof: pdr Depth=4
// fault: rtl/done_order.sv: assign tell = head_valid && (which ? ==> assign tell = head_valid && (!which ?
// fault: rtl/done_order.sv: CountBits'(done_i[1]) - ==> CountBits'(done_i[0]) -
// fault: rtl/done_order.sv: - CountBits'(tell && which); ==> - CountBits'(tell);
// fault 2: rtl/done_order.sv: done1_q != '0 : done0_q != '0); ==> done1_q != '0 : 1'b1);
`default_nettype none

module done_order_proof #(
  parameter int unsigned Depth = 4
) (
  input wire logic       clk_i,
  input wire logic       reset_i,
  input wire logic       begin_i,
  input wire logic       which_i,
  input wire logic [1:0] done_i
);
  logic started_q, rst_n, ready, done;
  initial started_q = 1'b0;
  always_ff @(posedge clk_i) started_q <= 1'b1;
  assign rst_n = started_q && !reset_i;

  done_order #(.Depth(Depth)) dut (
    .clk_i, .rst_ni(rst_n), .begin_i, .ready_o(ready), .which_i, .done_i, .done_o(done));

  // Place 0 is the oldest. An engine finishes its oldest unfinished job.
  logic [Depth-1:0] here_q, which_q, over_q, here, which, over;
  logic told_q, pop;
  logic [1:0] open;                                  // an unfinished job of the engine is there
  assign pop = here_q[0] && over_q[0];
  always_comb begin
    {here, which, over} = {here_q, which_q, over_q};
    open = 2'b00;
    for (int unsigned i = 0; i < Depth; i++) begin
      if (here[i] && !over[i]) begin
        if (!open[which[i]] && done_i[which[i]]) over[i] = 1'b1;
        open[which[i]] = 1'b1;
      end
    end
    if (pop) {here, which, over} = {1'b0, here[Depth-1:1], 1'b0, which[Depth-1:1], 1'b0, over[Depth-1:1]};
    if (begin_i) begin
      for (int unsigned i = 0; i < Depth; i++) begin
        if (!here[i] && (i == 0 || here[(i == 0) ? 0 : i-1])) which[i] = which_i;
      end
      here = {here[Depth-2:0], 1'b1};
    end
  end

  always_ff @(posedge clk_i) begin
    told_q <= pop && rst_n;
    {here_q, which_q, over_q} <= {here, which, over} & {(3*Depth){rst_n}};
    if (rst_n) begin
      assume (!begin_i || ready);
      assume ((done_i & ~open) == 2'b00);
      assert (ready == !here_q[Depth-1]);
    end
    if (started_q) assert (done == told_q);
  end
endmodule
