// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

namespace cuatro::nn {

// A dense float tensor of the host, row-major: images are [N, H, W, C], sequences [N, T, C], matrices
// [rows, cols]. For a matrix product the last dimension is the columns and all others are rows.
struct Array {
  using Shape = std::vector<std::uint32_t>;

  Array() = default;
  explicit Array(Shape s) : shape(std::move(s)), data(size_of(shape)) {}
  Array(Shape s, std::vector<float> values) : shape(std::move(s)), data(std::move(values)) {}

  std::uint32_t cols() const { return shape.empty() ? 0 : shape.back(); }
  std::uint32_t rows() const { return data.empty() ? 0 : static_cast<std::uint32_t>(data.size() / cols()); }
  bool empty() const { return data.empty(); }

  static std::size_t size_of(const Shape& s) {
    return std::accumulate(s.begin(), s.end(), std::size_t{1}, std::multiplies<>());
  }

  Shape shape;
  std::vector<float> data;
};

}  // namespace cuatro::nn
