// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Sum of Rows words of Width bits in carry-save form: sum_o + carry_o, valid one cycle later. A
// Dadda tree: each level uses just the adders that bring every column of bits down to the next
// height of 2, 3, 4, 6, 9, 13, 19 ... A register stands where no column has more than CutHeight
// bits (one of these heights, or Rows).
//
// No carry crosses into a column whose lower neighbours hold a sum too small for one: fields of
// bits whose sums do not overlap stay apart in both words.
`default_nettype none

module csa_tree #(
  parameter int unsigned Rows      = 16,
  parameter int unsigned Width     = 16,
  parameter int unsigned CutHeight = 4,
  localparam int unsigned OutWidth = Width + $clog2(Rows)
) (
  input  wire logic                  clk_i,
  input  wire logic [Rows*Width-1:0] rows_i,
  output logic [OutWidth-1:0]        sum_o,
  output logic [OutWidth-1:0]        carry_o
);
  function automatic int unsigned next_height(input int unsigned height);
    next_height = 2;
    for (int unsigned i = 0; i < 16; i++) begin
      if ((3 * next_height) / 2 < height) next_height = (3 * next_height) / 2;
    end
  endfunction

  function automatic int unsigned level_height(input int unsigned level);
    level_height = Rows;
    for (int unsigned i = 0; i < 16; i++) begin
      if (i < level && level_height > 2) level_height = next_height(level_height);
    end
  endfunction

  function automatic int unsigned level_count(input int unsigned rows);
    int unsigned height;
    level_count = 0;
    height = rows;
    for (int unsigned i = 0; i < 16; i++) begin
      if (height > 2) begin
        height = next_height(height);
        level_count = level_count + 1;
      end
    end
  endfunction

  localparam int unsigned Levels  = level_count(Rows);
  localparam int unsigned Columns = OutWidth + 1;

  // {half adders, full adders, height} of each column at each level, a byte each.
  localparam int unsigned PlanBits = 24 * Columns * (Levels + 2);
  function automatic logic [PlanBits-1:0] make_plan(input logic [7:0] rows);
    int unsigned at, bits, above, full, half, carries;
    make_plan = '0;
    for (int unsigned c = 0; c < Width; c++) make_plan[24*c +: 8] = rows;
    for (int unsigned l = 0; l < Levels; l++) begin
      carries = 0;
      for (int unsigned c = 0; c < Columns; c++) begin
        at    = 24 * (Columns*l + c);
        bits  = 32'(make_plan[at +: 8]) + carries;
        above = (bits > level_height(l + 1)) ? bits - level_height(l + 1) : 0;
        full  = above / 2;
        half  = above % 2;
        make_plan[at + 8 +: 8]          = 8'(full);
        make_plan[at + 16 +: 8]         = 8'(half);
        make_plan[at + 24*Columns +: 8] = 8'(bits - 2*full - half);
        carries = full + half;
      end
    end
  endfunction
  localparam logic [PlanBits-1:0] Plan = make_plan(8'(Rows));

  // Column c of a level is bits[Rows*c +: height]; held is what the next level adds.
  for (genvar l = 0; l <= Levels; l++) begin : g_level
    logic [Rows*Columns-1:0] bits, held;
    if (level_height(l) == CutHeight) begin : g_register
      always_ff @(posedge clk_i) held <= bits;
    end else begin : g_wire
      assign held = bits;
    end
  end

  for (genvar c = 0; c < Columns; c++) begin : g_input
    for (genvar r = 0; r < Rows; r++) begin : g_row
      if (c < Width) begin : g_bit
        assign g_level[0].bits[Rows*c + r] = rows_i[Width*r + c];
      end else begin : g_none
        assign g_level[0].bits[Rows*c + r] = 1'b0;
      end
    end
  end

  // The next level's column: sums, then the bits that no adder takes, then carries from below.
  for (genvar l = 0; l < Levels; l++) begin : g_step
    for (genvar c = 0; c < Columns; c++) begin : g_column
      localparam int unsigned Height = 32'(Plan[24*(Columns*l + c) +: 8]);
      localparam int unsigned Full   = 32'(Plan[24*(Columns*l + c) + 8 +: 8]);
      localparam int unsigned Half   = 32'(Plan[24*(Columns*l + c) + 16 +: 8]);
      localparam int unsigned Next   = 32'(Plan[24*(Columns*(l+1) + c) +: 8]);
      localparam int unsigned Above  = (c == Columns - 1) ? 0 : 32'(Plan[24*(Columns*(l+1) + c + 1) +: 8]);
      for (genvar i = 0; i < Full; i++) begin : g_full
        full_adder u_adder (
          .a_i(g_level[l].held[Rows*c + 3*i]), .b_i(g_level[l].held[Rows*c + 3*i + 1]),
          .c_i(g_level[l].held[Rows*c + 3*i + 2]), .sum_o(g_level[l+1].bits[Rows*c + i]),
          .carry_o(g_level[l+1].bits[Rows*(c+1) + Above - Full - Half + i]));
      end
      for (genvar i = 0; i < Half; i++) begin : g_half
        assign g_level[l+1].bits[Rows*c + Full + i] =
            g_level[l].held[Rows*c + 3*Full + 2*i] ^ g_level[l].held[Rows*c + 3*Full + 2*i + 1];
        assign g_level[l+1].bits[Rows*(c+1) + Above - Half + i] =
            g_level[l].held[Rows*c + 3*Full + 2*i] & g_level[l].held[Rows*c + 3*Full + 2*i + 1];
      end
      for (genvar i = 3*Full + 2*Half; i < Height; i++) begin : g_pass
        assign g_level[l+1].bits[Rows*c + i - 2*Full - Half] = g_level[l].held[Rows*c + i];
      end
      for (genvar i = Next; i < Rows; i++) begin : g_empty
        assign g_level[l+1].bits[Rows*c + i] = 1'b0;
      end
    end
  end

  for (genvar c = 0; c < OutWidth; c++) begin : g_output
    assign sum_o[c]   = g_level[Levels].held[Rows*c];
    assign carry_o[c] = g_level[Levels].held[Rows*c + 1];
  end
endmodule
