// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include "layers/layer.h"
#include "layers/net_builder.h"

namespace cuatro::nn {

// Cross-correlation of [N, H, W, channels] with filters × kernel × kernel windows, zeros outside:
// y[n, oy, ox, f] = b[f] + sum x[n, oy·stride + ky - padding, ox·stride + kx - padding, c] · W[ky, kx, c, f];
// output size floor((H + 2·padding - kernel) / stride) + 1.
//
// All three products are plain matrix products on quantized operands, and what unfolds is codes:
//   y  = unfold(x) · W                       rows N·OH·OW, K = kernel²·channels
//   dW = unfold(x)ᵀ · dy                     the unfolded x of the forward pass
//   dx = unfold(dy, stride apart) · W'       K = kernel²·filters, W'[ky, kx, f, c] = W with its taps reversed
// so dx leaves the product complete, without additions of overlapping windows on the host.
class Conv2d final : public Layer {
 public:
  struct Config {
    std::string name;
    std::uint32_t channels = 0, filters = 0;
    std::uint32_t kernel = 3, stride = 1, padding = 0;  // padding < kernel
    OperandKind input = OperandKind::positive;
    bool bias = true;
    bool input_gradient = true;                         // false for the first layer of a net
    float init_gain = 1.0F;                             // on the uniform ±sqrt(6 / (kernel²·channels))
  };
  // Throws InputError for a size of 0 or padding >= kernel.
  Conv2d(const Config& config, NetBuilder& builder);

  // Throws InputError if x is no [N, H, W, channels] or smaller than the kernel.
  Array forward(MatmulEngine& engine, Array x, bool training) override;
  Array backward(MatmulEngine& engine, Array dy) override;
  void collect(LayerState& state) override;

 private:
  Window forward_window(const Array::Shape& x) const;
  Window gradient_window() const;
  Operand reversed_weight(MatmulEngine& engine) const;

  Config config_;
  Weights weight_, bias_;
  OperandSite x_site_, w_site_, dy_site_;
  Operand unfolded_, w_;
  Window window_;  // of the last training step
};

}  // namespace cuatro::nn
