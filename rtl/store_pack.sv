// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Words of the store port, or completion records, to write beats. Takes jobs in the order of their
// bursts; an item of several beats is taken apart, items smaller than a beat are put together, with
// strobes on the bytes that items name and on no other. Of a job of halves a word is the low halves
// of its 32-bit elements. A burst begins only when its address has been
// handed out (`credit_i`, taken with `take_o`), so that one that is begun is always finished.
//
// The store port must answer in the next cycle and hold a word until the next is asked for.
`default_nettype none

module store_pack #(
  parameter int unsigned DataBits   = 512,
  parameter int unsigned WordBits   = 1024,
  parameter int unsigned GrainBits  = 256,          // of the smallest item, at most a record
  parameter int unsigned BurstBeats = 16
) (
  input  wire logic                  clk_i,
  input  wire logic                  rst_ni,
  // jobs
  input  wire logic                  job_valid_i,
  output logic                       job_ready_o,
  // What only loads have, and addresses beyond a burst.
  // verilator lint_off UNUSEDSIGNAL
  input  wire cuatro_ring_pkg::job_t job_i,
  // verilator lint_on UNUSEDSIGNAL
  input  wire logic                  job_is_record_i,
  input  wire logic [cuatro_ring_pkg::RECORD_BITS-1:0] record_i,    // stable while its job is here
  output logic                       record_done_o,
  // store port
  output logic                       store_valid_o,
  output logic [15:0]                store_addr_o,
  input  wire logic [WordBits-1:0]   store_data_i,
  // write data
  input  wire logic                  credit_i,
  output logic                       take_o,
  output logic                       beat_valid_o,
  input  wire logic                  beat_ready_i,
  output logic [DataBits-1:0]        beat_data_o,
  output logic [DataBits/8-1:0]      beat_strb_o,
  output logic                       beat_last_o
);
  localparam int unsigned BeatBits      = $clog2(DataBits / 8);
  localparam int unsigned IndexBits     = $clog2(BurstBeats);
  localparam int unsigned OffsetBits    = BeatBits + IndexBits;         // of a byte in a burst
  localparam int unsigned UnitBits      = (GrainBits > DataBits) ? DataBits : GrainBits;
  localparam int unsigned Units         = DataBits / UnitBits;          // of a beat
  localparam int unsigned UnitByteBits  = $clog2(UnitBits / 8);
  localparam int unsigned WordUnits     = WordBits / UnitBits;
  localparam int unsigned RecordUnits   = (cuatro_ring_pkg::RECORD_BITS > UnitBits) ? cuatro_ring_pkg::RECORD_BITS / UnitBits : 1;
  localparam int unsigned WordUnitBits  = (WordUnits == 1) ? 1 : $clog2(WordUnits);
  localparam int unsigned RecordUnitBits = (RecordUnits == 1) ? 1 : $clog2(RecordUnits);

  if (WordBits % UnitBits != 0) begin : g_bad_word
    $error("store_pack: WordBits must be a multiple of the smallest item");
  end

  logic active_q, record_job_q, halves_job_q;       // what is fetched
  logic have_q, record_q, halves_q, row_last_q, narrow_q, part_end_q;   // what is being packed
  logic open_q;                                     // within a burst
  logic [3:0] job_item_q, item_q;
  logic [OffsetBits-1:0] offset_q, fetch_offset;    // of the beat or narrow item to come
  logic [7:0] part_q, part_last_q;                  // beat of the item
  logic [15:0] fetch_addr;
  logic fetch, fetch_row_last, fetch_last, pack, item_end, beat_end, row_end, burst_end;
  // Words of R have no sub-blocks.
  // verilator lint_off UNUSEDSIGNAL
  logic [7:0] unused_sub;
  // verilator lint_on UNUSEDSIGNAL

  assign item_end  = pack && part_end_q;
  assign row_end   = row_last_q && part_end_q;
  assign beat_end  = !narrow_q || row_end ||
                     ({1'b0, offset_q[BeatBits-1:0]} + ((BeatBits + 1)'(1) << item_q)) == (BeatBits + 1)'(DataBits / 8);
  assign burst_end = beat_end && (row_end || (&offset_q[BeatBits +: IndexBits]));
  assign pack      = have_q && (!beat_valid_o || beat_ready_i) && (open_q || credit_i);
  assign take_o    = pack && !open_q;

  assign fetch         = active_q && (!have_q || item_end);
  assign store_valid_o = fetch && !record_job_q;
  assign store_addr_o  = fetch_addr;
  assign job_ready_o   = !active_q || (fetch && fetch_last);
  assign record_done_o = item_end && record_q;

  dma_items #(.AddrBits(OffsetBits)) u_items (
    .clk_i, .load_i(!active_q || fetch_last), .base_i(job_i.transfer.base[OffsetBits-1:0]), .pitch_i(OffsetBits'(job_i.transfer.pitch)),
    .rows_i(job_i.transfer.rows), .cols_i(job_i.transfer.cols), .item_i(job_i.transfer.item), .addr_i(job_i.transfer.addr), .col_step_i(job_i.transfer.col_step),
    .row_step_i(job_i.transfer.row_step), .sub_rows_i(1'b0), .sub_i(8'd0), .sub_last_i(8'd0), .step_i(fetch || !active_q),
    .byte_o(fetch_offset), .addr_o(fetch_addr), .sub_o(unused_sub), .row_last_o(fetch_row_last), .last_o(fetch_last));

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      active_q     <= 1'b0;
      have_q       <= 1'b0;
      open_q       <= 1'b0;
      beat_valid_o <= 1'b0;
    end else begin
      if (job_valid_i && job_ready_o) active_q <= 1'b1;
      else if (fetch && fetch_last) active_q <= 1'b0;
      if (fetch) have_q <= 1'b1;
      else if (item_end) have_q <= 1'b0;
      if (pack) open_q <= !burst_end;
      if (pack && beat_end) beat_valid_o <= 1'b1;
      else if (beat_ready_i) beat_valid_o <= 1'b0;
    end
    if (job_valid_i && job_ready_o) begin
      record_job_q <= job_is_record_i;
      halves_job_q <= job_i.transfer.space == cuatro_ring_pkg::SPACE_HALVES;
      job_item_q   <= job_i.transfer.item;
    end
    if (fetch) begin
      record_q    <= record_job_q;
      halves_q    <= halves_job_q;
      item_q      <= job_item_q;
      narrow_q    <= job_item_q < 4'(BeatBits);
      part_last_q <= (job_item_q <= 4'(BeatBits)) ? 8'd0 : 8'((32'd1 << (job_item_q - 4'(BeatBits))) - 1);
      row_last_q  <= fetch_row_last;
      offset_q    <= fetch_offset;
      part_q      <= 8'd0;
      part_end_q  <= job_item_q <= 4'(BeatBits);
    end else if (pack && !narrow_q) begin
      offset_q   <= offset_q + OffsetBits'(DataBits / 8);
      part_q     <= part_q + 8'd1;
      part_end_q <= part_q + 8'd1 == part_last_q;
    end
  end

  logic [WordBits-1:0] word;
  always_comb begin
    word = store_data_i;
    if (halves_q) begin
      for (int unsigned e = 0; e < WordBits / 32; e++) word[16*e +: 16] = store_data_i[32*e +: 16];
    end
  end

  // Unit u of a beat that holds whole items' beats is unit part * Units + u of the item; one that holds
  // narrow items takes from the low end of each.
  logic first_q;                                    // of its beat: strobes start anew
  logic [Units-1:0] hit;
  always_comb begin
    hit = '1;
    if (narrow_q) begin
      for (int unsigned u = 0; u < Units; u++) begin
        hit[u] = (((u << UnitByteBits) ^ 32'(offset_q[BeatBits-1:0])) >> item_q) == 32'd0;
      end
    end
  end
  always_ff @(posedge clk_i) begin
    if (!rst_ni) first_q <= 1'b1;
    else if (pack) first_q <= beat_end;
    if (pack) begin
      beat_last_o <= burst_end;
      for (int unsigned u = 0; u < Units; u++) begin
        beat_strb_o[UnitBits/8*u +: UnitBits/8] <= {(UnitBits/8){hit[u] || (!first_q && beat_strb_o[UnitBits/8*u])}};
        if (hit[u]) begin
          if (record_q) begin
            beat_data_o[UnitBits*u +: UnitBits] <= record_i[UnitBits*32'(RecordUnitBits'(narrow_q ? u & ((32'd1 << (item_q - 4'(UnitByteBits))) - 1) : 32'(part_q) * Units + u)) +: UnitBits];
          end else begin
            beat_data_o[UnitBits*u +: UnitBits] <= word[UnitBits*32'(WordUnitBits'(narrow_q ? u & ((32'd1 << (item_q - 4'(UnitByteBits))) - 1) : 32'(part_q) * Units + u)) +: UnitBits];
          end
        end
      end
    end
  end
endmodule
