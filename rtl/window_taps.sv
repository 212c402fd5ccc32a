// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// The blocks of an unfolded matrix that window_gather makes, one after the other: T positions a block row,
// (tap, T channels) a block column, rows outer. Of each its tap, how many lines that lies after a window's
// first element, and where the block goes; of its row the positions (window_positions), which stay as
// long as blocks of it are on their way to the lines.
`default_nettype none

module window_taps #(
  parameter int unsigned T        = 16,
  parameter int unsigned WordBits = 8,               // of a bank's addresses
  localparam int unsigned Bits    = 12
) (
  input  wire logic                  clk_i,
  input  wire logic                  rst_ni,
  // job
  input  wire logic                  job_valid_i,
  output logic                       job_ready_o,
  input  wire logic                  drained_i,      // no block of the last job is under way any more
  // Rest of a transfer is others'.
  // verilator lint_off UNUSEDSIGNAL
  input  wire cuatro_ring_pkg::entry_transfer_t job_i,
  // verilator lint_on UNUSEDSIGNAL
  input  wire logic [7:0]            sub_last_i,     // of its scratchpad
  input  wire logic [WordBits-1:0]   base_i,         // of the job's buffer words
  // a block
  output logic                       valid_o,
  input  wire logic                  ready_i,
  output logic [7:0]                 tap_y_o,
  output logic [3:0]                 tap_x_o,
  output logic [Bits-1:0]            distance_o,
  output logic [WordBits-1:0]        base_o,         // of its channels' words
  output logic [15:0]                addr_o,
  output logic [7:0]                 sub_o,
  output logic                       last_o,         // of its job
  output logic                       last_row_o,
  // its row's positions
  output logic [Bits*T-1:0]          col_o,
  output logic [Bits*T-1:0]          row_o,
  output logic [Bits*T-1:0]          line_o
);
  // --- taps: the first of a block row comes back with each row ------------------------------------
  logic active_q, prepared_q, first_q, reversed_q, dilated_q, last_tap_x;
  logic prepare_q, begin_job, issue, room;
  logic [3:0] kx_q, first_kx_q, kernel_w_q, channel_q, first_channel_q, last_channel_q;
  logic [7:0] ky_q, first_ky_q;
  logic [15:0] rows_left_q;                           // block rows, before the next one's positions are taken
  logic [Bits-1:0] pitch_q;
  logic [Bits-1:0] tap_row_q, first_row_q, prepared_row_q;   // lines from a window's first row to the tap's
  logic [WordBits-1:0] plane_q, base_q, channel_base_q, first_base_q, job_base;
  logic positions_ready, item_row_last, item_last;
  logic [15:0] item_addr;
  logic [7:0] item_sub;

  // The next job's first positions are made while the taps of the last ones are under way: prepare_q.
  assign job_ready_o = prepared_q && !active_q && !valid_o && drained_i;
  assign begin_job   = job_valid_i && job_ready_o;
  assign issue       = active_q && room && (!first_q || positions_ready);
  assign last_tap_x  = kx_q == (reversed_q ? 4'd0 : kernel_w_q - 4'd1);
  assign job_base    = base_i + WordBits'(job_i.window.plane * 8'(job_i.window.channel));

  window_positions #(.T(T)) u_positions (
    .clk_i, .rst_ni, .load_i(prepare_q), .out_x_i(job_i.window.out_x), .out_y_i(job_i.window.out_y),
    .out_width_i(job_i.window.out_width), .out_height_i(job_i.window.out_height), .stride_i(job_i.window.stride),
    .dilated_i(job_i.window.dilated), .pad_h_i(job_i.window.pad_h), .pad_w_i(job_i.window.pad_w),
    .pitch_i(job_i.window.pitch), .next_image_i(job_i.window.next_image[Bits-1:0]), .origin_i(job_i.window.origin[Bits-1:0]),
    .take_i(issue && first_q), .ready_o(positions_ready), .col_o, .row_o, .line_o);

  logic unused_byte;
  dma_items #(.AddrBits(1)) u_items (
    .clk_i, .load_i(!active_q), .base_i(1'b0), .pitch_i(1'b0), .rows_i(job_i.rows), .cols_i(job_i.cols), .item_i(4'd1),
    .addr_i(job_i.addr), .col_step_i(job_i.col_step), .row_step_i(job_i.row_step), .sub_rows_i(job_i.sub_rows), .sub_i(job_i.sub),
    .sub_last_i, .step_i(issue || !active_q), .byte_o(unused_byte), .addr_o(item_addr), .sub_o(item_sub),
    .row_last_o(item_row_last), .last_o(item_last));

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      active_q   <= 1'b0;
      prepare_q  <= 1'b0;
      prepared_q <= 1'b0;
    end else begin
      if (begin_job) active_q <= 1'b1;
      else if (issue && item_last) active_q <= 1'b0;
      prepare_q <= job_valid_i && !prepared_q && !prepare_q && (!active_q || (last_row_o && !first_q));
      if (prepare_q) prepared_q <= 1'b1;
      else if (begin_job) prepared_q <= 1'b0;
    end
    if (prepare_q) prepared_row_q <= job_i.window.pitch * (job_i.window.dilated ? Bits'(job_i.window.tap_y[7:1]) : Bits'(job_i.window.tap_y));
    if (begin_job) begin
      first_q         <= 1'b1;
      reversed_q      <= job_i.window.reversed;
      dilated_q       <= job_i.window.dilated;
      kernel_w_q      <= job_i.window.kernel_w;
      last_channel_q  <= job_i.window.last_channel;
      plane_q         <= WordBits'(job_i.window.plane);
      rows_left_q     <= job_i.rows;
      last_row_o      <= 1'b0;
      pitch_q         <= job_i.window.pitch;
      base_q          <= base_i;
      ky_q            <= job_i.window.tap_y;
      kx_q            <= job_i.window.tap_x;
      channel_q       <= job_i.window.channel;
      channel_base_q  <= job_base;
      first_ky_q      <= job_i.window.tap_y;
      first_kx_q      <= job_i.window.tap_x;
      first_channel_q <= job_i.window.channel;
      first_base_q    <= job_base;
      tap_row_q       <= prepared_row_q;
      first_row_q     <= prepared_row_q;
    end else if (issue) begin
      first_q <= item_row_last;
      if (first_q) begin
        rows_left_q <= rows_left_q - 16'd1;
        last_row_o  <= rows_left_q == 16'd1;
      end
      if (item_row_last) begin
        ky_q           <= first_ky_q;
        kx_q           <= first_kx_q;
        channel_q      <= first_channel_q;
        channel_base_q <= first_base_q;
        tap_row_q      <= first_row_q;
      end else if (channel_q != last_channel_q) begin
        channel_q      <= channel_q + 4'd1;
        channel_base_q <= channel_base_q + plane_q;
      end else begin
        channel_q      <= 4'd0;
        channel_base_q <= base_q;
        kx_q           <= last_tap_x ? (reversed_q ? kernel_w_q - 4'd1 : 4'd0) : reversed_q ? kx_q - 4'd1 : kx_q + 4'd1;
        if (last_tap_x) begin
          ky_q <= reversed_q ? ky_q - 8'd1 : ky_q + 8'd1;
          // Of rows two apart every other one brings a line's step.
          if (!dilated_q || ky_q[0] != reversed_q) tap_row_q <= reversed_q ? tap_row_q - pitch_q : tap_row_q + pitch_q;
        end
      end
    end
  end

  // --- the block --------------------------------------------------------------------------------------
  assign room       = !valid_o || ready_i;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) valid_o <= 1'b0;
    else if (room) valid_o <= issue;
    if (issue) begin
      tap_y_o    <= ky_q;
      tap_x_o    <= kx_q;
      distance_o <= tap_row_q + {8'd0, dilated_q ? {1'b0, kx_q[3:1]} : kx_q};
      base_o     <= channel_base_q;
      addr_o     <= item_addr;
      sub_o      <= item_sub;
      last_o     <= item_last;
    end
  end
endmodule
