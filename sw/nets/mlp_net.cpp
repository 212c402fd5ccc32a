// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include <fmt/format.h>

#include "device/input_error.h"
#include "layers/flatten.h"
#include "layers/linear.h"
#include "layers/relu.h"
#include "nets/classifier.h"
#include "nets/image_nets.h"

namespace cuatro::nn {

std::unique_ptr<Network> make_mlp(ImageShape image, const std::vector<std::uint32_t>& hidden, std::uint32_t classes,
                                  std::uint64_t seed) {
  NetBuilder builder(seed);
  Sequential net;
  net.add<Flatten>();
  std::uint32_t in = image.height * image.width * image.channels;
  std::string sizes = fmt::format("{}", in);
  for (std::size_t i = 0; i <= hidden.size(); ++i) {
    Linear::Config c;
    c.name = fmt::format("fc{}", i + 1);
    c.in = in;
    c.out = i < hidden.size() ? hidden[i] : classes;
    if (c.in == 0 || c.out == 0) throw InputError(fmt::format("mlp: {} has size 0", c.name));
    c.input = OperandKind::positive;
    c.input_gradient = i > 0;
    net.add<Linear>(c, builder);
    if (i < hidden.size()) net.add<Relu>();
    in = c.out;
    sizes += fmt::format("-{}", in);
  }
  return std::make_unique<Classifier>("mlp " + sizes, std::move(net));
}

}  // namespace cuatro::nn
