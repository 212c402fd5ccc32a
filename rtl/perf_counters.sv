// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Cycle counters: each counts the cycles in which its input is high, since reset.
`default_nettype none

module perf_counters #(
  parameter bit Structural = 1'b0    // no enables, which save time in C++
) (
  input  wire logic   clk_i,
  input  wire logic   rst_ni,
  input  wire logic   busy_i,
  input  wire logic   mac_i,
  input  wire logic   drain_stall_i,
  input  wire logic   load_i,
  input  wire logic   store_i,
  output logic [63:0] busy_o,
  output logic [63:0] mac_o,
  output logic [63:0] drain_stall_o,
  output logic [63:0] load_o,
  output logic [63:0] store_o
);
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      busy_o        <= '0;
      mac_o         <= '0;
      drain_stall_o <= '0;
      load_o        <= '0;
      store_o       <= '0;
    end else begin
      if (Structural || busy_i) busy_o <= busy_o + 64'(busy_i);
      if (Structural || mac_i) mac_o <= mac_o + 64'(mac_i);
      if (Structural || drain_stall_i) drain_stall_o <= drain_stall_o + 64'(drain_stall_i);
      if (Structural || load_i) load_o <= load_o + 64'(load_i);
      if (Structural || store_i) store_o <= store_o + 64'(store_i);
    end
  end
endmodule
