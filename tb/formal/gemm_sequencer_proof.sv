// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// gemm_sequencer: a command's steps are every slice of every term of every tile, each once and in order, with its words,
// flags and lanes, whatever stalls; it stays busy for exactly those; then, and only then, the next command is welcome.
// Beside it stand four counters and the addresses by multiplication. 4 × 4 × 4, up to three tiles a side, three slices.
//
// proof: bmc:15
// fault: rtl/gemm_sequencer.sv: slice_last_d = pass_end ? desc_q.k <= 16'(Lanes) ==> slice_last_d = pass_end ? desc_q.k < 16'(Lanes)
// fault: rtl/gemm_sequencer.sv: if (!active_q || !stall_i) begin ==> if (1'b1) begin
// fault: rtl/gemm_sequencer.sv: a_row_q   <= a_next; ==> a_row_q   <= a_row_q;
// fault: rtl/gemm_sequencer.sv: b_other_q <= b_next; ==> b_other_q <= b_other_q;
// fault: rtl/gemm_sequencer.sv: assign desc_ready_o = !active_q && !stall_i; ==> assign desc_ready_o = !stall_i;
// fault: rtl/gemm_sequencer.sv: if (!term_last_q) shift_q ==> shift_q
`default_nettype none

module gemm_sequencer_proof (
  input wire logic        clk_i,
  input wire logic        desc_valid_i,
  input wire logic [3:0]  m_i,
  input wire logic [3:0]  n_i,
  input wire logic [3:0]  k_i,
  input wire logic        two_terms_i,
  input wire logic [1:0]  term_shift_i,
  input wire logic [5:0]  a_base_i,
  input wire logic [5:0]  b_base_i,
  input wire logic [5:0]  b2_base_i,
  input wire logic        stall_i
);
  logic rst_n, ready, step_valid, first, last;
  logic [15:0] a_addr, b_addr;
  logic [1:0] shift;
  logic [3:0] lane_valid;
  initial rst_n = 1'b0;
  always_ff @(posedge clk_i) rst_n <= 1'b1;

  cuatro_pkg::descriptor_t desc, desc_now;
  always_comb begin
    desc            = '0;
    desc.m          = 16'(m_i);
    desc.n          = 16'(n_i);
    desc.k          = 16'(k_i);
    desc.two_terms  = two_terms_i;
    desc.term_shift = term_shift_i;
    desc.a_base     = 16'(a_base_i);
    desc.b_base     = 16'(b_base_i);
    desc.b2_base    = 16'(b2_base_i);
  end

  gemm_sequencer #(.Rows(4), .Cols(4), .Lanes(4)) dut (
    .clk_i, .rst_ni(rst_n), .desc_valid_i, .desc_ready_o(ready), .desc_i(desc), .stall_i, .step_valid_o(step_valid),
    .a_addr_o(a_addr), .b_addr_o(b_addr), .first_o(first), .shift_o(shift), .last_o(last), .lane_valid_o(lane_valid),
    .desc_o(desc_now));

  logic busy_q, two_q, term_q, slice_end, term_end, col_end, row_end;
  logic [3:0] m_q, n_q, k_q, lanes;
  logic [1:0] term_shift_q, row_q, col_q, slice_q;
  logic [2:0] slices, cols, rows;
  logic [5:0] a_base_q, b_base_q, b2_base_q;
  assign slices    = 3'((5'(k_q) + 5'd3) >> 2);
  assign cols      = 3'((5'(n_q) + 5'd3) >> 2);
  assign rows      = 3'((5'(m_q) + 5'd3) >> 2);
  assign slice_end = 3'(slice_q) + 3'd1 == slices;
  assign term_end  = slice_end && (term_q || !two_q);
  assign col_end   = term_end && 3'(col_q) + 3'd1 == cols;
  assign row_end   = col_end && 3'(row_q) + 3'd1 == rows;
  for (genvar i = 0; i < 4; i++) begin : g_lane
    assign lanes[i] = {slice_q, 2'(i)} < k_q;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_n) begin
      busy_q <= 1'b0;
    end else if (!stall_i) begin
      if (!busy_q) begin
        busy_q <= desc_valid_i;
        {m_q, n_q, k_q, two_q, term_shift_q} <= {m_i, n_i, k_i, two_terms_i, term_shift_i};
        {a_base_q, b_base_q, b2_base_q} <= {a_base_i, b_base_i, b2_base_i};
        {row_q, col_q, slice_q, term_q} <= '0;
      end else begin
        slice_q <= slice_end ? 2'd0 : slice_q + 2'd1;
        if (slice_end) term_q <= two_q && !term_q;
        if (term_end) col_q <= col_end ? 2'd0 : col_q + 2'd1;
        if (col_end) row_q <= row_q + 2'd1;
        if (row_end) busy_q <= 1'b0;
      end
    end

    assume (m_i != '0 && n_i != '0 && k_i != '0 && m_i <= 4'd12 && n_i <= 4'd12 && k_i <= 4'd12);
    if (rst_n) begin
      assert (step_valid == busy_q);
      assert (ready == (!busy_q && !stall_i));
      if (busy_q) begin
        assert (a_addr == 16'(a_base_q) + 16'(row_q) * 16'(slices) + 16'(slice_q));
        assert (b_addr == 16'(term_q ? b2_base_q : b_base_q) + 16'(col_q) * 16'(slices) + 16'(slice_q));
        assert (first == (!term_q && slice_q == '0));
        assert (shift == ((term_q && slice_q == '0) ? term_shift_q : 2'd0));
        assert (last == term_end);
        assert (lane_valid == lanes);
        assert (desc_now.m == 16'(m_q) && desc_now.n == 16'(n_q) && desc_now.two_terms == two_q);
      end
    end
  end
endmodule
