// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Blocks of an unfolded matrix out of the window buffer: T positions a block row, (tap, T channels) a
// block column, rows outer. Line t of a block is the line of the buffer under tap (ky, kx) of position
// t's window, the code of zero where that is padding, and zero beyond the last position.
//
// A block a cycle as long as the T lines lie in T banks, else as many cycles as the fullest bank has of
// them. In order: the tap and its distance in lines; which lines; a read of each bank; the block.
`default_nettype none

module window_gather #(
  parameter int unsigned T        = 16,
  parameter int unsigned WordBits = 8,               // of a bank's addresses
  parameter bit          Structural = 1'b0,          // for synthesis; else the form that simulates fast
  localparam int unsigned Bits    = 12,
  localparam int unsigned LineLog = $clog2(T)
) (
  input  wire logic                  clk_i,
  input  wire logic                  rst_ni,
  // job
  input  wire logic                  job_valid_i,
  output logic                       job_ready_o,
  // Rest of a transfer is others'.
  // verilator lint_off UNUSEDSIGNAL
  input  wire cuatro_ring_pkg::entry_transfer_t job_i,
  // verilator lint_on UNUSEDSIGNAL
  input  wire logic [7:0]            sub_last_i,     // of its scratchpad
  input  wire logic [WordBits-1:0]   base_i,         // of the job's buffer words
  // banks
  output logic [T-1:0]               re_o,
  output logic [WordBits*T-1:0]      addr_o,
  input  wire logic [4*T*T-1:0]      data_i,         // a cycle later, until the next read
  // blocks
  output logic                       valid_o,
  input  wire logic                  ready_i,
  output logic                       last_o,         // of its job
  output logic [15:0]                addr_out_o,
  output logic [7:0]                 sub_o,
  output logic [1:0]                 space_o,
  output logic                       transpose_o,
  output logic [4*T*T-1:0]           block_o
);
  localparam int unsigned HighBits = Bits - LineLog;
  localparam int unsigned RowBits  = 4 * T;

  // --- taps: the first of a block row comes back with each row ------------------------------------
  logic active_q, prepared_q, first_q, reversed_q, dilated_q, transpose_q, last_tap_x;
  logic prepare, begin_job, issue, move0, move1, move, last_pass;
  logic [1:0] space_q;
  logic [3:0] pad_code_q, kx_q, first_kx_q, kernel_w_q, channel_q, first_channel_q, last_channel_q;
  logic [7:0] ky_q, first_ky_q;
  logic [LineLog:0] positions_q;
  logic [15:0] rows_left_q;                           // block rows after the present one
  logic [Bits-1:0] pitch_q, width_q, height_q;        // of the source, as the taps see it
  logic [WordBits-1:0] plane_q, base_q, channel_base_q, first_base_q, job_base;
  logic positions_ready, item_row_last, item_last;
  logic [15:0] item_addr;
  logic [7:0] item_sub;
  logic [Bits*T-1:0] cols, rows, lines;
  logic v0_q, v1_q, v3_q;

  // The next job's first positions are made while the taps of the last ones are under way.
  assign prepare     = job_valid_i && !prepared_q && (!active_q || (rows_left_q == 16'd0 && !first_q));
  assign job_ready_o = prepared_q && !active_q && !v0_q && !v1_q && !v3_q && move;
  assign begin_job   = job_valid_i && job_ready_o;
  assign issue       = active_q && move0 && (!first_q || positions_ready);
  assign last_tap_x  = kx_q == (reversed_q ? 4'd0 : kernel_w_q - 4'd1);
  assign job_base    = base_i + WordBits'(job_i.window.plane * 8'(job_i.window.channel));

  window_positions #(.T(T)) u_positions (
    .clk_i, .rst_ni, .load_i(prepare), .out_x_i(job_i.window.out_x), .out_y_i(job_i.window.out_y),
    .out_width_i(job_i.window.out_width), .out_height_i(job_i.window.out_height), .stride_i(job_i.window.stride),
    .dilated_i(job_i.window.dilated), .pad_h_i(job_i.window.pad_h), .pad_w_i(job_i.window.pad_w),
    .pitch_i(job_i.window.pitch), .next_image_i(job_i.window.next_image[Bits-1:0]), .origin_i(job_i.window.origin[Bits-1:0]),
    .take_i(issue && first_q), .ready_o(positions_ready), .col_o(cols), .row_o(rows), .line_o(lines));

  logic unused_byte;
  dma_items #(.AddrBits(1)) u_items (
    .clk_i, .load_i(!active_q), .base_i(1'b0), .pitch_i(1'b0), .rows_i(job_i.rows), .cols_i(job_i.cols), .item_i(4'd1),
    .addr_i(job_i.addr), .col_step_i(job_i.col_step), .row_step_i(job_i.row_step), .sub_rows_i(job_i.sub_rows), .sub_i(job_i.sub),
    .sub_last_i, .step_i(issue || !active_q), .byte_o(unused_byte), .addr_o(item_addr), .sub_o(item_sub),
    .row_last_o(item_row_last), .last_o(item_last));

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      active_q   <= 1'b0;
      prepared_q <= 1'b0;
    end else begin
      if (begin_job) active_q <= 1'b1;
      else if (issue && item_last) active_q <= 1'b0;
      if (prepare) prepared_q <= 1'b1;
      else if (begin_job) prepared_q <= 1'b0;
    end
    if (begin_job) begin
      first_q         <= 1'b1;
      reversed_q      <= job_i.window.reversed;
      dilated_q       <= job_i.window.dilated;
      transpose_q     <= job_i.transpose;
      space_q         <= job_i.space;
      pad_code_q      <= job_i.window.pad_code;
      kernel_w_q      <= job_i.window.kernel_w;
      last_channel_q  <= job_i.window.last_channel;
      plane_q         <= WordBits'(job_i.window.plane);
      positions_q     <= job_i.pitch[8 +: LineLog+1];
      rows_left_q     <= job_i.rows;
      pitch_q         <= job_i.window.pitch;
      width_q         <= job_i.window.dilated ? {3'd0, job_i.window.width, 1'b0} - Bits'(1) : Bits'(job_i.window.width);
      height_q        <= job_i.window.dilated ? {3'd0, job_i.window.height, 1'b0} - Bits'(1) : Bits'(job_i.window.height);
      base_q          <= base_i;
      ky_q            <= job_i.window.tap_y;
      kx_q            <= job_i.window.tap_x;
      channel_q       <= job_i.window.channel;
      channel_base_q  <= job_base;
      first_ky_q      <= job_i.window.tap_y;
      first_kx_q      <= job_i.window.tap_x;
      first_channel_q <= job_i.window.channel;
      first_base_q    <= job_base;
    end else if (issue) begin
      first_q <= item_row_last;
      if (first_q) rows_left_q <= rows_left_q - 16'd1;
      if (item_row_last) begin
        ky_q           <= first_ky_q;
        kx_q           <= first_kx_q;
        channel_q      <= first_channel_q;
        channel_base_q <= first_base_q;
      end else if (channel_q != last_channel_q) begin
        channel_q      <= channel_q + 4'd1;
        channel_base_q <= channel_base_q + plane_q;
      end else begin
        channel_q      <= 4'd0;
        channel_base_q <= base_q;
        kx_q           <= last_tap_x ? (reversed_q ? kernel_w_q - 4'd1 : 4'd0) : reversed_q ? kx_q - 4'd1 : kx_q + 4'd1;
        if (last_tap_x) ky_q <= reversed_q ? ky_q - 8'd1 : ky_q + 8'd1;
      end
    end
  end

  // --- the tap, its distance in lines ---------------------------------------------------------------
  logic last0_q;
  logic [3:0] kx0_q;
  logic [7:0] ky0_q, sub0_q;
  logic [15:0] addr0_q;
  logic [Bits-1:0] distance0_q;
  logic [WordBits-1:0] base0_q;

  assign move0 = !v0_q || move1;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) v0_q <= 1'b0;
    else if (move0) v0_q <= issue;
    if (issue) begin
      ky0_q       <= ky_q;
      kx0_q       <= kx_q;
      distance0_q <= dilated_q ? Bits'(pitch_q * Bits'(ky_q[7:1])) + Bits'(kx_q[3:1]) : Bits'(pitch_q * Bits'(ky_q)) + Bits'(kx_q);
      base0_q     <= channel_base_q;
      addr0_q     <= item_addr;
      sub0_q      <= item_sub;
      last0_q     <= item_last;
    end
  end

  // --- the lines ------------------------------------------------------------------------------------
  logic last1_q, fresh1_q;
  logic [7:0] sub1_q;
  logic [15:0] addr1_q;
  logic [WordBits-1:0] base1_q;
  logic [T-1:0] live1_q, inside1_q, want_q, want, hit;
  logic [Bits*T-1:0] line1_q;

  assign move1 = !v1_q || (move && last_pass);
  always_ff @(posedge clk_i) begin
    if (!rst_ni) v1_q <= 1'b0;
    else if (move1) v1_q <= v0_q;
    if (move1 && v0_q) begin
      base1_q <= base0_q;
      addr1_q <= addr0_q;
      sub1_q  <= sub0_q;
      last1_q <= last0_q;
    end
  end
  logic [Bits-1:0] row, col;
  // These two are the block's own.
  // verilator lint_off BLKSEQ
  always_ff @(posedge clk_i) begin
    if (move1 && v0_q) begin
      for (int unsigned t = 0; t < T; t++) begin
        row = rows[Bits*t +: Bits] + Bits'(ky0_q);
        col = cols[Bits*t +: Bits] + Bits'(kx0_q);
        live1_q[t]   <= rows_left_q != 16'd0 || (LineLog + 1)'(t) < positions_q;
        inside1_q[t] <= row < height_q && col < width_q && !(dilated_q && (row[0] || col[0]));
        line1_q[Bits*t +: Bits] <= lines[Bits*t +: Bits] + distance0_q;
      end
    end
  end
  // verilator lint_on BLKSEQ

  // --- reads: a line of each bank a pass --------------------------------------------------------------
  logic first3_q, emit3_q, last3_q;
  logic [7:0] sub3_q;
  logic [15:0] addr3_q;
  logic [T-1:0] hit3_q, pad3_q;
  logic [LineLog*T-1:0] bank3_q, bank;
  logic [T-1:0] read;

  assign want      = fresh1_q ? live1_q & inside1_q : want_q;
  assign last_pass = (want & ~hit) == '0;
  assign move      = !valid_o || ready_i;

  always_comb begin
    bank = '0;
    if (v1_q) begin
      for (int unsigned t = 0; t < T; t++) bank[LineLog*t +: LineLog] = line1_q[Bits*t +: LineLog];
    end
  end
  assign re_o = read & {T{v1_q && move}};

  if (Structural) begin : g_structural
    for (genvar t = 0; t < T; t++) begin : g_hit
      logic [T-1:0] earlier;                          // wants the same bank
      for (genvar u = 0; u < T; u++) begin : g_other
        if (u < t) begin : g_compare
          assign earlier[u] = want[u] && bank[LineLog*u +: LineLog] == bank[LineLog*t +: LineLog];
        end else begin : g_none
          assign earlier[u] = 1'b0;
        end
      end
      assign hit[t] = want[t] && earlier == '0;
    end
    for (genvar b = 0; b < T; b++) begin : g_read
      logic [T-1:0] mine;
      for (genvar t = 0; t < T; t++) begin : g_line
        assign mine[t] = hit[t] && bank[LineLog*t +: LineLog] == LineLog'(b);
      end
      logic [HighBits-1:0] sum;
      always_comb begin
        sum = '0;
        for (int unsigned t = 0; t < T; t++) sum = sum | (line1_q[Bits*t + LineLog +: HighBits] & {HighBits{mine[t]}});
      end
      assign read[b] = mine != '0;
      assign addr_o[WordBits*b +: WordBits] = base1_q + WordBits'(sum);
    end
  end else begin : g_fast
    always_comb begin
      hit    = '0;
      read   = '0;
      addr_o = '0;
      if (v1_q) begin
        for (int unsigned t = 0; t < T; t++) begin
          if (want[t] && !read[bank[LineLog*t +: LineLog]]) begin
            hit[t] = 1'b1;
            read[bank[LineLog*t +: LineLog]] = 1'b1;
            addr_o[WordBits*32'(bank[LineLog*t +: LineLog]) +: WordBits] = base1_q + WordBits'(line1_q[Bits*t + LineLog +: HighBits]);
          end
        end
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      fresh1_q <= 1'b1;
      v3_q     <= 1'b0;
    end else if (move) begin
      if (v1_q) fresh1_q <= last_pass;
      v3_q <= v1_q;
    end
    if (move && v1_q) begin
      want_q   <= want & ~hit;
      first3_q <= fresh1_q;
      emit3_q  <= last_pass;
      hit3_q   <= hit;
      pad3_q   <= live1_q & ~inside1_q;
      bank3_q  <= bank;
      addr3_q  <= addr1_q;
      sub3_q   <= sub1_q;
      last3_q  <= last1_q;
    end
  end

  // --- the block ------------------------------------------------------------------------------------
  always_ff @(posedge clk_i) begin
    if (!rst_ni) valid_o <= 1'b0;
    else if (move) valid_o <= v3_q && emit3_q;
    if (move && v3_q) begin
      for (int unsigned t = 0; t < T; t++) begin
        if (hit3_q[t]) block_o[RowBits*t +: RowBits] <= data_i[{bank3_q[LineLog*t +: LineLog], {$clog2(RowBits){1'b0}}} +: RowBits];
        else if (first3_q) block_o[RowBits*t +: RowBits] <= {T{pad_code_q & {4{pad3_q[t]}}}};
      end
      addr_out_o  <= addr3_q;
      sub_o       <= sub3_q;
      last_o      <= last3_q;
      space_o     <= space_q;
      transpose_o <= transpose_q;
    end
  end
endmodule
