// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "golden/output_stage.h"
#include "golden/random.h"

// The optimiser's step on a weight gradient. Source: sw/golden/README.md, "Weight update".
namespace cuatro::golden {

inline constexpr std::int32_t kStateMax = 32'767;  // of weight and momentum; -32768 is none of theirs

// A word of the state image: momentum v above, master weight w below.
struct WeightState {
  std::int32_t v = 0;  // lsb 2^-15
  std::int32_t w = 0;  // lsb 2^-14

  static constexpr WeightState from_word(std::int32_t word) {
    return {word >> 16, static_cast<std::int16_t>(word)};
  }
  constexpr std::int32_t word() const {
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(v) << 16 | (static_cast<std::uint32_t>(w) & 0xFFFFu));
  }
  bool operator==(const WeightState&) const = default;
};

struct UpdateShifts {
  int gradient = 0;  // n, -4..27
  int rate = 0;      // s, 0..15
  int code = 0;      // c, 0..15
};

struct UpdatedElement {
  WeightState state;
  std::uint8_t code = 0;   // INT4
  bool saturated = false;  // the code clipped
  bool operator==(const UpdatedElement&) const = default;
};

// `a`: the accumulator. Exact for every a and every state.
UpdatedElement update_element(std::int32_t a, WeightState state, const UpdateShifts& shifts, RandomBytes random);

// A whole tensor, `a` and `state` in the stored orientation: new state in `raw`, codes, statistics of the new weights.
// Neither validates. Element by element, the definition:
OutputData update_plain(std::span<const std::int32_t> a, std::span<const std::int32_t> state, std::size_t cols,
                        const UpdateShifts& shifts, std::uint64_t key);
// The same bits, in vector loops over chunks.
OutputData update_fast(std::span<const std::int32_t> a, std::span<const std::int32_t> state, std::size_t cols,
                       const UpdateShifts& shifts, std::uint64_t key);

}  // namespace cuatro::golden
