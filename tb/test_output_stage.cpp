// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: Lanes=16 DrainWidth=32; Lanes=16 DrainWidth=16; Lanes=8 DrainWidth=16; Lanes=4 DrainWidth=4; Lanes=8 DrainWidth=8 Structural=1; Lanes=4 DrainWidth=4 Structural=1
#include DUT_HEADER

#include <algorithm>
#include <cstring>
#include <list>
#include <map>
#include <utility>
#include <vector>

#include "catch.h"
#include "command_model.h"
#include "descriptor_rules.h"
#include "harness.h"

using namespace cuatro;
using namespace cuatro::tb;

namespace {

const CoreShape shape{DUT_LANES, DUT_LANES, DUT_LANES, DUT_DRAINWIDTH, 65536, 65536};
constexpr unsigned kEdge = DUT_LANES, kBlock = DUT_LANES * DUT_LANES, kGroups = kBlock / DUT_DRAINWIDTH,
                   kLines = DUT_DRAINWIDTH / DUT_LANES;
constexpr unsigned kWordBytes = std::max(kBlock / 2, 4u * DUT_DRAINWIDTH), kPartBytes = 4 * DUT_DRAINWIDTH,
                   kParts = kWordBytes / kPartBytes;

// A command with its data, its result and the blocks of S that it still has to send.
struct Command {
  Descriptor d;
  bool quant = false;
  std::vector<std::uint32_t> result;  // accumulators, row-major
  Bytes c, mask;                      // images in C
  Outcome want;
  std::vector<std::pair<unsigned, unsigned>> blocks;
  bool sent_first = false, sent_last = false;
  std::size_t writes = 0;  // of parts of words
};

// What a group finds: accumulators, and its word of C.
struct Data {
  std::vector<std::uint32_t> result;
  Bytes c;
};

// cuatro_pkg: cycles from an update's group to its accumulators, to its state words, to what follows it.
constexpr unsigned kResultLag = 3, kStateLag = 8, kUpdateLag = 10;

class Bench {
 public:
  explicit Bench(const std::string& stream) : random(stream) {
    dut_->mask_load_i = dut_->group_valid_i = 0;
    dut_.reset();
  }

  Random random;
  unsigned answered = 0;

  Descriptor descriptor(unsigned op, unsigned most = 2 * DUT_LANES + 3) {
    Descriptor d = random_legal(random, shape, op, most);
    // Where most codes are neither zero nor the largest.
    if (random.chance(70) || d.out_format == kUpdate) d.shift = static_cast<std::int8_t>(random.between(0, 20));
    return d;
  }

