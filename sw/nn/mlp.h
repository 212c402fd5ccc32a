// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "device/device.h"
#include "nn/fixed_sgd.h"
#include "nn/model.h"
#include "nn/recipe.h"
#include "nn/scaled_outputs.h"
#include "nn/softmax.h"

namespace cuatro::nn {

// Layer sizes of the `mlp` model on images of so many pixels.
inline std::vector<std::uint32_t> mlp_sizes(std::uint32_t features) { return {features, 256, 128, kClasses}; }

struct MlpConfig {
  std::vector<std::uint32_t> sizes{784, 256, 128, 10};  // features, hidden layers, classes
  Recipe recipe;
  std::uint64_t seed = 1;
};

// A multi-layer perceptron with ReLU, trained in integers. All GEMMs and all quantization run on
// the device; the host holds master weights, adds up bias gradients, and computes the softmax.
//
//   forward   Y = X·W + b          X UINT4, W INT4   → X' = UINT4(max(Y, 0)) and the mask Y > 0
//   backward  dX = (W·dYᵀ)ᵀ ⊙ mask  W INT4, dY 4 bits → the dY of the layer before
//   update    dW = Xᵀ·dY            X UINT4, dY 4 bits → raw 32-bit words to the optimiser
//
// With the update on the device (Recipe::update) weights and momentum live in its memory, and what dW leaves is their new
// state and the next step's codes. Three things differ from the host's update:
// - the scale of the codes follows Σ|w| before the update, as the sum after it is known only when the codes are written;
// - the batch mean divides by a power of two: a short last batch counts as the next one above it;
// - the shift of the gradient ends at -4 and 27 (contract): beyond, a gradient counts as 2^(n+4) smaller, which only ones
//   that clip can see, or as 2^(n-27) larger, when even a full accumulator of 2^23 is below 2^-4 of an lsb.
// The host keeps the data, the ring, the softmax and the bias vectors: a few hundred words a step, of which it needs the
// logits before the backward pass can start anyway. Column sums of dY are the device's: a GEMM with a row of ones.
// A step returns when it has read these sums, while the device still writes the largest layer's state; the next step's
// forward pass is in the queue before that is done.
class IntegerMlp : public Model {
 public:
  // Throws InputError for fewer than two sizes, a size of 0, or one beyond the device's bound on K.
  IntegerMlp(Device& device, const MlpConfig& config);

  // Images onto the device; the handle names them in the two calls below. labels[i] belongs to rows[i].
  int add_images(const Images& images);
  BatchResult train_step(int images, std::span<const std::uint32_t> rows, std::span<const std::uint8_t> labels,
                         int lr_shift, std::uint64_t step);
  BatchResult evaluate(int images, std::span<const std::uint32_t> rows, std::span<const std::uint8_t> labels);

  // The images of a part, for the trainer's calls. They must outlive the model.
  void use(Part part, const Images& images);
  // Throws InputError unless the learning rate is a power of two, 2^-24 to 1: the update shifts.
  BatchResult train_step(std::span<const std::uint32_t> rows, double learning_rate, std::uint64_t step) override;
  BatchResult evaluate(Part part, std::span<const std::uint32_t> rows) override;
  Array infer(const Batch& batch) override;  // of pixels / 256
  std::string describe() const override;
  Saturation saturation() const override { return outputs_.saturation(); }
  std::vector<SiteStatistics> statistics() const override;
  void save(SafeTensors& to) const override;
  void load(const SafeTensors& from) override;
  std::string digest() const override;

  // Most images a batch may have: K of the update GEMM.
  std::uint32_t batch_limit() const;

 private:
  struct Layer {
    std::uint32_t in, out;
    std::string name;  // fc1, fc2, …
    Parameter weight, bias;             // weight: empty while `state` holds it
    std::uint64_t weight_sum_abs;       // Σ|w|, kept by the host's update
    std::int32_t weight_exponent = -4;  // of the codes
    TensorScale output;                 // of ReLU(Y); unused in the last layer
    TensorScale gradient;               // of dY
    Result codes;                       // W in INT4, this step's; updated on the device its statistics are those of w
    Tensor state;                       // momentum and weight in device memory
    SiteCounts weight_counts{}, output_counts{}, gradient_counts{};  // of this process
  };
  struct Activation {
    Result y;  // codes and mask
    int exponent;
  };
  // dY as its two consumers see it: one- or two-digit operands and the exponent of an accumulator
  // unit they add.
  struct Gradient {
    Tensor dx, dx2, dw, dw2;
    int dx_exponent, dw_exponent;
    Result codes;  // that these come from
  };

  // A layer's weight gradient, which the device may still be making.
  struct WeightGradient {
    Result dw;                          // raw; updated on the device: new state and codes
    Result db;                          // updated on the device: column sums of dY
    int weight_exponent = 0;            // of the new codes
  };

  bool on_device() const { return config_.recipe.update == UpdateOn::device; }
  void quantize_weights();
  void quantize_weights(Layer& layer, int source_shift);
  void place(Layer& layer);
  Parameter weight_of(const Layer& layer) const;
  std::vector<Activation> forward_hidden(int images, std::span<const std::uint32_t> rows, bool training);
  Result forward_logits(const Activation& x, int& exponent);
  Gradient quantize_logit_gradient(std::span<const std::int16_t> gradient, std::uint32_t absmax, std::uint64_t step);
  Gradient backward_input(std::size_t layer, const Gradient& dy, const Tensor& mask, std::uint64_t step);
  Gemm backward_weight(const Activation& x, const Gradient& dy) const;
  Result column_sums(const Layer& layer, const Gradient& dy);
  WeightGradient ask_update(std::size_t layer, const Activation& x, const Gradient& dy, int lr_shift, std::uint64_t step);
  void update(std::size_t layer, const WeightGradient& gradient, const Activation& x, const Gradient& dy, int lr_shift,
              std::uint64_t step);
  void count_sites(const std::vector<Activation>& x, const std::vector<Gradient>& dy, const SoftmaxResult& softmax);

  Output gradient_output(std::size_t layer, std::uint64_t step) const;
  Gradient as_gradient(const Quantized& quantized) const;
  std::vector<std::int32_t> accumulator_bias(const Layer& layer, int exponent) const;
  std::vector<std::int32_t> bias_gradient(const WeightGradient& gradient, const Gradient& dy);
  std::vector<std::int32_t> scales() const;

  Device& device_;
  MlpConfig config_;
  ScaledOutputs outputs_;
  std::vector<Layer> layers_;
  std::vector<Tensor> images_;
  Tensor ones_;                         // a row, as long as the batch
  struct Used {
    const Images* images = nullptr;
    int handle = 0;
  };
  std::array<Used, 2> used_;  // by Part
};

}  // namespace cuatro::nn
