// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "nn/mlp.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "device/input_error.h"
#include "nn/init.h"
#include "nn/join.h"
#include "nn/scale.h"
#include "nn/sha256.h"

// Construction and state; what a step computes is in mlp_step.cpp.
namespace cuatro::nn {
namespace {

constexpr std::uint32_t kMostOneTerm = 34'952, kMostTwoTerms = 11'650;  // the device's bounds on K

// kInitFrac fraction bits to the master format's, rounded down.
std::vector<std::int32_t> to_master(std::vector<std::int32_t> weights, const MasterFormat& format) {
  for (std::int32_t& w : weights) w >>= kInitFrac - format.weight_frac;
  return weights;
}

std::vector<std::uint8_t> labels_of(const Images& images, std::span<const std::uint32_t> rows) {
  std::vector<std::uint8_t> labels(rows.size());
  std::transform(rows.begin(), rows.end(), labels.begin(), [&](std::uint32_t row) { return images.labels[row]; });
  return labels;
}

}  // namespace

IntegerMlp::IntegerMlp(Device& device, const MlpConfig& config)
    : device_(device), config_(config), outputs_(device, config_.recipe) {
  const auto& sizes = config_.sizes;
  if (sizes.size() < 2) throw InputError("the net needs at least an input and an output size");
  for (std::size_t l = 0; l + 1 < sizes.size(); ++l) {
    const std::uint32_t in = sizes[l], out = sizes[l + 1];
    if (in == 0 || out == 0) throw InputError("a layer of size 0");
    if (in > kMostOneTerm || out > batch_limit()) {
      throw InputError(
          fmt::format("layer {}: {} to {} is too wide, the device sums at most {} (forward) and {} (backward) products",
                      l + 1, in, out, kMostOneTerm, batch_limit()));
    }
    Layer layer{in, out, fmt::format("fc{}", l + 1), {}, {}, 0, -4, {}, {}, {}, {}, {}, {}, {}};
    layer.weight.weight =
        to_master(initial_weights(config_.seed, static_cast<std::uint32_t>(l), in, out), config_.recipe.master);
    layer.weight.momentum.assign(layer.weight.weight.size(), 0);
    layer.bias.weight.assign(out, 0);
    layer.bias.momentum.assign(out, 0);
    layer.weight_sum_abs = sum_abs(layer.weight.weight);
    if (on_device()) {
      layer.weight_exponent = nn::weight_exponent(std::max<std::uint64_t>(layer.weight_sum_abs, 1), layer.weight.weight.size()) -
                              config_.recipe.master.weight_frac;
    }
    layers_.push_back(std::move(layer));
  }
}

std::uint32_t IntegerMlp::batch_limit() const { return config_.recipe.two_terms() ? kMostTwoTerms : kMostOneTerm; }

int IntegerMlp::add_images(const Images& images) {
  if (images.features() != config_.sizes.front()) {
    throw InputError(fmt::format("images of {} × {} pixels, the net's input size is {}", images.rows, images.cols,
                                 config_.sizes.front()));
  }
  Quantize op;
  op.type = SourceType::u8;
  op.data = images.pixels.data();
  op.rows = images.count;
  op.cols = images.features();
  op.out = {OutFormat::uint4, Rounding::floor, 4};
  images_.push_back(device_.quantize(op, "images").codes);
  return static_cast<int>(images_.size()) - 1;
}

void IntegerMlp::use(Part part, const Images& images) {
  used_[static_cast<std::size_t>(part)] = {&images, add_images(images)};
}

BatchResult IntegerMlp::train_step(std::span<const std::uint32_t> rows, double learning_rate, std::uint64_t step) {
  int exponent = 0;
  if (!(learning_rate > 0 && learning_rate <= 1) || std::frexp(learning_rate, &exponent) != 0.5 || exponent < -23) {
    throw InputError(fmt::format("learning rate {}: the integer update needs a power of two, 2^-24 to 1", learning_rate));
  }
  if (on_device() && exponent < -13) {
    throw InputError(fmt::format("learning rate {}: the device's update takes 2^-14 to 1", learning_rate));
  }
  const Used& train = used_[static_cast<std::size_t>(Part::train)];
  return train_step(train.handle, rows, labels_of(*train.images, rows), 1 - exponent, step);
}

BatchResult IntegerMlp::evaluate(Part part, std::span<const std::uint32_t> rows) {
  const Used& used = used_[static_cast<std::size_t>(part)];
  return evaluate(used.handle, rows, labels_of(*used.images, rows));
}

std::string IntegerMlp::describe() const {
  return fmt::format("mlp {}, {}", join(config_.sizes, "-"), nn::describe(config_.recipe));
}

std::vector<SiteStatistics> IntegerMlp::statistics() const {
  std::vector<SiteStatistics> list;
  const auto add = [&](const std::string& name, OperandKind kind, const SiteCounts& counts) {
    if (counts.elements != 0) list.push_back({name, kind, counts});
  };
  for (const Layer& l : layers_) {
    add(l.name + ".w", OperandKind::weight, l.weight_counts);
    add(l.name + ".y", OperandKind::positive, l.output_counts);
    add(l.name + ".dy", OperandKind::gradient, l.gradient_counts);
  }
  return list;
}

// Five numbers a layer: weight exponent, then exponent and known flag of output and gradient.
std::vector<std::int32_t> IntegerMlp::scales() const {
  std::vector<std::int32_t> scales;
  for (const Layer& l : layers_) {
    scales.insert(scales.end(),
                  {l.weight_exponent, l.output.exponent, l.output.known, l.gradient.exponent, l.gradient.known});
  }
  return scales;
}

void IntegerMlp::save(SafeTensors& to) const {
  for (const Layer& l : layers_) {
    const Parameter weight = weight_of(l);
    to.add(l.name + ".weight", {l.in, l.out}, std::span(weight.weight));
    to.add(l.name + ".weight.momentum", {l.in, l.out}, std::span(weight.momentum));
    to.add(l.name + ".bias", {l.out}, std::span(l.bias.weight));
    to.add(l.name + ".bias.momentum", {l.out}, std::span(l.bias.momentum));
  }
  to.add("scales", {layers_.size(), 5}, std::span<const std::int32_t>(scales()));
  to.metadata["weight_lsb"] = fmt::format("2^-{}", config_.recipe.master.weight_frac);
  to.metadata["momentum_lsb"] = fmt::format("2^-{}", config_.recipe.master.momentum_frac);
  to.metadata["weight_layout"] = "row-major [inputs, outputs]";
}

void IntegerMlp::load(const SafeTensors& from) {
  std::vector<Layer> layers = layers_;  // all or nothing
  std::vector<std::int32_t> scales(5 * layers.size());
  from.get("scales", std::vector<std::uint64_t>{layers.size(), 5}, std::span(scales));
  for (std::size_t i = 0; i < layers.size(); ++i) {
    Layer& l = layers[i];
    const std::uint64_t matrix[] = {l.in, l.out}, row[] = {l.out};
    l.state = {};
    l.codes = {};
    l.weight.weight.resize(std::size_t{l.in} * l.out);
    l.weight.momentum.resize(l.weight.weight.size());
    from.get(l.name + ".weight", matrix, std::span(l.weight.weight));
    from.get(l.name + ".weight.momentum", matrix, std::span(l.weight.momentum));
    from.get(l.name + ".bias", row, std::span(l.bias.weight));
    from.get(l.name + ".bias.momentum", row, std::span(l.bias.momentum));
    const std::int32_t* s = &scales[5 * i];
    l.weight_exponent = s[0];
    l.output = {s[1], s[2]};
    l.gradient = {s[3], s[4]};
    l.weight_sum_abs = sum_abs(l.weight.weight);
  }
  layers_ = std::move(layers);
}

std::string IntegerMlp::digest() const {
  Sha256 sha;
  for (const Layer& l : layers_) {
    const Parameter weight = weight_of(l);
    for (const auto* values : {&weight.weight, &weight.momentum, &l.bias.weight, &l.bias.momentum}) {
      sha.update(std::span<const std::int32_t>(*values));
    }
  }
  sha.update(std::span<const std::int32_t>(scales()));
  return sha.finish();
}

}  // namespace cuatro::nn
