// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

// A vector of 32-bit words that holds pairs of int16 values or their sums, as wide as the compiler
// flags allow: the operations of the GEMM kernel and nothing else. All sums wrap.
//   broadcast(pair): the pair in every word
//   multiply_add(sum, x, y): word by word, sum + x.low · y.low + x.high · y.high
namespace cuatro::golden::vector {

#if defined(__AVX512BW__)

using Words = __m512i;
inline Words zero() {
  return _mm512_setzero_si512();
}
inline Words load(const void* p) {
  return _mm512_loadu_si512(p);
}
inline void store(void* p, Words v) {
  _mm512_storeu_si512(p, v);
}
inline Words broadcast(std::int32_t pair) {
  return _mm512_set1_epi32(pair);
}
inline Words add(Words x, Words y) {
  return _mm512_add_epi32(x, y);
}
inline Words multiply_add(Words sum, Words x, Words y) {
  return add(sum, _mm512_madd_epi16(x, y));
}

#elif defined(__AVX2__)

using Words = __m256i;
inline Words zero() {
  return _mm256_setzero_si256();
}
inline Words load(const void* p) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(p));
}
inline void store(void* p, Words v) {
  _mm256_storeu_si256(static_cast<__m256i*>(p), v);
}
inline Words broadcast(std::int32_t pair) {
  return _mm256_set1_epi32(pair);
}
inline Words add(Words x, Words y) {
  return _mm256_add_epi32(x, y);
}
inline Words multiply_add(Words sum, Words x, Words y) {
  return add(sum, _mm256_madd_epi16(x, y));
}

#elif defined(__SSE2__)

using Words = __m128i;
inline Words zero() {
  return _mm_setzero_si128();
}
inline Words load(const void* p) {
  return _mm_loadu_si128(static_cast<const __m128i*>(p));
}
inline void store(void* p, Words v) {
  _mm_storeu_si128(static_cast<__m128i*>(p), v);
}
inline Words broadcast(std::int32_t pair) {
  return _mm_set1_epi32(pair);
}
inline Words add(Words x, Words y) {
  return _mm_add_epi32(x, y);
}
inline Words multiply_add(Words sum, Words x, Words y) {
  return add(sum, _mm_madd_epi16(x, y));
}

#else

struct Words {
  std::uint32_t lane[4];
};
inline Words zero() {
  return {};
}
inline Words load(const void* p) {
  Words v;
  std::memcpy(&v, p, sizeof v);
  return v;
}
inline void store(void* p, Words v) {
  std::memcpy(p, &v, sizeof v);
}
inline Words broadcast(std::int32_t pair) {
  const auto word = static_cast<std::uint32_t>(pair);
  return {{word, word, word, word}};
}
inline Words add(Words x, Words y) {
  for (int i = 0; i < 4; ++i) x.lane[i] += y.lane[i];
  return x;
}
inline Words multiply_add(Words sum, Words x, Words y) {
  for (int i = 0; i < 4; ++i) {
    const std::int32_t low = static_cast<std::int16_t>(x.lane[i]) * static_cast<std::int16_t>(y.lane[i]);
    const std::int32_t high =
        static_cast<std::int16_t>(x.lane[i] >> 16) * static_cast<std::int16_t>(y.lane[i] >> 16);
    sum.lane[i] += static_cast<std::uint32_t>(low) + static_cast<std::uint32_t>(high);
  }
  return sum;
}

#endif

inline constexpr std::size_t kLanes = sizeof(Words) / sizeof(std::int32_t);

}  // namespace cuatro::golden::vector
