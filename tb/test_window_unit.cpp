// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: T=16; T=16 Structural=1; T=4 SlotLines=1024 SubsA=32 SubsB=256; T=8 SlotLines=2048; T=8 SlotLines=256 Structural=1
// The parameter's name is every template's: it becomes a constant before anything is included.
#ifdef DUT_T
constexpr unsigned edge = DUT_T;
#undef DUT_T
#else
constexpr unsigned edge = 16;
#endif
#include DUT_HEADER

#include <deque>

#include "catch.h"
#include "golden/unfold.h"
#include "harness.h"
#include "sim/ring_entry.h"

#ifndef DUT_SLOTLINES
#define DUT_SLOTLINES 512
#endif
#ifndef DUT_SUBSA
#define DUT_SUBSA 1
#define DUT_SUBSB 1
#endif

using namespace cuatro;
using namespace cuatro::sim;
using tb::Dut;

namespace {

constexpr unsigned kSlots = 4, kBlockBytes = edge * edge / 2, kTransferAt = 15;
constexpr std::uint32_t kDepth = 2048;

struct Block {
  std::uint32_t addr = 0, sub = 0;
  std::vector<std::uint8_t> bytes;
};

// A load, the words it fetches and the blocks it must make.
struct Job {
  RingEntry entry{EntryKind::load};
  std::deque<std::vector<std::uint8_t>> words;
  std::deque<Block> blocks;
  unsigned slot = 0;
  unsigned space = 0, outside = 0;         // blocks that lie outside of their scratchpad, and are not loaded
  bool transpose = false;
};

template <class Port>
void put_bytes(Port& port, unsigned at, const std::uint8_t* bytes, unsigned count) {
  for (unsigned i = 0; i < count; ++i) tb::set_bits(port, at + 8 * i, 8, bytes[i]);
}

// A window over images of random sizes.
Window random_window(tb::Random& random, bool small, bool large) {
  Window w;
  const auto pick = [&](unsigned low, unsigned high) { return static_cast<std::uint32_t>(random.between(low, high)); };
  // Mostly small, sometimes of a few long rows or many short ones; large ones fill a slot of 1,024 lines and more.
  const unsigned shape = static_cast<unsigned>(random.below(10)), most = small ? 6 : large ? 60 : 14, far = small ? 30 : 250;
  w.height = pick(1, shape == 0 ? far : most);
  w.width = pick(1, shape == 1 ? far : shape == 0 ? 2 : most);
  const bool tall = shape == 0 && random.chance(30);        // nearly as high as the image
  w.kernel_h = tall ? pick((w.height + 1) / 2, w.height) : pick(1, random.chance(10) ? 15 : 5);
  w.kernel_w = pick(1, tall ? 2 : random.chance(10) ? 15 : 5);
  w.dilation = random.chance(25) ? 2 : 1;
  w.stride = w.dilation == 2 ? 1 : random.chance(70) ? 1 : pick(2, 4);
  w.pad_h = pick(0, std::min(w.kernel_h - 1, 15u));
  w.pad_w = pick(0, w.kernel_w - 1);
  w.reversed = random.chance(30);
  const auto out = [&](std::uint32_t size, std::uint32_t pad, std::uint32_t kernel) {
    const std::uint32_t span = (size - 1) * w.dilation + 1 + 2 * pad;
    return span < kernel ? 1 : (span - kernel) / w.stride + 1;
  };
  w.out_height = out(w.height, w.pad_h, w.kernel_h);
  w.out_width = out(w.width, w.pad_w, w.kernel_w);
  w.images = pick(1, tall ? 2 : 5);
  return w;
}

}  // namespace

