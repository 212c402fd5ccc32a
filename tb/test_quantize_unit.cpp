// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: Width=32; Width=32 Structural=1; Width=4 Structural=1
#include DUT_HEADER

#include <algorithm>
#include <array>
#include <vector>

#include "catch.h"
#include "golden/quantizers.h"
#include "harness.h"
#include "rescaled_slot.h"

#ifndef DUT_STRUCTURAL
#define DUT_STRUCTURAL 0
#endif

using namespace cuatro;
using golden::Rescaled;
using tb::Dut;

namespace {

struct Mode {
  OutFormat format;
  Rounding rounding;
  bool two() const { return rounding == Rounding::tpr || rounding == Rounding::two_term; }
};
struct Element {
  Rescaled v;
  std::uint8_t random = 0;
};
struct Group {
  bool valid = false;
  Mode mode{OutFormat::int4, Rounding::nearest};
  std::array<Element, DUT_WIDTH> elements{};
};

constexpr Mode modes[] = {
    {OutFormat::int4, Rounding::nearest},    {OutFormat::int4, Rounding::floor},     {OutFormat::int4, Rounding::stochastic},
    {OutFormat::uint4, Rounding::nearest},   {OutFormat::uint4, Rounding::floor},    {OutFormat::uint4, Rounding::stochastic},
    {OutFormat::log4, Rounding::nearest},    {OutFormat::log4, Rounding::stochastic}, {OutFormat::log4, Rounding::tpr},
    {OutFormat::log4, Rounding::two_term},   {OutFormat::log2, Rounding::nearest},   {OutFormat::log2, Rounding::stochastic},
    {OutFormat::log2, Rounding::two_term}};
constexpr std::int64_t one = std::int64_t{1} << golden::kFractionBits;
constexpr std::int64_t largest_magnitude = (std::int64_t{1} << 24) - 1;

// A group a cycle; compares what leaves one and four cycles later.
class Stream {
 public:
  Stream() {
    dut_->valid_i = 0;
    dut_.reset();
  }
  void step(const Group& group) {
    std::move_backward(in_work_.begin(), in_work_.end() - 1, in_work_.end());
    in_work_[0] = group;
    dut_->valid_i = group.valid;
    dut_->format_i = static_cast<CData>(group.mode.format);
    dut_->rounding_i = static_cast<CData>(group.mode.rounding);
    for (unsigned i = 0; i < DUT_WIDTH; ++i) {
      tb::set_lane(dut_->slot_i, i, 32, tb::to_slot(group.elements[i].v));
      tb::set_lane(dut_->random_i, i, 8, in_work_[DUT_STRUCTURAL ? 3 : 0].elements[i].random);
    }
    dut_.cycle();
    const Group &first = in_work_[0], &last = in_work_[3];
    unsigned wrong = 0;
    for (unsigned i = 0; i < DUT_WIDTH; ++i) {
      if (first.valid && first.mode.two() && want(first, i).code1 != tb::get_lane(dut_->code1_o, i, 4) && wrong++ == 0)
        tell("code 1", first, i, tb::get_lane(dut_->code1_o, i, 4));
      const auto got = tb::get_lane(dut_->code_o, i, 4);
      const golden::CodePair pair = last.valid ? want(last, i) : golden::CodePair{};
      if (last.valid && (got != (last.mode.two() ? pair.code2 : pair.code1) ||
                         (tb::get_lane(dut_->saturated_o, i, 1) != 0) != pair.saturated) && wrong++ == 0)
        tell("code", last, i, got);
    }
    REQUIRE(wrong == 0);
  }

  // Elements of one mode, gathered to groups. Each group begins a lane further on: what comes in fours would else meet the
  // same lanes for ever.
  void add(const Mode& mode, const Rescaled& v, std::uint8_t random) {
    gathered_.valid = true;
    gathered_.mode = mode;
    gathered_.elements[(filled_++ + turn_) % DUT_WIDTH] = {v, random};
    if (filled_ == DUT_WIDTH) flush();
  }
  void add_around(const Mode& mode, std::int64_t magnitude, std::uint8_t random) {
    for (std::int64_t near = magnitude - 1; near <= magnitude + 1; ++near) {
      if (near < 0 || near > largest_magnitude) continue;
      for (unsigned flags = 0; flags < 4; ++flags)
        add(mode, {(flags & 1) != 0, static_cast<std::uint32_t>(near), (flags & 2) != 0}, random);
    }
  }
  void flush() {
    if (filled_ != 0) step(gathered_);
    filled_ = 0;
    turn_ = (turn_ + 1) % DUT_WIDTH;
  }
  void turn_to(unsigned lane) {
    flush();
    turn_ = lane;
  }
  void finish() {
    flush();
    for (int i = 0; i < 4; ++i) step(Group{});
  }

