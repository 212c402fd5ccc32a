// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// gemm_sequencer against four nested loops, row tiles, column tiles, terms, slices: each step's addresses, flags and
// lanes, under any stalls, back to back. A command ends with the last step of the loops, one unstalled cycle for each,
// so every command completes. Bounded, for commands of up to 2 × 2 tiles, 2 slices and 2 terms.
//
// proof: bmc:24
// fault: rtl/gemm_sequencer.sv: if (!term_last_q) shift_q <= desc_q.term_shift; ==> shift_q <= desc_q.term_shift;
// fault: rtl/gemm_sequencer.sv: b_other_q <= b_next; ==> b_other_q <= b_addr_q;
// fault: rtl/gemm_sequencer.sv: advance && tile_end && col_last_q && row_last_q ==> tile_end && col_last_q && row_last_q
// fault: rtl/gemm_sequencer.sv: desc_q.k[LaneShift-1:0] != '0) ? ==> desc_q.k[LaneShift-1:0] != LaneShift'(1)) ?
`default_nettype none

module gemm_sequencer_proof (
  input wire logic        clk_i,
  input wire logic        desc_valid_i,
  input wire logic [3:0]  m_i,
  input wire logic [3:0]  n_i,
  input wire logic [3:0]  k_i,
  input wire logic [15:0] a_base_i,
  input wire logic [15:0] b_base_i,
  input wire logic [15:0] b2_base_i,
  input wire logic        two_terms_i,
  input wire logic [1:0]  term_shift_i,
  input wire logic        stall_i
);
  localparam int unsigned Edge = 4;
  logic started_q;
  initial started_q = 1'b0;
  always_ff @(posedge clk_i) started_q <= 1'b1;

  cuatro_pkg::descriptor_t desc, active;
  always_comb begin
    desc            = '0;
    desc.m          = {12'd0, m_i};
    desc.n          = {12'd0, n_i};
    desc.k          = {12'd0, k_i};
    desc.a_base     = a_base_i;
    desc.b_base     = b_base_i;
    desc.b2_base    = b2_base_i;
    desc.two_terms  = two_terms_i;
    desc.term_shift = term_shift_i;
  end
  logic ready, valid, first, last;
  logic [15:0] a_addr, b_addr;
  logic [1:0] shift;
  logic [Edge-1:0] lanes;
  gemm_sequencer #(.Rows(Edge), .Cols(Edge), .Lanes(Edge)) dut (
    .clk_i, .rst_ni(started_q), .desc_valid_i, .desc_ready_o(ready), .desc_i(desc), .stall_i, .step_valid_o(valid),
    .a_addr_o(a_addr), .b_addr_o(b_addr), .first_o(first), .shift_o(shift), .last_o(last), .lane_valid_o(lanes),
    .desc_o(active));

  // The loops.
  logic open_q, rt_q, ct_q, t_q, s_q, slices, s_end, t_end, ct_end, rt_end;
  logic [3:0] m_q, n_q, k_q;
  logic [15:0] a_q, b_q, b2_q;
  logic two_q;
  logic [1:0] shift_q;
  logic [Edge-1:0] in_k;
  initial open_q = 1'b0;
  always_comb begin
    slices = k_q > 4'd4;                           // number of slices, column tiles, row tiles - 1
    s_end  = s_q == slices;
    t_end  = t_q == two_q;
    ct_end = ct_q == (n_q > 4'd4);
    rt_end = rt_q == (m_q > 4'd4);
    for (int unsigned l = 0; l < Edge; l++) in_k[l] = 4'(l) + {1'b0, s_q, 2'd0} < k_q;
  end
  always_ff @(posedge clk_i) begin
    if (started_q && desc_valid_i && ready) begin
      {rt_q, ct_q, t_q, s_q} <= 4'd0;
      open_q <= 1'b1;
      m_q <= m_i;
      n_q <= n_i;
      k_q <= k_i;
      a_q <= a_base_i;
      b_q <= b_base_i;
      b2_q <= b2_base_i;
      two_q <= two_terms_i;
      shift_q <= term_shift_i;
    end else if (open_q && !stall_i) begin
      s_q <= !s_end;
      if (s_end) t_q <= !t_end;
      if (s_end && t_end) ct_q <= !ct_end;
      if (s_end && t_end && ct_end) rt_q <= !rt_end;
      if (s_end && t_end && ct_end && rt_end) open_q <= 1'b0;
    end

    assume (m_i != 4'd0 && m_i <= 4'd8 && n_i != 4'd0 && n_i <= 4'd8 && k_i != 4'd0 && k_i <= 4'd8);
    if (started_q) begin
      assert (valid == open_q);
      assert (ready == (!open_q && !stall_i));
      if (open_q) begin
        assert (a_addr == a_q + (rt_q ? 16'(slices) + 16'd1 : 16'd0) + 16'(s_q));
        assert (b_addr == (t_q ? b2_q : b_q) + (ct_q ? 16'(slices) + 16'd1 : 16'd0) + 16'(s_q));
        assert (first == (!t_q && !s_q) && last == (s_end && t_end) && lanes == in_k);
        assert (shift == ((t_q && !s_q) ? shift_q : 2'd0));
      end
    end
  end
endmodule
