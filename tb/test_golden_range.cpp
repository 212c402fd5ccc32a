// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include <cstdint>

#include "catch.h"
#include "golden/range.h"

using namespace cuatro;
using namespace cuatro::golden;

TEST_CASE("absmax and sumabs are of |a|, with |-2^31| = 2^31") {
  Range range(OutFormat::int4);
  range.add(-5, false);
  range.add(3, false);
  CHECK(range.stats() == Stats{5, 8, 0});
  range.add(INT32_MIN, false);
  CHECK(range.stats() == Stats{2147483648u, 2147483656u, 0});
}

TEST_CASE("sumabs is 64 bits wide") {
  Range range(OutFormat::raw);
  for (int i = 0; i < 8; ++i) range.add(INT32_MIN, false);
  CHECK(range.stats() == Stats{1u << 31, std::uint64_t{1} << 34, 0});
}

TEST_CASE("UINT4 counts max(a, 0), all other formats a") {
  for (const OutFormat format :
       {OutFormat::int4, OutFormat::uint4, OutFormat::log4, OutFormat::log2, OutFormat::raw}) {
    Range range(format);
    range.add(-100, false);
    range.add(7, false);
    CHECK(range.stats() == (format == OutFormat::uint4 ? Stats{7, 7, 0} : Stats{100, 107, 0}));
  }
}

TEST_CASE("saturated counts the elements that were reported so") {
  Range range(OutFormat::log4);
  range.add(1, true);
  range.add(0, false);
  range.add(-1, true);
  CHECK(range.stats().saturated == 2);
}

TEST_CASE("an empty tensor has a range of zero") {
  CHECK(Range(OutFormat::int4).stats() == Stats{});
}
