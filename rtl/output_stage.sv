// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// From accumulators or source words to words of the R scratchpad, DrainWidth elements a cycle,
// no back-pressure. In cycles after the group came:
//   0  merge: operand, addend and mask; the sums are there in cycle 2
//   2  rescale; statistics begin; raw words are written
//   5  quantize; first codes of two leave in cycle 6, the others in cycle 9
//   6, 7, 9  words of first codes, of mask bits, of codes, at the last group of their block
//  13  the response: R is complete by then
// Groups of a block come in consecutive cycles. A raw group comes at least 8 cycles after the
// last group of a block of codes, whose words it would meet at the packer.
//
// A block of an update comes at least two cycles after the one before. The accumulators and state words
// of its groups come later (cuatro_pkg); UPDATE_LAG cycles later than with others:
//  -2  rescaled gradients and random bytes to update_unit
//   2  statistics begin; words of the new state are written
//   3  new codes; their word is written at the last group of their block
//  13  the response
// The descriptor and group_quant_i stand for UPDATE_LAG cycles after an update's last group, a block's
// number for one.
//
// `Structural` builds the units in the form that is small in silicon.
`default_nettype none

module output_stage #(
  parameter int unsigned Lanes      = 16,
  parameter int unsigned DrainWidth = 32,
  parameter bit          Multiplier = 1'b1,
  parameter bit          Update     = 1'b1,
  parameter bit          Structural = 1'b0,
  localparam int unsigned WordBits  = (4*Lanes*Lanes > 32*DrainWidth) ? 4*Lanes*Lanes : 32*DrainWidth,
  localparam int unsigned GroupBits = $clog2(Lanes * Lanes / DrainWidth),
  localparam int unsigned Parts     = WordBits / (32 * DrainWidth)
) (
  input  wire logic                     clk_i,
  input  wire logic                     rst_ni,
  // a group, with the words read for it in the cycle before
  input  wire logic [WordBits-1:0]      c_word_i,
  input  wire logic [DrainWidth*32-1:0] result_i,
  input  wire logic                     mask_load_i,
  input  wire logic                     group_valid_i,
  input  wire logic                     group_quant_i,
  input  wire logic                     group_update_i,    // as the descriptor says, too
  // Operand fields end their way before this stage.
  // verilator lint_off UNUSEDSIGNAL
  input  wire cuatro_pkg::descriptor_t  group_desc_i,
  // verilator lint_on UNUSEDSIGNAL
  input  wire logic [15:0]              group_block_i,
  input  wire logic [GroupBits-1:0]     group_index_i,
  input  wire logic [15:0]              group_row_i,
  input  wire logic [15:0]              group_col_i,
  input  wire logic                     group_first_i,
  input  wire logic                     group_last_i,
  // R scratchpad
  output logic                          we_o,
  output logic [15:0]                   waddr_o,
  output logic [Parts-1:0]              wstrb_o,
  output logic [WordBits-1:0]           wdata_o,
  // finished commands
  output logic                          done_valid_o,
  output cuatro_pkg::response_t         done_o
);
  // --- what a group is, beside its merge ---------------------------------------------------
  logic raw_d, two_codes_d, update;
  assign update      = Update && group_update_i;
  assign raw_d       = group_desc_i.out_format == cuatro_pkg::OUT_RAW || update;
  assign two_codes_d = group_desc_i.rounding == cuatro_pkg::RND_TPR ||
                       group_desc_i.rounding == cuatro_pkg::RND_TWO_TERM;

  // Groups of an update by the cycles since they came.
  localparam int unsigned Lag = cuatro_pkg::UPDATE_LAG;
  logic [Lag+3:1] late;
  logic late_first, late_last;
  logic [15:0] late_block;
  logic [GroupBits-1:0] late_index;
  if (Update) begin : g_late
    group_lag #(.GroupBits(GroupBits)) u_lag (
      .clk_i, .rst_ni, .valid_i(group_valid_i && update), .last_i(group_last_i), .block_i(group_block_i),
      .valid_o(late), .first_o(late_first), .last_o(late_last), .block_o(late_block), .index_o(late_index));
  end else begin : g_never
    assign {late, late_first, late_last, late_block, late_index} = '0;
  end

  // Cycle 0 of all that does not make the words.
  logic start, first, last, random_valid;
  logic [15:0] block;
  logic [GroupBits-1:0] index;
  logic [23:0] linear;
  localparam int unsigned PartShift = $clog2(Parts);
  assign start  = late[Lag] || (group_valid_i && !update);
  assign {first, last, block, index} = late[Lag] ? {late_first, late_last, late_block, late_index}
                                                  : {group_first_i, group_last_i, group_block_i, group_index_i};
  assign linear = 24'({block, index});

  // Numbers are cycles. coded: codes leave, not raw words.
  logic [12:1] valid_q;
  logic [9:1] coded_q;
  always_ff @(posedge clk_i) begin
    valid_q <= {valid_q[11:1], start} & {12{rst_ni}};
    coded_q <= {coded_q[8:1], group_valid_i && !raw_d} & {9{rst_ni}};
  end

  logic [2:0] kind6;                                  // block end, two codes, mask out
  logic block_end7, mask_out7, block_end9, first3, update2;
  logic [5:0] kind1_q, kind2, kind3, kind5;  // block end, two codes or update, mask out, format
  logic [2:0] command1_q, command2, command9;  // first, last, quantize
  logic [1:0] command10, command12;                   // last, quantize
  logic [2:0] rounding1_q, rounding5;
  logic [15:0] tag1_q, tag12, addr1_q, addr2, addr6, second1_q, mask1_q, mask7, code_addr, code3, code9;
  logic [Parts-1:0] strb1_q, strb2;
  always_ff @(posedge clk_i) begin
    if (Structural || start) begin
      kind1_q     <= {&index, two_codes_d || update, group_desc_i.mask_out, group_desc_i.out_format};
      command1_q  <= {first, last, group_quant_i};
      rounding1_q <= group_desc_i.rounding;
      tag1_q      <= group_desc_i.tag;
      addr1_q     <= group_desc_i.r_base + (raw_d ? 16'(linear >> PartShift) : block);
      second1_q   <= group_desc_i.r2_base + block;
      mask1_q     <= group_desc_i.mask_out_base + block;
      strb1_q     <= Parts'(1) << (linear[7:0] & 8'(Parts - 1));
    end
  end
  assign code_addr = kind1_q[4] ? second1_q : addr1_q;

  delay #(.Width(6), .Cycles(1)) u_kind2 (.clk_i, .d_i(kind1_q), .q_o(kind2));
  delay #(.Width(6), .Cycles(1)) u_kind3 (.clk_i, .d_i(kind2), .q_o(kind3));
  delay #(.Width(6), .Cycles(2)) u_kind5 (.clk_i, .d_i(kind3), .q_o(kind5));
  delay #(.Width(3), .Cycles(1)) u_kind6 (.clk_i, .d_i(kind5[5:3]), .q_o(kind6));
  delay #(.Width(2), .Cycles(1)) u_kind7 (.clk_i, .d_i({kind6[2], kind6[0]}), .q_o({block_end7, mask_out7}));
  delay #(.Width(1), .Cycles(2)) u_end9 (.clk_i, .d_i(block_end7), .q_o(block_end9));
  delay #(.Width(3), .Cycles(4)) u_rounding (.clk_i, .d_i(rounding1_q), .q_o(rounding5));
  delay #(.Width(3), .Cycles(1)) u_command2 (.clk_i, .d_i(command1_q), .q_o(command2));
  // An update's flags come early.
  delay #(.Width(1), .Cycles(1)) u_first3 (.clk_i, .d_i(command2[2]), .q_o(first3));
  delay #(.Width(3), .Cycles(7)) u_command9 (
    .clk_i, .d_i({command2[2] && !update2, command2[1:0]}), .q_o(command9));
  delay #(.Width(2), .Cycles(1)) u_command10 (.clk_i, .d_i(command9[1:0]), .q_o(command10));
  delay #(.Width(2), .Cycles(2)) u_command12 (.clk_i, .d_i(command10), .q_o(command12));
  delay #(.Width(16), .Cycles(11)) u_tag (.clk_i, .d_i(tag1_q), .q_o(tag12));
  delay #(.Width(16 + Parts), .Cycles(1)) u_addr2 (.clk_i, .d_i({strb1_q, addr1_q}), .q_o({strb2, addr2}));
  delay #(.Width(16), .Cycles(4)) u_addr6 (.clk_i, .d_i(addr2), .q_o(addr6));
  delay #(.Width(16), .Cycles(6)) u_mask7 (.clk_i, .d_i(mask1_q), .q_o(mask7));
  delay #(.Width(16), .Cycles(2)) u_code3 (.clk_i, .d_i(code_addr), .q_o(code3));
  delay #(.Width(16), .Cycles(6)) u_code9 (.clk_i, .d_i(code3), .q_o(code9));
  assign update2 = late[Lag+2];

  // --- cycle 0: merge ------------------------------------------------------------------------
  logic [DrainWidth*32-1:0] x;
  // Without an update unit nobody reads some of this.
  // verilator lint_off UNUSEDSIGNAL
  logic [DrainWidth*32-1:0] state;
  logic [DrainWidth*8-1:0] random1, random2;
  // verilator lint_on UNUSEDSIGNAL
  logic [2*DrainWidth-1:0] negative;

  // The units' own valid bits are those of the cycles above.
  // verilator lint_off PINCONNECTEMPTY
  drain_merge #(.Lanes(Lanes), .DrainWidth(DrainWidth), .Structural(Structural)) u_merge (
    .clk_i, .rst_ni, .c_word_i, .result_i, .mask_load_i, .group_valid_i, .quant_i(group_quant_i),
    .update_i(update), .source_i(group_desc_i.source), .addend_i(group_desc_i.addend),
    .addend_shift_i(group_desc_i.addend_shift), .transpose_i(group_desc_i.transpose),
    .mask_i(group_desc_i.mask_in), .block_i(group_block_i), .index_i(group_index_i),
    .row_i(group_row_i), .col_i(group_col_i),
    .rows_i(group_desc_i.transpose ? group_desc_i.n : group_desc_i.m),
    .cols_i(group_desc_i.transpose ? group_desc_i.m : group_desc_i.n),
    .valid_o(), .x_o(x), .negative_o(negative), .state_o(state));

  // --- cycle 0: random bytes; cycle 2: rescale; cycle 5: quantize ------------------------------
  logic [DrainWidth*32-1:0] slot5;
  logic [DrainWidth*8-1:0] random;
  logic [DrainWidth*4-1:0] first6, code9_data;
  logic [DrainWidth-1:0] clip9;
  logic [15:0] random_row, random_col;
  // The fast source is ahead of that in silicon by so much that it can begin with the accumulators.
  localparam int unsigned ResultLag = cuatro_pkg::UPDATE_RESULT_LAG;
  if (Structural || !Update) begin : g_random_now
    assign random_valid = group_valid_i && (update || (!raw_d && (
        group_desc_i.rounding == cuatro_pkg::RND_STOCHASTIC || group_desc_i.rounding == cuatro_pkg::RND_TWO_TERM)));
    assign {random_row, random_col} = {group_row_i, group_col_i};
  end else begin : g_random_late
    logic [31:0] place [ResultLag+1];
    logic [ResultLag-1:0] here;
    assign here     = {late[ResultLag-1:1], group_valid_i && update};
    assign place[0] = {group_row_i, group_col_i};
    for (genvar i = 1; i <= ResultLag; i++) begin : g_rank
      always_ff @(posedge clk_i) begin
        if (here[i-1]) place[i] <= place[i-1];
      end
    end
    assign random_valid = late[ResultLag] || (group_valid_i && !raw_d && (
        group_desc_i.rounding == cuatro_pkg::RND_STOCHASTIC || group_desc_i.rounding == cuatro_pkg::RND_TWO_TERM));
    assign {random_row, random_col} = late[ResultLag] ? place[ResultLag] : {group_row_i, group_col_i};
  end

  // An update's gradient has two fraction bits less than other values, and no factor.
  logic [5:0] update_shift_q;
  always_ff @(posedge clk_i) update_shift_q <= group_desc_i.shift + 6'd2;
  rescale_unit #(.Width(DrainWidth), .Multiplier(Multiplier), .Structural(Structural)) u_rescale (
    .clk_i, .rst_ni, .valid_i(late[ResultLag] || (group_valid_i && !raw_d)),
    .mult_i(late[ResultLag] ? 8'd128 : group_desc_i.mult), .shift_i(late[ResultLag] ? update_shift_q : group_desc_i.shift),
    .a_i(x), .negative_i(negative[DrainWidth-1:0]), .valid_o(), .slot_o(slot5));
  random_source #(.Width(DrainWidth), .T(Lanes), .Structural(Structural)) u_random (
    .clk_i, .rst_ni, .valid_i(random_valid), .three_i(update), .key_i(group_desc_i.key), .row0_i(group_desc_i.row0),
    .col0_i(group_desc_i.col0), .row_i(random_row), .col_i(random_col), .valid_o(), .random_o(random),
    .second_o(random1), .third_o(random2));
  // verilator lint_on PINCONNECTEMPTY
  quantize_unit #(.Width(DrainWidth), .Structural(Structural)) u_quantize (
    .clk_i, .rst_ni, .valid_i(coded_q[5]), .format_i(kind5[2:0]), .rounding_i(rounding5),
    .slot_i(slot5), .random_i(random), .code1_o(first6), .code_o(code9_data), .saturated_o(clip9));

  // --- an update's words and codes, from cycle Lag + 2 on ----------------------------------------
  logic [DrainWidth*32-1:0] new_state;
  logic [DrainWidth-1:0] clip, new_clip;
  logic [DrainWidth*4-1:0] code, new_code;
  if (Update) begin : g_update
    update_unit #(.Width(DrainWidth), .Structural(Structural)) u_update (
      .clk_i, .rst_ni, .valid_i(late[Lag-2]), .slot_i(slot5), .random0_i(random), .random1_i(random1),
      .random2_i(random2), .rate_i(group_desc_i.mult[3:0]), .code_shift_i(group_desc_i.mult[7:4]), .state_i(state),
      .state_o(new_state), .code_o(new_code), .saturated_o(new_clip));
  end else begin : g_no_update
    assign new_state = '0;
    assign new_code  = '0;
    assign new_clip  = '0;
  end
  assign code = late[Lag+3] ? new_code : code9_data;
  assign clip = late[Lag+3] ? new_clip : clip9;

  // --- mask bits: a > 0, from the sign and the OR of every word --------------------------------
  logic [DrainWidth-1:0] positive, positive3_q, positive7;
  always_comb begin
    positive = '0;
    if (Structural || (coded_q[2] && kind2[3])) begin
      for (int unsigned h = 0; h < DrainWidth / 4; h++) begin
        for (int unsigned i = 0; i < 4; i++) begin
          positive[4*h + i] = !x[32*(4*h + i) + 31] && (x[32*(4*h + i) +: 32] != '0);
        end
      end
    end
  end
  always_ff @(posedge clk_i) positive3_q <= positive;
  delay #(.Width(DrainWidth), .Cycles(4)) u_positive (.clk_i, .d_i(positive3_q), .q_o(positive7));

  // --- cycle 2: statistics ---------------------------------------------------------------------
  logic relu2_q;
  logic [63:0] absmax, saturated;
  logic [127:0] sumabs;
  always_ff @(posedge clk_i) relu2_q <= kind1_q[2:0] == cuatro_pkg::OUT_UINT4;

  // Elements outside the tensor are zero here, so every lane may count.
  range_tracker #(.Width(DrainWidth), .Contexts(2), .Structural(Structural)) u_range (
    .clk_i, .rst_ni, .clear_i({2{valid_q[2] && command2[2]}} & {command2[0], !command2[0]}),
    .valid_i(valid_q[2]), .context_i(command2[0]), .relu_i(relu2_q),
    .lane_valid_i({DrainWidth{1'b1}}), .a_i(x), .negative_i(negative[2*DrainWidth-1:DrainWidth]),
    .narrow_valid_i(late[Lag+1]), .narrow_i(new_state),
    .clip_clear_i(({2{valid_q[9] && command9[2]}} & {command9[0], !command9[0]}) | {1'b0, late[Lag+3] && first3}),
    .clip_valid_i(coded_q[9] || late[Lag+3]), .clip_context_i(command9[0] && !late[Lag+3]), .clip_i(clip), .absmax_o(absmax),
    .sumabs_o(sumabs), .saturated_o(saturated));

  // --- words of R ------------------------------------------------------------------------------
  block_packer #(.Lanes(Lanes), .DrainWidth(DrainWidth), .Structural(Structural)) u_packer (
    .clk_i, .rst_ni, .raw_valid_i(valid_q[2] && !coded_q[2]), .raw_addr_i(addr2), .raw_strb_i(strb2), .raw_i(x),
    .state_i(update2), .state_word_i(new_state),
    .first_valid_i(coded_q[6] && kind6[1]), .first_last_i(kind6[2]), .first_addr_i(addr6), .first_i(first6),
    .mask_valid_i(coded_q[7] && mask_out7), .mask_last_i(block_end7), .mask_addr_i(mask7), .mask_i(positive7),
    .code_valid_i(coded_q[9] || late[Lag+3]), .code_last_i(late[Lag+3] ? kind3[5] : block_end9),
    .code_addr_i(late[Lag+3] ? code3 : code9), .code_i(code),
    .we_o, .waddr_o, .wstrb_o, .wdata_o);

  // --- responses -------------------------------------------------------------------------------
  // Each figure is taken in the cycle in which it holds the command's last group, before the next
  // command of its kind changes it.
  logic done_q;
  cuatro_pkg::response_t response_q;
  always_ff @(posedge clk_i) begin
    if (valid_q[9] && command9[1]) begin
      response_q.absmax       <= command9[0] ? absmax[63:32] : absmax[31:0];
      response_q.sumabs[31:0] <= command9[0] ? sumabs[95:64] : sumabs[31:0];
    end
    if (valid_q[10] && command10[1]) begin
      response_q.sumabs[63:32] <= command10[0] ? sumabs[127:96] : sumabs[63:32];
    end
    if (valid_q[12] && command12[1]) begin
      response_q.tag       <= tag12;
      response_q.field     <= cuatro_pkg::FIELD_NONE;
      response_q.saturated <= command12[0] ? saturated[63:32] : saturated[31:0];
    end
    done_q <= valid_q[12] && command12[1] && rst_ni;
  end

  assign done_valid_o = done_q;
  assign done_o       = response_q;
endmodule
