// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Walks a GEMM: for every tile of Rows × Cols results (row tiles outer, column tiles inner),
// for every term, for every Lanes-wide slice of K, one step a cycle. A step names the words
// of operands A and B, says whether it starts a sum, shifts it (first slice of the second
// term) or ends it, and which lanes lie inside K.
//
// Commands are valid/ready; the next one is taken in the cycle in which the array loads the last
// step, so that `desc_o` is the command of the step before the one that goes: of the one the array
// loads. `stall_i` holds the step, and the array's.
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
  output logic                         step_valid_o,
  output logic [15:0]                  a_addr_o,
  output logic [15:0]                  b_addr_o,
  output logic                         first_o,
  output logic [1:0]                   shift_o,
  output logic                         last_o,
  output logic [Lanes-1:0]             lane_valid_o,
  // the command, without what only the steps need of it
  output cuatro_pkg::descriptor_t      desc_o
);
  localparam int unsigned RowShift  = $clog2(Rows);
  localparam int unsigned ColShift  = $clog2(Cols);
  localparam int unsigned LaneShift = $clog2(Lanes);
  localparam int unsigned RowBits   = 16 - RowShift;
  localparam int unsigned ColBits   = 16 - ColShift;
  localparam int unsigned SliceBits = 16 - LaneShift;

  cuatro_pkg::descriptor_t desc_q;
  logic active_q, accept, advance;

  // Slices, column tiles and row tiles after this one; whether it is the last.
  logic [SliceBits-1:0] slices_q, slices_d;
  logic [ColBits-1:0] cols_q, cols_d;
  logic [RowBits-1:0] rows_q, rows_d;
  logic slice_last_q, slice_last_d, col_last_q, col_last_d, row_last_q, row_last_d;
  logic term_last_q, first_q, pass_end, tile_end;
  logic [1:0] shift_q;

  // A tile's A words are read once a column tile, from the row's first word on. B words follow each
  // other through all column tiles, in each term on its own; b_other_q is where the other term goes on.
  logic [15:0] a_addr_q, a_row_q, b_addr_q, b_other_q, a_next, b_next;

  assign accept   = desc_valid_i && desc_ready_o;
  assign advance  = active_q && !stall_i;
  assign pass_end = slice_last_q;
  assign tile_end = slice_last_q && term_last_q;
  assign a_next   = a_addr_q + 16'd1;
  assign b_next   = b_addr_q + 16'd1;

  // Sizes as numbers of the last slice and tile; without a command those of the next one.
  always_comb begin
    slices_d     = pass_end ? SliceBits'((desc_q.k - 16'd1) >> LaneShift) : slices_q - 1'b1;
    slice_last_d = pass_end ? desc_q.k <= 16'(Lanes) : slices_q == SliceBits'(1);
    cols_d       = cols_q;
    col_last_d   = col_last_q;
    rows_d       = rows_q;
    row_last_d   = row_last_q;
    if (tile_end) begin
      cols_d     = col_last_q ? ColBits'((desc_q.n - 16'd1) >> ColShift) : cols_q - 1'b1;
      col_last_d = col_last_q ? desc_q.n <= 16'(Cols) : cols_q == ColBits'(1);
      if (col_last_q) begin
        rows_d     = rows_q - 1'b1;
        row_last_d = rows_q == RowBits'(1);
      end
    end
    if (!active_q) begin
      slices_d     = SliceBits'((desc_i.k - 16'd1) >> LaneShift);
      slice_last_d = desc_i.k <= 16'(Lanes);
      cols_d       = ColBits'((desc_i.n - 16'd1) >> ColShift);
      col_last_d   = desc_i.n <= 16'(Cols);
      rows_d       = RowBits'((desc_i.m - 16'd1) >> RowShift);
      row_last_d   = desc_i.m <= 16'(Rows);
    end
  end

  assign desc_ready_o = !active_q && !stall_i;
  assign step_valid_o = active_q;
  assign a_addr_o     = a_addr_q;
  assign b_addr_o     = b_addr_q;
  assign first_o      = first_q;
  assign shift_o      = shift_q;
  assign last_o       = tile_end;
  assign desc_o       = desc_q;
  // Lanes from the rest of K on lie beyond it in the last slice; a rest of zero means a full slice.
  assign lane_valid_o = (slice_last_q && desc_q.k[LaneShift-1:0] != '0) ?
                        ~({Lanes{1'b1}} << desc_q.k[LaneShift-1:0]) : '1;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) active_q <= 1'b0;
    else if (accept) active_q <= 1'b1;
    else if (advance && tile_end && col_last_q && row_last_q) active_q <= 1'b0;

    if (accept) begin
      desc_q        <= desc_i;
      desc_q.op     <= '0;
      desc_q.source <= '0;
      desc_q.a_base <= '0;
    end

    // Without a command the first step of the next one stands ready.
    if (!active_q || !stall_i) begin
      slices_q     <= slices_d;
      cols_q       <= cols_d;
      rows_q       <= rows_d;
      slice_last_q <= slice_last_d;
      col_last_q   <= col_last_d;
      row_last_q   <= row_last_d;
    end
    if (!active_q) begin
      term_last_q <= !desc_i.two_terms;
      first_q     <= 1'b1;
      shift_q     <= '0;
      a_addr_q    <= desc_i.a_base;
      a_row_q     <= desc_i.a_base;
      b_addr_q    <= desc_i.b_base;
      b_other_q   <= desc_i.b2_base;
    end else if (!stall_i) begin
      first_q  <= tile_end;
      shift_q  <= '0;
      a_addr_q <= a_next;
      b_addr_q <= b_next;
      if (pass_end) begin
        a_addr_q <= a_row_q;
        if (desc_q.two_terms) begin
          term_last_q <= !term_last_q;
          if (!term_last_q) shift_q <= desc_q.term_shift;
          b_addr_q  <= b_other_q;
          b_other_q <= b_next;
        end
        if (tile_end && col_last_q) begin
          a_addr_q  <= a_next;
          a_row_q   <= a_next;
          b_addr_q  <= desc_q.b_base;
          b_other_q <= desc_q.b2_base;
        end
      end
    end
  end
endmodule
