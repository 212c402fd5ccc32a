// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Product of two binary16 significands 1.a and 1.b, exact, in carry-save form: sum_o + carry_o, 20 fraction
// bits. (2^10 + a)(2^10 + b) = 2^20 + (a + b)·2^10 + a·b: 100 AND gates, two plain rows and a constant, so 81
// full adders. CutLevel = 1..4 puts a rank of registers behind that level of the tree's five, 0 none.
`default_nettype none

module significand_multiplier #(
  parameter int unsigned CutLevel = 0
) (
  input  wire logic        clk_i,
  input  wire logic [9:0]  a_i,
  input  wire logic [9:0]  b_i,
  output logic [21:0]      sum_o,
  output logic [21:0]      carry_o
);
  localparam int unsigned Height = 11;

  // Bits of a·b in a column, and with those of the two rows.
  function automatic int unsigned products(input int unsigned col);
    products = (col < 10) ? col + 1 : (col < 19) ? 19 - col : 0;
  endfunction
  function automatic logic [87:0] heights(input int unsigned cols);
    heights = '0;
    for (int unsigned col = 0; col < cols; col++) begin
      heights[4*col +: 4] = 4'(products(col) + ((col >= 10 && col < 20) ? 2 : 0));
    end
  endfunction

  logic [22*Height-1:0] bits;
  for (genvar col = 0; col < 22; col++) begin : g_col
    localparam int unsigned First = (col < 10) ? 0 : col - 9;
    for (genvar i = 0; i < Height; i++) begin : g_bit
      if (i < products(col)) begin : g_product
        assign bits[Height*col + i] = a_i[First + i] & b_i[col - First - i];
      end else if (i == products(col) && col >= 10 && col < 20) begin : g_row_a
        assign bits[Height*col + i] = a_i[col - 10];
      end else if (i == products(col) + 1 && col >= 10 && col < 20) begin : g_row_b
        assign bits[Height*col + i] = b_i[col - 10];
      end else begin : g_none
        assign bits[Height*col + i] = 1'b0;
      end
    end
  end

  // Column 20 gets a single carry: the constant 2^20 has its second place.
  // verilator lint_off UNUSEDSIGNAL
  logic [21:0] carry;
  // verilator lint_on UNUSEDSIGNAL
  carry_save_tree #(.Cols(22), .Height(Height), .Heights(heights(22)), .CutLevel(CutLevel)) u_tree (
    .clk_i, .bits_i(bits), .sum_o, .carry_o(carry)
  );
  assign carry_o = {carry[21], 1'b1, carry[19:0]};
endmodule