  Command command(Descriptor d) {
    Command cmd;
    const Needs n = needs(d, shape);
    // Every command has its own words of R.
    const auto place = [&](std::uint16_t& base, std::uint64_t words) {
      if (words == 0) return;
      base = next_word_;
      next_word_ = static_cast<std::uint16_t>(next_word_ + words);
    };
    place(d.r_base, n.r);
    place(d.r2_base, n.r2);
    place(d.mask_out_base, n.mask_out);
    d.tag = static_cast<std::uint16_t>(40503u * ++sequence_);
    cmd.d = d;
    cmd.quant = d.op == kQuantize;

    const unsigned rows = stored_rows(d), cols = stored_cols(d);
    std::vector<std::uint32_t> x(std::size_t{rows} * cols), bias(d.n);
    std::vector<char> keep(x.size(), 1);
    std::vector<std::uint32_t> state(x.size());
    cmd.result.resize(x.size());
    cmd.c = random_bytes(random, n.c * kWordBytes);
    cmd.mask = random_bytes(random, n.mask_in * kWordBytes);
    for (auto& word : bias) word = static_cast<std::uint32_t>(random.word());
    for (unsigned j = 0; j < d.n && d.addend == 1; ++j) put(cmd.c, std::size_t{j} * 32, 32, bias[j]);
    for (unsigned row = 0; row < rows; ++row) {
      for (unsigned col = 0; col < cols; ++col) {
        const std::size_t i = std::size_t{row} * cols + col, e = element(row, col, cols, kEdge);
        auto word = static_cast<std::uint32_t>(random.word());
        if (cmd.quant) {
          const unsigned width = 8u << d.source;
          put(cmd.c, e * width, width, word);
          x[i] = d.source == 0   ? word & 0xff
                 : d.source == 1 ? static_cast<std::uint32_t>(static_cast<std::int16_t>(word))
                                 : word;
        } else {
          cmd.result[i] = x[i] = word;
          if (d.addend == 1) x[i] += bias[d.transpose ? row : col] << d.addend_shift;
          if (d.addend == 2) {
            word = d.out_format == kUpdate ? random_state(random) : static_cast<std::uint32_t>(random.word());
            put(cmd.c, e * 32, 32, word);
            if (d.out_format == kUpdate)
              state[i] = word;
            else
              x[i] += word << d.addend_shift;
          }
        }
        if (d.mask_in) {
          keep[i] = random.chance(50);
          put(cmd.mask, e / kBlock * kWordBytes * 8 + e % kBlock, 1, keep[i] != 0);
        }
      }
    }
    cmd.want = outcome(d, shape, x, keep, state);
    for (unsigned i = 0; i < ceil_div(rows, kEdge); ++i) {
      for (unsigned j = 0; j < ceil_div(cols, kEdge); ++j) cmd.blocks.emplace_back(i, j);
    }
    // The array's order: by rows of the GEMM's tiles.
    if (d.transpose) {
      std::stable_sort(cmd.blocks.begin(), cmd.blocks.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
    }
    std::reverse(cmd.blocks.begin(), cmd.blocks.end());  // taken from the back
    return cmd;
  }
  Command& submit(const Descriptor& d) { return in_work_.emplace_back(command(d)); }

  // The next block of a command, as the drain engine sends it.
  void send_block(Command& cmd, unsigned pause_percent) {
    const auto [i, j] = cmd.blocks.back();
    cmd.blocks.pop_back();
    const Descriptor& d = cmd.d;
    const unsigned rows = stored_rows(d), cols = stored_cols(d);
    const auto block = static_cast<unsigned>(i * ceil_div(cols, kEdge) + j);
    const bool raw = d.out_format == kRaw, update = d.out_format == kUpdate;
    const bool own_words = cmd.quant || d.addend != 0;
    // Only its own blocks follow an update's at once.
    while (cycles_ < update_until_ && d.tag != update_tag_) cycle();
    while (cycles_ < codes_until_) {
      cycle();
      disturb();
    }
    if (d.mask_in && own_words) {
      set_word(cmd.mask, block);
      dut_->mask_load_i = 1;
      cycle();
      dut_->mask_load_i = 0;
    }
    // The drain engine keeps raw groups away from the codes before them.
    while (raw && cycles_ < raw_from_) cycle();
    for (unsigned g = 0; g < kGroups; ++g) {
      // Groups of a block follow each other without a gap.
      while (g == 0 && random.chance(pause_percent)) cycle();
      const std::uint64_t e = std::uint64_t{block} * kBlock + g * DUT_DRAINWIDTH;
      const unsigned row = i * kEdge + g * kLines, col = j * kEdge;
      const Bytes* image = nullptr;
      std::uint64_t word = 0;
      if (cmd.quant)
        image = &cmd.c, word = e * (8u << d.source) / 8 / kWordBytes;
      else if (d.addend == 1)
        image = &cmd.c, word = (d.transpose ? std::min(row, rows - 1) : col) * 4 / kWordBytes;
      else if (d.addend == 2)
        image = &cmd.c, word = e * 4 / kWordBytes;
      Data data;
      for (unsigned l = 0; l < DUT_DRAINWIDTH; ++l) {
        const unsigned r = row + l / kEdge, c = col + l % kEdge;
        data.result.push_back(r < rows && c < cols ? cmd.result[std::size_t{r} * cols + c]
                                                   : static_cast<std::uint32_t>(random.bits(32)));
      }
      // Groups that need no words of C bring the mask with the first of a block.
      const bool with_mask = d.mask_in && !own_words && g == 0;
      if (with_mask) image = &cmd.mask, word = block;
      if (image != nullptr) {
        const auto from = image->begin() + static_cast<std::ptrdiff_t>(word * kWordBytes);
        data.c.assign(from, from + kWordBytes);
      }
      results_[cycles_ + (update ? kResultLag : 0)] = data;
      words_[cycles_ + (update ? kStateLag : 0)] = data;
      dut_->group_valid_i = 1;
      dut_->group_quant_i = cmd.quant;
      dut_->group_update_i = update;
      const auto bits = d.bits();
      std::memcpy(dut_->group_desc_i.data(), bits.data(), sizeof bits);
      dut_->group_block_i = static_cast<SData>(block);
      dut_->group_index_i = static_cast<CData>(g);
      dut_->group_row_i = static_cast<SData>(row);
      dut_->group_col_i = static_cast<SData>(col);
      dut_->group_first_i = !cmd.sent_first;
      dut_->mask_load_i = with_mask;
      cmd.sent_first = true;
      cmd.sent_last = cmd.blocks.empty() && g == kGroups - 1;
      dut_->group_last_i = cmd.sent_last;
      cycle();
      dut_->group_valid_i = dut_->mask_load_i = 0;
      disturb();
      if (update && g == kGroups - 1) dut_->group_block_i = static_cast<SData>(block);  // it stands for a cycle more
    }
    if (update) {
      codes_until_ = cycles_ + 1;  // the cycle of the block's word of codes
      update_tag_ = d.tag;
      update_until_ = cycles_ + kUpdateLag;
      raw_from_ = cycles_ + kUpdateLag + 7;
      if (cmd.blocks.empty()) ++update_tag_;
      return;
    }
    if (!raw) raw_from_ = cycles_ + 7;
  }
  void send(Command& cmd, unsigned pause_percent = 0) {
    while (!cmd.blocks.empty()) send_block(cmd, pause_percent);
  }
  // All responses come, and nothing after them.
  void finish() {
    for (int i = 0; i < 50; ++i) cycle();
    CHECK(in_work_.empty());
  }
  void wait(std::uint64_t cycles) {
    for (; cycles != 0; --cycles) cycle();
  }
  void reset() {
    dut_.reset(1);
    in_work_.clear();
    r_.clear();
    raw_from_ = update_until_ = codes_until_ = 0;
    words_.clear();
    results_.clear();
  }

 private:
  // Between groups only the descriptor stands, and to which kind of command it belongs.
  void disturb() {
    dut_->group_first_i = random.chance(50);
    dut_->group_last_i = random.chance(50);
    dut_->group_index_i = static_cast<CData>(random.below(kGroups));
    dut_->group_block_i = static_cast<SData>(random.bits(16));
    dut_->group_row_i = static_cast<SData>(random.bits(16) / kEdge * kEdge);
    dut_->group_col_i = static_cast<SData>(random.bits(16) / kEdge * kEdge);
  }
  void set_word(const Bytes& image, std::uint64_t word) {
    std::memcpy(dut_->c_word_i.data(), image.data() + word * kWordBytes, kWordBytes);
  }
  void cycle() {
    // What was read for a group, when it comes; anything else at other times.
    if (const auto at = words_.find(cycles_); at != words_.end() && !at->second.c.empty())
      std::memcpy(dut_->c_word_i.data(), at->second.c.data(), kWordBytes);
    else if (dut_->mask_load_i == 0)
      std::memcpy(dut_->c_word_i.data(), random_bytes(random, kWordBytes).data(), kWordBytes);
    const auto result = results_.find(cycles_);
    for (unsigned l = 0; l < DUT_DRAINWIDTH; ++l)
      set_lane(dut_->result_i, l, 32, result != results_.end() ? result->second.result[l] : 0xdeadbeef + l);
    words_.erase(words_.begin(), words_.upper_bound(cycles_));
    results_.erase(results_.begin(), results_.upper_bound(cycles_));
    dut_.cycle();
    ++cycles_;
    if (dut_->we_o != 0) take_write();
    if (dut_->done_valid_o != 0) take_response();
  }
  void take_write() {
    const std::uint16_t addr = dut_->waddr_o;
    const auto owner = std::find_if(in_work_.begin(), in_work_.end(),
                                    [&](const Command& c) { return c.want.words.count(addr) != 0; });
    if (owner == in_work_.end()) FAIL("R word " << addr << " is nobody's");
    Bytes& word = r_.try_emplace(addr, Bytes(kWordBytes)).first->second;
    const auto* data = reinterpret_cast<const std::uint8_t*>(dut_->wdata_o.data());
    for (unsigned part = 0; part < kParts; ++part) {
      if ((dut_->wstrb_o >> part & 1) == 0) continue;
      std::copy_n(data + part * kPartBytes, kPartBytes, word.begin() + part * kPartBytes);
      ++owner->writes;
    }
  }
  void take_response() {
    const auto get = [&](unsigned lsb, unsigned width) { return get_bits(dut_->done_o, lsb, width); };
    const std::uint64_t tag = get(0, 16);
    const auto cmd =
        std::find_if(in_work_.begin(), in_work_.end(), [&](const Command& c) { return c.d.tag == tag; });
    if (cmd == in_work_.end() || !cmd->sent_last) FAIL("a response of no finished command, tag " << tag);
    INFO(to_text(cmd->d));
    REQUIRE(get(16, 5) == 0);
    REQUIRE(get(21, 32) == cmd->want.response.absmax);
    REQUIRE(get(53, 64) == cmd->want.response.sumabs);
    REQUIRE(get(117, 32) == cmd->want.response.saturated);
    // By now R is complete, each part of a word written once.
    REQUIRE(cmd->writes == cmd->want.words.size() * kParts);
    for (const auto& [addr, word] : cmd->want.words) {
      INFO("R word " << addr);
      REQUIRE(r_[addr] == word);
      r_.erase(addr);
    }
    in_work_.erase(cmd);
    ++answered;
  }

  Dut<DUT> dut_;
  std::list<Command> in_work_;
  std::map<std::uint16_t, Bytes> r_;
  std::uint64_t cycles_ = 0, raw_from_ = 0, update_until_ = 0, codes_until_ = 0;
  unsigned update_tag_ = 0;
  std::map<std::uint64_t, Data> results_, words_;  // by the cycle in which they come
  std::uint16_t next_word_ = 0xfc00;   // so that every bit of an address changes
  unsigned sequence_ = 0;
};

}  // namespace

TEST_CASE("output_stage: every format and rounding, GEMM and quantize") {
  Bench bench("formats");
  for (const unsigned op : {kGemm, kQuantize}) {
    for (unsigned format = 0; format <= kUpdate; ++format) {
      for (unsigned rounding = 0; rounding <= kTwoTerm; ++rounding) {
        if (!has_rounding(format, rounding) || (format >= kRaw && op == kQuantize)) continue;
        for (int i = 0; i < 12; ++i) {
          Descriptor d = bench.descriptor(op);
          d.out_format = static_cast<std::uint8_t>(format);
          d.rounding = static_cast<std::uint8_t>(rounding);
          d.mask_out = format != kRaw && i % 2 != 0;
          if (format == kUpdate) make_update(bench.random, d);
          if (op == kQuantize) d.source = static_cast<std::uint8_t>(i % 3);
          bench.send(bench.submit(d));
          bench.finish();
        }
      }
    }
  }
}

TEST_CASE("output_stage: every shift, and multipliers") {
  Bench bench("shifts");
  for (int shift = -16; shift <= 31; ++shift) {
    for (const int mult : {0, 1, 127, 128, 255}) {
      Descriptor d = bench.descriptor(bench.random.chance(50) ? kGemm : kQuantize, DUT_LANES);
      if (d.out_format == kUpdate) d.out_format = kInt4;
      d.shift = static_cast<std::int8_t>(shift);
      d.mult = static_cast<std::uint8_t>(mult);
      bench.send(bench.submit(d));
    }
  }
  bench.finish();
}

TEST_CASE(
    "output_stage: commands follow each other without a gap, one response a command when R is complete") {
  for (const unsigned pause : {0u, 30u}) {
    Bench bench("stream");
    for (int i = 0; i < 300; ++i)
      bench.send(bench.submit(bench.descriptor(bench.random.chance(50) ? kGemm : kQuantize)), pause);
    bench.finish();
    CHECK(bench.answered == 300);
  }
}

TEST_CASE(
    "output_stage: blocks of a GEMM and of quantize commands alternate, each with statistics of its own") {
  for (const unsigned pause : {0u, 20u}) {
    Bench bench("alternate");
    Command* gemm = nullptr;
    Command* quantize = nullptr;
    for (int blocks = 0; blocks < 1500; ++blocks) {
      Command*& cmd = bench.random.chance(50) ? gemm : quantize;
      if (cmd == nullptr) cmd = &bench.submit(bench.descriptor(&cmd == &gemm ? kGemm : kQuantize));
      const bool last = cmd->blocks.size() == 1;
      bench.send_block(*cmd, pause);
      if (last) cmd = nullptr;
    }
    for (Command* cmd : {gemm, quantize}) {
      if (cmd != nullptr) bench.send(*cmd);
    }
    bench.finish();
  }
}

TEST_CASE("output_stage: commands of one group's worth of elements") {
  Bench bench("one");
  for (int i = 0; i < 100; ++i) bench.send(bench.submit(bench.descriptor(i % 2 != 0 ? kGemm : kQuantize, 1)));
  bench.finish();
  CHECK(bench.answered == 100);
}

TEST_CASE("output_stage: no word and no response of what a reset interrupted") {
  Bench bench("reset");
  for (int round = 0; round < 200; ++round) {
    Command& cmd = bench.submit(bench.descriptor(round % 2 != 0 ? kGemm : kQuantize));
    for (std::uint64_t blocks = 1 + bench.random.below(cmd.blocks.size()); blocks != 0; --blocks)
      bench.send_block(cmd, 0);
    bench.wait(bench.random.below(8));
    bench.reset();
    bench.finish();
    bench.send(bench.submit(bench.descriptor(round % 3 != 0 ? kGemm : kQuantize)));
    bench.finish();
  }
}

TEST_CASE("output_stage: updates between other commands, every n, learning rate and code shift") {
  for (const unsigned pause : {0u, 30u}) {
    Bench bench("updates");
    for (int i = 0; i < 256; ++i) {
      Descriptor d = bench.descriptor(kGemm);
      make_update(bench.random, d);
      d.shift = static_cast<std::int8_t>(i % 32 - 4);
      d.mult = static_cast<std::uint8_t>(i);
      bench.send(bench.submit(d), pause);
      if (bench.random.chance(50)) bench.send(bench.submit(bench.descriptor(bench.random.chance(50) ? kGemm : kQuantize)), pause);
    }
    bench.finish();
  }
}
