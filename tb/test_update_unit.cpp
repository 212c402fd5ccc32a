// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: Width=32; Width=4; Width=32 Structural=1; Width=4 Structural=1
#include DUT_HEADER

#include <algorithm>
#include <array>
#include <vector>

#include "catch.h"
#include "golden/rescale.h"
#include "golden/update.h"
#include "harness.h"
#include "rescaled_slot.h"

#ifndef DUT_WIDTH
#define DUT_WIDTH 32
#endif

using namespace cuatro;
using golden::UpdateShifts;
using golden::WeightState;
using tb::Dut;

namespace {

constexpr unsigned kState = 4, kCode = 5;  // cycles from a group to its state, to its code

struct Element {
  std::int32_t a = 0;
  WeightState state;
  golden::RandomBytes random;
};

struct Group {
  bool valid = false;
  UpdateShifts shifts;
  std::array<Element, DUT_WIDTH> elements;
};

class Bench {
 public:
  Bench() {
    dut_->valid_i = 0;
    dut_.reset();
  }
  unsigned checked = 0;

  // Elements of one command wait for a full group; groups follow each other without a gap.
  void add(const UpdateShifts& shifts, const Element& element) {
    const bool other = shifts.gradient != next_.shifts.gradient || shifts.rate != next_.shifts.rate ||
                       shifts.code != next_.shifts.code;
    if (filled_ != 0 && other) send();
    next_.shifts = shifts;
    next_.elements[filled_++] = element;
    if (filled_ == DUT_WIDTH) send();
  }
  void pause() { cycle({}); }
  void flush() {
    if (filled_ != 0) send();
    for (unsigned i = 0; i <= kCode; ++i) pause();
  }

 private:
  void send() {
    for (; filled_ < DUT_WIDTH; ++filled_) next_.elements[filled_] = next_.elements[0];
    next_.valid = true;
    cycle(next_);
    next_.valid = false;
    filled_ = 0;
  }
  void cycle(const Group& group) {
    dut_->valid_i = group.valid;
    dut_->rate_i = static_cast<CData>(group.shifts.rate);
    dut_->code_shift_i = static_cast<CData>(group.shifts.code);
    for (unsigned i = 0; i < DUT_WIDTH; ++i) {
      const Element& e = group.elements[i];
      tb::set_lane(dut_->slot_i, i, 32, tb::to_slot(golden::rescale(e.a, group.shifts.gradient + 2, 128)));
      // State words come a cycle later.
      tb::set_lane(dut_->state_i, i, 32, static_cast<std::uint32_t>(past_[0].elements[i].state.word()));
      tb::set_lane(dut_->random0_i, i, 8, e.random.r0);
      tb::set_lane(dut_->random1_i, i, 8, e.random.r1);
      tb::set_lane(dut_->random2_i, i, 8, e.random.r2);
    }
    std::move_backward(past_.begin(), past_.end() - 1, past_.end());
    past_[0] = group;
    dut_.cycle();
    if (const Group& g = past_[kState - 1]; g.valid) {
      for (unsigned i = 0; i < DUT_WIDTH; ++i) {
        same(g, i, "state", static_cast<std::uint32_t>(tb::get_lane(dut_->state_o, i, 32)),
             static_cast<std::uint32_t>(want(g, i).state.word()));
      }
    }
    if (const Group& g = past_[kCode - 1]; g.valid) {
      for (unsigned i = 0; i < DUT_WIDTH; ++i) {
        const auto next = want(g, i);
        same(g, i, "code", tb::get_lane(dut_->code_o, i, 4), next.code);
        same(g, i, "saturated", tb::get_lane(dut_->saturated_o, i, 1), next.saturated);
        ++checked;
      }
    }
  }
  static golden::UpdatedElement want(const Group& g, unsigned i) {
    return golden::update_element(g.elements[i].a, g.elements[i].state, g.shifts, g.elements[i].random);
  }
  static void same(const Group& g, unsigned i, const char* what, std::uint64_t got, std::uint64_t want) {
    if (got == want) return;
    const Element& e = g.elements[i];
    FAIL(what << " of lane " << i << " is " << std::hex << got << ", want " << want << std::dec << ": a " << e.a << " v "
              << e.state.v << " w " << e.state.w << " n " << g.shifts.gradient << " s " << g.shifts.rate << " c "
              << g.shifts.code << " random " << +e.random.r0 << " " << +e.random.r1 << " " << +e.random.r2);
  }

  Dut<DUT> dut_;
  Group next_;
  unsigned filled_ = 0;
  std::array<Group, kCode> past_;  // youngest first
};

const std::array kBytes{0, 1, 31, 32, 127, 128, 254, 255};

golden::RandomBytes any_bytes(tb::Random& random) {
  const auto byte = [&] {
    return static_cast<std::uint8_t>(random.chance(50) ? random.bits(8)
                                                       : static_cast<unsigned>(kBytes[random.below(kBytes.size())]));
  };
  return {byte(), byte(), byte()};
}
std::int32_t any_half(tb::Random& random) {
  return random.chance(20) ? (random.chance(50) ? 1 : -1) * random.between(32700, 32767)
                           : std::max(static_cast<std::int32_t>(random.word()) >> 16, -32767);
}

}  // namespace

