// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// The 4-bit training core: GEMM and quantize commands on operands in its scratchpads.
//
// Command port: one descriptor a command, valid/ready; one response a command, in order of
// completion, matched by tag (GEMM and QUANTIZE run at the same time). Commands run back to
// back and leave no state behind. Memory port: `load_*` writes one word a cycle into the A, B
// (one block of codes, transposed on request) or C scratchpad; `store_*` reads a word of R,
// which arrives one cycle later. Port traffic never waits for compute: every scratchpad has
// one writer and one reader. What the port must not do is overwrite what a running command
// reads, or read what it has not finished; the driver orders that by responses.
//
// Images and addresses: rtl/README.md. Numerics: sw/golden/README.md.
`default_nettype none

module cuatro_core #(
  parameter int unsigned Rows         = 16,
  parameter int unsigned Cols         = 16,
  parameter int unsigned Lanes        = 16,
  parameter int unsigned DrainWidth   = 32,
  parameter int unsigned OperandDepth = 2048,      // words of A and of B
  parameter int unsigned ResultDepth  = 2048,      // words of C and of R
  parameter bit          Multiplier   = 1'b1,      // 8-bit factor before the rescale shift
  parameter bit          Update       = 1'b1,      // the optimiser's step on GEMM results
  parameter bit          Structural   = 1'b0,      // mac_tile from mac_dot instances
  localparam int unsigned WordBits = (4*Lanes*Lanes > 32*DrainWidth) ? 4*Lanes*Lanes : 32*DrainWidth
) (
  input  wire logic                    clk_i,
  input  wire logic                    rst_ni,
  // commands
  input  wire logic                    cmd_valid_i,
  output logic                         cmd_ready_o,
  input  wire cuatro_pkg::descriptor_t cmd_desc_i,
  output logic                         rsp_valid_o,
  input  wire logic                    rsp_ready_i,
  output cuatro_pkg::response_t        rsp_o,
  // memory port, write: space 0 = A, 1 = B, 2 = C
  input  wire logic                    load_valid_i,
  output logic                         load_ready_o,
  input  wire logic [1:0]              load_space_i,
  input  wire logic                    load_transpose_i,
  input  wire logic [7:0]              load_sub_i,       // block in the word (A, B)
  input  wire logic [15:0]             load_addr_i,
  input  wire logic [WordBits-1:0]     load_data_i,
  // memory port, read
  input  wire logic                    store_valid_i,
  output logic                         store_ready_o,
  // Addresses have 16 bits whatever the depth.
  // verilator lint_off UNUSEDSIGNAL
  input  wire logic [15:0]             store_addr_i,
  // verilator lint_on UNUSEDSIGNAL
  output logic                         store_data_valid_o,
  output logic [WordBits-1:0]          store_data_o,
  // performance counters, in cycles since reset
  output logic [63:0]                  perf_busy_o,
  output logic [63:0]                  perf_mac_o,
  output logic [63:0]                  perf_drain_stall_o,
  output logic [63:0]                  perf_load_o,
  output logic [63:0]                  perf_store_o
);
  localparam int unsigned BlockBits  = 4 * Lanes * Lanes;
  localparam int unsigned RowBlocks  = Rows / Lanes;
  localparam int unsigned ColBlocks  = Cols / Lanes;
  localparam int unsigned GroupBits  = $clog2(Lanes * Lanes / DrainWidth);
  localparam int unsigned LineBits   = $clog2(Lanes);
  localparam int unsigned RowBlockBits = (Rows == Lanes) ? 1 : $clog2(RowBlocks);
  localparam int unsigned ColBlockBits = (Cols == Lanes) ? 1 : $clog2(ColBlocks);
  localparam int unsigned OperandAddrBits = $clog2(OperandDepth);
  localparam int unsigned ResultAddrBits  = $clog2(ResultDepth);
  localparam int unsigned Parts      = WordBits / (32 * DrainWidth);
  localparam int unsigned ResponseDepth = 8;

  if (OperandDepth < 2 || OperandDepth > 65536 || ResultDepth < 2 || ResultDepth > 65536) begin : g_bad_depth
    $error("cuatro_core: scratchpad depths must be 2..65536 words");
  end
  if (RowBlocks > 256 || ColBlocks > 256) begin : g_bad_blocks
    $error("cuatro_core: at most 256 blocks in an operand word");
  end

  // Scratchpad addresses inside the core, 16 bits whatever the depth.
  // verilator lint_off UNUSEDSIGNAL
  logic [15:0] load_addr_q, a_addr, b_addr, c_addr, r_waddr;
  // verilator lint_on UNUSEDSIGNAL

  // --- commands -----------------------------------------------------------------------
  cuatro_pkg::descriptor_t desc, gemm_desc, quant_desc, active_desc;
  logic gemm_push, gemm_push_ready, gemm_valid, gemm_ready;
  logic quant_push, quant_push_ready, quant_valid, quant_ready;
  logic answer_valid, answer_ready, dispatch_busy;
  logic [15:0] answer_tag;
  logic [4:0] answer_field;

  command_dispatch #(
    .Rows(Rows), .Cols(Cols), .Lanes(Lanes), .DrainWidth(DrainWidth), .OperandDepth(OperandDepth),
    .ResultDepth(ResultDepth), .Multiplier(Multiplier), .Update(Update), .ResponseDepth(ResponseDepth)
  ) u_dispatch (
    .clk_i, .rst_ni, .cmd_valid_i, .cmd_ready_o, .cmd_desc_i,
    .gemm_valid_o(gemm_push), .gemm_ready_i(gemm_push_ready),
    .quant_valid_o(quant_push), .quant_ready_i(quant_push_ready), .desc_o(desc),
    .answer_valid_o(answer_valid), .answer_ready_i(answer_ready), .answer_tag_o(answer_tag),
    .answer_field_o(answer_field), .release_i(rsp_valid_o && rsp_ready_i), .busy_o(dispatch_busy));

  fifo #(.Width(cuatro_pkg::DESCRIPTOR_BITS), .Depth(2)) u_gemm_queue (
    .clk_i, .rst_ni, .in_valid_i(gemm_push), .in_ready_o(gemm_push_ready), .in_data_i(desc),
    .out_valid_o(gemm_valid), .out_ready_i(gemm_ready), .out_data_o(gemm_desc));

  // A quantize command has neither K nor operand bases, and past its check no operation or formats.
  localparam logic [cuatro_pkg::DESCRIPTOR_BITS-1:0] QuantFields = {{176{1'b1}}, 64'd0, {84{1'b1}}, 8'd0};
  fifo #(.Width(cuatro_pkg::DESCRIPTOR_BITS), .Depth(2), .Keep(QuantFields)) u_quant_queue (
    .clk_i, .rst_ni, .in_valid_i(quant_push), .in_ready_o(quant_push_ready), .in_data_i(desc),
    .out_valid_o(quant_valid), .out_ready_i(quant_ready), .out_data_o(quant_desc));

  // --- operands -----------------------------------------------------------------------
  logic step_valid, step_first, step_last, stall, mac_active;
  logic [1:0] step_shift;
  logic [Lanes-1:0] step_lanes;

  gemm_sequencer #(.Rows(Rows), .Cols(Cols), .Lanes(Lanes)) u_sequencer (
    .clk_i, .rst_ni, .desc_valid_i(gemm_valid), .desc_ready_o(gemm_ready), .desc_i(gemm_desc),
    .stall_i(stall), .step_valid_o(step_valid), .a_addr_o(a_addr),
    .b_addr_o(b_addr), .first_o(step_first), .shift_o(step_shift), .last_o(step_last),
    .lane_valid_o(step_lanes), .desc_o(active_desc));

  // The port is registered, and the block turned, before a scratchpad takes it.
  logic load_valid_q;
  logic [1:0] load_space_q;
  logic [7:0] load_sub_q;
  logic [WordBits-1:0] load_data_q;
  logic [BlockBits-1:0] block_in;
  load_port #(.T(Lanes), .WordBits(WordBits), .Structural(Structural)) u_load (
    .clk_i, .rst_ni, .valid_i(load_valid_i), .space_i(load_space_i), .transpose_i(load_transpose_i),
    .sub_i(load_sub_i), .addr_i(load_addr_i), .data_i(load_data_i), .valid_o(load_valid_q),
    .space_o(load_space_q), .sub_o(load_sub_q), .addr_o(load_addr_q), .word_o(load_data_q), .block_o(block_in));

  logic [RowBlocks*BlockBits-1:0] a_word;
  logic [ColBlocks*BlockBits-1:0] b_word;
  ram_1r1w #(.Width(RowBlocks*BlockBits), .Depth(OperandDepth), .Granule(BlockBits)) u_a_ram (
    .clk_i, .we_i(load_valid_q && load_space_q == 2'd0), .waddr_i(load_addr_q[OperandAddrBits-1:0]),
    .wstrb_i(RowBlocks'(256'd1 << load_sub_q)), .wdata_i({RowBlocks{block_in}}),
    .re_i(step_valid && !stall), .raddr_i(a_addr[OperandAddrBits-1:0]), .rdata_o(a_word));
  ram_1r1w #(.Width(ColBlocks*BlockBits), .Depth(OperandDepth), .Granule(BlockBits)) u_b_ram (
    .clk_i, .we_i(load_valid_q && load_space_q == 2'd1), .waddr_i(load_addr_q[OperandAddrBits-1:0]),
    .wstrb_i(ColBlocks'(256'd1 << load_sub_q)), .wdata_i({ColBlocks{block_in}}),
    .re_i(step_valid && !stall), .raddr_i(b_addr[OperandAddrBits-1:0]), .rdata_o(b_word));

  // --- array --------------------------------------------------------------------------
  logic shadow_busy, tile_load, tile_push, drain, drain_transpose;
  logic [RowBlockBits-1:0] drain_row_block;
  logic [ColBlockBits-1:0] drain_col_block;
  logic [LineBits-1:0] drain_line;
  logic [DrainWidth*32-1:0] result;

  // The drain engine counts tiles itself.
  // verilator lint_off PINCONNECTEMPTY
  mac_array #(
    .Rows(Rows), .Cols(Cols), .Lanes(Lanes), .DrainWidth(DrainWidth), .Structural(Structural)
  ) u_array (
    .clk_i, .rst_ni, .step_valid_i(step_valid), .first_i(step_first), .shift_i(step_shift),
    .last_i(step_last), .lane_valid_i(step_lanes), .stall_o(stall), .mac_o(mac_active),
    .a_format_i(active_desc.a_format), .zero_point_i(active_desc.zero_point),
    .b_format_i(active_desc.b_format), .a_word_i(a_word), .b_word_i(b_word),
    .shadow_busy_i(shadow_busy), .tile_load_o(tile_load), .tile_push_o(tile_push), .drain_i(drain),
    .transpose_i(drain_transpose), .row_block_i(drain_row_block), .col_block_i(drain_col_block),
    .line_i(drain_line), .result_o(result));
  // verilator lint_on PINCONNECTEMPTY

  // --- drain and output ---------------------------------------------------------------
  logic c_re, mask_load, group_valid, group_quant, group_update, group_first, group_last;
  logic ask_drain, ask_update, ask_transpose, ask_c_re;   // before the lag of an update
  logic [RowBlockBits-1:0] ask_row_block;
  logic [ColBlockBits-1:0] ask_col_block;
  logic [LineBits-1:0] ask_line;
  logic [15:0] ask_c_addr;
  logic [15:0] group_block, group_row, group_col;
  logic [GroupBits-1:0] group_index;
  cuatro_pkg::descriptor_t group_desc;
  logic [WordBits-1:0] c_word;

  drain_engine #(
    .Rows(Rows), .Cols(Cols), .Lanes(Lanes), .DrainWidth(DrainWidth), .Structural(Structural)
  ) u_drain (
    .clk_i, .rst_ni, .tile_load_i(tile_load), .tile_push_i(tile_push), .gemm_desc_i(active_desc),
    .shadow_busy_o(shadow_busy),
    .quant_valid_i(quant_valid), .quant_ready_o(quant_ready), .quant_desc_i(quant_desc),
    .c_re_o(ask_c_re), .c_addr_o(ask_c_addr), .drain_o(ask_drain), .update_o(ask_update), .transpose_o(ask_transpose),
    .row_block_o(ask_row_block), .col_block_o(ask_col_block), .line_o(ask_line),
    .mask_load_o(mask_load), .group_valid_o(group_valid), .group_quant_o(group_quant), .group_update_o(group_update),
    .group_desc_o(group_desc), .group_block_o(group_block), .group_index_o(group_index),
    .group_row_o(group_row), .group_col_o(group_col), .group_first_o(group_first),
    .group_last_o(group_last));

  drain_lag #(
    .RowBlockBits(RowBlockBits), .ColBlockBits(ColBlockBits), .LineBits(LineBits), .Structural(Structural)
  ) u_lag (
    .clk_i, .rst_ni, .drain_i(ask_drain), .update_i(Update && ask_update), .transpose_i(ask_transpose),
    .row_block_i(ask_row_block), .col_block_i(ask_col_block), .line_i(ask_line), .c_re_i(ask_c_re),
    .c_addr_i(ask_c_addr), .drain_o(drain), .transpose_o(drain_transpose),
    .row_block_o(drain_row_block), .col_block_o(drain_col_block), .line_o(drain_line), .c_re_o(c_re), .c_addr_o(c_addr));

  ram_1r1w #(.Width(WordBits), .Depth(ResultDepth)) u_c_ram (
    .clk_i, .we_i(load_valid_q && load_space_q == 2'd2), .waddr_i(load_addr_q[ResultAddrBits-1:0]),
    .wstrb_i(1'b1), .wdata_i(load_data_q), .re_i(c_re), .raddr_i(c_addr[ResultAddrBits-1:0]),
    .rdata_o(c_word));

  logic r_we, done_valid;
  logic [Parts-1:0] r_wstrb;
  logic [WordBits-1:0] r_wdata;
  cuatro_pkg::response_t done_response;

  output_stage #(
    .Lanes(Lanes), .DrainWidth(DrainWidth), .Multiplier(Multiplier), .Update(Update), .Structural(Structural)
  ) u_output (
    .clk_i, .rst_ni, .c_word_i(c_word), .result_i(result), .mask_load_i(mask_load),
    .group_valid_i(group_valid), .group_quant_i(group_quant), .group_update_i(group_update), .group_desc_i(group_desc),
    .group_block_i(group_block), .group_index_i(group_index), .group_row_i(group_row),
    .group_col_i(group_col), .group_first_i(group_first), .group_last_i(group_last),
    .we_o(r_we), .waddr_o(r_waddr), .wstrb_o(r_wstrb), .wdata_o(r_wdata),
    .done_valid_o(done_valid), .done_o(done_response));

  ram_1r1w #(.Width(WordBits), .Depth(ResultDepth), .Granule(32 * DrainWidth)) u_r_ram (
    .clk_i, .we_i(r_we), .waddr_i(r_waddr[ResultAddrBits-1:0]), .wstrb_i(r_wstrb), .wdata_i(r_wdata),
    .re_i(store_valid_i), .raddr_i(store_addr_i[ResultAddrBits-1:0]), .rdata_o(store_data_o));

  assign load_ready_o  = 1'b1;
  assign store_ready_o = 1'b1;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) store_data_valid_o <= 1'b0;
    else store_data_valid_o <= store_valid_i;
  end

  // --- responses ----------------------------------------------------------------------
  cuatro_pkg::response_t response;
  logic response_valid, response_ready;

  // A finished command cannot wait and need not: its place was kept at dispatch.
  assign response_valid = done_valid || answer_valid;
  assign answer_ready   = !done_valid;
  always_comb begin
    response = done_response;
    if (!done_valid) begin
      response       = '0;
      response.tag   = answer_tag;
      response.field = answer_field;
    end
  end

  fifo #(.Width(cuatro_pkg::RESPONSE_BITS), .Depth(ResponseDepth)) u_responses (
    .clk_i, .rst_ni, .in_valid_i(response_valid), .in_ready_o(response_ready), .in_data_i(response),
    .out_valid_o(rsp_valid_o), .out_ready_i(rsp_ready_i), .out_data_o(rsp_o));

  // What comes late in the cycle is registered before it counts.
  logic busy_q, mac_active_q, stall_q, load_q, store_q;
  always_ff @(posedge clk_i) {busy_q, mac_active_q, stall_q, load_q, store_q} <= {dispatch_busy, mac_active, stall, load_valid_i, store_valid_i} & {5{rst_ni}};
  perf_counters #(.Structural(Structural)) u_counters (
    .clk_i, .rst_ni, .busy_i(busy_q), .mac_i(mac_active_q), .drain_stall_i(stall_q), .load_i(load_q), .store_i(store_q),
    .busy_o(perf_busy_o), .mac_o(perf_mac_o), .drain_stall_o(perf_drain_stall_o),
    .load_o(perf_load_o), .store_o(perf_store_o));

  always_ff @(posedge clk_i) begin
    if (rst_ni) assert (!response_valid || response_ready);
  end
endmodule
