// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "device/device.h"

namespace cuatro {

// A GEMM of any K, in 64 bits: K is split into slices within the contract's bound, each slice is one
// raw GEMM on the device, and the host adds them, then (addend << addend_shift), then applies the
// mask. Nothing wraps.
// Returns S row-major: [M × N], or [N × M] with out.transpose. Waits for the device.
// `op.out.format` must be raw and `op.out.write_mask` false, else DeviceError; shapes as for gemm().
std::vector<std::int64_t> gemm_wide(Device& device, const Gemm& op, std::string_view label);

}  // namespace cuatro
