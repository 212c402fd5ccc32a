// SPDX-License-Identifier: Apache-2.0
// A negative control: a byte of a word. Yosys 0.23 takes a packed array of a named type for one element and says nothing,
// so its netlist is what it reads and not what stands here; scripts/lint keeps such code out of rtl/.
`default_nettype none

module misbuilt (
  input  wire logic [31:0] word_i,
  input  wire logic [1:0]  place_i,
  output logic      [7:0]  byte_o
);
  typedef logic [7:0] byte_t;
  byte_t [3:0] bytes;
  assign bytes  = word_i;
  assign byte_o = bytes[place_i];
endmodule
