// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include <algorithm>
#include <utility>

#include "golden/chunk.h"
#include "golden/output_stage.h"

// Every loop runs over one chunk of fixed length with no branch in it, so that a compiler makes
// vector code of it. A rescaled value is one signed word here: `2 · magnitude + sticky` with its sign,
// in units of 2^-12. Sticky as the lowest bit compares, negates and subtracts correctly by itself:
// every bound of the rounding rules is a multiple of 2^-11, hence even.
namespace cuatro::golden {
namespace {

constexpr int kUnitBits = 12;
constexpr std::int32_t kUnit = 1 << kUnitBits;

using Words = std::int32_t[kChunk];
using Codes = std::uint8_t[kChunk];

struct Chunk {
  alignas(64) Words a;       // after the mask; zero past the end of the tensor
  alignas(64) Words v;       // rescaled
  alignas(64) Words random;  // R
  alignas(64) Codes code1;
  alignas(64) Codes code2;
};

void rescale_chunk(Chunk& chunk, int shift, int mult) {
  const auto factor = static_cast<std::uint64_t>(mult);
  const int right = 16 + shift;  // 0..47: the product is first raised by 21 bits, 2^-12 at n = -16
  constexpr std::uint64_t limit = (std::uint64_t{1} << (13 + kUnitBits)) - 1;
  for (std::size_t i = 0; i < kChunk; ++i) {
    const std::int32_t sign = chunk.a[i] >> 31;
    const auto magnitude = static_cast<std::uint32_t>((chunk.a[i] ^ sign)) - static_cast<std::uint32_t>(sign);
    const std::uint64_t raised = (magnitude * factor) << 21;
    const std::uint64_t fixed = raised >> right;
    const std::uint64_t lost = (fixed << right) != raised ? 1 : 0;
    const std::uint64_t value = std::min(fixed | lost, limit);
    chunk.v[i] = (static_cast<std::int32_t>(value) ^ sign) - sign;
  }
}

// The same for words of 16 bits and n >= 5, where 32 bits hold it all and the limit is out of reach.
void rescale_chunk_narrow(Chunk& chunk, int shift, int mult) {
  const int right = shift - 5;  // a · mult is of 2^-7 at n = 0
  for (std::size_t i = 0; i < kChunk; ++i) {
    const std::int32_t sign = chunk.a[i] >> 31;
    const std::int32_t product = ((chunk.a[i] ^ sign) - sign) * mult;
    const std::int32_t fixed = product >> right;
    const std::int32_t lost = (fixed << right) != product ? 1 : 0;
    chunk.v[i] = ((fixed | lost) ^ sign) - sign;
  }
}

// Each quantizer fills code1 (and code2) and returns how many elements saturated.

template <bool Relu, Rounding Rule>
std::uint32_t quantize_linear(Chunk& chunk) {
  constexpr std::int32_t low = Relu ? 0 : -7, high = Relu ? 15 : 7;
  std::uint32_t saturated = 0;
  for (std::size_t i = 0; i < kChunk; ++i) {
    const std::int32_t v = Relu ? chunk.v[i] & ~(chunk.v[i] >> 31) : chunk.v[i];
    std::int32_t offset = 0;
    if constexpr (Rule == Rounding::nearest) offset = kUnit / 2 - 1 + ((v >> kUnitBits) & 1);  // half to even
    if constexpr (Rule == Rounding::stochastic) offset = (2 * chunk.random[i] + 1) << (kUnitBits - 9);
    const std::int32_t q = (v + offset) >> kUnitBits;
    const std::int32_t clamped = std::clamp(q, low, high);
    saturated += q != clamped ? 1 : 0;
    chunk.code1[i] = static_cast<std::uint8_t>(clamped & 15);
  }
  return saturated;
}

// An exponent is the number of bounds that the magnitude exceeds: bounds rise with the exponent,
// and that of exponent e + 1 lies between levels e and e + 1 whatever R is.

// 1 if a > b, for |a|, |b| < 2^30; by subtraction, as g++ threads jumps through compares with constants.
std::int32_t exceeds(std::int32_t a, std::int32_t b) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(b - a) >> 31);
}

