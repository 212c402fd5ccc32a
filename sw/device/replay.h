// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "device/device.h"

namespace cuatro {

// A tensor's content on the host, row-major: codes and mask bits in bytes, raw words in words.
struct HostTensor {
  TensorKind kind = TensorKind::codes;
  Format format = Format::int4;
  std::uint32_t rows = 0, cols = 0;
  std::vector<std::uint8_t> bytes;
  std::vector<std::int32_t> words;
};

// One device operation with everything it needs, so that it can be run again on any engine.
// The tensor handles and spans inside gemm and quantize are empty; the content is beside them.
struct RecordedOp {
  enum class Kind { gemm, quantize, gather, unfold } kind = Kind::gemm;
  std::uint64_t command = 0;
  std::string label;
  Gemm gemm;
  Quantize quantize;
  std::vector<std::int32_t> bias;                         // gemm
  std::vector<std::uint8_t> data;                         // quantize: bytes of its source, unless raw
  std::vector<std::uint32_t> rows;                        // gather
  Window window;                                          // unfold
  std::uint8_t pad_code = 0;                              // unfold
  std::optional<HostTensor> a, b, b2, addend, mask, raw, state;  // gather, unfold: a
};

// What an operation left behind.
struct Outputs {
  std::optional<HostTensor> codes, codes2, mask, raw;
  Stats stats;
  std::uint64_t words() const;  // elements, all outputs
};

// The first element in which two outputs differ. output: codes, codes2, mask, raw, stats.absmax, …
struct Difference {
  std::string output;
  std::uint32_t row = 0, col = 0;
  std::int64_t expected = 0, got = 0;
};
std::optional<Difference> first_difference(const Outputs& expected, const Outputs& got);

struct Replay {
  RecordedOp op;
  Outputs expected, got;
  std::string expected_from, got_from;  // engine names
};

HostTensor read_tensor(Device& device, const Tensor& tensor);
Tensor write_tensor(Device& device, const HostTensor& tensor);
Outputs read_outputs(Device& device, const Result& result, bool with_stats = true);
// Uploads the operands, runs the operation, reads everything back.
Outputs execute(Device& device, const RecordedOp& op);

std::string_view name_of(RecordedOp::Kind kind);

// CBOR, written atomically. load throws InputError naming the file.
void save_replay(const std::filesystem::path& path, const Replay& replay);
Replay load_replay(const std::filesystem::path& path);

}  // namespace cuatro
