// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
// Copyright 2026 cuatro contributors
//
// One clock, one write port, one read port: the only memory in the core. A write takes the
// granules whose strobe is set. A read takes one cycle; the word then stays until the next read.
// Reading the address that is being written returns the old word. Contents have no reset.
//
// A foundry macro replaces the body of this one module: map (Width, Depth, Granule) to a two-port
// (1R1W) macro with bit or byte write enables, re_i and we_i to its chip enables. A macro whose
// output is undefined on a collision needs a bypass of the old word here, one that does not hold
// its output a register on rdata_o.
`default_nettype none

module ram_1r1w #(
  parameter int unsigned Width   = 32,
  parameter int unsigned Depth   = 64,
  parameter int unsigned Granule = Width,              // bits a write strobe covers
  localparam int unsigned AddrBits = $clog2(Depth),
  localparam int unsigned Strobes  = Width / Granule
) (
  input  wire logic                clk_i,
  // write port
  input  wire logic                we_i,
  input  wire logic [AddrBits-1:0] waddr_i,
  input  wire logic [Strobes-1:0]  wstrb_i,
  input  wire logic [Width-1:0]    wdata_i,
  // read port
  input  wire logic                re_i,
  input  wire logic [AddrBits-1:0] raddr_i,
  output logic [Width-1:0]         rdata_o
);
  if (Granule == 0 || Width % Granule != 0) begin : g_bad_granule
    $error("ram_1r1w: Width must be a multiple of Granule");
  end
  if (Depth < 2 || (Depth & (Depth - 1)) != 0) begin : g_bad_depth
    $error("ram_1r1w: Depth must be a power of two, at least 2");
  end

  // A memory a granule: a partial write is then no read-modify-write in either tool.
  for (genvar g = 0; g < Strobes; g++) begin : g_granule
    logic [Granule-1:0] mem [Depth];
    logic [Granule-1:0] rdata_q;
    logic [AddrBits-1:0] place;

    // Read, then written in place: a non-blocking write would make the C++ model prepare a copy of
    // the word in every cycle, and without `place` it would find the address anew for every 32 bits.
    // Memory and place are private to this one block.
    // verilator lint_off BLKSEQ
    always_ff @(posedge clk_i) begin
      if (re_i) rdata_q <= mem[raddr_i];
      if (we_i && wstrb_i[g]) begin
        place      = waddr_i;
        mem[place] = wdata_i[Granule*g +: Granule];
      end
    end
    // verilator lint_on BLKSEQ

    assign rdata_o[Granule*g +: Granule] = rdata_q;
  end

endmodule