template <int Base>
std::int32_t nearest_exponent(std::int32_t magnitude) {
  constexpr int bits = Base == 4 ? 2 : 1;
  std::int32_t e = exceeds(magnitude, Base == 4 ? kUnit / 8 * 5 : kUnit / 2);
  for (int k = 0; k < 6; ++k) e += exceeds(magnitude, (kUnit / 2 * (Base + 1)) << (bits * k));
  return e;
}

// `UnitBits`: fraction bits of the magnitude, at least 10 so that every bound is even.
template <int Base, int UnitBits>
std::int32_t stochastic_exponent(std::int32_t magnitude, std::int32_t random) {
  constexpr int bits = Base == 4 ? 2 : 1;
  const std::int32_t u = (2 * random + 1) << (UnitBits - 9);
  const std::int32_t first = (1 << UnitBits) + (Base - 1) * u;  // the bound above level 1
  std::int32_t e = exceeds(magnitude, u);
  for (int k = 0; k < 6; ++k) e += exceeds(magnitude, first << (bits * k));
  return e;
}

// A zero level has no sign. `sign` is 0 or -1.
std::uint8_t log_code(std::int32_t sign, std::int32_t e) {
  return static_cast<std::uint8_t>(e | (sign & -exceeds(e, 0) & 8));
}

template <int Base, Rounding Rule>
std::uint32_t quantize_log(Chunk& chunk) {
  constexpr int bits = Base == 4 ? 2 : 1;
  std::uint32_t saturated = 0;
  for (std::size_t i = 0; i < kChunk; ++i) {
    const std::int32_t sign = chunk.v[i] >> 31;
    const std::int32_t magnitude = (chunk.v[i] ^ sign) - sign;
    saturated += static_cast<std::uint32_t>(exceeds(magnitude, kUnit << (bits * 6)));
    if constexpr (Rule == Rounding::stochastic) {
      chunk.code1[i] = log_code(sign, stochastic_exponent<Base, kUnitBits>(magnitude, chunk.random[i]));
      continue;
    }
    const std::int32_t e = nearest_exponent<Base>(magnitude);
    chunk.code1[i] = log_code(sign, e);
    if constexpr (Rule == Rounding::tpr) {
      // |v|/2 exceeds an integer bound iff |v|/2 rounded up does.
      chunk.code2[i] = log_code(sign, nearest_exponent<Base>((magnitude + 1) >> 1));
    }
    if constexpr (Rule == Rounding::two_term) {
      const std::int32_t level = (kUnit << (bits * e)) >> bits & -exceeds(e, 0);
      const std::int32_t rest = magnitude - level;
      const std::int32_t rest_sign = rest >> 31;
      const std::int32_t rest_magnitude = (rest ^ rest_sign) - rest_sign;
      // 2r or 4r: the same word with one or two fraction bits fewer.
      constexpr int unit_bits = kUnitBits - (Base == 4 ? 1 : 2);
      const std::int32_t e2 = stochastic_exponent<Base, unit_bits>(rest_magnitude, chunk.random[i]);
      chunk.code2[i] = log_code(sign ^ rest_sign, e2);
    }
  }
  return saturated;
}

using Quantizer = std::uint32_t (*)(Chunk&);

template <int Base>
Quantizer log_quantizer(Rounding rounding) {
  switch (rounding) {
    case Rounding::stochastic:
      return quantize_log<Base, Rounding::stochastic>;
    case Rounding::tpr:
      return quantize_log<Base, Rounding::tpr>;
    case Rounding::two_term:
      return quantize_log<Base, Rounding::two_term>;
    default:
      return quantize_log<Base, Rounding::nearest>;
  }
}

template <bool Relu>
Quantizer linear_quantizer(Rounding rounding) {
  switch (rounding) {
    case Rounding::floor:
      return quantize_linear<Relu, Rounding::floor>;
    case Rounding::stochastic:
      return quantize_linear<Relu, Rounding::stochastic>;
    default:
      return quantize_linear<Relu, Rounding::nearest>;
  }
}