TEST_CASE("window_unit: every block of an unfolded matrix, as golden unfolds it, beside other loads") {
  Dut<DUT> dut;
  tb::Random random("windows");
  const auto memory = std::make_shared<DeviceMemory>();
  dut->reserve_i = dut->job_valid_i = dut->fill_i = dut->fill_load_i = dut->word_valid_i = 0;
  dut->load_ready_i = 1;
  dut.reset();

  std::deque<Job> reserved, begun, filling, gathering;     // on their way
  bool more = false;                                       // of the word of the last cycle
  unsigned done = 0, open = 0, outside_seen = 0, outside_wanted = 0, multi_image = 0, full = 0;
  std::uint64_t blocks = 0;
  const int kJobs = 400;
  int rest = 0;                                            // cycles without work, once all of it is done
  for (int jobs = 0, idle = 0; jobs < kJobs || open != 0;) {
    // A job more.
    Job next;
    bool have = false;
    if (rest != 0 && open == 0) --rest;
    for (int tries = 0; jobs < kJobs && reserved.empty() && rest == 0 && tries < 20 && !have; ++tries) {
      Unfolding u;
      const bool large = DUT_SLOTLINES >= 1024 && random.chance(30);      // more than half of such a slot
      u.window = random_window(random, DUT_SLOTLINES < 512, large);
      const std::uint32_t channels = edge * static_cast<std::uint32_t>(random.between(1, random.chance(10) ? 16 : 3));
      const std::uint32_t pixels = u.window.images * u.window.height * u.window.width;
      std::vector<std::uint8_t> codes(std::size_t{pixels} * channels);
      for (auto& code : codes) code = static_cast<std::uint8_t>(random.below(16));
      u.source = std::make_shared<Image>(memory, pixels, channels, edge, 4);
      pack_codes(*u.source, codes);
      u.pad_code = static_cast<std::uint8_t>(random.below(16));
      const std::uint32_t all_rows = u.window.images * u.window.out_height * u.window.out_width;
      u.first_row = random.chance(50) ? 0 : static_cast<std::uint32_t>(random.below(all_rows));
      const std::uint32_t rows = all_rows - u.first_row, block_rows = (rows + edge - 1) / edge;
      const std::uint32_t block_cols = u.window.kernel_h * u.window.kernel_w * channels / edge;
      if (std::uint64_t{all_rows} * block_cols > 400'000 / edge) continue;
      WindowBlocks at;
      at.row = static_cast<std::uint32_t>(random.below(block_rows));
      at.rows = static_cast<std::uint32_t>(random.between(1, static_cast<int>(std::min(large || random.chance(10) ? 1000u : 6u, block_rows - at.row))));
      at.col = static_cast<std::uint32_t>(random.below(block_cols));
      at.cols = static_cast<std::uint32_t>(random.between(1, static_cast<int>(std::min(block_cols - at.col, 4000 / at.rows))));
      const auto fields = plan_window(u, rows, at, DUT_SLOTLINES);
      if (!fields) continue;
      have = true;
      full += std::size_t{fields->blocks} * edge > DUT_SLOTLINES / 2;
      multi_image += (u.first_row + at.row * edge) / (u.window.out_height * u.window.out_width) !=
                     (std::min(u.first_row + (at.row + at.rows) * edge, all_rows) - 1) / (u.window.out_height * u.window.out_width);
      next.transpose = random.chance(50);
      next.slot = static_cast<unsigned>(random.below(8192));
      const auto row_step = static_cast<std::uint16_t>(next.transpose ? 1 : at.cols), col_step = static_cast<std::uint16_t>(next.transpose ? at.rows : 1);
      const auto base = static_cast<std::uint16_t>(random.chance(5) ? kDepth : random.below(100));
      const bool to_b = random.chance(50), sub_rows = random.chance(50);
      next.space = to_b ? 1 : 0;
      const std::uint32_t subs = to_b ? DUT_SUBSB : DUT_SUBSA, first_sub = static_cast<std::uint32_t>(random.below(subs));
      next.entry.put(28, static_cast<std::uint16_t>(at.cols));
      next.entry.put(30, static_cast<std::uint16_t>(at.rows));
      next.entry.put(32, base);
      next.entry.put(34, col_step);
      next.entry.put(36, row_step);
      next.entry.put(39, static_cast<std::uint8_t>((to_b ? 1 : 0) | (next.transpose ? 0x10 : 0) | (sub_rows ? 0x20 : 0)));
      next.entry.put(40, static_cast<std::uint8_t>(first_sub));
      next.entry.set_window(*fields);
      for (unsigned i = 0; i < fields->blocks; ++i) {
        const std::uint8_t* from = u.source->block(fields->first_block, 0) + std::size_t{i} * kBlockBytes;
        // Memory has more blocks than the image only by a mistake of the plan.
        REQUIRE(from + kBlockBytes <= u.source->data.data() + u.source->data.size());
        next.words.emplace_back(from, from + kBlockBytes);
      }
      const auto all = golden::unfold(codes, channels, u.window, u.pad_code);
      const std::size_t width = std::size_t{block_cols} * edge;
      for (std::uint32_t r = at.row; r < at.row + at.rows; ++r) {
        for (std::uint32_t c = at.col; c < at.col + at.cols; ++c) {
          Block block;
          std::uint32_t rows_on = r - at.row, cols_on = c - at.col;
          std::uint32_t& counted = sub_rows ? rows_on : cols_on;         // sub-blocks first, then words
          block.sub = (first_sub + counted) % subs;
          counted = (first_sub + counted) / subs;
          block.addr = (base + rows_on * row_step + cols_on * col_step) & 0xffff;
          block.bytes.assign(kBlockBytes, 0);
          for (std::uint32_t t = 0; t < edge && r * edge + t < rows; ++t) {
            for (std::uint32_t j = 0; j < edge; ++j) {
              const std::uint8_t code = all[(std::size_t{u.first_row} + r * edge + t) * width + c * edge + j];
              block.bytes[(t * edge + j) / 2] |= static_cast<std::uint8_t>(code << (4 * (j & 1)));
            }
          }
          // The host's own way.
          std::vector<std::uint8_t> host(kBlockBytes);
          unfold_block(u, rows, r, c, host.data());
          REQUIRE(host == block.bytes);
          if (block.addr < kDepth) next.blocks.push_back(std::move(block));
          else ++next.outside;
        }
      }
    }

    // Pins of this cycle.
    dut->reserve_i = 0;
    if (have && dut->room_o) {
      REQUIRE(open < kSlots);
      dut->reserve_i = 1;
      ++open;
      ++jobs;
      if (random.chance(5)) rest = static_cast<int>(random.between(1, 9));
      outside_wanted += next.outside;
      reserved.push_back(std::move(next));
    } else if (open == kSlots) {
      REQUIRE(dut->room_o == 0);
    }
    dut->job_valid_i = 0;
    if (!reserved.empty() && dut->reserve_i == 0 && random.chance(50)) {
      Job& job = reserved.front();
      put_bytes(dut->job_i, kTransferAt, job.entry.bytes.data() + 16, 48);
      tb::set_bits(dut->job_i, 2, 13, job.slot);
      dut->job_valid_i = 1;
      begun.push_back(std::move(job));
      reserved.pop_front();
    }
    // A source's blocks; what is there stays until it is taken.
    if (!more) {
      if (dut->word_valid_i && !filling.empty() && filling.front().words.empty()) {
        gathering.push_back(std::move(filling.front()));
        filling.pop_front();
      }
      dut->word_valid_i = 0;
    }
    dut->fill_i = 0;
    // Until the next job begins its fields may be taken again and again.
    dut->fill_load_i = !more && filling.empty() && !begun.empty() && dut->word_valid_i == 0;
    if (dut->fill_load_i) put_bytes(dut->fill_job_i, 0, begun.front().entry.bytes.data() + 16, 48);
    if (dut->fill_load_i && dut->job_valid_i == 0 && random.chance(60)) {
      dut->fill_i = 1;
      filling.push_back(std::move(begun.front()));
      begun.pop_front();
    } else if (!more && !filling.empty() && !filling.front().words.empty() && random.chance(80)) {
      put_bytes(dut->word_i, 0, filling.front().words.front().data(), kBlockBytes);
      filling.front().words.pop_front();
      dut->word_valid_i = 1;
    }
    dut->load_ready_i = random.chance(85);
    dut->eval();
    more = dut->more_o != 0;
    REQUIRE((dut->busy_o != 0) == (open != 0 || dut->done_o != 0 || dut->outside_o != 0));

    // What leaves.
    if (dut->load_valid_o && dut->load_ready_i) {
      Job* job = nullptr;
      for (auto* list : {&gathering, &filling}) {
        for (Job& j : *list) {
          if (job == nullptr && !j.blocks.empty()) job = &j;
        }
      }
      REQUIRE(job != nullptr);
      const Block& block = job->blocks.front();
      REQUIRE(dut->load_addr_o == block.addr);
      REQUIRE((dut->load_transpose_o != 0) == job->transpose);
      REQUIRE(dut->load_sub_o == block.sub);
      REQUIRE(dut->load_space_o == job->space);
      for (unsigned i = 0; i < kBlockBytes; ++i) REQUIRE(tb::get_bits(dut->load_data_o, 8 * i, 8) == block.bytes[i]);
      job->blocks.pop_front();
      ++blocks;
      idle = 0;
    }
    dut.cycle();
    if (dut->outside_o) {
      // Of the first job that has such blocks left.
      Job* job = nullptr;
      for (auto* list : {&gathering, &filling}) {
        for (Job& j : *list) {
          if (job == nullptr && j.outside != 0) job = &j;
        }
      }
      REQUIRE(job != nullptr);
      REQUIRE(unsigned{dut->outside_slot_o} == job->slot);
      --job->outside;
      ++outside_seen;
      idle = 0;
    }
    if (dut->done_o) {
      ++done;
      --open;
      REQUIRE(!gathering.empty());
      REQUIRE(gathering.front().blocks.empty());
      REQUIRE(gathering.front().outside == 0);
      gathering.pop_front();
    }
    REQUIRE(++idle < 5000);
  }
  CHECK(done == kJobs);
  CHECK(outside_seen == outside_wanted);
  CHECK(multi_image > 0);
  CHECK(full > 0);
  CHECK(blocks > 1000);
}
