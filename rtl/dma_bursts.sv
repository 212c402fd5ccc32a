// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// The bursts of a load or store: rows of `cols << item` bytes, `pitch` apart, cut where an address
// is a multiple of BurstBeats beats, so that none crosses 4 KiB. A burst a cycle, across rows, too.
// Job and burst sides are valid/ready; the next job is taken when the last burst of one is gone.
// Addresses are those of beats.
//
// An addition a rank: a row's address, how far into bursts it reaches, the burst's address.
`default_nettype none

module dma_bursts #(
  parameter int unsigned AddrBits   = 40,
  parameter int unsigned DataBits   = 512,
  parameter int unsigned BurstBeats = 16
) (
  input  wire logic                clk_i,
  input  wire logic                rst_ni,
  // job
  input  wire logic                job_valid_i,
  output logic                     job_ready_o,
  input  wire logic [AddrBits-1:0] base_i,
  input  wire logic [31:0]         pitch_i,
  input  wire logic [15:0]         rows_i,
  input  wire logic [15:0]         cols_i,
  input  wire logic [3:0]          item_i,
  // bursts
  output logic                     burst_valid_o,
  input  wire logic                burst_ready_i,
  output logic [AddrBits-1:0]      burst_addr_o,
  output logic [7:0]               burst_len_o,      // beats - 1
  output logic                     burst_last_o      // of its job
);
  localparam int unsigned BeatBits  = $clog2(DataBits / 8);
  localparam int unsigned IndexBits = $clog2(BurstBeats);

  if (DataBits < 64 || DataBits > 512 || (DataBits & (DataBits - 1)) != 0) begin : g_bad_width
    $error("dma_bursts: DataBits must be 64, 128, 256 or 512");
  end
  if (BurstBeats < 2 || (BurstBeats & (BurstBeats - 1)) != 0 || BurstBeats > 256 || BurstBeats * DataBits > 8 * 4096) begin : g_bad_burst
    $error("dma_bursts: BurstBeats must be a power of two, 2..256, and a burst at most 4 KiB");
  end

  localparam int unsigned OffsetBits = BeatBits + IndexBits;    // of a byte in a burst
  localparam int unsigned HighBits   = AddrBits - OffsetBits;   // of a burst's address
  localparam int unsigned LeftBits   = 32 - OffsetBits;

  // --- rows ---------------------------------------------------------------------------------
  logic rows_valid_q, row_taken, span_valid_q, span_taken;
  logic [AddrBits-1:0] row_q;
  logic [31:0] pitch_q;
  logic [15:0] rows_q;
  logic [30:0] bytes_q;

  // --- its first beat, and where its last byte is, counted from the first burst's begin -----
  logic span_last_q;
  // Beats, not bytes.
  // verilator lint_off UNUSEDSIGNAL
  logic [31:0] span;
  // verilator lint_on UNUSEDSIGNAL
  logic [AddrBits-1:BeatBits] span_first_q;
  logic [LeftBits-1:0] span_left_q;
  logic [IndexBits-1:0] span_end_q;

  assign span      = 32'(row_q[OffsetBits-1:0]) + {1'b0, bytes_q} - 32'd1;
  assign row_taken = rows_valid_q && (!span_valid_q || span_taken);

  // --- bursts: from beat `start` to the last of the burst, or of the row ----------------------
  logic run_valid_q, run_last_q, row_end, emit;
  logic [HighBits-1:0] high_q;
  logic [IndexBits-1:0] start_q, end_q, length;          // of the burst, less one beat
  logic [LeftBits-1:0] left_q;                           // bursts of the row after this one

  assign row_end    = left_q == '0;
  assign length     = (row_end ? end_q : '1) - start_q;
  assign emit       = run_valid_q && (!burst_valid_o || burst_ready_i);
  assign span_taken = span_valid_q && (!run_valid_q || (emit && row_end));

  assign job_ready_o = !rows_valid_q && !span_valid_q && !run_valid_q && !burst_valid_o;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      rows_valid_q  <= 1'b0;
      span_valid_q  <= 1'b0;
      run_valid_q   <= 1'b0;
      burst_valid_o <= 1'b0;
    end else begin
      if (job_valid_i && job_ready_o) rows_valid_q <= 1'b1;
      else if (row_taken && rows_q == 16'd1) rows_valid_q <= 1'b0;
      if (row_taken) span_valid_q <= 1'b1;
      else if (span_taken) span_valid_q <= 1'b0;
      if (span_taken) run_valid_q <= 1'b1;
      else if (emit && row_end) run_valid_q <= 1'b0;
      if (emit) burst_valid_o <= 1'b1;
      else if (burst_ready_i) burst_valid_o <= 1'b0;
    end
    if (job_valid_i && job_ready_o) begin
      row_q   <= base_i;
      pitch_q <= pitch_i;
      rows_q  <= rows_i;
      bytes_q <= 31'(cols_i) << item_i;
    end else if (row_taken) begin
      row_q  <= row_q + AddrBits'(pitch_q);
      rows_q <= rows_q - 1'b1;
    end
    if (row_taken) begin
      span_first_q <= row_q[AddrBits-1:BeatBits];
      span_left_q  <= span[31:OffsetBits];
      span_end_q   <= span[BeatBits +: IndexBits];
      span_last_q  <= rows_q == 16'd1;
    end
    if (span_taken) begin
      {high_q, start_q} <= span_first_q;
      left_q     <= span_left_q;
      end_q      <= span_end_q;
      run_last_q <= span_last_q;
    end else if (emit) begin
      high_q  <= high_q + 1'b1;
      start_q <= '0;
      left_q  <= left_q - 1'b1;
    end
    if (emit) begin
      burst_addr_o <= {high_q, start_q, {BeatBits{1'b0}}};
      burst_len_o  <= 8'(length);
      burst_last_o <= row_end && run_last_q;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_ni && burst_valid_o) assert (32'(burst_addr_o[OffsetBits-1:BeatBits]) + 32'(burst_len_o) < BurstBeats);
  end
endmodule
