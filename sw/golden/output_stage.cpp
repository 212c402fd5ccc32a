// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "golden/output_stage.h"

#include "golden/quantizers.h"
#include "golden/random.h"
#include "golden/range.h"
#include "golden/rescale.h"

namespace cuatro::golden {

OutputData output_stage_plain(std::span<const std::int32_t> a, std::size_t cols,
                              std::span<const std::uint8_t> mask, const Output& out) {
  OutputData data;
  const bool two_codes = out.rounding == Rounding::tpr || out.rounding == Rounding::two_term;
  Range range(out.format);
  for (std::size_t i = 0; i < a.size(); ++i) {
    const std::int32_t word = mask.empty() || mask[i] != 0 ? a[i] : 0;
    if (out.write_mask) data.mask.push_back(word > 0 ? 1 : 0);
    if (out.format == OutFormat::raw) {
      data.raw.push_back(word);
      range.add(word, false);
      continue;
    }
    const auto row = static_cast<std::uint32_t>(i / cols), col = static_cast<std::uint32_t>(i % cols);
    const CodePair pair = quantize_element(out.format, out.rounding, rescale(word, out.shift, out.mult),
                                           random_byte(out.key, row, col));
    data.codes.push_back(pair.code1);
    if (two_codes) data.codes2.push_back(pair.code2);
    range.add(word, pair.saturated);
  }
  data.stats = range.stats();
  return data;
}

}  // namespace cuatro::golden