TEST_CASE("update_unit: the gradient, every n, words next to every power of two, every random byte") {
  Bench bench;
  for (int n = -4; n <= 27; ++n) {
    for (const std::int32_t a : tb::corner_words()) {
      for (const int r0 : kBytes) bench.add({n, 0, 12}, {a, {}, {static_cast<std::uint8_t>(r0), 0, 0}});
    }
    // The 511 places between two integers of a gradient, and one place more where sticky alone tells.
    for (int place = -1030; n >= 10 && place <= 1030; ++place) {
      const std::int32_t a = place * (1 << (n - 10));
      for (const int near : {-1, 0, 1}) {
        const int r0 = std::clamp((512 - (place & 1023) / 2) / 2 + near, 0, 255);
        bench.add({n, 0, 12}, {a, {}, {static_cast<std::uint8_t>(r0), 0, 0}});
      }
    }
  }
  bench.flush();
  CHECK(bench.checked > 100000);
}

TEST_CASE("update_unit: the momentum's decay, every v and every R1 that counts") {
  Bench bench;
  for (int v = -32767; v <= 32767; ++v) {
    for (const int r1 : {0, 31, 32, 95, 128, 224, 255})
      bench.add({0, 15, 12}, {0, {v, 0}, {0, static_cast<std::uint8_t>(r1), 0}});
  }
  bench.flush();
}

TEST_CASE("update_unit: the step, every s, every v, random bytes") {
  Bench bench;
  tb::Random random("step");
  for (int s = 0; s <= 15; ++s) {
    for (int v = -32767; v <= 32767; v += 1 + random.between(0, 3))
      bench.add({0, s, 12}, {0, {v, any_half(random)}, any_bytes(random)});
  }
  bench.flush();
}

TEST_CASE("update_unit: the code is half to even of every w at every c, and saturates at 7") {
  Bench bench;
  for (int c = 0; c <= 15; ++c) {
    for (int w = -32767; w <= 32767; ++w) bench.add({0, 15, c}, {0, {0, w}, {0, 0, 0}});
  }
  bench.flush();
}

TEST_CASE("update_unit: a bit that makes a half, and one that makes it more, in every lane at every c") {
  Bench bench;
  for (int c = 0; c <= 15; ++c) {
    for (int half = 0; half < 15; ++half) {
      for (int more = 0; more <= half; ++more) {
        const int w = 1 << half | 1 << more;
        for (const int weight : {w, -w}) {
          for (unsigned lane = 0; lane < DUT_WIDTH; ++lane) bench.add({0, 15, c}, {0, {0, weight}, {0, 0, 0}});
        }
      }
    }
  }
  bench.flush();
}

TEST_CASE("update_unit: gradient, momentum and weight saturate at 32767 of either sign") {
  Bench bench;
  tb::Random random("saturation");
  for (const int n : {-4, -1, 0, 1, 9, 27}) {
    for (const int s : {0, 1, 15}) {
      for (const std::int32_t g : {-70000, -32769, -32768, -32767, -32766, 0, 32766, 32767, 32768, 70000}) {
        for (const int v : {-32767, -32766, -20000, 0, 20000, 32766, 32767}) {
          for (const int w : {-32767, -32766, 0, 32766, 32767}) {
            const std::int64_t a = n < 0 ? g >> -n : std::int64_t{g} << n;
            const auto word = static_cast<std::int32_t>(std::clamp<std::int64_t>(a, INT32_MIN, INT32_MAX));
            for (int i = 0; i < 4; ++i) bench.add({n, s, 11}, {word + random.between(0, 1), {v, w}, any_bytes(random)});
          }
        }
      }
    }
  }
  // Sums that end at -32768, which is no state's.
  for (int v = -32767; v <= 32767; v += 5) {
    const int kept = golden::update_element(0, {v, 0}, {0, 15, 0}, {0, 0, 0}).state.v;
    for (int near = -1; near <= 1; ++near) {
      for (const int to : {-32768, 32767}) bench.add({0, 15, 12}, {to + near - kept, {v, 0}, {0, 0, 0}});
    }
    for (int near = -1; near <= 1; ++near) {
      const int w = kept + near + (kept > 0 ? -32768 : 32767);
      if (std::abs(w) <= golden::kStateMax) bench.add({0, 0, 12}, {0, {v, w}, {0, 0, 0}});
    }
  }
  bench.flush();
}

TEST_CASE("update_unit: random elements at random shifts, with any gaps") {
  Bench bench;
  tb::Random random("random");
  for (int group = 0; group < 20000; ++group) {
    const UpdateShifts shifts{random.between(-4, 27), random.between(0, 15), random.between(0, 15)};
    for (unsigned i = 0; i < DUT_WIDTH; ++i) {
      // Mostly gradients that the state's range holds.
      const std::int32_t a = random.chance(30) ? static_cast<std::int32_t>(random.bits(32)) : random.word();
      bench.add(shifts, {a, {any_half(random), any_half(random)}, any_bytes(random)});
    }
    while (random.chance(30)) bench.pause();
  }
  bench.flush();
  CHECK(bench.checked == 20000 * DUT_WIDTH);
}
