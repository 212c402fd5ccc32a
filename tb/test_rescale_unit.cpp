// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: Width=32; Width=8 Multiplier=0; Width=4; Width=4 Structural=1; Width=8 Multiplier=0 Structural=1
#include DUT_HEADER

#include <algorithm>
#include <array>

#include "catch.h"
#include "golden/rescale.h"
#include "harness.h"
#include "rescaled_slot.h"

#ifndef DUT_WIDTH
#define DUT_WIDTH 32
#endif
#ifndef DUT_MULTIPLIER
#define DUT_MULTIPLIER 1
#endif

using namespace cuatro;
using tb::Dut;

namespace {

using Words = std::array<std::int32_t, DUT_WIDTH>;

std::uint32_t expected_slot(std::int32_t a, int shift, int mult) {
  return tb::to_slot(golden::rescale(a, shift, DUT_MULTIPLIER ? mult : 128));
}

void drive(DUT& dut, const Words& words, int shift, int mult) {
  dut.valid_i = 1;
  dut.shift_i = static_cast<CData>(shift & 63);
  dut.mult_i = static_cast<CData>(mult);
  for (unsigned i = 0; i < DUT_WIDTH; ++i) {
    tb::set_lane(dut.a_i, i, 32, static_cast<std::uint32_t>(words[i]));
    tb::set_lane(dut.negative_i, i, 1, words[i] < 0);
  }
}

void check(DUT& dut, const Words& words, int shift, int mult) {
  unsigned wrong = 0;
  for (unsigned i = 0; i < DUT_WIDTH; ++i) {
    const auto got = static_cast<std::uint32_t>(tb::get_lane(dut.slot_o, i, 32));
    const std::uint32_t want = expected_slot(words[i], shift, mult);
    if (got != want && wrong++ == 0) {
      UNSCOPED_INFO("lane " << i << " a " << words[i] << " shift " << shift << " mult " << mult
                            << std::hex << ": got " << got << ", want " << want);
    }
  }
  CHECK(wrong == 0);
}

// All of `words`, in groups of Width.
void run(Dut<DUT>& dut, const std::vector<std::int32_t>& words, int shift, int mult) {
  for (std::size_t first = 0; first < words.size(); first += DUT_WIDTH) {
    Words group;
    for (std::size_t i = 0; i < DUT_WIDTH; ++i) group[i] = words[(first + i) % words.size()];
    drive(*dut, group, shift, mult);
    dut.cycle(5);
    check(*dut, group, shift, mult);
  }
}

}  // namespace

TEST_CASE("rescale_unit: v = a * (mult/128) * 2^-shift, corner words, every shift") {
  Dut<DUT> dut;
  dut.reset();
  const auto words = tb::corner_words();
  for (int shift = -16; shift <= 31; ++shift) {
    for (const int mult : {0, 1, 2, 3, 63, 64, 127, 128, 129, 170, 254, 255}) run(dut, words, shift, mult);
  }
}

TEST_CASE("rescale_unit: every multiplier at every shift, random words") {
  Dut<DUT> dut;
  dut.reset();
  tb::Random random("multipliers");
  for (int shift = -16; shift <= 31; ++shift) {
    for (int mult = 0; mult < 256; ++mult) {
      Words words;
      for (auto& word : words) word = random.word();
      drive(*dut, words, shift, mult);
      dut.cycle(5);
      check(*dut, words, shift, mult);
    }
  }
}

TEST_CASE("rescale_unit: bits below 2^-11 are ORed into sticky, not rounded") {
  Dut<DUT> dut;
  dut.reset();
  tb::Random random("sticky");
  for (int shift = 12; shift <= 31; ++shift) {
    for (int bit = 0; bit < shift - 11; ++bit) {
      Words words;
      for (auto& word : words) {
        const auto kept = static_cast<std::int32_t>(random.bits(static_cast<unsigned>(31 - (shift - 11))));
        word = (kept << (shift - 11)) | (1 << bit);
      }
      drive(*dut, words, shift, 128);
      dut.cycle(5);
      for (unsigned i = 0; i < DUT_WIDTH; ++i) {
        const auto slot = tb::get_lane(dut->slot_o, i, 32);
        CHECK(((slot >> 24) & 1) == 1);
        CHECK((slot & 0xffffff) == std::min<std::uint32_t>(static_cast<std::uint32_t>(words[i]) >> (shift - 11), 0xffffff));
      }
    }
  }
}

TEST_CASE("rescale_unit: a magnitude of 2^13 or more becomes all ones with sticky") {
  Dut<DUT> dut;
  dut.reset();
  for (const std::int32_t a : {8191, 8192, 8193, -8191, -8192, 1 << 30, INT32_MIN}) {
    Words words;
    words.fill(a);
    drive(*dut, words, 0, 128);
    dut.cycle(5);
    const bool saturates = a >= 8192 || a <= -8192;
    const std::uint32_t slot = static_cast<std::uint32_t>(tb::get_lane(dut->slot_o, DUT_WIDTH - 1, 32));
    CHECK(((slot & 0x1ffffff) == 0x1ffffff) == saturates);
    CHECK((slot >> 31) == (a < 0 ? 1u : 0u));
    check(*dut, words, 0, 128);
  }
}

TEST_CASE("rescale_unit: words two cycles after valid_i, slots three cycles later, any gaps") {
  Dut<DUT> dut;
  dut.reset();
  dut->valid_i = 0;
  dut.cycle(5);
  struct Group {
    bool valid = false;
    Words words{};
    int shift = 0, mult = 0;
  };
  std::array<Group, 5> in_work{};  // youngest first
  tb::Random random("stream");
  for (int step = 0; step < 4000; ++step) {
    Group group;
    for (auto& word : group.words) word = random.chance(50) ? random.word() : static_cast<std::int32_t>(random.bits(32));
    group.shift = random.between(-16, 31), group.mult = static_cast<int>(random.bits(8));
    group.valid = random.chance(60);
    drive(*dut, in_work[1].words, group.shift, group.mult);
    dut->valid_i = group.valid;
    dut.cycle();
    std::move_backward(in_work.begin(), in_work.end() - 1, in_work.end());
    in_work[0] = group;
    REQUIRE((dut->valid_o != 0) == in_work[4].valid);
    if (dut->valid_o != 0) check(*dut, in_work[4].words, in_work[4].shift, in_work[4].mult);
  }
}

TEST_CASE("rescale_unit: no valid_o comes out of a reset") {
  Dut<DUT> dut;
  dut->valid_i = 1;
  dut->rst_ni = 0;
  dut.cycle(6);
  CHECK(dut->valid_o == 0);
  dut->rst_ni = 1;
  dut.cycle(4);
  CHECK(dut->valid_o == 0);
  dut.cycle();
  CHECK(dut->valid_o == 1);
}
