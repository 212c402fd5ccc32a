// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// gemm_sequencer, the control of mac_array and drain_engine together, as in cuatro_core, fed with any GEMM and quantize
// commands: no deadlock. A step that the drain holds up goes within MaxStall cycles, and the assertions inside hold: a
// tile is pushed only where the one before has gone. Liveness as a counter, since nothing outside can hold up the drain.
// One tile is one block here.
//
// proof: pdr
// fault: rtl/drain_engine.sv: index_q == GroupBits'(Release)) shadow_busy_o <= 1'b0; ==> index_q == GroupBits'(Release) && !raw) shadow_busy_o <= 1'b0;
// fault: rtl/mac_array.sv: (shadow_busy_i || capture_q != '0) ==> (capture_q != '0)
`default_nettype none

module progress_proof (
  input wire logic                    clk_i,
  input wire logic                    gemm_valid_i,
  input wire cuatro_pkg::descriptor_t gemm_desc_i,
  input wire logic                    quant_valid_i,
  input wire cuatro_pkg::descriptor_t quant_desc_i
);
  localparam int unsigned Edge     = 4;
  localparam int unsigned MaxStall = 28;
  logic started_q;
  initial started_q = 1'b0;
  always_ff @(posedge clk_i) started_q <= 1'b1;

  logic gemm_ready, stall, step_valid, first, last, mac, shadow_busy, tile_load, tile_push, quant_ready;
  logic [15:0] a_addr, b_addr, c_addr, group_block, group_row, group_col;
  logic [1:0] shift, line, group_index;
  logic [Edge-1:0] lanes;
  logic drain, transpose, row_block, col_block, c_re, mask_load, group_valid, group_quant, group_first, group_last;
  logic [127:0] result;
  cuatro_pkg::descriptor_t active, group_desc;
  gemm_sequencer #(.Rows(Edge), .Cols(Edge), .Lanes(Edge)) dut_sequencer (
    .clk_i, .rst_ni(started_q), .desc_valid_i(gemm_valid_i), .desc_ready_o(gemm_ready), .desc_i(gemm_desc_i),
    .stall_i(stall), .step_valid_o(step_valid), .a_addr_o(a_addr), .b_addr_o(b_addr), .first_o(first), .shift_o(shift),
    .last_o(last), .lane_valid_o(lanes), .desc_o(active));
  mac_array #(.Rows(Edge), .Cols(Edge), .Lanes(Edge), .DrainWidth(Edge)) dut_array (
    .clk_i, .rst_ni(started_q), .step_valid_i(step_valid), .first_i(first), .shift_i(shift), .last_i(last),
    .lane_valid_i(lanes), .stall_o(stall), .mac_o(mac), .a_format_i(2'd0), .zero_point_i(4'd0), .b_format_i(2'd0),
    .a_word_i(64'd0), .b_word_i(64'd0), .shadow_busy_i(shadow_busy), .tile_load_o(tile_load), .tile_push_o(tile_push),
    .drain_i(drain), .transpose_i(transpose), .row_block_i(row_block), .col_block_i(col_block), .line_i(line),
    .result_o(result));
  drain_engine #(.Rows(Edge), .Cols(Edge), .Lanes(Edge), .DrainWidth(Edge), .Structural(1'b1)) dut_drain (
    .clk_i, .rst_ni(started_q), .tile_load_i(tile_load), .tile_push_i(tile_push), .gemm_desc_i(active),
    .shadow_busy_o(shadow_busy), .quant_valid_i, .quant_ready_o(quant_ready), .quant_desc_i, .drain_o(drain),
    .transpose_o(transpose), .row_block_o(row_block), .col_block_o(col_block), .line_o(line), .c_re_o(c_re),
    .c_addr_o(c_addr), .mask_load_o(mask_load), .group_valid_o(group_valid), .group_quant_o(group_quant),
    .group_desc_o(group_desc), .group_block_o(group_block), .group_index_o(group_index), .group_row_o(group_row),
    .group_col_o(group_col), .group_first_o(group_first), .group_last_o(group_last));

  logic [4:0] stalled_q;
  always_ff @(posedge clk_i) begin
    stalled_q <= (started_q && stall) ? stalled_q + 5'd1 : 5'd0;
    // What descriptor_check lets pass.
    assume (gemm_desc_i.m != 16'd0 && gemm_desc_i.n != 16'd0 && gemm_desc_i.k != 16'd0);
    assume (quant_desc_i.m != 16'd0 && quant_desc_i.n != 16'd0);
    assume (quant_desc_i.out_format != cuatro_pkg::OUT_RAW);
    if (started_q) assert (stalled_q < 5'(MaxStall));
  end
endmodule
