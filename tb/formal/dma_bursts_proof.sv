// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// dma_bursts: the bursts of a row begin with the beat of its first byte, follow each other without gap or overlap and
// end with the beat of its last byte; none leaves a window of BurstBeats beats, so none crosses 4 KiB; the last one of
// the last row says so; a burst stands until it is taken. For every base and pitch, and rows up to 1 KiB.
//
// proof: bmc:14 BurstBeats=4 DataBits=64
// proof: bmc:14 BurstBeats=2 DataBits=256
// fault: rtl/dma_bursts.sv: beats_q <= BeatsBits'(room) ==> beats_q < BeatsBits'(room)
// fault: rtl/dma_bursts.sv: BeatsBits'(DataBits / 8 - 1)) >> ==> BeatsBits'(DataBits / 8 - 2)) >>
// fault: rtl/dma_bursts.sv: <= row_q + AddrBits'(pitch_q) ==> <= addr_q + AddrBits'(pitch_q)
// fault: rtl/dma_bursts.sv: 8'(count) - 8'd1 ==> 8'(count)
`default_nettype none

module dma_bursts_proof #(
  parameter int unsigned BurstBeats = 4,
  parameter int unsigned DataBits   = 64
) (
  input wire logic        clk_i,
  input wire logic        job_valid_i,
  input wire logic [15:0] base_i,
  input wire logic [15:0] pitch_i,
  input wire logic [15:0] rows_i,
  input wire logic [15:0] cols_i,
  input wire logic [3:0]  item_i,
  input wire logic        ready_i
);
  localparam int unsigned Bytes  = DataBits / 8;
  localparam int unsigned Window = BurstBeats * Bytes;
  localparam logic [15:0] BeatMask = 16'hffff << $clog2(Bytes);
  logic started_q;
  initial started_q = 1'b0;
  always_ff @(posedge clk_i) started_q <= 1'b1;

  logic job_ready, valid, last;
  logic [15:0] addr;
  logic [7:0] len;
  dma_bursts #(.AddrBits(16), .DataBits(DataBits), .BurstBeats(BurstBeats)) dut (
    .clk_i, .rst_ni(started_q), .job_valid_i, .job_ready_o(job_ready), .base_i, .pitch_i({16'd0, pitch_i}), .rows_i,
    .cols_i, .item_i, .burst_valid_o(valid), .burst_ready_i(ready_i), .burst_addr_o(addr), .burst_len_o(len),
    .burst_last_o(last));

  // The row that is walked, as byte numbers, and how far.
  logic open_q, waits_q, last_q;
  logic [15:0] row_q, next_q, pitch_q, rows_q, row_end, after;
  logic [10:0] bytes_q;
  logic [23:0] waiting_q;
  always_comb begin
    row_end = (row_q + 16'(bytes_q) + 16'(Bytes - 1)) & BeatMask;
    after   = addr + (16'(len) + 16'd1) * 16'(Bytes);
  end
  initial begin
    open_q  = 1'b0;
    waits_q = 1'b0;
  end
  always_ff @(posedge clk_i) begin
    if (started_q && job_valid_i && job_ready) begin
      open_q  <= 1'b1;
      row_q   <= base_i;
      next_q  <= base_i & BeatMask;
      pitch_q <= pitch_i;
      rows_q  <= rows_i;
      bytes_q <= 11'(cols_i) << item_i;
    end else if (started_q && valid && ready_i) begin
      next_q <= after;
      if (after == row_end) begin
        row_q  <= row_q + pitch_q;
        next_q <= (row_q + pitch_q) & BeatMask;
        rows_q <= rows_q - 16'd1;
        if (rows_q == 16'd1) open_q <= 1'b0;
      end
    end
    waits_q   <= started_q && valid && !ready_i;
    waiting_q <= {addr, len};
    last_q    <= last;

    if (job_valid_i) assume (rows_i != 16'd0 && cols_i != 16'd0 && item_i <= 4'd9 && (26'(cols_i) << item_i) <= 26'd1024);
    if (started_q) begin
      assert (job_ready == !open_q);
      if (valid) begin
        assert (open_q && addr == next_q);
        assert (len < 8'(BurstBeats) && addr / 16'(Window) == (after - 16'd1) / 16'(Window));
        assert (16'(row_end - addr) >= 16'(after - addr));               // not beyond the row's end
        assert (last == (after == row_end && rows_q == 16'd1));
      end
      if (waits_q) assert (valid && {addr, len} == waiting_q && last == last_q);
    end
  end
endmodule
