// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Dadda tree: the bits of Cols columns, Heights[4*col +: 4] of them in column col, become two rows of the same
// sum (mod 2^Cols). Column col is bits_i[Height*col +: its height], the earliest bits first; Height is the
// tallest column's. CutLevel >= 1 puts a rank of registers behind that level of the tree, 0 none.
`default_nettype none

module carry_save_tree #(
  parameter int unsigned       Cols     = 4,
  parameter int unsigned       Height   = 3,
  parameter logic [4*Cols-1:0] Heights  = {Cols{4'd3}},
  parameter int unsigned       CutLevel = 0
) (
  input  wire logic                   clk_i,
  input  wire logic [Height*Cols-1:0] bits_i,
  output logic [Cols-1:0]             sum_o,
  output logic [Cols-1:0]             carry_o
);
  // Dadda's heights, what a level may leave in a column: the last 2, before it 3, 4, 6, 9, 13.
  function automatic int unsigned limit(input int unsigned levels_after);
    limit = 2;
    for (int unsigned i = 0; i < levels_after; i++) limit = limit * 3 / 2;
  endfunction
  localparam int unsigned Levels =
      (Height > 9) ? 5 : (Height > 6) ? 4 : (Height > 4) ? 3 : (Height > 3) ? 2 : (Height > 2) ? 1 : 0;
  if (Height > 13) begin : g_bad_height
    $error("carry_save_tree: Height must be at most 13");
  end

  // {half adders, full adders, bits} of each column at each level, four bits each. A column sheds just
  // what exceeds the limit, counting the carries that arrive from the column below.
  function automatic logic [12*Cols*(Levels+1)-1:0] plan(input logic [4*Cols-1:0] start);
    int unsigned at, count, carries, excess;
    logic [12*Cols*(Levels+2)-1:0] entries;
    entries = '0;
    for (int unsigned col = 0; col < Cols; col++) entries[12*col +: 4] = start[4*col +: 4];
    for (int unsigned level = 0; level < Levels; level++) begin
      carries = 0;
      for (int unsigned col = 0; col < Cols; col++) begin
        at     = 12 * (Cols * level + col);
        count  = 32'(entries[at +: 4]) + carries;
        excess = (count > limit(Levels - 1 - level)) ? count - limit(Levels - 1 - level) : 0;
        entries[at + 4 +: 4] = 4'(excess / 2);
        entries[at + 8 +: 4] = 4'(excess % 2);
        entries[at + 12 * Cols +: 4] = 4'(count - excess);
        carries = excess / 2 + excess % 2;
      end
    end
    plan = entries[12*Cols*(Levels+1)-1:0];
  endfunction
  localparam logic [12*Cols*(Levels+1)-1:0] Plan = plan(Heights);

  for (genvar level = 0; level <= Levels; level++) begin : g_level
    logic [Height*Cols-1:0] bits, bits_q;
    pipe_rank #(.Width(Height*Cols), .Enable(level != 0 && level == CutLevel)) u_rank (
      .clk_i, .d_i(bits), .q_o(bits_q)
    );
  end
  assign g_level[0].bits = bits_i;

  // A column at the next level: bits left over, sums, and on top the carries from the column below.
  for (genvar level = 0; level < Levels; level++) begin : g_reduce
    for (genvar col = 0; col < Cols; col++) begin : g_col
      localparam int unsigned Next  = (col + 1 < Cols) ? col + 1 : col;
      localparam int unsigned Bits  = 32'(Plan[12*(Cols*level + col) +: 4]);
      localparam int unsigned Full  = 32'(Plan[12*(Cols*level + col) + 4 +: 4]);
      localparam int unsigned Half  = 32'(Plan[12*(Cols*level + col) + 8 +: 4]);
      localparam int unsigned Left  = Bits - 3 * Full - 2 * Half;
      localparam int unsigned After = 32'(Plan[12*(Cols*(level+1) + col) +: 4]);
      localparam int unsigned Above = 32'(Plan[12*(Cols*(level+1) + Next) +: 4]);
      localparam int unsigned Carry = Height * Next + Above - Full - Half;
      for (genvar i = 0; i < Full; i++) begin : g_full
        logic sum, carry;
        full_adder u_full_adder (
          .a_i(g_level[level].bits_q[Height*col + 3*i]), .b_i(g_level[level].bits_q[Height*col + 3*i + 1]),
          .c_i(g_level[level].bits_q[Height*col + 3*i + 2]), .sum_o(sum), .carry_o(carry)
        );
        assign g_level[level+1].bits[Height*col + Left + i] = sum;
        if (col + 1 < Cols) begin : g_carry
          assign g_level[level+1].bits[Carry + i] = carry;
        end
      end
      if (Half == 1) begin : g_half
        logic a, b;
        assign a = g_level[level].bits_q[Height*col + 3*Full];
        assign b = g_level[level].bits_q[Height*col + 3*Full + 1];
        assign g_level[level+1].bits[Height*col + Left + Full] = a ^ b;
        if (col + 1 < Cols) begin : g_carry
          assign g_level[level+1].bits[Carry + Full] = a & b;
        end
      end
      for (genvar i = 0; i < Left; i++) begin : g_left
        assign g_level[level+1].bits[Height*col + i] = g_level[level].bits_q[Height*col + 3*Full + 2*Half + i];
      end
      for (genvar i = After; i < Height; i++) begin : g_none
        assign g_level[level+1].bits[Height*col + i] = 1'b0;
      end
    end
  end

  for (genvar col = 0; col < Cols; col++) begin : g_out
    assign sum_o[col]   = g_level[Levels].bits_q[Height*col];
    assign carry_o[col] = g_level[Levels].bits_q[Height*col + 1];
  end
endmodule
