// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// store_pack: the beats that jobs leave are those of their rows, each once and in order; a byte has its strobe if an item lies there, and
// is then that byte of the item's word, of its halves, or of the record; a beat is the last at a multiple of BurstBeats or at its
// row's end; one that is offered stays; of each burst one credit is taken, with its first beat; a record is done with its last beat, and
// only then; with credit a beat comes within five cycles. Words of 16 bytes, items of 4 to 16, rows of up to three, jobs one upon the other.
//
// proof: bmc:11 DataBits=64 BurstBeats=2
// proof: bmc:9 DataBits=128 BurstBeats=2
// fault: rtl/store_pack.sv: {1'b0, offset_q[BeatBits-1:0]} + ((BeatBits + 1)'(1) << item_q) ==> {1'b0, offset_q[BeatBits-1:0]}
// fault: rtl/store_pack.sv: assign burst_end = beat_end && (row_end || ==> assign burst_end = beat_end && (
// fault: rtl/store_pack.sv: hit[u] || (!first_q && beat_strb_o[UnitBits/8*u]) ==> hit[u] || beat_strb_o[UnitBits/8*u]
// fault: rtl/store_pack.sv: assign pack      = have_q && (!beat_valid_o || beat_ready_i) ==> assign pack      = have_q
// fault: rtl/store_pack.sv: (open_q || credit_i); ==> 1'b1;
// fault: rtl/store_pack.sv: halves_q    <= halves_job_q; ==> halves_q    <= halves_q;
// fault: rtl/store_pack.sv: assign record_done_o = item_end && record_q; ==> assign record_done_o = pack && record_q;
// fault: rtl/store_pack.sv: row_last_q  <= fetch_row_last; ==> row_last_q  <= fetch_last;
// fault 2: rtl/store_pack.sv: part_end_q <= part_q + 8'd1 == part_last_q; ==> part_end_q <= part_q == part_last_q;
`default_nettype none

module store_pack_proof #(
  parameter int unsigned DataBits   = 64,
  parameter int unsigned BurstBeats = 2
) (
  input wire logic       clk_i,
  input wire logic       job_valid_i,
  input wire logic       record_job_i,
  input wire logic       halves_i,
  input wire logic [5:0] base_i,
  input wire logic [5:0] pitch_i,
  input wire logic [1:0] rows_i,
  input wire logic [1:0] cols_i,
  input wire logic [2:0] item_i,
  input wire logic [2:0] addr_i,
  input wire logic [2:0] col_step_i,
  input wire logic [2:0] row_step_i,
  input wire logic       credit_i,
  input wire logic       beat_ready_i
);
  localparam int unsigned WordBits  = 128;
  localparam int unsigned GrainBits = 32;
  localparam int unsigned BeatBits  = $clog2(DataBits / 8);

  logic rst_n;
  initial rst_n = 1'b0;
  always_ff @(posedge clk_i) rst_n <= 1'b1;

  cuatro_ring_pkg::job_t job;
  always_comb begin
    job = '0;
    job.transfer.base     = 64'(base_i);
    job.transfer.pitch    = 32'(pitch_i);
    job.transfer.rows     = 16'(rows_i);
    job.transfer.cols     = 16'(cols_i);
    job.transfer.item     = 4'(item_i);
    job.transfer.addr     = 16'(addr_i);
    job.transfer.col_step = 16'(col_step_i);
    job.transfer.row_step = 16'(row_step_i);
    job.transfer.space    = {1'b0, halves_i};
  end

  // Byte j of word w of R is {0, w, j}, of the record {100, j}.
  logic [WordBits-1:0] store_data;
  logic [255:0] record;
  logic [2:0] word_q;
  logic job_ready, record_done, store_valid, take, beat_valid, beat_last;
  logic [15:0] store_addr;
  logic [DataBits-1:0] data;
  logic [DataBits/8-1:0] strb;
  always_ff @(posedge clk_i) if (store_valid) word_q <= store_addr[2:0];
  always_comb begin
    for (int unsigned j = 0; j < WordBits / 8; j++) store_data[8*j +: 8] = {1'b0, word_q, 4'(j)};
    for (int unsigned j = 0; j < 32; j++) record[8*j +: 8] = {3'b100, 5'(j)};
  end

  store_pack #(.DataBits(DataBits), .WordBits(WordBits), .GrainBits(GrainBits), .BurstBeats(BurstBeats)) dut (
    .clk_i, .rst_ni(rst_n), .job_valid_i, .job_ready_o(job_ready), .job_i(job), .job_is_record_i(record_job_i), .record_i(record),
    .record_done_o(record_done), .store_valid_o(store_valid), .store_addr_o(store_addr), .store_data_i(store_data), .credit_i, .take_o(take),
    .beat_valid_o(beat_valid), .beat_ready_i, .beat_data_o(data), .beat_strb_o(strb), .beat_last_o(beat_last));

  // --- the oldest job whose beats are still to come ------------------------------------------------
  localparam int unsigned JobBits = 30;
  logic [JobBits-1:0] oldest;
  logic some, is_record, halves;
  logic [5:0] base, pitch;
  logic [1:0] rows, cols;
  logic [2:0] item, addr, col_step, row_step;
  assign {is_record, halves, base, pitch, rows, cols, item, addr, col_step, row_step} = oldest;

  // The beat to come: its row, and its number from the row's first beat on.
  logic [1:0] r_q;
  logic [3:0] b_q;
  logic beat, end_of_row, end_of_job;
  logic [7:0] row_begin, row_end, at;               // bytes
  assign beat       = beat_valid && beat_ready_i;
  assign row_begin  = 8'(base) + 8'(pitch) * 8'(r_q);
  assign row_end    = row_begin + (8'(cols) << item) - 8'd1;
  assign at         = {row_begin[7:BeatBits], BeatBits'(0)} + (8'(b_q) << BeatBits);
  assign end_of_row = at[7:BeatBits] == row_end[7:BeatBits];
  assign end_of_job = end_of_row && r_q == rows - 2'd1;
  job_list #(.Width(JobBits), .Most(3)) u_jobs (
    .clk_i, .rst_ni(rst_n), .take_i(job_valid_i && job_ready), .finish_i(beat && end_of_job), .some_o(some), .oldest_o(oldest),
    .job_i({record_job_i, halves_i, base_i, pitch_i, rows_i, cols_i, item_i, addr_i, col_step_i, row_step_i}));

  // --- what a byte of the beat must be ---------------------------------------------------------------
  logic [DataBits/8-1:0] want_strb;
  logic [DataBits-1:0] want_data;
  always_comb begin
    want_strb = '0;
    want_data = data;
    for (int unsigned i = 0; i < DataBits / 8; i++) begin
      logic [7:0] off;
      logic [1:0] c;
      logic [4:0] in;
      logic [2:0] w;
      off = at + 8'(i) - row_begin;
      c   = 2'(off >> item);
      in  = 5'(off & ~(8'hff << item));
      w   = addr + 3'(r_q * row_step) + 3'(c * col_step);
      want_strb[i] = at + 8'(i) >= row_begin && at + 8'(i) <= row_end;
      if (want_strb[i]) begin
        want_data[8*i +: 8] = is_record ? {3'b100, in} : {1'b0, w, halves ? {in[2:1], 1'b0, in[0]} : in[3:0]};
      end
    end
  end

  logic held_q, held_last_q, taken_q, record_done_q;
  logic [DataBits-1:0] held_data_q;
  logic [DataBits/8-1:0] held_strb_q;
  logic [2:0] waited_q;
  always_ff @(posedge clk_i) begin
    if (!rst_n) begin
      r_q           <= '0;
      b_q           <= '0;
      held_q        <= 1'b0;
      taken_q       <= 1'b0;
      waited_q      <= '0;
      record_done_q <= 1'b0;
    end else begin
      if (job_valid_i && job_ready) begin
        assume (rows_i != '0 && cols_i != '0 && (record_job_i ? item_i == 3'd5 && rows_i == 2'd1 && cols_i == 2'd1 && !halves_i
                                                               : item_i >= 3'd2 && item_i <= (halves_i ? 3'd3 : 3'd4)));
        assume (((base_i | pitch_i) & ~(6'h3f << item_i)) == '0);
      end
      if (beat) begin
        b_q <= end_of_row ? 4'd0 : b_q + 4'd1;
        if (end_of_row) r_q <= end_of_job ? 2'd0 : r_q + 2'd1;
      end
      held_q        <= beat_valid && !beat_ready_i;
      held_data_q   <= data;
      held_strb_q   <= strb;
      held_last_q   <= beat_last;
      taken_q       <= take || (taken_q && !(beat && beat_last));
      waited_q      <= (some && !beat_valid && credit_i) ? waited_q + 3'd1 : 3'd0;
      record_done_q <= record_done;

      assert (some || (job_ready && !beat_valid));
      assert (waited_q < 3'd5);
      assert (!take || credit_i);
      assert (!take || !taken_q || (beat && beat_last));
      assert (!beat_valid || taken_q);
      if (held_q) assert (beat_valid && data == held_data_q && strb == held_strb_q && beat_last == held_last_q);
      if (beat_valid) begin
        assert (strb == want_strb);
        assert (data == want_data);
        assert (beat_last == (end_of_row || &at[BeatBits +: $clog2(BurstBeats)]));
        assert (record_done_q == (is_record && end_of_job && !held_q));
      end else begin
        assert (!record_done_q);
      end
    end
  end
endmodule
