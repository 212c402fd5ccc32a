// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// load_unpack: of the beats of a job's rows each item becomes one word, in order, with the item's bytes, space, address and sub-block; one
// outside of its scratchpad is not written and is a fault, as is a beat with an error, of this job; done with the last word and
// only then. Words of a job that unfolds stay while source_more_i is high, and are not done. A beat is taken within five
// cycles. Words of 16 bytes, items of 4 to 16, words of A of two blocks, rows of up to three, jobs one upon the other.
//
// proof: bmc:11 DataBits=64
// proof: bmc:10 DataBits=128
// fault: rtl/load_unpack.sv: {1'b0, item_byte[BeatBits-1:0]} + ((BeatBits + 1)'(1) << item_q) ==> {1'b0, item_byte[BeatBits-1:0]}
// fault: rtl/load_unpack.sv: load_valid_o <= step && !outside && !unfold_q; ==> load_valid_o <= step && !unfold_q;
// fault: rtl/load_unpack.sv: done_o       <= finish && !unfold_q; ==> done_o       <= finish;
// fault: rtl/load_unpack.sv: && !more_q && !source_more_i; ==> && !source_more_i;
// fault: rtl/load_unpack.sv: sub_last = 8'(SubsA - 1); ==> sub_last = 8'd0;
// fault: rtl/load_unpack.sv: part_q <= (part_q == part_last_q) ? '0 : part_q + 1'b1; ==> part_q <= part_q + 1'b1;
// fault: rtl/load_unpack.sv: (accept && beat_error_i) || (step && outside && !unfold_q); ==> (accept && beat_error_i);
// fault 2: rtl/load_unpack.sv: assign step         = (more_q && !source_more_i) ==> assign step         = more_q
// fault 2: rtl/load_unpack.sv: assign next  = (32'd1 << item_q) >> UnitByteBits; ==> assign next  = 32'd1;
`default_nettype none

module load_unpack_proof #(
  parameter int unsigned DataBits = 64
) (
  input wire logic       clk_i,
  input wire logic       job_valid_i,
  input wire logic       unfold_i,
  input wire logic       lane_i,
  input wire logic       space_i,                   // A or C
  input wire logic       sub_rows_i,
  input wire logic       sub_i,
  input wire logic [5:0] base_i,
  input wire logic [5:0] pitch_i,
  input wire logic [1:0] rows_i,
  input wire logic [1:0] cols_i,
  input wire logic [2:0] item_i,
  input wire logic [2:0] addr_i,
  input wire logic [2:0] col_step_i,
  input wire logic [2:0] row_step_i,
  input wire logic       beat_valid_i,
  input wire logic       beat_error_i,
  input wire logic       errors_i,                  // in the first cycle: whether beats have errors, or words lie outside
  input wire logic       more_i
);
  localparam int unsigned WordBits    = 128;
  localparam int unsigned GrainBits   = 32;
  localparam int unsigned OperandBits = 3;
  localparam int unsigned BeatBits    = $clog2(DataBits / 8);

  logic rst_n;
  initial rst_n = 1'b0;
  always_ff @(posedge clk_i) rst_n <= 1'b1;

  cuatro_ring_pkg::job_t job;
  always_comb begin
    job = '0;
    job.lane              = lane_i;
    job.slot              = {12'd0, unfold_i};
    job.transfer.unfold   = unfold_i;
    job.transfer.space    = space_i ? cuatro_ring_pkg::SPACE_C : cuatro_ring_pkg::SPACE_A;
    job.transfer.sub_rows = sub_rows_i;
    job.transfer.sub      = {7'd0, sub_i};
    job.transfer.base     = 64'(base_i);
    job.transfer.pitch    = 32'(pitch_i);
    job.transfer.rows     = 16'(rows_i);
    job.transfer.cols     = 16'(cols_i);
    job.transfer.item     = 4'(item_i);
    job.transfer.addr     = 16'(addr_i);
    job.transfer.col_step = 16'(col_step_i);
    job.transfer.row_step = 16'(row_step_i);
  end

  // Memory's byte at address x is x. Beats come for a job that is here, as long as it has some.
  logic job_ready, beat_valid, beat_ready, load_valid, transpose, source_load, source_valid, source_more, done, done_lane, fault;
  logic [1:0] load_space;
  logic [7:0] load_sub;
  logic [15:0] load_addr;
  logic [DataBits-1:0] beat_data;
  logic [WordBits-1:0] load_data;
  cuatro_ring_pkg::fault_t fault_info;
  logic left_q;
  logic [5:0] beat_pitch_q, beat_len_q;
  logic [1:0] beat_rows_q;
  logic [7:0] row_q, at_q, beat_end;
  assign beat_valid  = beat_valid_i && left_q;
  assign beat_end    = row_q + 8'(beat_len_q) - 8'd1;
  assign source_more = more_i && source_valid;
  always_comb begin
    for (int unsigned i = 0; i < DataBits / 8; i++) beat_data[8*i +: 8] = at_q + 8'(i);
  end

  load_unpack #(.AddrBits(8), .DataBits(DataBits), .WordBits(WordBits), .GrainBits(GrainBits), .SubsA(2), .SubsB(2), .OperandBits(OperandBits), .ResultBits(OperandBits)) dut (
    .clk_i, .rst_ni(rst_n), .job_valid_i, .job_ready_o(job_ready), .job_i(job), .beat_valid_i(beat_valid), .beat_ready_o(beat_ready), .beat_data_i(beat_data),
    .beat_error_i, .load_valid_o(load_valid), .load_space_o(load_space), .load_transpose_o(transpose), .load_sub_o(load_sub), .load_addr_o(load_addr),
    .load_data_o(load_data), .source_load_o(source_load), .source_valid_o(source_valid), .source_more_i(source_more), .done_o(done), .done_lane_o(done_lane),
    .fault_o(fault), .fault_info_o(fault_info));

  logic take;
  assign take = job_valid_i && job_ready;
  always_ff @(posedge clk_i) begin
    if (!rst_n) begin
      left_q <= 1'b0;
    end else if (take) begin
      left_q       <= 1'b1;
      beat_pitch_q <= pitch_i;
      beat_len_q   <= 6'(cols_i) << item_i;
      beat_rows_q  <= rows_i;
      row_q        <= 8'(base_i);
      at_q         <= {2'd0, base_i[5:BeatBits], BeatBits'(0)};
    end else if (beat_valid && beat_ready) begin
      at_q <= at_q + 8'(DataBits / 8);
      if (at_q[7:BeatBits] == beat_end[7:BeatBits]) begin
        left_q      <= beat_rows_q != 2'd1;
        beat_rows_q <= beat_rows_q - 2'd1;
        row_q       <= row_q + 8'(beat_pitch_q);
        at_q        <= 8'(((row_q + 8'(beat_pitch_q)) >> BeatBits) << BeatBits);
      end
    end
  end

  // --- the oldest job whose words are still to come -------------------------------------------------
  localparam int unsigned JobBits = 33;
  logic [JobBits-1:0] oldest;
  logic some, unfold, lane, space, sub_rows, sub;
  logic [5:0] base, pitch;
  logic [1:0] rows, cols, r_q, c_q;
  logic [2:0] item, addr, col_step, row_step;
  assign {unfold, lane, space, sub_rows, sub, base, pitch, rows, cols, item, addr, col_step, row_step} = oldest;

  // The word to come.
  logic [2:0] blocks, words;
  logic [5:0] want_addr;
  logic [7:0] want_byte;
  logic outside, error_q, errors_q, again_q, event_, last;
  always_comb begin
    blocks    = 3'(sub) + 3'(sub_rows ? r_q : c_q);
    words     = space ? blocks - 3'(sub) : blocks >> 1;
    want_addr = 6'(addr) + 6'(col_step) * 6'(sub_rows ? c_q : words) + 6'(row_step) * 6'(sub_rows ? words : 3'(r_q));
    want_byte = 8'(base) + 8'(pitch) * 8'(r_q) + (8'(c_q) << item);
    outside   = (want_addr >> OperandBits) != '0;
    last      = r_q == rows - 2'd1 && c_q == cols - 2'd1;
    // A word, written or not; of what unfolds, its first cycle.
    event_    = load_valid || (source_valid && !again_q) || (fault && !error_q);
  end
  job_list #(.Width(JobBits), .Most(2)) u_jobs (
    .clk_i, .rst_ni(rst_n), .take_i(take), .finish_i(event_ && last), .some_o(some), .oldest_o(oldest),
    .job_i({unfold_i, lane_i, space_i, sub_rows_i, sub_i, base_i, pitch_i, rows_i, cols_i, item_i, addr_i, col_step_i, row_step_i}));

  logic error_lane_q;
  logic [2:0] waited_q;
  logic [WordBits-1:0] held_data_q;
  logic lane_q;                                     // of the job whose beats come
  always_ff @(posedge clk_i) begin
    if (!rst_n) begin
      errors_q <= errors_i;
      r_q      <= '0;
      c_q      <= '0;
      error_q  <= 1'b0;
      again_q  <= 1'b0;
      waited_q <= '0;
    end else begin
      if (take) begin
        assume (rows_i != '0 && cols_i != '0 && item_i >= 3'd2 && item_i <= 3'd4);
        assume (((base_i | pitch_i) & ~(6'h3f << item_i)) == '0);
        assume (!space_i || !sub_i);                // words of C are whole
        lane_q <= lane_i;
      end
      assume (errors_q || !beat_error_i);
      if (errors_q && some) assume (!outside);
      if (event_) begin
        c_q <= (c_q == cols - 2'd1) ? 2'd0 : c_q + 2'd1;
        if (c_q == cols - 2'd1) r_q <= (r_q == rows - 2'd1) ? 2'd0 : r_q + 2'd1;
      end
      error_q      <= beat_valid && beat_ready && beat_error_i;
      error_lane_q <= lane_q;
      again_q      <= source_valid && source_more;
      held_data_q  <= load_data;
      waited_q     <= (!beat_ready && !source_more) ? waited_q + 3'd1 : 3'd0;

      assert (waited_q < 3'd5);
      assert (!beat_ready || !source_more);
      if (event_) begin
        assert (some);
        assert (load_valid == (!unfold && !outside));
        assert (source_valid == unfold);
        for (int unsigned i = 0; i < WordBits / 8; i++) begin
          if (32'(i) < (32'd1 << item)) assert (load_data[8*i +: 8] == want_byte + 8'(i));
        end
        if (load_valid) assert (load_space == (space ? 2'd2 : 2'd0) && load_addr == 16'(want_addr) && load_sub == 8'(space ? 1'b0 : blocks[0]) && !transpose);
      end
      if (again_q) assert (source_valid && load_data == held_data_q);
      assert (done == (event_ && last && !unfold));
      if (done) assert (done_lane == lane);
      assert (fault == (error_q || (event_ && !unfold && outside)));
      if (error_q) assert (fault_info.code == cuatro_ring_pkg::ERR_LOAD_READ && fault_info.lane == error_lane_q);
      if (fault && !error_q) assert (fault_info.code == cuatro_ring_pkg::ERR_BAD_ENTRY && fault_info.field == cuatro_ring_pkg::BAD_ADDR && fault_info.lane == lane);
    end
  end
endmodule
