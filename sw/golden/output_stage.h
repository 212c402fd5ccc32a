// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "device/buffer.h"
#include "device/device.h"

// Steps 1 to 5 for a whole tensor. Source: sw/golden/README.md, "Output stage".
namespace cuatro::golden {

// What one command writes, row-major, one code (0..15) or mask bit (0, 1) a byte.
// Empty: codes and codes2 for raw, codes2 for one code an element, mask unless asked for.
struct OutputData {
  Buffer<std::uint8_t> codes, codes2, mask;
  Buffer<std::int32_t> raw;
  Stats stats;
};

// `a`: accumulators or source words, rows × cols in the stored orientation (out.transpose is done).
// `mask`: rows × cols bits, or empty. Neither function validates `out`: see device/validate.h.
// Element by element through rescale() and quantize_element(): the definition.
OutputData output_stage_plain(std::span<const std::int32_t> a, std::size_t cols,
                              std::span<const std::uint8_t> mask, const Output& out);

// The same bits, in vector loops over chunks of the tensor.
OutputData output_stage_fast(std::span<const std::int32_t> a, std::size_t cols, std::span<const std::uint8_t> mask,
                             const Output& out);
OutputData output_stage_fast(std::span<const std::int16_t> a, std::size_t cols, std::span<const std::uint8_t> mask,
                             const Output& out);
OutputData output_stage_fast(std::span<const std::uint8_t> a, std::size_t cols, std::span<const std::uint8_t> mask,
                             const Output& out);

// The same for RAW without mask and mask out: the words stay where they are.
OutputData raw_output(Buffer<std::int32_t> a);

}  // namespace cuatro::golden
