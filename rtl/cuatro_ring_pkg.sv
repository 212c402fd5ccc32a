// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Ring entries of cuatro_axi and what they become. The meaning of every field is in rtl/README.md;
// sim/ring_entry.h mirrors the layout. Bit 0 of a packed struct is the last member's lowest bit.
`default_nettype none

package cuatro_ring_pkg;

  // No module uses every constant.
  // verilator lint_off UNUSEDPARAM

  localparam int unsigned LANES      = 2;    // 0 = GEMM, 1 = quantize
  localparam int unsigned ENTRY_BITS = 512;
  localparam int unsigned SLOT_BITS  = 13;   // place of an entry in its ring

  typedef enum logic [3:0] { ENTRY_LOAD = 4'd1, ENTRY_COMMAND = 4'd2, ENTRY_STORE = 4'd3 } entry_e;
  // Where a load goes; what of a word a store takes.
  typedef enum logic [1:0] { SPACE_A = 2'd0, SPACE_B = 2'd1, SPACE_C = 2'd2 } space_e;
  localparam logic [1:0] SPACE_WORDS = 2'd0, SPACE_HALVES = 2'd1;

  // Finished jobs that an entry waits for, where its mask bit is set. The lowest bit of the mask
  // and the lowest count belong to the GEMM lane's loads.
  localparam int unsigned COUNTS     = 6;    // loads 0, loads 1, commands 0, commands 1, stores 0, stores 1
  localparam int unsigned COUNT_BITS = 16;
  localparam int unsigned WAIT_BITS  = COUNTS * COUNT_BITS;

  typedef struct packed {
    logic [WAIT_BITS-1:0] counts;
    logic [9:0]           reserved1;
    logic [COUNTS-1:0]    waits;
    logic [5:0]           reserved0;
    logic                 irq;
    logic                 record;
    logic [3:0]           reserved;
    logic [3:0]           kind;              // entry_e
  } entry_head_t;

  localparam int unsigned HEAD_BITS = 128;

  // What a load that unfolds says of its source and of its windows (rtl/windows.md), above what every transfer says.
  typedef struct packed {
    logic [15:0] origin;                     // buffer line of the first position's row, at x = 0
    logic [15:0] next_image;                 // lines from an image's last row of positions to the next one's first
    logic [15:0] fill_gap;                   // lines from an image's last row to the next one's first
    logic [3:0]  tap_x;                      // first tap
    logic [11:0] pitch;                      // lines from row to row
    logic [7:0]  fill_y;                     // place of the first line in its image
    logic [7:0]  fill_x;
    logic [7:0]  out_y;                      // first position
    logic [7:0]  out_x;
    logic [7:0]  out_height;
    logic [7:0]  out_width;
    logic [7:0]  height;
    logic [7:0]  width;
    logic [7:0]  plane;                      // buffer words a channel block
    logic [7:0]  tap_y;
    logic [3:0]  last_channel;               // channel blocks less one
    logic [3:0]  channel;                    // first channel block
    logic [3:0]  pad_w;
    logic [3:0]  pad_h;
    logic [3:0]  kernel_w;
    logic [3:0]  stride;
    logic [9:0]  reserved;
    logic        dilated;                    // rows and columns of the source stand two apart
    logic        reversed;                   // last tap first
    logic [3:0]  pad_code;
  } window_t;

  // Above the head of a load or store entry.
  typedef struct packed {
    window_t     window;                     // 0 without unfold
    logic [7:0]  sub;                        // sub-block of the first item
    logic        reserved1;
    logic        unfold;
    logic        sub_rows;                   // rows, not columns, count sub-blocks
    logic        transpose;
    logic [1:0]  reserved0;
    logic [1:0]  space;                      // space_e; of a store SPACE_WORDS or SPACE_HALVES
    logic [3:0]  reserved;
    logic [3:0]  item;                       // log2 of an item's bytes
    logic [15:0] row_step;
    logic [15:0] col_step;
    logic [15:0] addr;                       // scratchpad word of the first item
    logic [15:0] rows;
    logic [15:0] cols;
    // Bytes from row to row; of a load that unfolds, from the lowest bit: blocks of the source (8 bits), positions in the last
    // block of rows (8), buffer line where the first line's row begins (16).
    logic [31:0] pitch;
    logic [63:0] base;
  } entry_transfer_t;

  localparam int unsigned TRANSFER_BITS   = 384;
  localparam int unsigned TRANSFER_UNFOLD = 190;       // bit of it

  // An entry in a queue, from the lowest bit: waits, counts, record, interrupt, slot, payload.
  localparam int unsigned QUEUE_BITS   = 501;
  localparam int unsigned QUEUE_FLAGS  = COUNTS + WAIT_BITS;
  localparam int unsigned QUEUE_SLOT   = QUEUE_FLAGS + 2;
  localparam int unsigned PAYLOAD      = QUEUE_SLOT + SLOT_BITS;

  // A load or store on its way: its lane above what a queue holds of it.
  typedef struct packed {
    logic                 lane;
    entry_transfer_t      transfer;
    logic [SLOT_BITS-1:0] slot;
    logic                 irq;
    logic                 record;
  } job_t;

  localparam int unsigned JOB_BITS = 400;

  // A response's tag while the command is in the core.
  typedef struct packed {
    logic                 lane;
    logic                 irq;
    logic                 record;
    logic [SLOT_BITS-1:0] slot;
  } tag_t;

  // A completion record, 32 bytes.
  typedef struct packed {
    logic [63:0] reserved1;
    logic [63:0] sumabs;
    logic [31:0] saturated;
    logic [31:0] absmax;
    logic [31:0] cycle;                      // of PERF_CYCLES, low half
    logic [3:0]  reserved0;
    logic [3:0]  kind;
    logic [2:0]  reserved;
    logic [4:0]  field;
    logic        lane;
    logic [1:0]  zero;
    logic [SLOT_BITS-1:0] slot;
  } record_t;

  localparam int unsigned RECORD_BITS  = 256;
  localparam int unsigned RECORD_ITEM  = 5;  // log2 of its bytes

  // Code of the first error.
  typedef enum logic [3:0] {
    ERR_NONE = 4'd0, ERR_RING_READ = 4'd1, ERR_LOAD_READ = 4'd2, ERR_STORE_WRITE = 4'd3,
    ERR_RECORD_WRITE = 4'd4, ERR_BAD_ENTRY = 4'd5, ERR_REFUSED = 4'd6, ERR_RING_OVERFLOW = 4'd7
  } error_e;

  // Field that made an entry a bad one.
  typedef enum logic [4:0] {
    BAD_NONE = 5'd0, BAD_KIND = 5'd1, BAD_FLAGS = 5'd2, BAD_OP = 5'd3, BAD_SPACE = 5'd4, BAD_ITEM = 5'd5,
    BAD_SIZE = 5'd6, BAD_BASE = 5'd7, BAD_PITCH = 5'd8, BAD_ADDR = 5'd9, BAD_RESERVED = 5'd10,
    BAD_WINDOW = 5'd11
  } bad_e;

  typedef struct packed {
    logic [63:0]          addr;
    logic [SLOT_BITS-1:0] slot;
    logic                 lane;
    logic [4:0]           field;
    logic [3:0]           code;
  } fault_t;

  localparam int unsigned FAULT_BITS = 87;

endpackage
