// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// operand_decode_b and mac_lane, twice: for a row code and for the code of zero, as the tile's extra row has it. The
// difference of their terms, folded (INT4: low field - 7 * high field), is the integer product of the two operands'
// values, for every code, format and zero point. So is each of them below what a field holds.
//
// proof: sat:0 short
// fault: rtl/operand_decode_b.sv: at[2]  = is[3] | is[4] ==> at[2]  = is[4]
// fault: rtl/operand_decode_b.sv: at[2*(e-1)] = is[e] ==> at[2*(e-1)] = is[8-e]
// fault: rtl/operand_decode_b.sv: code       = code_i & {4{valid_i}} ==> code       = code_i
// fault: rtl/mac_lane.sv: x_i ^ {4{!negative_i}} ==> x_i & {4{negative_i}}
`default_nettype none

module mac_lane_proof (
  input wire logic [3:0] a_code_i,
  input wire logic [1:0] a_format_i,
  input wire logic [3:0] zero_point_i,
  input wire logic [3:0] b_code_i,
  input wire logic [1:0] b_format_i,
  input wire logic       valid_i
);
  // Row codes are unsigned; zero is 8, 0 or the zero point.
  logic [3:0] x, zero;
  logic signed [31:0] a, b;
  always_comb begin
    x    = a_code_i;
    zero = 4'd0;
    a    = $signed({28'd0, a_code_i});
    if (a_format_i == cuatro_pkg::A_INT4) begin
      x    = a_code_i ^ 4'd8;
      zero = 4'd8;
      a    = 32'($signed(a_code_i));
    end
    if (a_format_i == cuatro_pkg::A_AFFINE) begin
      zero = zero_point_i;
      a    = a - $signed({28'd0, zero_point_i});
    end
    b = 32'sd0;
    if (b_format_i == cuatro_pkg::B_INT4) b = 32'($signed(b_code_i));
    else if (b_code_i[2:0] != 3'd0) begin
      b = (b_format_i == cuatro_pkg::B_LOG4) ? 32'sd1 << {b_code_i[2:0] - 3'd1, 1'b0} : 32'sd1 << (b_code_i[2:0] - 3'd1);
      if (b_code_i[3]) b = -b;
    end
    if (!valid_i) b = 32'sd0;
  end

  logic negative;
  logic [cuatro_pkg::SELECTS-1:0] select;
  logic [cuatro_pkg::TERM_BITS-1:0] term, term_zero;
  operand_decode_b dut_decode (.code_i(b_code_i), .valid_i, .format_i(b_format_i), .negative_o(negative), .select_o(select));
  mac_lane dut_row (.x_i(x), .negative_i(negative), .select_i(select), .term_o(term));
  mac_lane dut_zero (.x_i(zero), .negative_i(negative), .select_i(select), .term_o(term_zero));

  function automatic logic signed [31:0] folded(input logic [15:0] word, input logic [1:0] format);
    folded = $signed({16'd0, word});
    if (format == cuatro_pkg::B_INT4) folded = $signed({20'd0, word[11:0]}) - 7 * $signed({28'd0, word[15:12]});
  endfunction

  always_comb begin
    if (a_format_i != 2'd3 && b_format_i != 2'd1) begin
      assert (folded(term, b_format_i) - folded(term_zero, b_format_i) == a * b);
      // The bits are turned: what 32 lanes take from the low field borrows just one from the high one.
      if (b_format_i == cuatro_pkg::B_INT4) assert (12'd4095 - term[11:0] <= 12'd120);
    end
  end
endmodule
