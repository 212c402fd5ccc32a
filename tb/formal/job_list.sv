// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Of a proof: the jobs that a module has taken and not finished, at most `Most`, oldest first.
`default_nettype none

module job_list #(
  parameter int unsigned Width = 8,
  parameter int unsigned Most  = 2
) (
  input  wire logic             clk_i,
  input  wire logic             rst_ni,
  input  wire logic             take_i,
  input  wire logic [Width-1:0] job_i,
  input  wire logic             finish_i,           // the oldest
  output logic                  some_o,
  output logic [Width-1:0]      oldest_o
);
  logic [Most*Width-1:0] jobs_q, jobs;              // the oldest at the low end
  logic [2:0] count_q, count;
  assign some_o   = count_q != '0;
  assign oldest_o = jobs_q[Width-1:0];
  always_comb begin
    jobs  = jobs_q;
    count = count_q;
    if (finish_i) begin
      jobs  = jobs_q >> Width;
      count = count_q - 3'd1;
    end
    if (take_i) begin
      for (int unsigned i = 0; i < Most; i++) begin
        if (count == 3'(i)) jobs[Width*i +: Width] = job_i;
      end
      count = count + 3'd1;
    end
  end
  always_ff @(posedge clk_i) begin
    jobs_q <= jobs;
    if (!rst_ni) begin
      count_q <= '0;
    end else begin
      count_q <= count;
      assert (!finish_i || some_o);
      assert (count <= 3'(Most));
    end
  end
endmodule
