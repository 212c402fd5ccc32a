// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "nn/dataset.h"
#include "nn/safetensors.h"

namespace cuatro::nn {

struct BatchResult {
  double loss_sum = 0;  // cross-entropy in nats, summed over the batch
  std::uint32_t correct = 0;
};

// Elements whose code clipped, since the start of the run.
struct Saturation {
  struct Class {
    std::uint64_t clipped = 0, elements = 0;
    double rate() const { return elements == 0 ? 0.0 : static_cast<double>(clipped) / static_cast<double>(elements); }
  };
  Class weights, activations, gradients;
};

// A net in training, as the trainer sees it: integer on a device, or float on the host.
class Model {
 public:
  virtual ~Model() = default;

  // Images into the model's own form; the handle names them in the calls below.
  virtual int add_images(const Images& images) = 0;
  // One step of SGD on the named rows; learning rate 2^-lr_shift; labels[i] belongs to rows[i].
  virtual BatchResult train_step(int images, std::span<const std::uint32_t> rows, std::span<const std::uint8_t> labels,
                                 int lr_shift, std::uint64_t step) = 0;
  // Forward only, scales frozen: how many of the rows are classified as labelled.
  virtual std::uint32_t count_correct(int images, std::span<const std::uint32_t> rows,
                                      std::span<const std::uint8_t> labels) = 0;

  virtual std::string describe() const = 0;   // net and recipe, for the checkpoint and the report
  virtual Saturation saturation() const = 0;  // of this process's steps
  virtual void save(SafeTensors& to) const = 0;
  virtual void load(const SafeTensors& from) = 0;  // throws InputError naming the tensor
  // SHA-256 over weights, momentum and scale exponents in logical row-major order.
  virtual std::string digest() const = 0;
};

}  // namespace cuatro::nn
