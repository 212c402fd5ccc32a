// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "golden/gemm.h"

#include "golden/codes.h"

namespace cuatro::golden {

std::vector<std::int32_t> gemm_plain(const GemmOperands& op) {
  std::vector<std::int32_t> result(op.m * op.n);
  for (std::size_t m = 0; m < op.m; ++m) {
    for (std::size_t n = 0; n < op.n; ++n) {
      std::uint32_t acc1 = 0, acc2 = 0;  // unsigned: the words wrap
      for (std::size_t k = 0; k < op.k; ++k) {
        const std::size_t at_a = op.a_transposed ? k * op.m + m : m * op.k + k;
        const std::size_t at_b = op.b_transposed ? n * op.k + k : k * op.n + n;
        const int a = decode_a(op.a_format, op.zero_point, op.a[at_a]);
        acc1 += static_cast<std::uint32_t>(a * decode(op.b_format, op.b[at_b]));
        if (!op.b2.empty()) acc2 += static_cast<std::uint32_t>(a * decode(op.b_format, op.b2[at_b]));
      }
      const std::uint32_t acc = op.b2.empty() ? acc1 : (acc1 << op.term_shift) + acc2;
      result[op.transpose_result ? n * op.m + m : m * op.n + n] = static_cast<std::int32_t>(acc);
    }
  }
  return result;
}

}  // namespace cuatro::golden
