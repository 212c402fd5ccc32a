// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "sim/operand_loads.h"

#include <algorithm>

namespace cuatro::sim {

namespace {

// Words of a load, at most.
constexpr std::uint32_t kLoadWords = 96;
// Of one that unfolds: enough for the source's way through memory to be hidden behind what the others make of theirs.
constexpr std::uint32_t kWindowWords = 256;

constexpr std::uint32_t ceil_div(std::uint32_t a, std::uint32_t b) { return (a + b - 1) / b; }

// Where blocks of an operand go, from block (i, j) of the stored matrix on.
void place(Transfer& x, const Region& region, std::uint32_t blocks_per_tile, std::uint32_t i, std::uint32_t j) {
  const std::uint32_t outer = region.transpose ? j : i, inner = region.transpose ? i : j;
  x.addr = static_cast<std::uint16_t>(region.base + (outer / blocks_per_tile - region.tile0) * region.k_blocks + inner - region.k0);
  x.sub = static_cast<std::uint8_t>(outer % blocks_per_tile);
  x.sub_rows = !region.transpose;
  x.col_step = static_cast<std::uint16_t>(region.transpose ? region.k_blocks : 1);
  x.row_step = static_cast<std::uint16_t>(region.transpose ? 1 : region.k_blocks);
}

}  // namespace

void wait_for(Wait& wait, std::uint32_t producer) {
  std::uint32_t& stores = wait.stores[producer & 1];
  stores = std::max(stores, producer >> 1);
}

Region& OperandLoads::panel(Scratchpad& pad, std::uint64_t image_id, bool transpose, Span tiles, Span k) {
  if (Region* found = pad.find(image_id, transpose, tiles.begin, tiles.size(), k.begin, k.size())) {
    found->pinned = true;
    return *found;
  }
  Wait writable;
  Region& region = pad.allocate(tiles.size() * k.size(), writable);
  region.image_id = image_id;
  region.transpose = transpose;
  region.tile0 = tiles.begin;
  region.tiles = tiles.size();
  region.k0 = k.begin;
  region.k_blocks = k.size();
  region.loaded.assign(tiles.size(), 0);
  region.writable = writable;
  region.free = writable;
  region.pinned = true;
  return region;
}

// Cuts a rectangle of blocks into rectangles of one producer each.
void OperandLoads::add_pieces(const Image& image, Span rows, Span cols) {
  std::size_t open = pieces_.size();     // the first piece that the row before ended in
  for (std::uint32_t i = rows.begin; i < rows.end; ++i) {
    const std::size_t above = open, above_end = pieces_.size();
    std::size_t found = above;
    bool alike = true;
    for (std::uint32_t j = cols.begin; j < cols.end;) {
      const std::uint32_t producer = image.producer[image.block_index(i, j)];
      std::uint32_t end = j + 1;
      while (end < cols.end && image.producer[image.block_index(i, end)] == producer) ++end;
      // The rows of a piece begin and end alike; the first that does not begins pieces anew.
      if (alike && found < above_end && pieces_[found].producer == producer && pieces_[found].cols.begin == j &&
          pieces_[found].cols.end == end && pieces_[found].rows.end == i) {
        ++pieces_[found++].rows.end;
      } else {
        if (alike) open = pieces_.size();
        alike = false;
        pieces_.push_back({producer, {i, i + 1}, {j, end}});
      }
      j = end;
    }
  }
}

bool OperandLoads::unfolds(const Unfolding& unfolding, std::uint32_t rows, std::uint32_t cols) const {
  const std::uint32_t T = shape_.lanes;
  for (std::uint32_t i = 0; i < ceil_div(rows, T); ++i) {
    if (!plan_window(unfolding, rows, {i, 1, 0, ceil_div(cols, T)}, shape_.window_lines)) return false;
  }
  return true;
}

// Loads of a region's tiles, if they unfold; the last one's number.
std::uint32_t OperandLoads::load_windows(Region& region, const std::shared_ptr<Image>& image, Space space,
                                          std::uint32_t blocks_per_tile, Span outer) {
  const std::shared_ptr<const Unfolding>& unfolding = image->unfolding;
  Image& source = *unfolding->source;
  const Span inner{region.k0, region.k0 + region.k_blocks};
  const Span rows = region.transpose ? inner : outer, cols = region.transpose ? outer : inner;
  std::uint32_t last = 0;
  for (std::uint32_t i = rows.begin; i < rows.end;) {
    WindowBlocks blocks{i, std::min(rows.end - i, std::max(1u, kWindowWords / cols.size())), cols.begin, cols.size()};
    std::optional<WindowFields> fields;
    while (!(fields = plan_window(*unfolding, image->rows, blocks, shape_.window_lines)) && blocks.rows > 1) blocks.rows = ceil_div(blocks.rows, 2);
    if (!fields) throw DeviceError("rtl: a window beyond the window buffer");
    LoadJob job;
    job.space = space;
    job.transpose = region.transpose;
    job.wait = region.writable;
    job.keep = image;
    const std::uint32_t first = fields->first_block, end = first + fields->blocks / source.block_cols();
    for (std::uint32_t r = first; r < end; ++r) {
      for (std::uint32_t c = 0; c < source.block_cols(); ++c) wait_for(job.wait, source.producer[source.block_index(r, c)]);
    }
    Transfer& x = job.transfer;
    x.base = source.block(first, 0);
    x.rows = blocks.rows;
    x.cols = blocks.cols;
    x.item_bytes = source.block_bytes();
    place(x, region, blocks_per_tile, i, cols.begin);
    job.window = WindowLoad{*fields, unfolding, image->rows, blocks};
    last = queue_.push(kGemmLane, std::move(job));
    i += blocks.rows;
  }
  return last;
}

std::uint32_t OperandLoads::load(Region& region, const std::shared_ptr<Image>& owner, Space space, std::uint32_t blocks_per_tile,
                                        std::uint32_t total_blocks, Span tiles) {
  std::uint32_t last = 0;
  Image& image = *owner;
  // Of what unfolds more than one command wants comes at once: columns see the same pixels, all of them; rows those of their neighbours.
  if (image.unfolding) {
    const std::uint32_t end = region.tile0 + region.tiles;
    tiles = region.transpose ? Span{region.tile0, end} : Span{tiles.begin, std::min(end, tiles.begin + std::max(tiles.size(), kWindowWords / (region.k_blocks * blocks_per_tile)))};
  }
  pieces_.clear();
  for (std::uint32_t tile = tiles.begin; tile < tiles.end;) {
    std::uint32_t end = tile;
    for (; end < tiles.end && region.loaded[end - region.tile0] == 0; ++end) region.loaded[end - region.tile0] = ~0u;
    if (end == tile) {
      last = std::max(last, region.loaded[tile++ - region.tile0]);
      continue;
    }
    const Span outer{tile * blocks_per_tile, std::min(end * blocks_per_tile, total_blocks)};
    const Span inner{region.k0, region.k0 + region.k_blocks};
    tile = end;
    if (image.unfolding) {
      last = std::max(last, load_windows(region, owner, space, blocks_per_tile, outer));
      continue;
    }
    if (region.transpose) add_pieces(image, inner, outer);
    else add_pieces(image, outer, inner);
  }
  // In the order of their producers they go as far as their source has been stored.
  const auto by_producer = [](const Piece& a, const Piece& b) { return a.producer < b.producer; };
  if (!std::is_sorted(pieces_.begin(), pieces_.end(), by_producer)) std::stable_sort(pieces_.begin(), pieces_.end(), by_producer);
  for (const Piece& piece : pieces_) {
    // Short enough for the other lane's loads to come in between.
    const std::uint32_t col_most = std::min(piece.cols.size(), kLoadWords), row_most = std::max(1u, kLoadWords / col_most);
    for (std::uint32_t i = piece.rows.begin; i < piece.rows.end; i += row_most) {
      for (std::uint32_t j = piece.cols.begin; j < piece.cols.end; j += col_most) {
        LoadJob job;
        job.space = space;
        job.transpose = region.transpose;
        job.wait = region.writable;
        job.keep = owner;
        wait_for(job.wait, piece.producer);
        Transfer& x = job.transfer;
        x.base = image.block(i, j);
        x.pitch = image.block_cols() * image.block_bytes();
        x.rows = std::min(row_most, piece.rows.end - i);
        x.cols = std::min(col_most, piece.cols.end - j);
        x.item_bytes = image.block_bytes();
        place(x, region, blocks_per_tile, i, j);
        last = queue_.push(kGemmLane, std::move(job));
      }
    }
  }
  for (std::uint32_t& loaded : region.loaded) {
    if (loaded == ~0u) loaded = last;
  }
  return last;
}

}  // namespace cuatro::sim
