// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// Last stage of the output path: groups become words of the R scratchpad. Codes and mask
// bits are gathered until their block is complete, then written one word a cycle: the first
// code, then the second if there is one, then the mask. Raw words are written as they come.
//
// Groups arrive in the order of their block, at most one a cycle; a block has at least four.
// The word of a group's first code, or its raw words, is written one cycle after the group.
// The drain engine keeps raw groups two cycles away from a block with a second code or mask.
`default_nettype none

module block_packer #(
  parameter int unsigned Lanes      = 16,
  parameter int unsigned DrainWidth = 32,
  localparam int unsigned WordBits  = (4*Lanes*Lanes > 32*DrainWidth) ? 4*Lanes*Lanes : 32*DrainWidth,
  localparam int unsigned CodeBits  = 4 * Lanes * Lanes,
  localparam int unsigned MaskBits  = Lanes * Lanes,
  localparam int unsigned GroupBits = $clog2(Lanes * Lanes / DrainWidth),
  localparam int unsigned Parts     = WordBits / (32 * DrainWidth)
) (
  input  wire logic                     clk_i,
  input  wire logic                     rst_ni,
  // a group
  input  wire logic                     valid_i,
  input  wire logic                     raw_i,
  input  wire logic                     second_i,      // code2_i counts
  input  wire logic                     mask_i,        // mask bits are to be written
  input  wire logic [15:0]              block_i,
  input  wire logic [GroupBits-1:0]     index_i,
  input  wire logic [15:0]              r_base_i,
  input  wire logic [15:0]              r2_base_i,
  input  wire logic [15:0]              mask_base_i,
  input  wire logic [DrainWidth*32-1:0] x_i,
  input  wire logic [DrainWidth*4-1:0]  code1_i,
  input  wire logic [DrainWidth*4-1:0]  code2_i,
  // R scratchpad
  output logic                          we_o,
  output logic [15:0]                   waddr_o,
  output logic [Parts-1:0]              wstrb_o,
  output logic [WordBits-1:0]           wdata_o
);
  localparam int unsigned PartShift = $clog2(Parts);

  // Shift registers: after the last group the first one has reached the bottom.
  logic [CodeBits-1:0] code1_q, code2_q, hold2_q;
  logic [MaskBits-1:0] mask_q, hold_mask_q;
  logic [DrainWidth*32-1:0] raw_q;
  logic [DrainWidth-1:0] positive;

  // a > 0, from the sign and the OR of every word.
  always_comb begin
    positive = '0;
    if (valid_i && mask_i) begin
      for (int unsigned h = 0; h < DrainWidth / 4; h++) begin
        for (int unsigned i = 0; i < 4; i++) begin
          positive[4*h + i] = !x_i[32*(4*h + i) + 31] && (x_i[32*(4*h + i) +: 32] != '0);
        end
      end
    end
  end

  logic raw_valid_q, codes_valid_q, second_q, mask_out_q, second_valid_q, mask_valid_q, mask_next_q;
  logic [15:0] addr_q, addr2_q, addr_mask_q;
  logic [Parts-1:0] strb_q;
  logic [23:0] linear;
  logic block_end;

  assign linear    = 24'({block_i, index_i});
  assign block_end = valid_i && !raw_i && (&index_i);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      raw_valid_q    <= 1'b0;
      codes_valid_q  <= 1'b0;
      second_valid_q <= 1'b0;
      mask_valid_q   <= 1'b0;
      mask_next_q    <= 1'b0;
    end else begin
      raw_valid_q    <= valid_i && raw_i;
      codes_valid_q  <= block_end;
      second_valid_q <= codes_valid_q && second_q;
      // The mask follows the second code; without one it takes that place.
      mask_valid_q   <= (codes_valid_q && mask_out_q && !second_q) || mask_next_q;
      mask_next_q    <= codes_valid_q && mask_out_q && second_q;
    end

    if (valid_i && raw_i) begin
      raw_q  <= x_i;
      addr_q <= r_base_i + 16'(linear >> PartShift);
      strb_q <= Parts'(1) << (linear[7:0] & 8'(Parts - 1));
    end
    if (valid_i && !raw_i) begin
      code1_q <= {code1_i, code1_q[CodeBits-1:4*DrainWidth]};
      if (second_i) code2_q <= {code2_i, code2_q[CodeBits-1:4*DrainWidth]};
      if (mask_i) mask_q <= {positive, mask_q[MaskBits-1:DrainWidth]};
    end
    if (block_end) begin
      addr_q      <= r_base_i + block_i;
      addr2_q     <= r2_base_i + block_i;
      addr_mask_q <= mask_base_i + block_i;
      second_q    <= second_i;
      mask_out_q  <= mask_i;
    end
    if (codes_valid_q) begin
      if (second_q) hold2_q <= code2_q;
      if (mask_out_q) hold_mask_q <= mask_q;
    end
  end

  always_comb begin
    we_o    = 1'b1;
    waddr_o = addr_q;
    wstrb_o = '1;
    wdata_o = WordBits'(code1_q);
    if (raw_valid_q) begin
      wstrb_o = strb_q;
      wdata_o = {Parts{raw_q}};
    end else if (second_valid_q) begin
      waddr_o = addr2_q;
      wdata_o = WordBits'(hold2_q);
    end else if (mask_valid_q) begin
      waddr_o = addr_mask_q;
      wdata_o = WordBits'(hold_mask_q);
    end else if (!codes_valid_q) begin
      we_o = 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_ni) assert ($onehot0({raw_valid_q, codes_valid_q, second_valid_q, mask_valid_q}));
  end
endmodule
