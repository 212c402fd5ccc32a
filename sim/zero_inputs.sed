# SPDX-License-Identifier: Apache-2.0
# Of the constructor that Verilator writes: inputs of the top begin with zero where all else begins with random bits.
/__DOT__/! {
  s/^( +vlSelf->([a-z]\w*_n?i|[sm]_axi_\w+|[A-Z]+)) = VL_RAND_RESET.*/\1 = 0;/
  s/^( +)VL_RAND_RESET_W(\([0-9]+, vlSelf->([a-z]\w*_n?i|[sm]_axi_\w+|[A-Z]+)\);)/\1VL_ZERO_RESET_W\2/
}
