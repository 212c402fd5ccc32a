// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// What mac_dot makes of the sum of its lanes' terms, for every sum that 16 (32) lanes can have:
//
//   product alone      the sum; INT4: its low field - 7 * its high field, plus a constant
//   INT4               the fields of the sum are the sums of the fields, but for 4096 * (Lanes - 1) that goes from the low one
//                      to the high one, whatever the row codes are
//   shadow             the product plus 0, 1, 2 or 4 times what the accumulator was, when captured; else what it was
//
// So the sums of two rows differ by the sum of what their lanes' terms, folded, differ by; and that, by mac_lane_proof, is the
// product of the operands' values where the second row is the one of zeros: the tile's correction. The tree of adders is stood
// in for by a lane and any sum of the others (csa_tree has a proof of its own).
//
// proof: sat:5 Lanes=16 stand-in=csa_tree short
// proof: sat:5 Lanes=32 stand-in=csa_tree
// fault: rtl/mac_dot.sv: folded_low[Low] | keep_high[0], ==> keep_high[0],
// fault: rtl/mac_dot.sv: (Low+1)'(fold_high) + ==> (Low+1)'(fold_high >> 1) +
// fault: rtl/mac_dot.sv: {acc_q[29:0], 2'b0} ==> {acc_q[30:0], 1'b0}
// fault: rtl/mac_dot.sv: if (capture_i) shadow_o <= acc_d; ==> shadow_o <= acc_d;
// fault: rtl/operand_decode_b.sv: at[12] = is[3] ==> at[8] = is[3]
// fault 2: tb/formal/mac_dot_proof.sv: 32'd121 * (Lanes - 1) ==> 32'd130 * (Lanes - 1)
`default_nettype none

module mac_dot_proof #(
  parameter int unsigned Lanes = 16,
  localparam int unsigned TermBits = cuatro_pkg::TERM_BITS,
  localparam int unsigned SumBits  = TermBits + $clog2(Lanes),
  localparam int unsigned Low      = cuatro_pkg::HIGH_FIELD,
  localparam int unsigned Selects  = cuatro_pkg::SELECTS
) (
  input wire logic               clk_i,
  input wire logic [3:0]         x_i,          // row code of lane 0
  input wire logic [3:0]         b_code_i,
  input wire logic [1:0]         b_format_i,
  input wire logic [SumBits-1:0] others_i,     // the sum of the other lanes' terms
  input wire logic [1:0]         keep_i,       // nothing, once, twice, four times
  input wire logic               capture_i
);
  // A term has 16 bits; with INT4 its low field is 4095 less at most 120 (mac_lane_proof).
  logic fold, possible;
  assign fold     = b_format_i == cuatro_pkg::B_INT4;
  assign possible = 32'(others_i) <= 32'd65535 * (Lanes - 1) && b_format_i != 2'd1 &&
                    (!fold || 32'd4096 - 32'(others_i[Low-1:0]) <= 32'd121 * (Lanes - 1));

  // Lane 0; the nibbles of what the others add, bits turned as a lane does.
  logic negative;
  logic [Selects-1:0] select, lowest;
  logic [TermBits-1:0] term;
  logic [4*Lanes-5:0] nibbles;
  operand_decode_b u_decode (.code_i(b_code_i), .valid_i(1'b1), .format_i(b_format_i), .negative_o(negative), .select_o(select));
  mac_lane u_lane (.x_i, .negative_i(negative), .select_i(select), .term_o(term));
  assign lowest  = 1;
  assign nibbles = ~{{(4*Lanes-4-SumBits){1'b0}}, others_i};

  // With the operands in cycle 0: the format in cycle 2, what is kept and captured in cycle 3.
  logic [1:0] fold_q;
  logic [31:0] alone, shadow;
  for (genvar i = 0; i < 2; i++) begin : g_dot
    logic [31:0] shadow_now;
    mac_dot #(.Lanes(Lanes)) dut (
      .clk_i, .x_i({nibbles, x_i}), .negative_i({{(Lanes-1){1'b1}}, negative}), .select_i({{(Lanes-1){lowest}}, select}),
      .fold_i(fold_q[1]), .keep_i(i == 0 ? 3'd0 : 3'(4'b1 << keep_i >> 1)), .capture_i(i == 0 || capture_i), .shadow_o(shadow_now));
  end
  assign alone  = g_dot[0].shadow_now;
  assign shadow = g_dot[1].shadow_now;

  logic [SumBits-1:0] sum;
  logic [31:0] low, high, product, product_q [4], shadow_q;
  logic [3:0]  possible_q;
  logic [1:0]  captured_q, keep_q;
  logic [2:0]  cycles_q;
  assign sum     = others_i + SumBits'(term);
  assign low     = 32'(sum[Low-1:0]);
  assign high    = 32'(sum[SumBits-1:Low]);
  assign product = fold ? low - 7 * high + (32'd8 << (SumBits - Low)) - 32'd1 : 32'(sum);
  initial cycles_q = 3'd0;
  always_ff @(posedge clk_i) begin
    fold_q       <= {fold_q[0], fold};
    product_q[0] <= product;
    for (int unsigned i = 1; i < 4; i++) product_q[i] <= product_q[i-1];
    possible_q <= {possible_q[2:0], possible};
    shadow_q   <= shadow;
    captured_q <= {captured_q[0], capture_i};
    keep_q     <= keep_i;
    if (cycles_q != 3'd5) cycles_q <= cycles_q + 3'd1;
  end
  always_comb begin
    if (possible && fold) begin
      assert (low + 32'd4096 == 32'(others_i[Low-1:0]) + 32'(term[Low-1:0]));
      assert (high == 32'(others_i[SumBits-1:Low]) + 32'(term[TermBits-1:Low]) + 32'd1);
    end
    if (cycles_q == 3'd5) begin
      if (possible_q[3]) assert (alone == product_q[3]);
      if (!captured_q[0]) assert (shadow == shadow_q);
      if (captured_q == 2'b11) assert (shadow == alone + (keep_q == 2'd0 ? 32'd0 : shadow_q << (keep_q - 2'd1)));
    end
  end
endmodule
