// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include <fmt/format.h>

#include "device/input_error.h"
#include "layers/conv2d.h"
#include "layers/flatten.h"
#include "layers/linear.h"
#include "layers/pool.h"
#include "layers/relu.h"
#include "nets/classifier.h"
#include "nets/image_nets.h"

namespace cuatro::nn {
namespace {

constexpr std::uint32_t kKernel = 5;
constexpr std::uint32_t kFilters[] = {16, 32};
constexpr std::uint32_t kHidden = 128;

std::uint32_t pooled(std::uint32_t size) { return (size - kKernel + 1) / 2; }

}  // namespace

std::unique_ptr<Network> make_lenet(ImageShape image, std::uint32_t classes, std::uint64_t seed) {
  NetBuilder builder(seed);
  Sequential net;
  std::uint32_t height = image.height, width = image.width, channels = image.channels;
  for (std::uint32_t i = 0; i < std::size(kFilters); ++i) {
    if (height <= kKernel || width <= kKernel) {
      throw InputError(fmt::format("lenet: image {} × {}, expected at least 16 × 16", image.height, image.width));
    }
    Conv2d::Config c;
    c.name = fmt::format("conv{}", i + 1);
    c.channels = channels;
    c.filters = kFilters[i];
    c.kernel = kKernel;
    c.input_gradient = i > 0;
    net.add<Conv2d>(c, builder);
    net.add<Relu>();
    net.add<MaxPool>();
    height = pooled(height), width = pooled(width), channels = c.filters;
  }
  net.add<Flatten>();
  Linear::Config c;
  c.input = OperandKind::positive;
  c.name = "fc1", c.in = height * width * channels, c.out = kHidden;
  net.add<Linear>(c, builder);
  net.add<Relu>();
  c.name = "fc2", c.in = kHidden, c.out = classes;
  net.add<Linear>(c, builder);
  return std::make_unique<Classifier>(
      fmt::format("lenet {}x{}x{}, {} classes", image.height, image.width, image.channels, classes), std::move(net));
}

}  // namespace cuatro::nn
