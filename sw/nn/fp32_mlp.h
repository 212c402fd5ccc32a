// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nn/model.h"

namespace cuatro::nn {

// The honest baseline: the net of IntegerMlp in 32-bit floats with the same initial weights, data
// order, learning rates, momentum (7/8) and loss, and no quantization anywhere (pixels keep their
// 8 bits). Deterministic on one build and machine, which is all it promises.
class Fp32Mlp : public Model {
 public:
  Fp32Mlp(std::vector<std::uint32_t> sizes, std::uint64_t seed);

  int add_images(const Images& images) override;
  BatchResult train_step(int images, std::span<const std::uint32_t> rows, std::span<const std::uint8_t> labels,
                         int lr_shift, std::uint64_t step) override;
  std::uint32_t count_correct(int images, std::span<const std::uint32_t> rows,
                              std::span<const std::uint8_t> labels) override;
  std::string describe() const override;
  Saturation saturation() const override { return {}; }
  void save(SafeTensors& to) const override;
  void load(const SafeTensors& from) override;
  std::string digest() const override;

 private:
  struct Layer {
    std::uint32_t in, out;
    std::string name;
    std::vector<float> weight, momentum, bias, bias_momentum;
  };
  using Matrix = std::vector<float>;
  // X of every layer, then the logits.
  std::vector<Matrix> forward(int images, std::span<const std::uint32_t> rows) const;

  std::vector<std::uint32_t> sizes_;
  std::vector<Layer> layers_;
  std::vector<std::vector<float>> images_;
};

}  // namespace cuatro::nn
