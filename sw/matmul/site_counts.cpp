// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "matmul/site_counts.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <vector>

#include "golden/codes.h"

namespace cuatro::nn {
namespace {

// Bin of values from 1 to below 2.
constexpr int kUnitBin = 24;

// Calls visit(code 1, code 2) for every element; code 2 is `zero` where there is none.
template <class Visit>
void for_each_element(Device& device, const Tensor& codes, const Tensor& codes2, std::uint8_t zero, Visit visit) {
  const std::vector<std::uint8_t> digit1 = device.read_codes(codes);
  if (codes2) {
    const std::vector<std::uint8_t> digit2 = device.read_codes(codes2);
    for (std::size_t i = 0; i < digit1.size(); ++i) visit(digit1[i], digit2[i]);
  } else {
    for (const std::uint8_t code : digit1) visit(code, zero);
  }
}

}  // namespace

void count_codes(Device& device, const Result& result, std::uint8_t zero_code, std::uint64_t nonzero, SiteCounts& counts) {
  std::uint64_t kept = 0;
  for_each_element(device, result.codes, result.codes2, zero_code,
                   [&](std::uint8_t one, std::uint8_t two) { kept += one != zero_code || two != zero_code; });
  counts.elements += std::uint64_t{result.codes.rows} * result.codes.cols;
  counts.saturated += device.stats(result).saturated;
  counts.underflow += nonzero - std::min(nonzero, kept);
}

void count_code_exponents(Device& device, const Result& result, int term_shift, SiteCounts& counts) {
  const Format format = result.codes.format;
  // Without a shift a second code is the other phase, not a second digit.
  const Tensor codes2 = term_shift > 0 ? result.codes2 : Tensor{};
  for_each_element(device, result.codes, codes2, 0, [&](std::uint8_t one, std::uint8_t two) {
    const int value = golden::decode(format, one) * (1 << term_shift) + golden::decode(format, two);
    if (value == 0) return;
    const int exponent = std::bit_width(static_cast<unsigned>(std::abs(value))) - 1 - term_shift;
    ++counts.exponents[static_cast<std::size_t>(kUnitBin + exponent)];
  });
}

}  // namespace cuatro::nn
