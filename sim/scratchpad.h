// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <vector>

#include "sim/scheduler.h"

namespace cuatro::sim {

// Space in one scratchpad (or a part of one), handed out round and round. A region may be
// reused when the jobs in its `free` have finished; whoever allocates over it waits for them.
struct Region {
  std::uint32_t base = 0, words = 0;
  Wait writable;                          // what its first writer must wait for
  Wait free;                              // set by the user once the reading or storing job is known
  bool pinned = false;                    // in use by the command under construction
  // What an operand region holds, so that a later command finds it still there.
  std::uint64_t image_id = 0;             // 0 = no operand
  bool transpose = false;
  std::uint32_t tile0 = 0, tiles = 0, k0 = 0, k_blocks = 0;
  std::vector<std::uint32_t> loaded;      // load job of every tile, 0 = not loaded yet
};

class Scratchpad {
 public:
  Scratchpad(std::uint32_t base, std::uint32_t words) : base_(base), words_(words) {}
  std::uint32_t words() const { return words_; }

  // Nothing that it held counts any more.
  void clear() { regions_.clear(); }

  // Whether there are so many words beside what is pinned: half of the scratchpad always is beside the operands of one operation.
  bool fits(std::uint32_t words) { return place(words).has_value(); }

  // A region of `words` words; `wait` takes on what must finish before it may be written.
  Region& allocate(std::uint32_t words, Wait& wait) {
    const std::optional<std::uint32_t> found = place(words);
    if (!found) throw DeviceError("rtl: scratchpad too small for one command's operands");
    const std::uint32_t start = *found;
    for (auto it = first_beyond(start); it != regions_.end() && it->first < start + words;) {
      wait.merge(it->second.free);
      it = regions_.erase(it);
    }
    next_ = start + words;
    Region& region = regions_[start];
    region.base = base_ + start;
    region.words = words;
    return region;
  }

  // An operand panel that is still there, or null.
  Region* find(std::uint64_t image_id, bool transpose, std::uint32_t tile0, std::uint32_t tiles, std::uint32_t k0,
               std::uint32_t k_blocks) {
    for (auto& [start, r] : regions_) {
      if (r.image_id == image_id && r.transpose == transpose && r.tile0 == tile0 &&
          r.tiles == tiles && r.k0 == k0 && r.k_blocks == k_blocks) {
        return &r;
      }
    }
    return nullptr;
  }

 private:
  // Where the next region of so many words begins, beside what is pinned.
  std::optional<std::uint32_t> place(std::uint32_t words) {
    std::uint32_t start = next_;
    for (int tries = 0; tries <= 8; ++tries) {
      if (start + words > words_) start = 0;
      const Region* obstacle = nullptr;
      for (auto it = first_beyond(start); it != regions_.end() && it->first < start + words; ++it) {
        if (it->second.pinned) obstacle = &it->second;
      }
      if (obstacle == nullptr) return start;
      start = obstacle->base - base_ + obstacle->words;
    }
    return std::nullopt;
  }

  // The first region that ends beyond `start`.
  std::map<std::uint32_t, Region>::iterator first_beyond(std::uint32_t start) {
    auto it = regions_.upper_bound(start);
    if (it != regions_.begin() && std::prev(it)->first + std::prev(it)->second.words > start) --it;
    return it;
  }

  std::uint32_t base_, words_, next_ = 0;
  std::map<std::uint32_t, Region> regions_;      // by their first word, from 0 on; no two overlap
};

}  // namespace cuatro::sim
