// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace cuatro::nn {

enum class Part { train, test };

// Images of one size with their labels, in file order. Pixel (i, r, c) is
// pixels[(i · rows + r) · cols + c].
struct Images {
  std::uint32_t count = 0, rows = 0, cols = 0;
  std::vector<std::uint8_t> pixels;
  std::vector<std::uint8_t> labels;  // 0 .. kClasses - 1
  std::uint32_t features() const { return rows * cols; }
};

inline constexpr std::uint32_t kClasses = 10;
// Hyper-parameters are chosen on the last training images; the test set stays unread.
inline constexpr std::uint32_t kValidationCount = 10'000;

std::vector<std::string> dataset_names();

// The folder that holds the named data set. Looked for in $CUATRO_DATA/<name>, $CUATRO_DATA, then
// /usr/share/datasets/fashion-mnist or build/data/mnist. Throws InputError that gives the
// command which gets the data set.
std::filesystem::path find_dataset(std::string_view name);

// Reads one part (images and labels, each plain or .gz) from a folder. Throws InputError.
Images load_images(const std::filesystem::path& folder, Part part);

}  // namespace cuatro::nn
