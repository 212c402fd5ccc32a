// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <algorithm>
#include <vector>

#include "catch.h"
#include "golden/codes.h"
#include "golden/quantizers.h"
#include "harness.h"
#include "rescaled_slot.h"

namespace cuatro::tb {

// A quantizer in one format and rounding: collects values and compares a group with golden whenever there is one for each lane.
// Each group begins a lane further on, the first in lane `turn`: what comes in fours would else meet the same lanes for ever.
template <class Model, unsigned Width>
class QuantizerLanes {
 public:
  using Codes = golden::CodePair (*)(Model&, unsigned lane);  // what leaves a lane

  QuantizerLanes(OutFormat format, Rounding rounding, Codes codes, unsigned turn)
      : format_(format), rounding_(rounding), codes_(codes), turn_(turn) {
    dut_.reset();
    dut_->valid_i = 1;
    dut_->rounding_i = static_cast<CData>(rounding);
  }
  Model* operator->() { return dut_.operator->(); }

  void add(const golden::Rescaled& v, std::uint8_t random) {
    group_.push_back({v, random});
    if (group_.size() == Width) flush();
  }
  void flush() {
    if (group_.empty()) return;
    while (group_.size() < Width) group_.push_back(group_[0]);
    std::rotate(group_.begin(), group_.begin() + turn_, group_.end());
    turn_ = (turn_ + 1) % Width;
    for (unsigned i = 0; i < Width; ++i) {
      set_lane(dut_->slot_i, i, 32, to_slot(group_[i].v));
      set_lane(dut_->random_i, i, 8, group_[i].random);
    }
    dut_.cycle();
    unsigned wrong = 0;
    for (unsigned i = 0; i < Width; ++i) {
      const auto& [v, random] = group_[i];
      const golden::CodePair want = golden::quantize_element(format_, rounding_, v, random), got = codes_(*dut_, i);
      if (got != want && wrong++ == 0) {
        UNSCOPED_INFO("lane " << i << " format " << int(format_) << " rounding " << int(rounding_) << " negative " << v.negative
                              << " magnitude " << v.magnitude << " sticky " << v.sticky << " random " << int(random)
                              << ": got " << int(got.code1) << " " << int(got.code2) << " " << got.saturated
                              << ", want " << int(want.code1) << " " << int(want.code2) << " " << want.saturated);
      }
    }
    CHECK(wrong == 0);
    group_.clear();
  }

 private:
  struct Element {
    golden::Rescaled v;
    std::uint8_t random = 0;
  };
  Dut<Model> dut_;
  OutFormat format_;
  Rounding rounding_;
  Codes codes_;
  unsigned turn_;
  std::vector<Element> group_;
};

}  // namespace cuatro::tb
