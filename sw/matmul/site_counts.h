// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>

#include "device/device.h"
#include "matmul/operand_site.h"

// What a quantize or GEMM command that left codes adds to its site's counts. Both wait for the command.
namespace cuatro::nn {

// Elements, clipped ones, and of `nonzero` values that were not zero those whose codes, of one digit or of two, all
// stand for zero: `zero_code` is 0, or an affine tensor's zero-point.
void count_codes(Device& device, const Result& result, std::uint8_t zero_code, std::uint64_t nonzero, SiteCounts& counts);

// Exponents of what the codes stand for, for a tensor whose values before rounding nobody holds: in units of the first
// code's 1. With a term_shift the second code is a digit whose 1 is 2^-term_shift; without, it does not count.
void count_code_exponents(Device& device, const Result& result, int term_shift, SiteCounts& counts);

}  // namespace cuatro::nn
