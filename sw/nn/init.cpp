// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "nn/init.h"

#include <bit>

#include "golden/random.h"
#include "nn/random_bits.h"
#include "nn/streams.h"

namespace cuatro::nn {
namespace {

// floor(sqrt(v))
std::uint64_t integer_sqrt(std::uint64_t v) {
  std::uint64_t root = 0;
  for (int bit = 31; bit >= 0; --bit) {
    const std::uint64_t next = root | std::uint64_t{1} << bit;
    if (next * next <= v) root = next;
  }
  return root;
}

}  // namespace

std::vector<std::int32_t> initial_weights(std::uint64_t seed, std::uint32_t layer, std::uint32_t in,
                                          std::uint32_t out) {
  const auto bound = static_cast<std::int64_t>(integer_sqrt((std::uint64_t{6} << (2 * kInitFrac)) / in));
  const std::uint64_t key = golden::stream_key(seed, 0, stream_tensor(layer, TensorRole::weight), kDrawInit);
  std::vector<std::int32_t> weights(std::size_t{in} * out);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const auto u = std::bit_cast<std::int32_t>(random_bits(key, static_cast<std::uint32_t>(i)));  // ±2^31
    weights[i] = static_cast<std::int32_t>((u * bound) >> 31);
  }
  return weights;
}

}  // namespace cuatro::nn
