// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Walks a GEMM: for every tile of Rows × Cols results (row tiles outer, column tiles inner),
// for every term, for every Lanes-wide slice of K, one step a cycle. A step names the words
// of operands A and B, says whether it starts a sum, shifts it (first slice of the second
// term) or ends it, and which lanes lie inside K.
//
// Commands are valid/ready; the next one is taken when the last step has gone and the array
// is empty (array_busy_i low), so `desc_o` is stable for every step in flight. `stall_i`
// holds the step.
`default_nettype none

module gemm_sequencer #(
  parameter int unsigned Rows  = 16,
  parameter int unsigned Cols  = 16,
  parameter int unsigned Lanes = 16
) (
  input  wire logic                    clk_i,
  input  wire logic                    rst_ni,
  // commands, already checked
  input  wire logic                    desc_valid_i,
  output logic                         desc_ready_o,
  input  wire cuatro_pkg::descriptor_t desc_i,
  // steps
  input  wire logic                    stall_i,
  input  wire logic                    array_busy_i,
  output logic                         step_valid_o,
  output logic [15:0]                  a_addr_o,
  output logic [15:0]                  b_addr_o,
  output logic                         first_o,
  output logic [1:0]                   shift_o,
  output logic                         last_o,
  output logic [Lanes-1:0]             lane_valid_o,
  // the tile the step belongs to
  output logic [15:0]                  tile_row_o,
  output logic [15:0]                  tile_col_o,
  output logic                         tile_last_o,
  output cuatro_pkg::descriptor_t      desc_o
);
  localparam int unsigned RowShift  = $clog2(Rows);
  localparam int unsigned ColShift  = $clog2(Cols);
  localparam int unsigned LaneShift = $clog2(Lanes);

  cuatro_pkg::descriptor_t desc_q;
  logic active_q, term_q;
  logic [15:0] k_q, row_q, col_q;      // slice, tile row, tile column
  logic [15:0] a_row_q, b_col_q;       // first word of the tile's operands, base excluded

  logic [15:0] k_last, row_last, col_last, k_words;
  logic [LaneShift-1:0] k_rest;
  logic at_k_last, at_term_last, at_col_last, at_row_last, advance;

  always_comb begin
    k_last   = (desc_q.k - 16'd1) >> LaneShift;
    row_last = (desc_q.m - 16'd1) >> RowShift;
    col_last = (desc_q.n - 16'd1) >> ColShift;
    k_words  = k_last + 16'd1;
    k_rest   = desc_q.k[LaneShift-1:0];

    at_k_last    = k_q == k_last;
    at_term_last = term_q || !desc_q.two_terms;
    at_col_last  = col_q == col_last;
    at_row_last  = row_q == row_last;
    advance      = active_q && !stall_i;
  end

  assign desc_ready_o = !active_q && !array_busy_i;
  assign step_valid_o = active_q;
  assign a_addr_o     = desc_q.a_base + a_row_q + k_q;
  assign b_addr_o     = (term_q ? desc_q.b2_base : desc_q.b_base) + b_col_q + k_q;
  assign first_o      = k_q == '0 && !term_q;
  assign shift_o      = (k_q == '0 && term_q) ? desc_q.term_shift : 2'd0;
  assign last_o       = at_k_last && at_term_last;
  // Lanes k_rest.. of the last slice lie beyond K; a rest of zero means a full slice.
  assign lane_valid_o = (at_k_last && k_rest != '0) ? ~({Lanes{1'b1}} << k_rest) : '1;
  assign tile_row_o   = row_q;
  assign tile_col_o   = col_q;
  assign tile_last_o  = at_row_last && at_col_last;
  assign desc_o       = desc_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      active_q <= 1'b0;
    end else if (desc_valid_i && desc_ready_o) begin
      active_q <= 1'b1;
      desc_q   <= desc_i;
      term_q   <= 1'b0;
      k_q      <= '0;
      row_q    <= '0;
      col_q    <= '0;
      a_row_q  <= '0;
      b_col_q  <= '0;
    end else if (advance) begin
      k_q <= at_k_last ? '0 : k_q + 16'd1;
      if (at_k_last) begin
        term_q <= !at_term_last;
        if (at_term_last) begin
          col_q   <= at_col_last ? '0 : col_q + 16'd1;
          b_col_q <= at_col_last ? '0 : b_col_q + k_words;
          if (at_col_last) begin
            row_q   <= row_q + 16'd1;
            a_row_q <= a_row_q + k_words;
            if (at_row_last) active_q <= 1'b0;
          end
        end
      end
    end
  end
endmodule
