// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "sim/descriptor.h"

#include <iterator>

namespace cuatro::sim {

DescriptorBits Descriptor::bits() const {
  DescriptorBits words{};
  unsigned at = 0;
  const auto put = [&](std::uint64_t value, unsigned width) {
    for (unsigned i = 0; i < width; ++i, ++at) {
      words[at / 32] |= static_cast<std::uint32_t>((value >> i) & 1) << (at % 32);
    }
  };
  put(op, 4);
  put(a_format, 2);
  put(b_format, 2);
  put(out_format, 3);
  put(rounding, 3);
  put(addend, 2);
  put(source, 2);
  put(two_terms, 1);
  put(transpose, 1);
  put(mask_in, 1);
  put(mask_out, 1);
  put(term_shift, 2);
  put(addend_shift, 2);
  put(zero_point, 4);
  put(static_cast<std::uint8_t>(shift), 6);
  put(mult, 8);
  put(tag, 16);
  for (const std::uint16_t word : {m, n, k, a_base, b_base, b2_base, c_base, mask_in_base, r_base, r2_base,
                                   mask_out_base, row0, col0}) {
    put(word, 16);
  }
  put(key, 64);
  return words;
}

std::string_view field_name(std::uint8_t field) {
  static constexpr std::string_view names[] = {
      "",           "op",         "m",           "n",        "k",           "a_base",      "b_base",  "b2_base",
      "c_base",     "mask_in_base", "r_base",    "r2_base",  "mask_out_base", "a_format",  "b_format",
      "out_format", "rounding",   "addend",      "term_shift", "addend_shift", "shift",    "source",
      "transpose",  "two_terms",  "mult"};
  return field < std::size(names) ? names[field] : "unknown field";
}

}  // namespace cuatro::sim