Quantizer quantizer(OutFormat format, Rounding rounding) {
  switch (format) {
    case OutFormat::int4:
      return linear_quantizer<false>(rounding);
    case OutFormat::uint4:
      return linear_quantizer<true>(rounding);
    case OutFormat::log4:
      return log_quantizer<4>(rounding);
    case OutFormat::log2:
      return log_quantizer<2>(rounding);
    case OutFormat::raw:
    case OutFormat::update:
      break;
  }
  return nullptr;
}

template <class Source>
OutputData stage(std::span<const Source> a, std::size_t cols, std::span<const std::uint8_t> mask, const Output& out) {
  OutputData data;
  const Quantizer quantize = quantizer(out.format, out.rounding);
  const bool two_codes = out.rounding == Rounding::tpr || out.rounding == Rounding::two_term;
  const bool draws = out.rounding == Rounding::stochastic || out.rounding == Rounding::two_term;
  if (quantize == nullptr) data.raw.resize(a.size());
  if (quantize != nullptr) data.codes.resize(a.size());
  if (quantize != nullptr && two_codes) data.codes2.resize(a.size());
  if (out.write_mask) data.mask.resize(a.size());

  Chunk chunk;
  for (std::size_t first = 0; first < a.size(); first += kChunk) {
    const std::size_t count = std::min(kChunk, a.size() - first);
    std::copy_n(&a[first], count, chunk.a);
    std::fill(chunk.a + count, chunk.a + kChunk, 0);  // zeros leave every statistic as it is
    if (!mask.empty()) {
      for (std::size_t i = 0; i < count; ++i) chunk.a[i] &= -(mask[first + i] != 0 ? 1 : 0);
    }
    if (out.write_mask) {
      for (std::size_t i = 0; i < count; ++i) data.mask[first + i] = chunk.a[i] > 0 ? 1 : 0;
    }
    add_range(data.stats, chunk.a, out.format == OutFormat::uint4);
    if (quantize == nullptr) {
      std::copy_n(chunk.a, count, &data.raw[first]);
      continue;
    }
    if (sizeof(Source) <= 2 && out.shift >= 5) {
      rescale_chunk_narrow(chunk, out.shift, out.mult);
    } else {
      rescale_chunk(chunk, out.shift, out.mult);
    }
    if (draws) {
      const RandomChunk random(out.key, first, count, cols);
      for (std::size_t i = 0; i < kChunk; ++i) chunk.random[i] = random.x[i] >> 8;
    }
    data.stats.saturated += quantize(chunk);
    std::copy_n(chunk.code1, count, &data.codes[first]);
    if (two_codes) std::copy_n(chunk.code2, count, &data.codes2[first]);
  }
  return data;
}

}  // namespace

OutputData output_stage_fast(std::span<const std::int32_t> a, std::size_t cols, std::span<const std::uint8_t> mask,
                             const Output& out) {
  return stage(a, cols, mask, out);
}

OutputData output_stage_fast(std::span<const std::int16_t> a, std::size_t cols, std::span<const std::uint8_t> mask,
                             const Output& out) {
  return stage(a, cols, mask, out);
}

OutputData output_stage_fast(std::span<const std::uint8_t> a, std::size_t cols, std::span<const std::uint8_t> mask,
                             const Output& out) {
  return stage(a, cols, mask, out);
}

OutputData raw_output(Buffer<std::int32_t> a) {
  OutputData data;
  const std::size_t whole = a.size() / kChunk * kChunk;
  for (std::size_t first = 0; first < whole; first += kChunk) add_range(data.stats, &a[first], false);
  Words rest = {};
  std::copy(a.begin() + static_cast<std::ptrdiff_t>(whole), a.end(), rest);
  add_range(data.stats, rest, false);
  data.raw = std::move(a);
  return data;
}

}  // namespace cuatro::golden
