// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "nn/fp32_mlp.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fmt/format.h>

#include "device/input_error.h"
#include "nn/init.h"
#include "nn/join.h"
#include "nn/sgemm.h"
#include "nn/sha256.h"

namespace cuatro::nn {
namespace {

// v ← v − v/8 + g, w ← w − lr·v
void sgd(std::vector<float>& w, std::vector<float>& v, const std::vector<float>& g, float scale, float lr) {
  for (std::size_t i = 0; i < w.size(); ++i) {
    v[i] = v[i] * 0.875F + g[i] * scale;
    w[i] -= lr * v[i];
  }
}

// Logits to p − onehot in place.
BatchResult softmax(std::vector<float>& z, std::size_t classes, std::span<const std::uint8_t> labels) {
  BatchResult result;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    float* row = &z[i * classes];
    const float* top = std::max_element(row, row + classes);
    result.correct += top - row == labels[i];
    const float max = *top;
    double sum = 0;
    for (std::size_t c = 0; c < classes; ++c) sum += std::exp(static_cast<double>(row[c] - max));
    result.loss_sum += std::log(sum) - (row[labels[i]] - max);
    for (std::size_t c = 0; c < classes; ++c) {
      row[c] = static_cast<float>(std::exp(static_cast<double>(row[c] - max)) / sum) - (c == labels[i] ? 1.0F : 0.0F);
    }
  }
  return result;
}

}  // namespace

Fp32Mlp::Fp32Mlp(std::vector<std::uint32_t> sizes, std::uint64_t seed) : sizes_(std::move(sizes)) {
  if (sizes_.size() < 2) throw InputError("the net needs at least an input and an output size");
  for (std::size_t l = 0; l + 1 < sizes_.size(); ++l) {
    const std::uint32_t in = sizes_[l], out = sizes_[l + 1];
    if (in == 0 || out == 0) throw InputError("a layer of size 0");
    Layer layer{in, out, fmt::format("fc{}", l + 1), {}, {}, {}, {}};
    for (const std::int32_t w : initial_weights(seed, static_cast<std::uint32_t>(l), in, out)) {
      layer.weight.push_back(std::ldexp(static_cast<float>(w), -kInitFrac));
    }
    layer.momentum.assign(layer.weight.size(), 0.0F);
    layer.bias.assign(out, 0.0F);
    layer.bias_momentum.assign(out, 0.0F);
    layers_.push_back(std::move(layer));
  }
}

int Fp32Mlp::add_images(const Images& images) {
  if (images.features() != sizes_.front()) {
    throw InputError(
        fmt::format("images of {} × {} pixels, the net's input size is {}", images.rows, images.cols, sizes_.front()));
  }
  std::vector<float> pixels(images.pixels.size());
  std::transform(images.pixels.begin(), images.pixels.end(), pixels.begin(),
                 [](std::uint8_t p) { return static_cast<float>(p) / 256.0F; });
  images_.push_back(std::move(pixels));
  return static_cast<int>(images_.size()) - 1;
}

std::vector<Fp32Mlp::Matrix> Fp32Mlp::forward(int images, std::span<const std::uint32_t> rows) const {
  const auto batch = static_cast<std::uint32_t>(rows.size());
  const std::vector<float>& pixels = images_.at(static_cast<std::size_t>(images));
  const std::size_t features = sizes_.front();
  std::vector<Matrix> x(1, Matrix(batch * features));
  for (std::uint32_t i = 0; i < batch; ++i) std::copy_n(&pixels[rows[i] * features], features, &x[0][i * features]);
  for (const Layer& l : layers_) {
    Matrix y(std::size_t{batch} * l.out);
    sgemm(x.back().data(), l.in, 1, l.weight.data(), l.out, 1, y.data(), batch, l.out, l.in);
    const bool hidden = &l != &layers_.back();
    for (std::size_t i = 0; i < y.size(); i += l.out) {
      for (std::size_t c = 0; c < l.out; ++c) {
        const float v = y[i + c] + l.bias[c];
        y[i + c] = hidden ? std::max(v, 0.0F) : v;
      }
    }
    x.push_back(std::move(y));
  }
  return x;
}

BatchResult Fp32Mlp::train_step(int images, std::span<const std::uint32_t> rows, std::span<const std::uint8_t> labels,
                                int lr_shift, std::uint64_t) {
  const auto batch = static_cast<std::uint32_t>(rows.size());
  std::vector<Matrix> x = forward(images, rows);
  Matrix dy = std::move(x.back());
  const BatchResult result = softmax(dy, layers_.back().out, labels);
  const float scale = 1.0F / static_cast<float>(batch), lr = std::ldexp(1.0F, -lr_shift);
  for (std::size_t i = layers_.size(); i-- > 0;) {
    Layer& l = layers_[i];
    Matrix dw(l.weight.size()), db(l.out), dx;
    sgemm(x[i].data(), 1, l.in, dy.data(), l.out, 1, dw.data(), l.in, l.out, batch);
    for (std::size_t e = 0; e < dy.size(); e += l.out) {
      for (std::size_t c = 0; c < l.out; ++c) db[c] += dy[e + c];
    }
    if (i > 0) {
      dx.resize(x[i].size());
      sgemm(dy.data(), l.out, 1, l.weight.data(), 1, l.out, dx.data(), batch, l.in, l.out);
      for (std::size_t e = 0; e < dx.size(); ++e) dx[e] = x[i][e] > 0.0F ? dx[e] : 0.0F;
    }
    sgd(l.weight, l.momentum, dw, scale, lr);
    sgd(l.bias, l.bias_momentum, db, scale, lr);
    dy = std::move(dx);
  }
  return result;
}

std::uint32_t Fp32Mlp::count_correct(int images, std::span<const std::uint32_t> rows,
                                     std::span<const std::uint8_t> labels) {
  std::vector<Matrix> x = forward(images, rows);
  return softmax(x.back(), layers_.back().out, labels).correct;
}

std::string Fp32Mlp::describe() const { return fmt::format("mlp {}, fp32", join(sizes_, "-")); }

void Fp32Mlp::save(SafeTensors& to) const {
  for (const Layer& l : layers_) {
    to.add(l.name + ".weight", {l.in, l.out}, std::span(l.weight));
    to.add(l.name + ".weight.momentum", {l.in, l.out}, std::span(l.momentum));
    to.add(l.name + ".bias", {l.out}, std::span(l.bias));
    to.add(l.name + ".bias.momentum", {l.out}, std::span(l.bias_momentum));
  }
  to.metadata["weight_layout"] = "row-major [inputs, outputs]";
}

void Fp32Mlp::load(const SafeTensors& from) {
  std::vector<Layer> layers = layers_;  // all or nothing
  for (Layer& l : layers) {
    const std::uint64_t matrix[] = {l.in, l.out}, row[] = {l.out};
    from.get(l.name + ".weight", matrix, std::span(l.weight));
    from.get(l.name + ".weight.momentum", matrix, std::span(l.momentum));
    from.get(l.name + ".bias", row, std::span(l.bias));
    from.get(l.name + ".bias.momentum", row, std::span(l.bias_momentum));
  }
  layers_ = std::move(layers);
}

std::string Fp32Mlp::digest() const {
  Sha256 sha;
  for (const Layer& l : layers_) {
    for (const auto* values : {&l.weight, &l.momentum, &l.bias, &l.bias_momentum}) {
      sha.update({reinterpret_cast<const std::uint8_t*>(values->data()), values->size() * sizeof(float)});
    }
  }
  return sha.finish();
}

}  // namespace cuatro::nn
