// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/job_queue.h"
#include "sim/scratchpad.h"

namespace cuatro::sim {

// A stretch of result tiles, or of blocks.
struct Span {
  std::uint32_t begin = 0, end = 0;
  std::uint32_t size() const { return end - begin; }
};

// Lets `wait` wait for the store that Image::producer names: a job number above a lane bit.
void wait_for(Wait& wait, std::uint32_t producer);

// Operands of GEMMs on their way into A and B: each tile once, as soon as what it is made of has been stored.
class OperandLoads {
 public:
  explicit OperandLoads(JobQueue& queue) : queue_(queue), shape_(queue.shape()) {}

  // The panel of these tiles and blocks of K in a scratchpad, there or to be loaded; it is pinned.
  static Region& panel(Scratchpad& pad, std::uint64_t image_id, bool transpose, Span tiles, Span k);
  // Makes sure that a region's tiles are on their way; returns the load job to wait for. The operand has total_blocks blocks
  // along its rows or columns, blocks_per_tile of them a tile.
  std::uint32_t load(Region& region, const std::shared_ptr<Image>& image, Space space, std::uint32_t blocks_per_tile,
                     std::uint32_t total_blocks, Span tiles);
  // Whether every row of blocks of an unfolded matrix has a load: then none of it need lie in memory.
  bool unfolds(const Unfolding& unfolding, std::uint32_t rows, std::uint32_t cols) const;

 private:
  struct Piece {
    std::uint32_t producer;
    Span rows, cols;
  };
  void add_pieces(const Image& image, Span rows, Span cols);
  std::uint32_t load_windows(Region& region, const std::shared_ptr<Image>& image, Space space, std::uint32_t blocks_per_tile, Span outer);

  JobQueue& queue_;
  const CoreShape& shape_;
  std::vector<Piece> pieces_;            // scratch of load
};

}  // namespace cuatro::sim
