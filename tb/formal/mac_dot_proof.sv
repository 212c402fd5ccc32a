// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// The tile's correction: two mac_dot, one fed with a row's codes and one with the code of zero, as mac_tile's extra row
// is. The difference of their shadows, which the drain takes, is the dot product of the operands' values, for every row
// format, column format, zero point and number of valid lanes; and a slice that is kept is doubled or taken four times
// as keep_i says, before the next is added. Each from any state of the pipeline.
//
// proof: sat:4 Kept=0
// proof: sat:5 Kept=1
// fault: rtl/mac_dot.sv: SumBits'({~high, 3'b111}) ==> SumBits'({~high, 3'b110})
// fault: rtl/mac_dot.sv: slice_q[Low-1:0] ==> slice_q[Low-2:0]
// fault 2: rtl/mac_dot.sv: {acc_q[29:0], 2'b0} & {32{keep_i[2]}} ==> {acc_q[29:0], 2'b0} & {32{keep_i[1]}}
`default_nettype none

module mac_dot_proof #(
  parameter bit Kept = 1'b0
) (
  input wire logic        clk_i,
  input wire logic [15:0] a_i,
  input wire logic [15:0] b_i,
  input wire logic [3:0]  valid_i,
  input wire logic [1:0]  a_format_i,
  input wire logic [3:0]  zero_point_i,
  input wire logic [1:0]  b_format_i,
  input wire logic [1:0]  shift_i
);
  localparam int unsigned Lanes   = 4;
  localparam int unsigned Selects = cuatro_pkg::SELECTS;

  // In cycle 0 a slice; with Kept only lane 0, and in cycle 1 another one of lane 1.
  logic [2:0] cycle_q;
  initial cycle_q = 3'd0;
  always_ff @(posedge clk_i) if (cycle_q != 3'd7) cycle_q <= cycle_q + 3'd1;

  logic [3:0] valid, zero;
  logic [15:0] x;
  logic [Lanes-1:0] negative;
  logic [Selects*Lanes-1:0] select;
  always_comb begin
    valid = valid_i;
    if (Kept) valid = {2'b00, cycle_q == 3'd1, cycle_q == 3'd0};
    if (!Kept && cycle_q != 3'd0) valid = 4'd0;
    x    = a_i;
    zero = 4'd0;
    if (a_format_i == cuatro_pkg::A_INT4) begin
      x    = a_i ^ 16'h8888;
      zero = 4'd8;
    end
    if (a_format_i == cuatro_pkg::A_AFFINE) zero = zero_point_i;
  end
  for (genvar l = 0; l < Lanes; l++) begin : g_decode
    operand_decode_b u_decode (
      .code_i(b_i[4*l +: 4]), .valid_i(valid[l]), .format_i(b_format_i), .negative_o(negative[l]),
      .select_o(select[Selects*l +: Selects]));
  end

  // The format travels with the slice: it is the same for both.
  logic [1:0] a_format_q, b_format_q;
  logic [3:0] zero_q;
  logic fold, capture;
  logic [2:0] keep;
  assign fold    = b_format_q == cuatro_pkg::B_INT4;
  assign capture = cycle_q == (Kept ? 3'd4 : 3'd3);
  assign keep    = (Kept && cycle_q == 3'd4) ? 3'b001 << shift_i : 3'b000;
  logic [31:0] shadow, shadow_zero;
  mac_dot #(.Lanes(Lanes)) dut_row (
    .clk_i, .x_i(x), .negative_i(negative), .select_i(select), .fold_i(fold), .keep_i(keep), .capture_i(capture),
    .shadow_o(shadow));
  mac_dot #(.Lanes(Lanes)) dut_zero (
    .clk_i, .x_i({Lanes{zero}}), .negative_i(negative), .select_i(select), .fold_i(fold), .keep_i(keep),
    .capture_i(capture), .shadow_o(shadow_zero));

  function automatic logic signed [31:0] product(input logic [3:0] a_code, input logic [3:0] b_code,
                                                 input logic [1:0] a_format, input logic [1:0] b_format, input logic [3:0] z);
    logic signed [31:0] a, b;
    a = $signed({28'd0, a_code});
    if (a_format == cuatro_pkg::A_INT4) a = {{28{a_code[3]}}, a_code};
    if (a_format == cuatro_pkg::A_AFFINE) a = a - $signed({28'd0, z});
    b = 32'sd0;
    if (b_format == cuatro_pkg::B_INT4) b = {{28{b_code[3]}}, b_code};
    else if (b_code[2:0] != 3'd0) begin
      b = (b_format == cuatro_pkg::B_LOG4) ? 32'sd1 << {b_code[2:0] - 3'd1, 1'b0} : 32'sd1 << (b_code[2:0] - 3'd1);
      if (b_code[3]) b = -b;
    end
    product = a * b;
  endfunction

  logic signed [31:0] sum, sum_q, first_q;
  always_comb begin
    sum = 32'sd0;
    for (int unsigned l = 0; l < Lanes; l++) begin
      if (valid[l]) sum = sum + product(a_i[4*l +: 4], b_i[4*l +: 4], a_format_i, b_format_i, zero_point_i);
    end
  end
  logic legal_q;
  logic [1:0] shift_q;
  initial legal_q = 1'b1;
  always_ff @(posedge clk_i) begin
    if (cycle_q == 3'd0) begin
      sum_q      <= sum;
      a_format_q <= a_format_i;
      b_format_q <= b_format_i;
      zero_q     <= zero_point_i;
      legal_q    <= a_format_i != 2'd3 && b_format_i != 2'd1;
    end
    if (Kept && cycle_q == 3'd1) begin
      sum_q   <= sum;
      first_q <= sum_q;
      if (a_format_i != a_format_q || b_format_i != b_format_q || zero_point_i != zero_q) legal_q <= 1'b0;
    end
    // The first sum, shifted when the second one comes.
    if (Kept && cycle_q == 3'd4) begin
      legal_q <= legal_q && shift_i != 2'd3;
      shift_q <= shift_i;
    end
  end
  always_comb begin
    if (legal_q && cycle_q == (Kept ? 3'd5 : 3'd4)) begin
      assert (shadow - shadow_zero == (Kept ? (first_q <<< shift_q) + sum_q : sum_q));
    end
  end
endmodule
