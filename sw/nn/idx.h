// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace cuatro::nn {

// A file of unsigned bytes in the IDX format (Y. LeCun's MNIST page): a big-endian header
// 00 00 08 <dimensions>, a 32-bit size a dimension, then the bytes, last dimension fastest.
struct Idx {
  std::vector<std::uint32_t> sizes;
  std::vector<std::uint8_t> bytes;
};

// Reads path, plain or gzip. Throws InputError naming the file and what was expected: missing,
// wrong magic or number of dimensions, truncated, corrupt gzip data, bytes after the end.
Idx read_idx(const std::filesystem::path& path, unsigned dimensions);

}  // namespace cuatro::nn
