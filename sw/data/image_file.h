// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <filesystem>

#include "nn/dataset.h"

namespace cuatro::nn {

// A PNG file as one image of rows × cols in the manner of MNIST: grey, light on dark. The picture is fitted
// whole, averaged over each pixel's area, its background around it; one that is light on average is taken for
// dark on light and turned. The label is 0. Throws InputError for a missing or broken file.
Images read_png(const std::filesystem::path& file, std::uint32_t rows, std::uint32_t cols);

}  // namespace cuatro::nn
