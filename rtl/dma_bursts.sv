// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// The bursts of a load or store: rows of `cols << item` bytes, `pitch` apart, cut where an address
// is a multiple of BurstBeats beats, so that none crosses 4 KiB. A burst a cycle, but for one cycle
// at the start of each row. Job and burst sides are valid/ready; addresses are those of beats.
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
  localparam int unsigned BeatsBits = 32;

  if (DataBits < 64 || DataBits > 512 || (DataBits & (DataBits - 1)) != 0) begin : g_bad_width
    $error("dma_bursts: DataBits must be 64, 128, 256 or 512");
  end
  if (BurstBeats < 2 || (BurstBeats & (BurstBeats - 1)) != 0 || BurstBeats > 256 || BurstBeats * DataBits > 8 * 4096) begin : g_bad_burst
    $error("dma_bursts: BurstBeats must be a power of two, 2..256, and a burst at most 4 KiB");
  end

  typedef enum logic [1:0] { IDLE, ROW, RUN } state_e;
  state_e state_q;
  logic [AddrBits-1:0] row_q, addr_q;
  logic [31:0] pitch_q;
  logic [15:0] rows_q;
  logic [30:0] row_bytes_q;
  logic [BeatsBits-1:0] beats_q;               // left in the row
  logic [IndexBits:0] room, count;
  logic row_end;

  assign job_ready_o = state_q == IDLE;

  // To the next multiple of BurstBeats.
  assign room    = (IndexBits + 1)'(BurstBeats) - {1'b0, addr_q[BeatBits +: IndexBits]};
  assign row_end = beats_q <= BeatsBits'(room);
  assign count   = row_end ? beats_q[IndexBits:0] : room;

  assign burst_valid_o = state_q == RUN;
  assign burst_addr_o  = addr_q;
  assign burst_len_o   = 8'(count) - 8'd1;
  assign burst_last_o  = row_end && rows_q == 16'd1;

  always_ff @(posedge clk_i) begin
    unique case (state_q)
      IDLE: if (job_valid_i) begin
        state_q     <= ROW;
        row_q       <= base_i;
        pitch_q     <= pitch_i;
        rows_q      <= rows_i;
        row_bytes_q <= 31'(cols_i) << item_i;
      end
      ROW: begin
        state_q <= RUN;
        addr_q  <= {row_q[AddrBits-1:BeatBits], {BeatBits{1'b0}}};
        beats_q <= (BeatsBits'(row_q[BeatBits-1:0]) + BeatsBits'(row_bytes_q) + BeatsBits'(DataBits / 8 - 1)) >> BeatBits;
      end
      RUN: if (burst_valid_o && burst_ready_i) begin
        addr_q  <= addr_q + (AddrBits'(count) << BeatBits);
        beats_q <= beats_q - BeatsBits'(count);
        if (row_end) begin
          state_q <= (rows_q == 16'd1) ? IDLE : ROW;
          rows_q  <= rows_q - 1'b1;
          row_q   <= row_q + AddrBits'(pitch_q);
        end
      end
      default: state_q <= IDLE;
    endcase
    if (!rst_ni) state_q <= IDLE;
  end

  always_ff @(posedge clk_i) begin
    if (rst_ni && burst_valid_o) assert (beats_q != '0 && count != '0);
  end
endmodule
