// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// drain_merge as gates: the other operand is selected in the first cycle and added in the second; a
// quantize group adds its source word to zero, an update nothing to its accumulators, while its
// state words are the other operand of a later cycle. What steers all lanes or is read in many
// places has copies in modules of their own, which synthesis does not merge.
`default_nettype none

module drain_merge_gates #(
  parameter int unsigned Lanes      = 16,
  parameter int unsigned DrainWidth = 32,
  localparam int unsigned WordBits  = (4*Lanes*Lanes > 32*DrainWidth) ? 4*Lanes*Lanes : 32*DrainWidth,
  localparam int unsigned GroupBits = $clog2(Lanes * Lanes / DrainWidth)
) (
  input  wire logic                     clk_i,
  input  wire logic                     rst_ni,
  input  wire logic [WordBits-1:0]      c_word_i,
  input  wire logic [DrainWidth*32-1:0] result_i,
  input  wire logic                     group_valid_i,
  input  wire logic                     quant_i,
  input  wire logic                     update_i,
  input  wire logic [1:0]               source_i,
  input  wire logic [1:0]               addend_i,
  input  wire logic [1:0]               addend_shift_i,
  input  wire logic                     transpose_i,
  input  wire logic [DrainWidth-1:0]    mask_bits_i,
  input  wire logic [15:0]              block_i,
  input  wire logic [GroupBits-1:0]     index_i,
  input  wire logic [15:0]              row_i,
  input  wire logic [15:0]              col_i,
  input  wire logic [15:0]              rows_i,
  input  wire logic [15:0]              cols_i,
  output logic [DrainWidth*32-1:0]      x_o,
  output logic [2*DrainWidth-1:0]       negative_o,
  output logic [DrainWidth*32-1:0]      state_o
);
  localparam int unsigned Lines    = DrainWidth / Lanes;
  localparam int unsigned Elements = WordBits / 32;

  // Where the group's elements start in the C word: a word is a few groups of 32-bit elements,
  // twice or four times as many of narrower ones; bias words start at a block or at a line.
  localparam int unsigned WordGroups = Elements / DrainWidth;
  localparam int unsigned WordBlocks = Elements / Lanes;
  localparam int unsigned LaneShift  = $clog2(Lanes);
  localparam int unsigned LineShift  = $clog2(Lines);
  // Shapes differ in what they use.
  // verilator lint_off UNUSEDSIGNAL
  logic [31:0] linear, group32, group16, group8, bias_block, bias_line;
  // verilator lint_on UNUSEDSIGNAL
  always_comb begin
    linear     = 32'({block_i, index_i});
    group32    = linear & (WordGroups - 1);
    group16    = linear & (2*WordGroups - 1);
    group8     = linear & (4*WordGroups - 1);
    bias_block = (32'(col_i) >> LaneShift) & (WordBlocks - 1);
    bias_line  = (32'(row_i) >> LineShift) & (Elements / Lines - 1);
  end

  localparam int unsigned ResultLag = cuatro_pkg::UPDATE_RESULT_LAG;
  localparam int unsigned StateLag  = cuatro_pkg::UPDATE_STATE_LAG;

  // Bytes, half-words and bias words start at a multiple of so many words.
  localparam int unsigned Step      = (DrainWidth / 2 < Lanes) ? DrainWidth / 2 : Lanes;
  localparam int unsigned StepShift = $clog2(Step);
  localparam int unsigned Steps     = Elements / Step;
  localparam int unsigned StepBits  = $clog2(Steps);

  logic u8, s16, s32, matrix, row_bias, line_bias;
  logic [31:0] start_word;
  logic [StepBits-1:0] start;
  // What nothing starts at needs no multiplexer.
  // verilator lint_off UNUSEDSIGNAL
  logic [WordBits-1:0] from_start;
  // verilator lint_on UNUSEDSIGNAL
  logic [32*DrainWidth-1:0] words;
  logic [8*DrainWidth-1:0] bytes;
  always_comb begin
    u8         = quant_i && source_i == cuatro_pkg::SRC_U8;
    s16        = quant_i && source_i == cuatro_pkg::SRC_S16;
    s32        = quant_i && !u8 && !s16;
    matrix     = !quant_i && !update_i && addend_i == cuatro_pkg::ADD_MATRIX;
    row_bias   = !quant_i && addend_i == cuatro_pkg::ADD_BIAS && !transpose_i;
    line_bias  = !quant_i && addend_i == cuatro_pkg::ADD_BIAS && transpose_i;
    start_word = Lanes * bias_block;
    if (u8) start_word = DrainWidth/2 * (group8 >> 1);
    if (s16) start_word = DrainWidth/2 * group16;
    start      = StepBits'(start_word >> StepShift);
    from_start = c_word_i >> {start, {(StepShift + 5){1'b0}}};
    bytes      = group8[0] ? from_start[8*DrainWidth +: 8*DrainWidth] : from_start[8*DrainWidth-1:0];
  end
  if (WordGroups == 1) begin : g_whole
    assign words = c_word_i;
  end else begin : g_part
    // The group whose words these are: a state's came earlier.
    localparam int unsigned PartBits = $clog2(WordGroups);
    logic [PartBits-1:0] state_part;
    delay #(.Width(PartBits), .Cycles(StateLag)) u_part (.clk_i, .d_i(group32[PartBits-1:0]), .q_o(state_part));
    assign words = (32*DrainWidth)'(c_word_i >> {update_i ? state_part : group32[PartBits-1:0], {($clog2(DrainWidth) + 5){1'b0}}});
  end

  logic [31:0] word [Elements];
  for (genvar i = 0; i < Elements; i++) begin : g_word
    assign word[i] = c_word_i[32*i +: 32];
  end
  logic [31:0] line_word [Lines];
  for (genvar l = 0; l < Lines; l++) begin : g_line
    always_comb begin
      line_word[l] = '0;
      for (int unsigned i = 0; i < Elements / Lines; i++) begin
        line_word[l] = line_word[l] | (word[Lines*i + l] & {32{bias_line == i}});
      end
    end
  end

  // Row and column start at multiples of Lines and Lanes.
  logic [Lines-1:0] in_rows, in_rows_q;
  logic [Lanes-1:0] in_cols, in_cols_q;
  logic [DrainWidth-1:0] mask_q1;
  logic [2:0] shift;
  // A group of one line has no line beyond the last row.
  // verilator lint_off UNSIGNED
  always_comb begin
    for (int unsigned l = 0; l < Lines; l++) begin
      in_rows[l] = (row_i >> LineShift) < (rows_i >> LineShift) ||
                   ((row_i >> LineShift) == (rows_i >> LineShift) && l < (32'(rows_i) & (Lines - 1)));
    end
    for (int unsigned j = 0; j < Lanes; j++) begin
      in_cols[j] = (col_i >> LaneShift) != (cols_i >> LaneShift) || j < (32'(cols_i) & (Lanes - 1));
    end
    shift = quant_i ? 3'b001 : 3'b001 << addend_shift_i;
    if (update_i) shift = 3'b000;
  end
  // verilator lint_on UNSIGNED
  // Of an update's accumulators, of its state words while they are selected.
  logic [Lines-1:0] in_rows_late, in_rows_state, keep_rows;
  logic [Lanes-1:0] in_cols_late, in_cols_state, keep_cols;
  logic [StateLag:1] late_q;
  logic update_q;
  always_ff @(posedge clk_i) begin
    in_rows_q <= in_rows;
    in_cols_q <= in_cols;
    mask_q1   <= mask_bits_i;
    update_q  <= update_i;
    late_q    <= {late_q[StateLag-1:1], group_valid_i && update_i} & {StateLag{rst_ni}};
  end
  delay #(.Width(Lines + Lanes), .Cycles(ResultLag)) u_late (
    .clk_i, .d_i({in_rows_q, in_cols_q}), .q_o({in_rows_late, in_cols_late}));
  delay #(.Width(Lines + Lanes), .Cycles(StateLag - ResultLag - 1)) u_state (
    .clk_i, .d_i({in_rows_late, in_cols_late}), .q_o({in_rows_state, in_cols_state}));
  assign keep_rows = update_q ? in_rows_late : in_rows_q;
  assign keep_cols = update_q ? in_cols_late : in_cols_q;

  logic [DrainWidth-1:0] negative;
  for (genvar i = 0; i < DrainWidth; i++) begin : g_lane
    logic [31:0] other, other_q, shifted, result_q, x;
    logic [2:0] shift_q;
    delay #(.Width(3), .Cycles(1)) u_shift (.clk_i, .d_i(shift), .q_o(shift_q));
    logic state;
    assign state = late_q[StateLag] && in_rows_state[i / Lanes] && in_cols_state[i % Lanes];
    assign other = (words[32*i +: 32] & {32{s32 || matrix || state}})
                   | (from_start[32*(i % Lanes) +: 32] & {32{row_bias}})
                   | (line_word[i / Lanes] & {32{line_bias}})
                   | ({{16{from_start[16*i + 15]}}, from_start[16*i +: 16]} & {32{s16}})
                   | {24'd0, bytes[8*i +: 8] & {8{u8}}};
    assign shifted = (other_q & {32{shift_q[0]}}) | ({other_q[30:0], 1'b0} & {32{shift_q[1]}}) |
                     ({other_q[29:0], 2'b00} & {32{shift_q[2]}});
    assign x = (result_q + shifted) & {32{keep_rows[i / Lanes] && keep_cols[i % Lanes] && mask_q1[i]}};
    assign negative[i] = x[31];
    assign state_o[32*i +: 32] = other_q;
    always_ff @(posedge clk_i) begin
      other_q         <= other;
      result_q        <= result_i[32*i +: 32] & {32{!quant_i}};
      x_o[32*i +: 32] <= x;
    end
  end
  delay #(.Width(DrainWidth), .Cycles(1)) u_negative_low (.clk_i, .d_i(negative), .q_o(negative_o[DrainWidth-1:0]));
  delay #(.Width(DrainWidth), .Cycles(1)) u_negative_high (
    .clk_i, .d_i(negative), .q_o(negative_o[2*DrainWidth-1:DrainWidth]));
endmodule
