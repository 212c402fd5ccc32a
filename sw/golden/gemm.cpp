// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "golden/gemm.h"

#include "golden/codes.h"

namespace cuatro::golden {

Buffer<std::int32_t> gemm_plain(const GemmOperands& images) {
  GemmOperands op = images;
  Buffer<std::uint8_t> a, b, b2;
  const auto make_rows = [](std::span<const std::uint8_t>& codes, const Unfolded* unfolded, std::size_t count,
                            Buffer<std::uint8_t>& rows) {
    if (unfolded == nullptr || codes.empty()) return;
    rows = unfold_rows(codes, *unfolded, count);
    codes = rows;
  };
  make_rows(op.a, op.a_unfolded, op.a_transposed ? op.k : op.m, a);
  make_rows(op.b, op.b_unfolded, op.b_transposed ? op.n : op.k, b);
  make_rows(op.b2, op.b_unfolded, op.b_transposed ? op.n : op.k, b2);

  Buffer<std::int32_t> result(op.m * op.n);
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
