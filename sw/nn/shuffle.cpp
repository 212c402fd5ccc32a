// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "nn/shuffle.h"

#include <numeric>
#include <utility>

#include "golden/random.h"
#include "nn/streams.h"

namespace cuatro::nn {

std::vector<std::uint32_t> epoch_order(std::uint64_t seed, std::uint64_t epoch, std::uint32_t count) {
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0U);
  const std::uint64_t key = golden::stream_key(seed, epoch, stream_tensor(0, TensorRole::order), kDrawOrder);
  for (std::uint32_t i = count; i > 1; --i) {
    // The high half of a 32 × 32-bit product: 0 .. i-1, biased by less than 2^-16 for any data set here.
    const auto j = static_cast<std::uint32_t>(((golden::splitmix64(key ^ i) >> 32) * i) >> 32);
    std::swap(order[i - 1], order[j]);
  }
  return order;
}

}  // namespace cuatro::nn
