// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cuatro::nn {

// The safetensors container (Hugging Face): 8 bytes little-endian header length, a JSON header
// {name: {dtype, shape, data_offsets}, "__metadata__": {string: string}}, then the data.
struct SafeTensor {
  std::string name;
  std::string dtype;  // "I32" or "F32"
  std::vector<std::uint64_t> shape;
  std::vector<std::uint8_t> bytes;  // row-major, little-endian
};

struct SafeTensors {
  std::map<std::string, std::string> metadata;
  std::vector<SafeTensor> tensors;

  void add(std::string name, std::vector<std::uint64_t> shape, std::span<const std::int32_t> values);
  void add(std::string name, std::vector<std::uint64_t> shape, std::span<const float> values);
  // Copies the named tensor out; InputError names it when it is absent or of another type or shape.
  void get(std::string_view name, std::span<const std::uint64_t> shape, std::span<std::int32_t> values) const;
  void get(std::string_view name, std::span<const std::uint64_t> shape, std::span<float> values) const;
};

// Atomic: the old file or the whole new one. The metadata gains data_sha256, the data's digest.
void save_safetensors(const std::filesystem::path& path, const SafeTensors& content);

// Throws InputError naming file and field for anything that is not a whole, consistent file,
// a data_sha256 that does not match included.
SafeTensors load_safetensors(const std::filesystem::path& path);

}  // namespace cuatro::nn