 private:
  static golden::CodePair want(const Group& group, unsigned i) {
    return golden::quantize_element(group.mode.format, group.mode.rounding, group.elements[i].v, group.elements[i].random);
  }
  static void tell(const char* what, const Group& group, unsigned i, std::uint64_t got) {
    const auto& e = group.elements[i];
    const auto pair = want(group, i);
    UNSCOPED_INFO(what << ": format " << int(group.mode.format) << " rounding " << int(group.mode.rounding) << " negative "
                       << e.v.negative << " magnitude " << e.v.magnitude << " sticky " << e.v.sticky << " R " << +e.random
                       << ": got " << got << ", want " << +pair.code1 << " " << +pair.code2 << " saturated " << pair.saturated);
  }

  Dut<DUT> dut_;
  std::array<Group, 5> in_work_{};  // youngest first
  Group gathered_;
  unsigned filled_ = 0, turn_ = 0;
};

std::int64_t level(const Mode& mode, int k) { return one << (mode.format == OutFormat::log4 ? 2 * k : k); }

}  // namespace

TEST_CASE("quantize_unit: around every threshold of every format and rounding") {
  Stream stream;
  for (const Mode& mode : modes) {
    const bool log = mode.format == OutFormat::log4 || mode.format == OutFormat::log2;
    const bool draws = mode.rounding == Rounding::stochastic || mode.rounding == Rounding::two_term;
    const std::int64_t base = mode.format == OutFormat::log4 ? 4 : 2;
    for (unsigned r = 0; r < 256; r += draws ? 1 : 85) {
      const auto byte = static_cast<std::uint8_t>(r);
      if (!log) {
        for (std::int64_t whole = 0; whole <= 17; ++whole) {
          for (const std::int64_t part : {std::int64_t{0}, one / 2, std::int64_t{2 * r + 1} * 4, std::int64_t{511 - 2 * r} * 4})
            stream.add_around(mode, whole * one + part, byte);
        }
        stream.add_around(mode, 31 * one, byte);
        stream.add_around(mode, largest_magnitude, byte);
        continue;
      }
      // Thresholds of one code, in units of 2^-11, and both sides of every level.
      std::vector<std::int64_t> thresholds{0, one / 2, one / 8 * 5, one * (2 * r + 1) / 512, largest_magnitude};
      for (int k = 0; k < 7; ++k) {
        const std::int64_t lo = level(mode, k);
        for (const std::int64_t t : {lo, lo * (512 + (base - 1) * (2 * r + 1)) / 512, lo * (base + 1) / 2}) thresholds.push_back(t);
      }
      for (const std::int64_t t : thresholds) {
        stream.add_around(mode, t, byte);
        stream.add_around(mode, 2 * t, byte);
        if (mode.rounding != Rounding::two_term) continue;
        for (int k = 0; k < 7; ++k) {
          for (const std::int64_t sign : {-1, 1}) stream.add_around(mode, level(mode, k) + sign * t / (base == 4 ? 2 : 4), byte);
        }
      }
    }
    stream.flush();
  }
  stream.finish();
}

TEST_CASE("quantize_unit: every magnitude of few bits or of one run of ones, in every mode") {
  Stream stream;
  tb::Random random("sparse");
  for (const Mode& mode : modes) {
    for (unsigned turn = 0; turn < 4; ++turn) {
      stream.turn_to(turn);
      for (const std::uint32_t magnitude : tb::sparse_magnitudes()) {
        for (unsigned flags = 0; flags < 4; ++flags)
          stream.add(mode, {(flags & 1) != 0, magnitude, (flags & 2) != 0}, static_cast<std::uint8_t>(random.bits(8)));
      }
    }
    stream.flush();
  }
  stream.finish();
}

TEST_CASE("quantize_unit: the first 40,000 magnitudes, and random ones of every width, formats mixed, any gaps") {
  Stream stream;
  tb::Random random("stream");
  std::uint32_t next = 0;
  for (int step = 0; step < 40000 / DUT_WIDTH * 13 && step < 60000; ++step) {
    Group group;
    group.valid = random.chance(80);
    group.mode = modes[random.below(std::size(modes))];
    for (auto& e : group.elements) {
      const bool small = random.chance(30);
      e.v = {random.chance(50), small ? next++ % 40000 : static_cast<std::uint32_t>(random.bits(static_cast<unsigned>(1 + random.below(24)))),
             random.chance(50)};
      e.random = static_cast<std::uint8_t>(random.bits(8));
    }
    stream.step(group);
  }
  stream.finish();
}
