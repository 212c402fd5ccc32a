// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include <fmt/format.h>

#include "device/input_error.h"
#include "layers/batch_norm.h"
#include "layers/conv2d.h"
#include "layers/linear.h"
#include "layers/pool.h"
#include "layers/relu.h"
#include "layers/residual.h"
#include "nets/classifier.h"
#include "nets/image_nets.h"

namespace cuatro::nn {
namespace {

constexpr std::uint32_t kFilters[] = {16, 32, 64};

struct ConvSize {
  std::uint32_t channels, filters, kernel, stride;
};

// Convolution without bias, whose place the norm's beta takes.
void add_conv_norm(Sequential& to, const std::string& name, ConvSize size, NetBuilder& builder, bool first = false) {
  Conv2d::Config c;
  c.name = name;
  c.channels = size.channels, c.filters = size.filters;
  c.kernel = size.kernel, c.stride = size.stride, c.padding = (size.kernel - 1) / 2;
  c.bias = false;
  c.input_gradient = !first;
  to.add<Conv2d>(c, builder);
  to.add<BatchNorm>(name + ".norm", size.filters, builder);
}

void add_block(Sequential& to, const std::string& name, std::uint32_t channels, std::uint32_t filters,
               std::uint32_t stride, NetBuilder& builder) {
  Sequential branch, shortcut;
  add_conv_norm(branch, name + ".conv1", {channels, filters, 3, stride}, builder);
  branch.add<Relu>();
  add_conv_norm(branch, name + ".conv2", {filters, filters, 3, 1}, builder);
  if (channels != filters || stride != 1) {
    add_conv_norm(shortcut, name + ".down", {channels, filters, 1, stride}, builder);
  }
  to.add<Residual>(std::move(branch), std::move(shortcut));
  to.add<Relu>();
}

}  // namespace

std::unique_ptr<Network> make_resnet(ImageShape image, std::uint32_t depth, std::uint32_t classes, std::uint64_t seed) {
  if (depth < 8 || (depth - 2) % 6 != 0) {
    throw InputError(fmt::format("resnet: depth {}, expected 6n + 2: 8, 14, 20, …", depth));
  }
  NetBuilder builder(seed);
  Sequential net;
  std::uint32_t channels = kFilters[0];
  add_conv_norm(net, "stem", {image.channels, channels, 3, 1}, builder, true);
  net.add<Relu>();
  for (std::uint32_t stage = 0; stage < std::size(kFilters); ++stage) {
    for (std::uint32_t block = 0; block < (depth - 2) / 6; ++block) {
      add_block(net, fmt::format("stage{}.block{}", stage + 1, block + 1), channels, kFilters[stage],
                stage > 0 && block == 0 ? 2 : 1, builder);
      channels = kFilters[stage];
    }
  }
  net.add<GlobalAvgPool>();
  Linear::Config c;
  c.name = "fc", c.in = channels, c.out = classes;
  c.input = OperandKind::positive;
  net.add<Linear>(c, builder);
  return std::make_unique<Classifier>(
      fmt::format("resnet{} {}x{}x{}, {} classes", depth, image.height, image.width, image.channels, classes),
      std::move(net));
}

}  // namespace cuatro::nn
