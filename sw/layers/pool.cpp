// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "layers/pool.h"

#include <algorithm>
#include <fmt/format.h>

#include "device/input_error.h"
#include "nn/join.h"

namespace cuatro::nn {
namespace {

Array::Shape pooled_shape(const Array::Shape& x, PoolSize p) {
  if (x.size() != 4 || p.size == 0 || p.stride == 0 || x[1] < p.size || x[2] < p.size) {
    throw InputError(fmt::format("pool of {0} × {0}, stride {1}, over [{2}]: expected sizes above 0 "
                                 "and [N, H, W, C] with H and W at least that",
                                 p.size, p.stride, join(x, ", ")));
  }
  return {x[0], (x[1] - p.size) / p.stride + 1, (x[2] - p.size) / p.stride + 1, x[3]};
}

// visit(output offset, input offset of the window's first pixel), outputs in order.
template <typename Visit>
void for_each_window(const Array::Shape& x, const Array::Shape& y, PoolSize p, Visit visit) {
  const std::size_t channels = x[3];
  std::size_t out = 0;
  for (std::size_t n = 0; n < y[0]; ++n) {
    for (std::size_t oy = 0; oy < y[1]; ++oy) {
      for (std::size_t ox = 0; ox < y[2]; ++ox, out += channels) {
        visit(out, ((n * x[1] + oy * p.stride) * x[2] + ox * p.stride) * channels);
      }
    }
  }
}

// visit(tap, input offset of that tap relative to the window's first pixel), row by row.
template <typename Visit>
void for_each_tap(const Array::Shape& x, PoolSize p, Visit visit) {
  for (std::uint32_t tap = 0; tap < p.size * p.size; ++tap) {
    visit(tap, (std::size_t{tap / p.size} * x[2] + tap % p.size) * x[3]);
  }
}

// The inner loops: nothing aliases, everything is 32 bits wide.
void keep_larger(const float* __restrict v, std::uint32_t tap, float* __restrict best, std::uint32_t* __restrict winner,
                 std::size_t channels) {
  for (std::size_t c = 0; c < channels; ++c) {
    const bool larger = v[c] > best[c];
    best[c] = larger ? v[c] : best[c];
    winner[c] = larger ? tap : winner[c];
  }
}

// All four taps of a 2 × 2 window in one pass.
void keep_largest_of_four(const float* __restrict v0, const float* __restrict v1, const float* __restrict v2,
                          const float* __restrict v3, float* __restrict best, std::uint32_t* __restrict winner,
                          std::size_t channels) {
  for (std::size_t c = 0; c < channels; ++c) {
    float most = v0[c];
    std::uint32_t tap = 0;
    tap = v1[c] > most ? 1 : tap, most = v1[c] > most ? v1[c] : most;
    tap = v2[c] > most ? 2 : tap, most = v2[c] > most ? v2[c] : most;
    tap = v3[c] > most ? 3 : tap, most = v3[c] > most ? v3[c] : most;
    best[c] = most, winner[c] = tap;
  }
}

void add_where(const std::uint32_t* __restrict winner, std::uint32_t tap, const float* __restrict g,
               float* __restrict to, std::size_t channels) {
  for (std::size_t c = 0; c < channels; ++c) to[c] += winner[c] == tap ? g[c] : 0.0F;
}

}  // namespace

Array MaxPool::forward(MatmulEngine&, Array x, bool training) {
  Array y(pooled_shape(x.shape, pool_));
  const std::size_t channels = y.cols();
  std::vector<std::uint32_t> winner(y.data.size());
  const std::size_t line = std::size_t{x.shape[2]} * channels;
  for_each_window(x.shape, y.shape, pool_, [&](std::size_t out, std::size_t in) {
    const float* v = &x.data[in];
    if (pool_.size == 2) {
      keep_largest_of_four(v, v + channels, v + line, v + line + channels, &y.data[out], &winner[out], channels);
      return;
    }
    std::copy_n(v, channels, &y.data[out]);  // tap 0
    for_each_tap(x.shape, pool_, [&](std::uint32_t tap, std::size_t at) {
      keep_larger(&x.data[in + at], tap, &y.data[out], &winner[out], channels);
    });
  });
  if (training) winner_ = std::move(winner), x_shape_ = std::move(x.shape);
  return y;
}

Array MaxPool::backward(MatmulEngine&, Array dy) {
  Array dx(x_shape_);
  const std::size_t channels = dx.cols();
  for_each_window(x_shape_, dy.shape, pool_, [&](std::size_t out, std::size_t in) {
    for_each_tap(x_shape_, pool_, [&](std::uint32_t tap, std::size_t at) {
      add_where(&winner_[out], tap, &dy.data[out], &dx.data[in + at], channels);
    });
  });
  return dx;
}

Array AvgPool::forward(MatmulEngine&, Array x, bool training) {
  Array y(pooled_shape(x.shape, pool_));
  const std::size_t channels = y.cols();
  const float share = 1.0F / static_cast<float>(pool_.size * pool_.size);
  for_each_window(x.shape, y.shape, pool_, [&](std::size_t out, std::size_t in) {
    float* sum = &y.data[out];
    for_each_tap(x.shape, pool_, [&](std::uint32_t, std::size_t at) {
      const float* v = &x.data[in + at];
      for (std::size_t c = 0; c < channels; ++c) sum[c] += v[c];
    });
    for (std::size_t c = 0; c < channels; ++c) sum[c] *= share;
  });
  if (training) x_shape_ = std::move(x.shape);
  return y;
}

Array AvgPool::backward(MatmulEngine&, Array dy) {
  Array dx(x_shape_);
  const std::size_t channels = dx.cols();
  const float share = 1.0F / static_cast<float>(pool_.size * pool_.size);
  for_each_window(x_shape_, dy.shape, pool_, [&](std::size_t out, std::size_t in) {
    const float* g = &dy.data[out];
    for_each_tap(x_shape_, pool_, [&](std::uint32_t, std::size_t at) {
      float* to = &dx.data[in + at];
      for (std::size_t c = 0; c < channels; ++c) to[c] += g[c] * share;
    });
  });
  return dx;
}

Array GlobalAvgPool::forward(MatmulEngine&, Array x, bool training) {
  if (x.shape.size() != 4) {
    throw InputError(fmt::format("global pool over [{}]: expected [N, H, W, C]", join(x.shape, ", ")));
  }
  const std::size_t images = x.shape[0], channels = x.shape[3], pixels = std::size_t{x.shape[1]} * x.shape[2];
  const float share = 1.0F / static_cast<float>(pixels);
  Array y({x.shape[0], x.shape[3]});
  for (std::size_t n = 0; n < images; ++n) {
    float* sum = &y.data[n * channels];
    for (std::size_t p = 0; p < pixels; ++p) {
      const float* v = &x.data[(n * pixels + p) * channels];
      for (std::size_t c = 0; c < channels; ++c) sum[c] += v[c];
    }
    for (std::size_t c = 0; c < channels; ++c) sum[c] *= share;
  }
  if (training) x_shape_ = std::move(x.shape);
  return y;
}

Array GlobalAvgPool::backward(MatmulEngine&, Array dy) {
  Array dx(x_shape_);
  const std::size_t channels = dx.cols(), pixels = std::size_t{x_shape_[1]} * x_shape_[2];
  const float share = 1.0F / static_cast<float>(pixels);
  for (float& g : dy.data) g *= share;
  for (std::size_t i = 0; i < dx.data.size(); i += channels) {
    std::copy_n(&dy.data[i / channels / pixels * channels], channels, &dx.data[i]);
  }
  return dx;
}

}  // namespace cuatro::nn
