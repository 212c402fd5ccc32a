// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// One lane's product, combinational and with all bits turned, which makes its gates AND-OR-invert:
// x, inverted for a positive column operand, at each shift that the column selects. At most one
// select is up in each of the fields (shifts below and from HIGH_FIELD on), so ORs add. Turning
// and inverting are two minus signs, but for an error, a constant and 15 times the column operand,
// that does not depend on x; the tile's extra row measures it.
`default_nettype none

module mac_lane (
  input  wire logic [3:0]                       x_i,
  input  wire logic                             negative_i,
  input  wire logic [cuatro_pkg::SELECTS-1:0]   select_i,
  output logic [cuatro_pkg::TERM_BITS-1:0]      term_o
);
  logic [3:0] x;
  logic [cuatro_pkg::TERM_BITS-1:0] term;
  assign x = x_i ^ {4{!negative_i}};

  always_comb begin
    term = '0;
    for (int unsigned i = 0; i < cuatro_pkg::SELECTS; i++) begin
      term = term | ({12'd0, x & {4{select_i[i]}}} << cuatro_pkg::select_shift(i));
    end
  end
  assign term_o = ~term;
endmodule
