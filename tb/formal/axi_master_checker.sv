// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// The rules of an AXI4 master port, from AMBA AXI (IHI 0022, chapters A3 and A5), as immediate assertions: in
// simulation those of both sides; in a proof those of the master, and with AssumeSlave those of the slave are what it
// may rely on. Reads of one ID are answered in order, IDs may interleave; write data follows the order of addresses.
// master_broken_o and slave_broken_o tell which rule breaks in this cycle, lowest bit first:
//
//   master  0-2   AW in reset, dropped, changed        3-5   W                 6-8  AR
//           9,10  AW, AR burst is not INCR             11,12 AW, AR wider than the bus
//           13,14 AW, AR crosses 4 KiB                 15,16 AW, AR longer than MaxBeats
//           17,18 more than MaxWrites, MaxReads open   19    data without an address
//           20    WLAST misplaced                      21    strobe outside the transfer
//   slave   0-2   B in reset, dropped, changed         3-5   R
//           6     B before address and data            7     R without a read
//           8     RLAST misplaced                      9,10  BRESP, RRESP is EXOKAY
//
// Stricter than AMBA, as this master is: INCR only, no exclusive access, no data before AWVALID, a response not in
// the cycle of the last handshake it answers, bounded bursts and bounded numbers of open transactions.
`default_nettype none

module axi_master_checker #(
  parameter int unsigned AddrWidth = 64,
  parameter int unsigned DataWidth = 64,
  parameter int unsigned IdWidth   = 1,
  parameter int unsigned MaxReads  = 8,    // open at once, of all IDs
  parameter int unsigned MaxWrites = 8,
  parameter int unsigned MaxBeats  = 256,
  parameter bit AssumeSlave  = 1'b0,
  localparam int unsigned Bytes = DataWidth / 8
) (
  input  wire logic                 clk_i,
  input  wire logic                 rst_ni,
  input  wire logic [IdWidth-1:0]   AWID,
  input  wire logic [AddrWidth-1:0] AWADDR,
  input  wire logic [7:0]           AWLEN,
  input  wire logic [2:0]           AWSIZE,
  input  wire logic [1:0]           AWBURST,
  input  wire logic                 AWVALID,
  input  wire logic                 AWREADY,
  input  wire logic [DataWidth-1:0] WDATA,
  input  wire logic [Bytes-1:0]     WSTRB,
  input  wire logic                 WLAST,
  input  wire logic                 WVALID,
  input  wire logic                 WREADY,
  input  wire logic [IdWidth-1:0]   BID,
  input  wire logic [1:0]           BRESP,
  input  wire logic                 BVALID,
  input  wire logic                 BREADY,
  input  wire logic [IdWidth-1:0]   ARID,
  input  wire logic [AddrWidth-1:0] ARADDR,
  input  wire logic [7:0]           ARLEN,
  input  wire logic [2:0]           ARSIZE,
  input  wire logic [1:0]           ARBURST,
  input  wire logic                 ARVALID,
  input  wire logic                 ARREADY,
  input  wire logic [IdWidth-1:0]   RID,
  input  wire logic [DataWidth-1:0] RDATA,
  input  wire logic [1:0]           RRESP,
  input  wire logic                 RLAST,
  input  wire logic                 RVALID,
  input  wire logic                 RREADY,
  output logic [21:0]               master_broken_o,
  output logic [10:0]               slave_broken_o
);
  localparam int unsigned Ids       = 1 << IdWidth;
  localparam int unsigned ReadBits  = $clog2(MaxReads + 1);
  localparam int unsigned WriteBits = $clog2(MaxWrites + 1);
  localparam logic [1:0] INCR = 2'b01, EXOKAY = 2'b01;

  // From the first transfer's aligned address in its page to the end of the burst: more than the page?
  function automatic logic crosses(input logic [11:0] addr, input logic [7:0] len, input logic [2:0] size);
    logic [16:0] start, bytes;
    start   = {5'd0, (addr >> size) << size};
    bytes   = ({9'd0, len} + 17'd1) << size;
    crosses = start + bytes > 17'd4096;
  endfunction

  logic [2:0] aw_broken, w_broken, ar_broken, b_broken, r_broken;
  axi_checker_channel #(.Width(IdWidth + AddrWidth + 13)) u_aw (
    .clk_i, .rst_ni, .valid_i(AWVALID), .ready_i(AWREADY),
    .payload_i({AWID, AWADDR, AWLEN, AWSIZE, AWBURST}), .broken_o(aw_broken));
  axi_checker_channel #(.Width(DataWidth + Bytes + 1)) u_w (
    .clk_i, .rst_ni, .valid_i(WVALID), .ready_i(WREADY), .payload_i({WDATA, WSTRB, WLAST}), .broken_o(w_broken));
  axi_checker_channel #(.Width(IdWidth + AddrWidth + 13)) u_ar (
    .clk_i, .rst_ni, .valid_i(ARVALID), .ready_i(ARREADY),
    .payload_i({ARID, ARADDR, ARLEN, ARSIZE, ARBURST}), .broken_o(ar_broken));
  axi_checker_channel #(.Width(IdWidth + 2)) u_b (
    .clk_i, .rst_ni, .valid_i(BVALID), .ready_i(BREADY), .payload_i({BID, BRESP}), .broken_o(b_broken));
  axi_checker_channel #(.Width(IdWidth + DataWidth + 3)) u_r (
    .clk_i, .rst_ni, .valid_i(RVALID), .ready_i(RREADY), .payload_i({RID, RDATA, RRESP, RLAST}), .broken_o(r_broken));

  // Writes: a burst is known from the first cycle of AWVALID on, since it may not change any more.
  logic aw_waits_q, aw_new, w_known, w_beat, w_end, data_done_q, write_done;
  logic [WriteBits-1:0] data_owed, writes_q;
  logic [IdWidth-1:0] w_id, done_id_q, write_done_id;
  logic [11:0] w_start, w_addr, w_next_q, w_bytes;
  logic [7:0] w_len, w_beats_q;
  logic [2:0] w_size;
  logic w_first_q;
  logic [Bytes-1:0] w_lanes;
  assign aw_new  = AWVALID && !aw_waits_q;
  assign w_known = data_owed != '0 || aw_new;
  assign w_beat  = w_known && WVALID && WREADY;
  assign w_end   = w_beat && w_beats_q == w_len;
  axi_checker_queue #(.Width(IdWidth + 23), .Depth(MaxWrites)) u_writes (
    .clk_i, .rst_ni, .push_i(aw_new), .data_i({AWID, AWADDR[11:0], AWLEN, AWSIZE}), .pop_i(w_end),
    .count_o(data_owed), .first_o({w_id, w_start, w_len, w_size}));

  // The lanes of this beat: from its address to the end of its aligned transfer.
  assign w_bytes = 12'd1 << w_size;
  assign w_addr  = w_first_q ? w_start : w_next_q;
  always_comb begin
    for (int unsigned i = 0; i < Bytes; i++) begin
      w_lanes[i] = i >= 32'(w_addr) % Bytes && i >> w_size == (32'(w_addr) % Bytes) >> w_size;
    end
  end

  // A write is done, and may be answered from the next cycle on, when data and address have both been taken. Only
  // the newest address can still wait when its data is through.
  logic aw_open;
  assign aw_open       = AWVALID && !AWREADY && data_owed == WriteBits'(!aw_new);  // the one whose data this is
  assign write_done    = data_done_q ? AWREADY : w_end && !aw_open;
  assign write_done_id = data_done_q ? done_id_q : w_id;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      aw_waits_q  <= 1'b0;
      data_done_q <= 1'b0;
      w_beats_q   <= '0;
      w_first_q   <= 1'b1;
      writes_q    <= '0;
    end else begin
      aw_waits_q  <= AWVALID && !AWREADY;
      data_done_q <= data_done_q ? !AWREADY : w_end && aw_open;
      if (w_beat) begin
        w_beats_q <= w_end ? '0 : w_beats_q + 8'd1;
        w_first_q <= w_end;
      end
      writes_q <= writes_q + WriteBits'(aw_new && !master_broken_o[17]) - WriteBits'(BVALID && BREADY && writes_q != '0);
    end
    if (w_end) done_id_q <= w_id;
    w_next_q <= w_beat ? ((w_addr >> w_size) << w_size) + w_bytes : w_next_q;
  end

  // What may be answered, by ID.
  logic [Ids-1:0] b_none, r_none, r_misplaced, r_beat;
  for (genvar i = 0; i < Ids; i++) begin : g_id
    logic [WriteBits-1:0] answers_q;
    logic [ReadBits-1:0] reads;
    logic [7:0] r_len, r_beats_q;
    logic asked, answered, r_end;
    assign b_none[i]   = answers_q == '0;
    assign answered    = BVALID && BREADY && BID == IdWidth'(i) && !b_none[i];
    assign asked       = ARVALID && ARREADY && ARID == IdWidth'(i);
    assign r_none[i]   = reads == '0;
    assign r_beat[i]   = RVALID && RREADY && RID == IdWidth'(i) && !r_none[i];
    assign r_end       = r_beat[i] && r_beats_q == r_len;
    assign r_misplaced[i] = RLAST != (r_beats_q == r_len);
    axi_checker_queue #(.Width(8), .Depth(MaxReads)) u_reads (
      .clk_i, .rst_ni, .push_i(asked), .data_i(ARLEN), .pop_i(r_end), .count_o(reads), .first_o(r_len));
    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        answers_q <= '0;
        r_beats_q <= '0;
      end else begin
        answers_q <= answers_q + WriteBits'(write_done && write_done_id == IdWidth'(i)) - WriteBits'(answered);
        if (r_beat[i]) r_beats_q <= r_end ? '0 : r_beats_q + 8'd1;
      end
    end
  end

  // Reads open, a presented address among them.
  logic ar_waits_q, ar_new, r_end;
  logic [ReadBits-1:0] reads_q;
  assign ar_new = ARVALID && !ar_waits_q;
  assign r_end  = RVALID && RREADY && RLAST;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      ar_waits_q <= 1'b0;
      reads_q    <= '0;
    end else begin
      ar_waits_q <= ARVALID && !ARREADY;
      reads_q    <= reads_q + ReadBits'(ar_new && !master_broken_o[18]) - ReadBits'(r_end && reads_q != '0);
    end
  end

  logic live_q;  // there has been a reset
  initial live_q = 1'b0;
  always_ff @(posedge clk_i) live_q <= live_q || !rst_ni;
  logic on;
  assign on = live_q && rst_ni;

  always_comb begin
    master_broken_o = '0;
    master_broken_o[8:0] = {ar_broken, w_broken, aw_broken};
    if (on && AWVALID) begin
      master_broken_o[9]  = AWBURST != INCR;
      master_broken_o[11] = 32'd1 << AWSIZE > Bytes;
      master_broken_o[13] = crosses(AWADDR[11:0], AWLEN, AWSIZE);
      master_broken_o[15] = 32'(AWLEN) >= MaxBeats;
      master_broken_o[17] = aw_new && !(BVALID && BREADY) && 32'(writes_q) == MaxWrites;
    end
    if (on && ARVALID) begin
      master_broken_o[10] = ARBURST != INCR;
      master_broken_o[12] = 32'd1 << ARSIZE > Bytes;
      master_broken_o[14] = crosses(ARADDR[11:0], ARLEN, ARSIZE);
      master_broken_o[16] = 32'(ARLEN) >= MaxBeats;
      master_broken_o[18] = ar_new && !r_end && 32'(reads_q) == MaxReads;
    end
    if (on && WVALID) begin
      master_broken_o[19] = !w_known;
      master_broken_o[20] = w_known && WLAST != (w_beats_q == w_len);
      master_broken_o[21] = w_known && (WSTRB & ~w_lanes) != '0;
    end

    slave_broken_o = '0;
    slave_broken_o[5:0] = {r_broken, b_broken};
    if (on && BVALID) begin
      slave_broken_o[6] = b_none[BID];
      slave_broken_o[9] = BRESP == EXOKAY;
    end
    if (on && RVALID) begin
      slave_broken_o[7]  = r_none[RID];
      slave_broken_o[8]  = !r_none[RID] && r_misplaced[RID];
      slave_broken_o[10] = RRESP == EXOKAY;
    end
  end

  always_ff @(posedge clk_i) begin
    aw_in_reset:      assert (!master_broken_o[0]);
    aw_dropped:       assert (!master_broken_o[1]);
    aw_changed:       assert (!master_broken_o[2]);
    w_in_reset:       assert (!master_broken_o[3]);
    w_dropped:        assert (!master_broken_o[4]);
    w_changed:        assert (!master_broken_o[5]);
    ar_in_reset:      assert (!master_broken_o[6]);
    ar_dropped:       assert (!master_broken_o[7]);
    ar_changed:       assert (!master_broken_o[8]);
    aw_burst:         assert (!master_broken_o[9]);
    ar_burst:         assert (!master_broken_o[10]);
    aw_size:          assert (!master_broken_o[11]);
    ar_size:          assert (!master_broken_o[12]);
    aw_crosses_4k:    assert (!master_broken_o[13]);
    ar_crosses_4k:    assert (!master_broken_o[14]);
    aw_length:        assert (!master_broken_o[15]);
    ar_length:        assert (!master_broken_o[16]);
    writes_open:      assert (!master_broken_o[17]);
    reads_open:       assert (!master_broken_o[18]);
    w_without_aw:     assert (!master_broken_o[19]);
    wlast_misplaced:  assert (!master_broken_o[20]);
    strobe_outside:   assert (!master_broken_o[21]);
  end
  if (AssumeSlave) begin : g_assume
    always_ff @(posedge clk_i) assume (slave_broken_o == '0);
  end else begin : g_assert
    always_ff @(posedge clk_i) begin
      b_in_reset:       assert (!slave_broken_o[0]);
      b_dropped:        assert (!slave_broken_o[1]);
      b_changed:        assert (!slave_broken_o[2]);
      r_in_reset:       assert (!slave_broken_o[3]);
      r_dropped:        assert (!slave_broken_o[4]);
      r_changed:        assert (!slave_broken_o[5]);
      b_without_write:  assert (!slave_broken_o[6]);
      r_without_read:   assert (!slave_broken_o[7]);
      rlast_misplaced:  assert (!slave_broken_o[8]);
      b_exokay:         assert (!slave_broken_o[9]);
      r_exokay:         assert (!slave_broken_o[10]);
    end
  end
endmodule
