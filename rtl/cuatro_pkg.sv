// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Formats, encodings and the command descriptor. The numeric meaning of every
// value is in sw/golden/README.md; sim/descriptor.h mirrors the layout.
`default_nettype none

package cuatro_pkg;

  // No module uses every constant.
  // verilator lint_off UNUSEDPARAM

  // Operand A, operand B.
  typedef enum logic [1:0] { A_INT4 = 2'd0, A_UINT4 = 2'd1, A_AFFINE = 2'd2 } a_format_e;
  typedef enum logic [1:0] { B_INT4 = 2'd0, B_LOG4 = 2'd2, B_LOG2 = 2'd3 } b_format_e;

  // What leaves the output stage.
  typedef enum logic [2:0] {
    OUT_INT4 = 3'd0, OUT_UINT4 = 3'd1, OUT_LOG4 = 3'd2, OUT_LOG2 = 3'd3, OUT_RAW = 3'd4,
    OUT_UPDATE = 3'd5
  } out_format_e;

  typedef enum logic [2:0] {
    RND_NEAREST = 3'd0, RND_FLOOR = 3'd1, RND_STOCHASTIC = 3'd2, RND_TPR = 3'd3, RND_TWO_TERM = 3'd4
  } rounding_e;

  typedef enum logic [1:0] { ADD_NONE = 2'd0, ADD_BIAS = 2'd1, ADD_MATRIX = 2'd2 } addend_e;

  // Element width of a quantize command's source.
  typedef enum logic [1:0] { SRC_U8 = 2'd0, SRC_S16 = 2'd1, SRC_S32 = 2'd2 } source_e;

  typedef enum logic [3:0] { OP_NOP = 4'd0, OP_GEMM = 4'd1, OP_QUANTIZE = 4'd2 } op_e;

  // Largest K whose accumulation cannot overflow: 2^31 / (15 * 4096), and a third of it
  // for two terms.
  localparam int unsigned MAX_K_ONE_TERM = 34952;
  localparam int unsigned MAX_K_TWO_TERM = 11650;

  // Rescaled magnitude: 13 integer bits, 11 fraction bits, sticky kept beside it.
  localparam int unsigned MAG_INT_BITS  = 13;
  localparam int unsigned MAG_FRAC_BITS = 11;
  localparam int unsigned MAG_BITS      = MAG_INT_BITS + MAG_FRAC_BITS;

  // The MAC array. A lane's product is (x or ~x) << shift for each shift that the column selects,
  // ten of the thirteen from 0 to 12: LOG4 needs the even ones, LOG2 0 to 6. INT4 has two digits,
  // |w| = ±(low - 7 * high) with low of 0, 1, 2, 4 or 8 and high of 0 or 1: the high digit's
  // products stand HIGH_FIELD places up, where the sums of up to 32 lanes' low ones do not reach.
  localparam int unsigned SELECTS    = 10;
  localparam int unsigned TERM_BITS  = 16;
  localparam int unsigned HIGH_FIELD = 12;

  function automatic int unsigned select_shift(input int unsigned index);
    select_shift = (index < 7) ? index : 2 * index - 6;
  endfunction

  // Cycles from the load of a tile's last slice to the first drain of its sums; from a drain to
  // its results.
  localparam int unsigned MAC_LATENCY   = 4;
  localparam int unsigned DRAIN_LATENCY = 3;

  // An update group is described to the output stage so many cycles before its accumulators and its
  // state words come, since random bytes take longer to make than anything that they meet; and all
  // that follows it does so many cycles later than other groups.
  localparam int unsigned UPDATE_RESULT_LAG = 3;
  localparam int unsigned UPDATE_STATE_LAG  = 8;
  localparam int unsigned UPDATE_LAG        = 10;

  // Field that made a descriptor illegal, as the error response names it; FIELD_NONE = accepted.
  typedef enum logic [4:0] {
    FIELD_NONE = 5'd0, FIELD_OP = 5'd1, FIELD_M = 5'd2, FIELD_N = 5'd3, FIELD_K = 5'd4,
    FIELD_A_BASE = 5'd5, FIELD_B_BASE = 5'd6, FIELD_B2_BASE = 5'd7, FIELD_C_BASE = 5'd8,
    FIELD_MASK_IN_BASE = 5'd9, FIELD_R_BASE = 5'd10, FIELD_R2_BASE = 5'd11,
    FIELD_MASK_OUT_BASE = 5'd12, FIELD_A_FORMAT = 5'd13, FIELD_B_FORMAT = 5'd14,
    FIELD_OUT_FORMAT = 5'd15, FIELD_ROUNDING = 5'd16, FIELD_ADDEND = 5'd17,
    FIELD_TERM_SHIFT = 5'd18, FIELD_ADDEND_SHIFT = 5'd19, FIELD_SHIFT = 5'd20,
    FIELD_SOURCE = 5'd21, FIELD_TRANSPOSE = 5'd22, FIELD_TWO_TERMS = 5'd23, FIELD_MULT = 5'd24
  } field_e;

  // One command. Bases are word addresses: a_base, b_base, b2_base in the operand
  // scratchpads, c_base and mask_in_base in the C scratchpad, the others in R.
  // Bit 0 of the packed struct is the last member's lowest bit.
  typedef struct packed {
    logic [63:0] key;            // random stream
    logic [15:0] col0;           // column of S where this command's part begins
    logic [15:0] row0;           // row of S where this command's part begins
    logic [15:0] mask_out_base;
    logic [15:0] r2_base;        // second code (TPR, TWO_TERM); codes of an update
    logic [15:0] r_base;
    logic [15:0] mask_in_base;
    logic [15:0] c_base;         // addend, state of an update, or the source of a quantize command
    logic [15:0] b2_base;
    logic [15:0] b_base;
    logic [15:0] a_base;
    logic [15:0] k;
    logic [15:0] n;
    logic [15:0] m;
    logic [15:0] tag;            // returned with the response
    logic [7:0]  mult;           // 128 = 1.0; of an update {code shift, learning-rate shift}
    logic [5:0]  shift;          // signed, -16..31
    logic [3:0]  zero_point;
    logic [1:0]  addend_shift;
    logic [1:0]  term_shift;
    logic        mask_out;       // write the a > 0 mask
    logic        mask_in;        // apply a mask
    logic        transpose;      // S = result transposed
    logic        two_terms;
    logic [1:0]  source;         // source_e
    logic [1:0]  addend;         // addend_e
    logic [2:0]  rounding;       // rounding_e
    logic [2:0]  out_format;     // out_format_e
    logic [1:0]  b_format;       // b_format_e
    logic [1:0]  a_format;       // a_format_e
    logic [3:0]  op;             // op_e
  } descriptor_t;

  localparam int unsigned DESCRIPTOR_BITS = 332;

  // One answer a command.
  typedef struct packed {
    logic [31:0] saturated;
    logic [63:0] sumabs;
    logic [31:0] absmax;
    logic [4:0]  field;          // field_e: FIELD_NONE = done, else the field that was refused
    logic [15:0] tag;
  } response_t;

  localparam int unsigned RESPONSE_BITS = 149;

endpackage
