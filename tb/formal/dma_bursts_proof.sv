// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// dma_bursts: the bursts of a job are the beats of its rows, every one once and in order; none crosses a multiple of
// BurstBeats beats, and one ends only there or with its row; the last one says so; a burst that is offered stays until it is
// taken; one comes within four cycles; then the next job is welcome. Addresses of ten bits, rows of up to 31 bytes.
//
// proof: bmc:11 DataBits=64 BurstBeats=2
// proof: bmc:11 DataBits=64 BurstBeats=4
// fault: rtl/dma_bursts.sv: {1'b0, bytes_q} - 32'd1; ==> {1'b0, bytes_q};
// fault: rtl/dma_bursts.sv: start_q <= '0; ==> start_q <= start_q;
// fault: rtl/dma_bursts.sv: run_last_q <= span_last_q; ==> run_last_q <= 1'b1;
// fault: rtl/dma_bursts.sv: assign emit       = run_valid_q && (!burst_valid_o || burst_ready_i); ==> assign emit       = run_valid_q;
// fault: rtl/dma_bursts.sv: assign job_ready_o = !rows_valid_q && ==> assign job_ready_o =
// fault 2: rtl/dma_bursts.sv: length     = (row_end ? end_q : '1) - start_q; ==> length     = row_end ? end_q : '1;
`default_nettype none

module dma_bursts_proof #(
  parameter int unsigned DataBits   = 64,
  parameter int unsigned BurstBeats = 2
) (
  input wire logic        clk_i,
  input wire logic        job_valid_i,
  input wire logic [9:0]  base_i,
  input wire logic [9:0]  pitch_i,
  input wire logic [1:0]  rows_i,
  input wire logic [4:0]  cols_i,
  input wire logic [1:0]  item_i,
  input wire logic        burst_ready_i
);
  localparam int unsigned BeatBits = $clog2(DataBits / 8);

  logic rst_n, job_ready, burst_valid, burst_last;
  logic [9:0] burst_addr;
  logic [7:0] burst_len;
  initial rst_n = 1'b0;
  always_ff @(posedge clk_i) rst_n <= 1'b1;

  dma_bursts #(.AddrBits(10), .DataBits(DataBits), .BurstBeats(BurstBeats)) dut (
    .clk_i, .rst_ni(rst_n), .job_valid_i, .job_ready_o(job_ready), .base_i, .pitch_i(32'(pitch_i)), .rows_i(16'(rows_i)),
    .cols_i(16'(cols_i)), .item_i(4'(item_i)), .burst_valid_o(burst_valid), .burst_ready_i, .burst_addr_o(burst_addr),
    .burst_len_o(burst_len), .burst_last_o(burst_last));

  // What is still to come, in beats; a row that begins anew each time its last beat has been asked for.
  logic busy_q, held_q, held_last_q;
  logic [1:0] rows_q;
  logic [4:0] bytes_q, bytes;
  logic [9:0] row_q, pitch_q, held_addr_q, next_row;
  logic [7:0] held_len_q;
  logic [9-BeatBits:0] beat_q, row_end, burst_end;
  logic [2:0] waited_q;
  assign bytes     = cols_i << item_i;
  assign row_end   = (10 - BeatBits)'((row_q + 10'(bytes_q) - 10'd1) >> BeatBits);
  assign burst_end = burst_addr[9:BeatBits] + (10 - BeatBits)'(burst_len);
  assign next_row  = row_q + pitch_q;

  always_ff @(posedge clk_i) begin
    if (!rst_n) begin
      busy_q   <= 1'b0;
      held_q   <= 1'b0;
      waited_q <= '0;
    end else begin
      if (job_valid_i && job_ready) begin
        assume (rows_i != '0 && cols_i != '0 && (8'(cols_i) << item_i) < 8'd32);
        busy_q  <= 1'b1;
        rows_q  <= rows_i;
        bytes_q <= bytes;
        row_q   <= base_i;
        pitch_q <= pitch_i;
        beat_q  <= base_i[9:BeatBits];
      end else if (burst_valid && burst_ready_i) begin
        beat_q <= burst_end + 1'b1;
        if (burst_end == row_end) begin
          busy_q <= rows_q != 2'd1;
          rows_q <= rows_q - 2'd1;
          row_q  <= next_row;
          beat_q <= next_row[9:BeatBits];
        end
      end
      held_q      <= burst_valid && !burst_ready_i;
      held_addr_q <= burst_addr;
      held_len_q  <= burst_len;
      held_last_q <= burst_last;
      waited_q    <= (busy_q && !burst_valid) ? waited_q + 3'd1 : 3'd0;
    end

    if (rst_n) begin
      assert (job_ready == !busy_q);
      assert (waited_q < 3'd4);
      if (held_q) assert (burst_valid && burst_addr == held_addr_q && burst_len == held_len_q && burst_last == held_last_q);
      if (burst_valid) begin
        assert (busy_q && burst_addr == {beat_q, BeatBits'(0)} && burst_len < 8'(BurstBeats));
        assert (burst_end / BurstBeats == beat_q / BurstBeats);
        assert (burst_end == row_end || (burst_end + 1'b1) % BurstBeats == '0);
        assert (burst_last == (rows_q == 2'd1 && burst_end == row_end));
      end
    end
  end
endmodule
