// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: default
#include DUT_HEADER

#include "catch.h"
#include "column_selects.h"
#include "harness.h"

using namespace cuatro;

namespace {

class Bench {
 public:
  std::uint32_t term(unsigned x, bool negative, std::uint32_t select) {
    dut_.x_i = static_cast<CData>(x);
    dut_.negative_i = negative;
    dut_.select_i = static_cast<SData>(select);
    dut_.eval();
    return dut_.term_o;
  }

 private:
  DUT dut_;
};

}  // namespace

// All bits turned: what is selected is what the term lacks.
TEST_CASE("mac_lane: x, inverted for a positive column operand, at each shift that the column selects, and all turned") {
  Bench bench;
  unsigned wrong = 0;
  for (unsigned x = 0; x < 16; ++x) {
    for (const bool negative : {false, true}) {
      for (std::uint32_t select = 0; select < 1u << tb::selects; ++select) {
        std::uint32_t selected = 0;
        for (unsigned i = 0; i < tb::selects; ++i) {
          if (select >> i & 1) selected |= (negative ? x : ~x & 15) << tb::shifts[i];
        }
        if (bench.term(x, negative, select) != (~selected & 0xffff) && wrong++ == 0) {
          UNSCOPED_INFO("x " << x << " negative " << negative << " select " << select);
        }
      }
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("mac_lane: with a select a field ORs add") {
  Bench bench;
  for (unsigned x = 0; x < 16; ++x) {
    for (const unsigned low : {0, 1, 2, 3, 4, 5, 6, 8}) {
      for (const bool negative : {false, true}) {
        const unsigned factor = negative ? x : 15 - x;
        CHECK(bench.term(x, negative, tb::select_of(low) | tb::select_of(12)) == 0xffff - (factor << low) - (factor << 12));
      }
    }
  }
}

TEST_CASE("mac_lane: every format and code: low field - 7 high fields (INT4), or the term, lacks (15 - x or x) * factor") {
  Bench bench;
  for (const Format format : tb::b_formats) {
    for (std::uint8_t code = 0; code < 16; ++code) {
      const tb::ColumnOperand operand = tb::column_operand(format, code);
      CHECK(std::abs(operand.factor) == std::abs(golden::decode(format, code)));
      for (const bool negative : {false, true}) {
        for (int x = 0; x < 16; ++x) {
          INFO("format " << static_cast<int>(format) << " code " << int{code} << " x " << x);
          const std::uint32_t term = bench.term(static_cast<unsigned>(x), negative, operand.select);
          CHECK(tb::fold(0xffff - term, format) == (negative ? x : 15 - x) * operand.factor);
        }
      }
    }
  }
}

TEST_CASE("mac_lane: two inversions are not yet none: the error, 0xffff and 15 times the operand, does not depend on x") {
  Bench bench;
  for (const Format format : tb::b_formats) {
    for (std::uint8_t code = 0; code < 16; ++code) {
      const int value = golden::decode(format, code);
      const tb::ColumnOperand operand = tb::column_operand(format, code);
      for (int x = 0; x < 16; ++x) {
        const std::uint32_t term = bench.term(static_cast<unsigned>(x), operand.negative, operand.select);
        CHECK(tb::fold(0xffff, format) - tb::fold(term, format) + x * value == (operand.negative ? 0 : 15 * value));
      }
    }
  }
}
