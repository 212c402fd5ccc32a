// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// The gates of range_tracker: largest |t| and sum of |t| of Width words, six cycles later, a group
// a cycle. With n = 1 for a negative word and m the word with n's bits turned, |t| = m + n: the
// pairs {m, n} are ordered as the sums are, so that only the largest is added up; in the sum the
// n fill the places that carries leave empty. Words of 16 bits are taken
// instead in the cycle after narrow_valid_i.
`default_nettype none

module range_tree #(
  parameter int unsigned Width = 32
) (
  input  wire logic                clk_i,
  input  wire logic                relu_i,
  input  wire logic [Width-1:0]    lane_valid_i,
  // Signs come on negative_i.
  // verilator lint_off UNUSEDSIGNAL
  input  wire logic [32*Width-1:0] a_i,
  // verilator lint_on UNUSEDSIGNAL
  input  wire logic [Width-1:0]    negative_i,
  input  wire logic                narrow_valid_i,
  // The lower halves count.
  // verilator lint_off UNUSEDSIGNAL
  input  wire logic [32*Width-1:0] narrow_i,
  // verilator lint_on UNUSEDSIGNAL
  output logic [31:0]              largest_o,
  output logic [39:0]              sum_o
);
  localparam int unsigned Levels = $clog2(Width);

  logic [31:0] pair [Width];
  for (genvar i = 0; i < Width; i++) begin : g_pair
    // A copy for each word, in a module of its own, which synthesis does not merge.
    logic narrow;
    delay #(.Width(1), .Cycles(1)) u_narrow (.clk_i, .d_i(narrow_valid_i), .q_o(narrow));
    assign pair[i] = {a_i[32*i +: 31] ^ {31{negative_i[i]}}, negative_i[i]}
                     & {32{lane_valid_i[i] && !(relu_i && negative_i[i]) && !narrow}}
                     | {16'd0, narrow_i[32*i +: 15] ^ {15{narrow_i[32*i + 15]}}, narrow_i[32*i + 15]} & {32{narrow}};
  end

  // Largest: a level of the tree a cycle.
  for (genvar l = 0; l < Levels; l++) begin : g_level
    logic [31:0] best_q [Width >> (l + 1)];
    for (genvar i = 0; i < (Width >> (l + 1)); i++) begin : g_node
      logic [31:0] left, right;
      if (l == 0) begin : g_first
        assign left  = pair[2*i];
        assign right = pair[2*i + 1];
      end else begin : g_next
        assign left  = g_level[l-1].best_q[2*i];
        assign right = g_level[l-1].best_q[2*i + 1];
      end
      always_ff @(posedge clk_i) best_q[i] <= (left > right) ? left : right;
    end
  end
  logic [31:0] best;
  delay #(.Width(32), .Cycles(5 - Levels)) u_best (.clk_i, .d_i(g_level[Levels-1].best_q[0]), .q_o(best));
  always_ff @(posedge clk_i) largest_o <= {1'b0, best[31:1]} + 32'(best[0]);

  // Sum: eight words to three in a cycle, their twelve to two, then one; 34 bits hold eight words,
  // 37 all with their n.
  // Empty places hold zeros.
  localparam int unsigned Eights = 4;
  logic [31:0] padded [8*Eights];
  for (genvar i = 0; i < 8 * Eights; i++) begin : g_padded
    if (i < Width) begin : g_used
      assign padded[i] = pair[i];
    end else begin : g_empty
      assign padded[i] = '0;
    end
  end
  logic [33:0] partial_q [3*Eights];
  logic [11:0] extra_q;
  for (genvar g = 0; g < Eights; g++) begin : g_eight
    logic [33:0] sum, carry, carry2;
    carry_save_eight #(.Width(34)) u_tree (
      .a_i({3'd0, padded[8*g + 7][31:1], 3'd0, padded[8*g + 6][31:1], 3'd0, padded[8*g + 5][31:1],
            3'd0, padded[8*g + 4][31:1], 3'd0, padded[8*g + 3][31:1], 3'd0, padded[8*g + 2][31:1],
            3'd0, padded[8*g + 1][31:1], 3'd0, padded[8*g][31:1]}),
      .carry_i({padded[8*g + 4][0], padded[8*g + 3][0], padded[8*g + 2][0], padded[8*g + 1][0], padded[8*g][0]}),
      .sum_o(sum), .carry_o(carry), .carry2_o(carry2));
    always_ff @(posedge clk_i) begin
      partial_q[3*g]     <= sum;
      partial_q[3*g + 1] <= carry;
      partial_q[3*g + 2] <= carry2;
      extra_q[3*g]       <= padded[8*g + 5][0];
      extra_q[3*g + 1]   <= padded[8*g + 6][0];
      extra_q[3*g + 2]   <= padded[8*g + 7][0];
    end
  end
  logic [8*37-1:0] eight;
  for (genvar g = 0; g < Eights; g++) begin : g_three
    logic [36:0] sum, carry;
    carry_save #(.Width(37)) u_row (
      .a_i({3'd0, partial_q[3*g]}), .b_i({3'd0, partial_q[3*g + 1]}), .c_i({3'd0, partial_q[3*g + 2]}),
      .sum_o(sum), .carry_o(carry));
    assign eight[74*g +: 74] = {carry | 37'(extra_q[g]), sum};
  end
  logic [36:0] three_a, three_b, three_c, sum, carry, sum_q, carry_q, total_q;
  logic [1:0] extra2_q;
  carry_save_eight #(.Width(37)) u_eight (
    .a_i(eight), .carry_i(extra_q[8:4]), .sum_o(three_a), .carry_o(three_b), .carry2_o(three_c));
  carry_save #(.Width(37)) u_last (.a_i(three_a), .b_i(three_b), .c_i(three_c), .sum_o(sum), .carry_o(carry));
  always_ff @(posedge clk_i) begin
    sum_q    <= sum;
    carry_q  <= carry | 37'(extra_q[9]);
    extra2_q <= extra_q[11:10];
    total_q  <= sum_q + carry_q + 37'(extra2_q[0]) + 37'(extra2_q[1]);
  end
  logic [36:0] total;
  delay #(.Width(37), .Cycles(3)) u_sum (.clk_i, .d_i(total_q), .q_o(total));
  assign sum_o = 40'(total);
endmodule
