// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "catch.h"

#include "nn/sgemm.h"

using namespace cuatro::nn;

TEST_CASE("sgemm agrees with a plain loop for all shapes and orientations, on both sides of its blocks") {
  for (const std::uint32_t m : {1U, 5U, 6U, 13U}) {
    for (const std::uint32_t n : {1U, 10U, 16U, 33U}) {
      for (const std::uint32_t k : {1U, 7U, 255U, 256U, 515U}) {
        for (const unsigned turned : {0U, 1U, 2U, 3U}) {
          const bool a_turned = (turned & 1U) != 0, b_turned = (turned & 2U) != 0;
          std::vector<float> a(m * k), b(k * n), c(m * n, -1);
          for (std::size_t i = 0; i < a.size(); ++i) a[i] = static_cast<float>(static_cast<int>(i * 37 % 19) - 9);
          for (std::size_t i = 0; i < b.size(); ++i) b[i] = static_cast<float>(static_cast<int>(i * 53 % 23) - 11);
          sgemm(a.data(), a_turned ? 1 : k, a_turned ? m : 1, b.data(), b_turned ? 1 : n, b_turned ? k : 1, c.data(), m,
                n, k);
          for (std::uint32_t i = 0; i < m; ++i) {
            for (std::uint32_t j = 0; j < n; ++j) {
              int sum = 0;  // small integers: exact in float, in any order
              for (std::uint32_t x = 0; x < k; ++x) {
                sum += static_cast<int>(a[a_turned ? x * m + i : i * k + x]) *
                       static_cast<int>(b[b_turned ? j * k + x : x * n + j]);
              }
              REQUIRE(c[i * n + j] == static_cast<float>(sum));
            }
          }
        }
      }
    }
  }
}
