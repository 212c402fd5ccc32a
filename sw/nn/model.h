// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "matmul/operand_site.h"
#include "nets/network.h"  // Batch
#include "nn/dataset.h"    // Part
#include "nn/safetensors.h"

namespace cuatro::nn {

struct BatchResult {
  double loss_sum = 0;        // cross-entropy in nats, summed over the predictions
  std::uint32_t correct = 0;  // predictions that are right
  std::uint32_t count = 0;    // predictions: images, recordings, characters
};

// Elements whose code clipped, since the start of the run.
struct Saturation {
  struct Class {
    std::uint64_t clipped = 0, elements = 0;
    double rate() const { return elements == 0 ? 0.0 : static_cast<double>(clipped) / static_cast<double>(elements); }
  };
  Class weights, activations, gradients;
};

// A net in training with its data, as the trainer sees it.
class Model {
 public:
  virtual ~Model() = default;

  // One step on the named examples of the training part.
  virtual BatchResult train_step(std::span<const std::uint32_t> rows, double learning_rate, std::uint64_t step) = 0;
  // Forward only, scales frozen, on the named examples of a part.
  virtual BatchResult evaluate(Part part, std::span<const std::uint32_t> rows) = 0;

  // Logits [examples, classes] (text: a row a character), scales frozen.
  virtual Array infer(const Batch& batch) = 0;

  virtual std::string describe() const = 0;   // net and recipe, for the checkpoint and the report
  virtual Saturation saturation() const = 0;  // of this process's steps
  // The same, site by site; those that counted nothing are left out.
  virtual std::vector<SiteStatistics> statistics() const = 0;
  virtual void save(SafeTensors& to) const = 0;
  virtual void load(const SafeTensors& from) = 0;  // throws InputError naming the tensor
  // SHA-256 over weights, momentum and scale exponents in logical row-major order.
  virtual std::string digest() const = 0;
};

}  // namespace cuatro::nn
