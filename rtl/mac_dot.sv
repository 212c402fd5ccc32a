// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// One output of the structural tile: the dot product of Lanes row codes with the column's
// decoded operands, its 32-bit accumulator and the shadow that the drain reads. A pipeline
// without stalls: operands in cycle 0; `fold_i` (the column operand is INT4) in cycle 2;
// `keep_i` and `capture_i` in cycle 3, at whose end the accumulator becomes the new sum plus
// itself (keep_i[0]), itself doubled ([1]), four times itself ([2]) or nothing ('0), and with
// capture_i the shadow takes the same.
//
// A sum is of terms with all bits turned: a constant less what the selects make of the row codes.
// The constant is 65535 * Lanes, with fold_i 2^12 + 2^H + 6 - Lanes where H = 4 + log2(Lanes) are
// the bits of the high field; selects of zero leave it alone, and the row of zeros adds it too.
`default_nettype none

module mac_dot #(
  parameter int unsigned Lanes = 16
) (
  input  wire logic                                  clk_i,
  // operands
  input  wire logic [4*Lanes-1:0]                    x_i,
  input  wire logic [Lanes-1:0]                      negative_i,
  input  wire logic [cuatro_pkg::SELECTS*Lanes-1:0]  select_i,
  // accumulation
  input  wire logic                                  fold_i,
  input  wire logic [2:0]                            keep_i,
  input  wire logic                                  capture_i,
  output logic [31:0]                                shadow_o
);
  localparam int unsigned TermBits = cuatro_pkg::TERM_BITS;
  localparam int unsigned Low      = cuatro_pkg::HIGH_FIELD;
  localparam int unsigned SumBits  = TermBits + $clog2(Lanes);
  localparam int unsigned HighBits = SumBits - Low;

  logic [TermBits*Lanes-1:0] terms;
  for (genvar l = 0; l < Lanes; l++) begin : g_lane
    mac_lane u_lane (
      .x_i(x_i[4*l +: 4]), .negative_i(negative_i[l]),
      .select_i(select_i[cuatro_pkg::SELECTS*l +: cuatro_pkg::SELECTS]),
      .term_o(terms[TermBits*l +: TermBits]));
  end

  logic [SumBits-1:0] partial_sum, partial_carry, slice_q, product_q, folded;
  csa_tree #(.Rows(Lanes), .Width(TermBits), .CutHeight(4)) u_tree (
    .clk_i, .rows_i(terms), .sum_o(partial_sum), .carry_o(partial_carry));

  // INT4: low field - 7 * high field, plus the ones that inverting, not negating, 8 * high leaves.
  // The turned bits borrow exactly one from the high field, so that the fields stay two numbers.
  // Without fold_i the operands that fold are zero, and the high field stays where it is.
  logic [HighBits-1:0] fold_high, keep_high;
  logic [HighBits+2:0] fold_eight;
  logic [Low:0] folded_low;
  assign fold_high  = slice_q[SumBits-1:Low] & {HighBits{fold_i}};
  assign keep_high  = slice_q[SumBits-1:Low] & {HighBits{!fold_i}};
  assign fold_eight = {~slice_q[SumBits-1:Low], 3'b111} & {(HighBits+3){fold_i}};
  assign folded_low = {1'b0, slice_q[Low-1:0]} + (Low+1)'(fold_high) + (Low+1)'(fold_eight);
  assign folded     = {keep_high[HighBits-1:1], folded_low[Low] | keep_high[0], folded_low[Low-1:0]};

  logic [31:0] acc_q, kept, acc_d;
  assign kept = (acc_q & {32{keep_i[0]}}) | ({acc_q[30:0], 1'b0} & {32{keep_i[1]}}) |
                ({acc_q[29:0], 2'b0} & {32{keep_i[2]}});
  assign acc_d = kept + 32'(product_q);

  always_ff @(posedge clk_i) begin
    slice_q   <= partial_sum + partial_carry;
    product_q <= folded;
    acc_q     <= acc_d;
    if (capture_i) shadow_o <= acc_d;
  end
endmodule
