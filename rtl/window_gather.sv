// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Blocks of an unfolded matrix out of the window buffer: T positions a block row, (tap, T channels) a
// block column, rows outer. Line t of a block is the line of the buffer under tap (ky, kx) of position
// t's window, the code of zero where that is padding, and zero beyond the last position.
//
// A block a cycle as long as the T lines lie in T banks, else a pass for each that the fullest bank has of
// them and a cycle more. In order: the tap and its distance in lines; the lines; which of them go first; a read of each bank; the block.
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

  // --- the job, its blocks one by one -----------------------------------------------------------------
  logic v0, v1_q, v2_q, v3_q, move, move1, last_pass, last0, last_row, dilated_q, transpose_q;
  logic [1:0] space_q;
  logic [3:0] pad_code_q, kx0;
  logic [7:0] ky0, sub0;
  logic [15:0] addr0;
  logic [LineLog:0] positions_q;
  logic [Bits-1:0] width_q, height_q, distance0;      // of the source, as the taps see it
  logic [WordBits-1:0] base0;
  logic [Bits*T-1:0] cols, rows, lines;

  window_taps #(.T(T), .WordBits(WordBits)) u_taps (
    .clk_i, .rst_ni, .job_valid_i, .job_ready_o, .drained_i(!v1_q && !v2_q && !v3_q && move), .job_i, .sub_last_i, .base_i,
    .valid_o(v0), .ready_i(move1), .tap_y_o(ky0), .tap_x_o(kx0), .distance_o(distance0), .base_o(base0), .addr_o(addr0),
    .sub_o(sub0), .last_o(last0), .last_row_o(last_row), .col_o(cols), .row_o(rows), .line_o(lines));

  always_ff @(posedge clk_i) begin
    if (job_valid_i && job_ready_o) begin
      dilated_q   <= job_i.window.dilated;
      transpose_q <= job_i.transpose;
      space_q     <= job_i.space;
      pad_code_q  <= job_i.window.pad_code;
      positions_q <= job_i.pitch[8 +: LineLog+1];
      width_q     <= job_i.window.dilated ? {3'd0, job_i.window.width, 1'b0} - Bits'(1) : Bits'(job_i.window.width);
      height_q    <= job_i.window.dilated ? {3'd0, job_i.window.height, 1'b0} - Bits'(1) : Bits'(job_i.window.height);
    end
  end

  // --- the lines ------------------------------------------------------------------------------------
  logic last1_q, fresh1_q, single1_q;
  logic [7:0] sub1_q;
  logic [15:0] addr1_q;
  logic [WordBits-1:0] base1_q;
  logic [T-1:0] live1_q, inside1_q, want_q, want, hit;
  logic [Bits*T-1:0] line1_q;
  logic [Bits-1:0] row, col;

  // Where two lines may share a bank the next block waits for the last pass to be over: what all wait for is a register.
  assign move1 = !v1_q || (move && single1_q);
  // These two are the block's own.
  // verilator lint_off BLKSEQ
  always_ff @(posedge clk_i) begin
    if (!rst_ni) v1_q <= 1'b0;
    else if (move1 && v0) v1_q <= 1'b1;
    else if (move && last_pass) v1_q <= 1'b0;
    if (move1 && v0) begin
      base1_q <= base0;
      addr1_q <= addr0;
      sub1_q  <= sub0;
      last1_q <= last0;
      for (int unsigned t = 0; t < T; t++) begin
        row = rows[Bits*t +: Bits] + Bits'(ky0);
        col = cols[Bits*t +: Bits] + Bits'(kx0);
        live1_q[t]   <= !last_row || (LineLog + 1)'(t) < positions_q;
        inside1_q[t] <= row < height_q && col < width_q && !(dilated_q && (row[0] || col[0]));
        line1_q[Bits*t +: Bits] <= lines[Bits*t +: Bits] + distance0;
      end
    end
  end
  // verilator lint_on BLKSEQ

  // --- of lines that want the same bank the first goes, one of each bank a pass --------------------------
  logic first2_q, emit2_q, last2_q;
  logic [7:0] sub2_q;
  logic [15:0] addr2_q;
  logic [WordBits-1:0] base2_q;
  logic [T-1:0] hit2_q, pad2_q;
  logic [Bits*T-1:0] line2_q;

  assign want      = fresh1_q ? live1_q & inside1_q : want_q;
  assign last_pass = (want & ~hit) == '0;
  assign move      = !valid_o || ready_i;

  if (Structural) begin : g_structural
    // Distance moves all lines alike: which share a bank is the positions' affair, and known a cycle before.
    logic [T-1:0] shared;
    always_ff @(posedge clk_i) begin
      if (move1 && v0) single1_q <= shared == '0;
    end
    for (genvar t = 0; t < T; t++) begin : g_hit
      logic [T-1:0] earlier, same;                    // wants the same bank, has it
      for (genvar u = 0; u < T; u++) begin : g_other
        if (u < t) begin : g_same
          logic same1_q;
          assign same[u] = lines[Bits*u +: LineLog] == lines[Bits*t +: LineLog];
          always_ff @(posedge clk_i) begin
            if (move1 && v0) same1_q <= same[u];
          end
          assign earlier[u] = want[u] && same1_q;
        end else begin : g_none
          assign same[u]    = 1'b0;
          assign earlier[u] = 1'b0;
        end
      end
      assign shared[t] = same != '0;
      assign hit[t] = want[t] && earlier == '0;
    end
  end else begin : g_fast
    logic [T-1:0] taken, seen, shared;
    // These two are the block's own.
    // verilator lint_off BLKSEQ
    always_ff @(posedge clk_i) begin
      if (move1 && v0) begin
        seen   = '0;
        shared = '0;
        for (int unsigned t = 0; t < T; t++) begin
          shared[t] = seen[lines[Bits*t +: LineLog]];
          seen[lines[Bits*t +: LineLog]] = 1'b1;
        end
        single1_q <= shared == '0;
      end
    end
    // verilator lint_on BLKSEQ
    always_comb begin
      hit   = '0;
      taken = '0;
      if (v1_q) begin
        for (int unsigned t = 0; t < T; t++) begin
          if (want[t] && !taken[line1_q[Bits*t +: LineLog]]) begin
            hit[t] = 1'b1;
            taken[line1_q[Bits*t +: LineLog]] = 1'b1;
          end
        end
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      fresh1_q <= 1'b1;
      v2_q     <= 1'b0;
    end else if (move) begin
      if (v1_q) fresh1_q <= last_pass;
      v2_q <= v1_q;
    end
    if (move && v1_q) begin
      want_q   <= want & ~hit;
      first2_q <= fresh1_q;
      emit2_q  <= last_pass;
      hit2_q   <= hit;
      pad2_q   <= live1_q & ~inside1_q;
      line2_q  <= line1_q;
      base2_q  <= base1_q;
      addr2_q  <= addr1_q;
      sub2_q   <= sub1_q;
      last2_q  <= last1_q;
    end
  end

  // --- reads ------------------------------------------------------------------------------------------
  logic first3_q, emit3_q, last3_q;
  logic [7:0] sub3_q;
  logic [15:0] addr3_q;
  logic [T-1:0] hit3_q, pad3_q, read;
  logic [LineLog*T-1:0] bank3_q;
  assign re_o = read & {T{v2_q && move}};

  if (Structural) begin : g_read_structural
    for (genvar b = 0; b < T; b++) begin : g_read
      logic [T-1:0] mine;
      logic [HighBits-1:0] word;
      for (genvar t = 0; t < T; t++) begin : g_line
        assign mine[t] = hit2_q[t] && line2_q[Bits*t +: LineLog] == LineLog'(b);
      end
      always_comb begin
        word = '0;
        for (int unsigned t = 0; t < T; t++) word = word | (line2_q[Bits*t + LineLog +: HighBits] & {HighBits{mine[t]}});
      end
      assign read[b] = mine != '0;
      assign addr_o[WordBits*b +: WordBits] = base2_q + WordBits'(word);
    end
  end else begin : g_read_fast
    always_comb begin
      read   = '0;
      addr_o = '0;
      if (v2_q) begin
        for (int unsigned t = 0; t < T; t++) begin
          if (hit2_q[t]) begin
            read[line2_q[Bits*t +: LineLog]] = 1'b1;
            addr_o[WordBits*32'(line2_q[Bits*t +: LineLog]) +: WordBits] = base2_q + WordBits'(line2_q[Bits*t + LineLog +: HighBits]);
          end
        end
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) v3_q <= 1'b0;
    else if (move) v3_q <= v2_q;
    if (move && v2_q) begin
      first3_q <= first2_q;
      emit3_q  <= emit2_q;
      hit3_q   <= hit2_q;
      pad3_q   <= pad2_q;
      addr3_q  <= addr2_q;
      sub3_q   <= sub2_q;
      last3_q  <= last2_q;
      for (int unsigned t = 0; t < T; t++) bank3_q[LineLog*t +: LineLog] <= line2_q[Bits*t +: LineLog];
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
