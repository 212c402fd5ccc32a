// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "nets/network.h"

// Image classifiers over batches [N, height, width, channels] of values 0..1. Equal seeds give equal weights.
// All throw InputError for sizes that do not fit.
namespace cuatro::nn {

struct ImageShape {
  std::uint32_t height = 28, width = 28, channels = 1;
};

// Linear layers of the hidden sizes with ReLU, then one to the classes.
std::unique_ptr<Network> make_mlp(ImageShape image, const std::vector<std::uint32_t>& hidden, std::uint32_t classes,
                                  std::uint64_t seed);

// LeNet-5's plan (LeCun et al., 1998) with ReLU and today's widths: two of {5×5 convolution of 16, 32 filters,
// ReLU, 2×2 max pool}, then linear 128, ReLU, linear to the classes.
std::unique_ptr<Network> make_lenet(ImageShape image, std::uint32_t classes, std::uint64_t seed);

// The residual net for small images (He et al., 2015, section 4.2): 3×3 stem of 16 filters, three stages of
// (depth - 2) / 6 blocks with 16, 32, 64 filters, the later ones halving the image, batch norm after every convolution,
// projection shortcuts, global average pool, linear to the classes. Depth 8, 14, 20, …
std::unique_ptr<Network> make_resnet(ImageShape image, std::uint32_t depth, std::uint32_t classes, std::uint64_t seed);

}  // namespace cuatro::nn
