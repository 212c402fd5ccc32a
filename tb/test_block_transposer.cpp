// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// bench: T=16; T=4; T=8; T=32
// The parameter's name is every template's: it becomes a constant before anything is included.
#ifdef DUT_T
constexpr unsigned edge = DUT_T;
#undef DUT_T
#else
constexpr unsigned edge = 16;
#endif
#include DUT_HEADER

#include "catch.h"
#include "harness.h"


using namespace cuatro;

namespace {

using Block = std::vector<std::uint64_t>;  // element (i, j) at i·T + j
constexpr unsigned elements = edge * edge;

class Bench {
 public:
  Block run(const Block& block, bool transpose) {
    for (unsigned e = 0; e < elements; ++e) tb::set_lane(dut_.block_i, e, 4, block[e]);
    dut_.transpose_i = transpose;
    dut_.eval();
    return tb::get_lanes(dut_.block_o, elements, 4);
  }

 private:
  DUT dut_;
};

Block transposed(const Block& block) {
  Block result(elements);
  for (unsigned i = 0; i < edge; ++i) {
    for (unsigned j = 0; j < edge; ++j) result[i * edge + j] = block[j * edge + i];
  }
  return result;
}

Block random_block(tb::Random& random) {
  Block block(elements);
  for (auto& element : block) element = random.bits(4);
  return block;
}

}  // namespace

TEST_CASE("block_transposer: with transpose_i output (i, j) is input (j, i), each element alone") {
  Bench bench;
  for (unsigned e = 0; e < elements; ++e) {
    for (const std::uint64_t value : {1, 2, 4, 8, 15}) {
      Block block(elements, 0);
      block[e] = value;
      REQUIRE(bench.run(block, true) == transposed(block));
      if (elements > 256) break;  // one value an element is enough where blocks are large
    }
  }
}

TEST_CASE("block_transposer: random blocks, passed or transposed") {
  Bench bench;
  tb::Random random("blocks");
  for (int i = 0; i < 1000; ++i) {
    const Block block = random_block(random);
    const bool transpose = random.chance(50);
    REQUIRE(bench.run(block, transpose) == (transpose ? transposed(block) : block));
  }
}

TEST_CASE("block_transposer: transposing twice gives the block back") {
  Bench bench;
  tb::Random random("twice");
  for (int i = 0; i < 100; ++i) {
    const Block block = random_block(random);
    CHECK(bench.run(bench.run(block, true), true) == block);
  }
}
