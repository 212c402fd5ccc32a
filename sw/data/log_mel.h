// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

// What speech nets see of a sound: the logarithm of the energy in bands that follow the ear's resolution (mel
// scale: Stevens, Volkmann and Newman 1937; O'Shaughnessy's formula m = 1127 ln(1 + f / 700)).
// Windows and filters are IEEE operations in a fixed order, without libm; the transform is kissfft's, in double, which is
// nine digits finer than the 8-bit features made of it (sw/data/README.md).
namespace cuatro::nn {

inline constexpr std::uint32_t kSampleRate = 8000;
inline constexpr std::uint32_t kFrameSamples = 200, kHopSamples = 80;  // 25 ms every 10 ms
inline constexpr std::uint32_t kFftSize = 256, kBins = kFftSize / 2 + 1;
inline constexpr std::uint32_t kMelBands = 40;                         // from 0 to 4 kHz
inline constexpr float kLogFloor = 1e-7F;                              // added to a band's energy

// Frames of `samples` samples; shorter than a frame counts as one.
constexpr std::uint32_t frame_count(std::size_t samples) {
  return samples <= kFrameSamples ? 1 : static_cast<std::uint32_t>((samples - kFrameSamples) / kHopSamples) + 1;
}

// [frames × kMelBands], row-major: ln(energy + kLogFloor) of mono samples at kSampleRate, full scale ±1.
std::vector<float> log_mel(std::span<const float> samples);

// |X[k]|^2 for k = 0 .. kFftSize / 2, X[k] = sum of x[n]·e^(-2πi·kn/kFftSize) of real x.
std::array<double, kBins> power_spectrum(const std::array<double, kFftSize>& x);

// Middle frequency of a band, in Hz.
float mel_band_hz(std::uint32_t band);

}  // namespace cuatro::nn
