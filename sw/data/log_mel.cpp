// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "data/log_mel.h"

#include <algorithm>
#include <complex>
#include <kissfft.hh>
#include <numbers>

#include "layers/float_math.h"

namespace cuatro::nn {
namespace {

// cos(2π·k/n), k = 0 .. n-1, for n >= 64: the first step by its series, the others by turning. Within 1e-13.
std::vector<double> cosines(std::uint32_t n) {
  const double angle = 2.0 * std::numbers::pi / n, s = angle * angle;
  const double cos1 = 1.0 - s / 2 * (1.0 - s / 12 * (1.0 - s / 30 * (1.0 - s / 56 * (1.0 - s / 90))));
  std::vector<double> values{1.0, cos1};
  while (values.size() < n) values.push_back(2.0 * cos1 * values.back() - values[values.size() - 2]);
  return values;
}

float mel_of(float hz) { return 1127.0F * log_fixed(1.0F + hz / 700.0F); }
float hz_of(float mel) { return 700.0F * (exp_fixed(mel / 1127.0F) - 1.0F); }

// Corner i of the triangles, 0 .. kMelBands + 1, evenly spaced in mel: band b rises from corner b to b + 1 and
// falls to b + 2.
float corner_hz(std::uint32_t i) {
  const float top = mel_of(static_cast<float>(kSampleRate) / 2);
  return hz_of(top * static_cast<float>(i) / static_cast<float>(kMelBands + 1));
}

struct Tables {
  std::array<float, kFrameSamples> window;                 // Hann (periodic)
  std::array<std::array<float, kBins>, kMelBands> filter;  // triangles of height 1
  std::array<std::uint32_t, kMelBands> begin, end;         // bins begin .. end-1 of a filter are not zero

  Tables() {
    const std::vector<double> turn = cosines(kFrameSamples);
    for (std::size_t i = 0; i < window.size(); ++i) window[i] = static_cast<float>(0.5 - 0.5 * turn[i]);
    for (std::uint32_t b = 0; b < kMelBands; ++b) {
      const float left = corner_hz(b), middle = corner_hz(b + 1), right = corner_hz(b + 2);
      begin[b] = kBins, end[b] = 0;
      for (std::uint32_t k = 0; k < kBins; ++k) {
        const float hz = static_cast<float>(k * kSampleRate) / static_cast<float>(kFftSize);
        filter[b][k] = std::max(0.0F, std::min((hz - left) / (middle - left), (right - hz) / (right - middle)));
        if (filter[b][k] > 0.0F) begin[b] = std::min(begin[b], k), end[b] = k + 1;
      }
    }
  }
};

const Tables& tables() {
  static const Tables made;
  return made;
}

}  // namespace

float mel_band_hz(std::uint32_t band) { return corner_hz(band + 1); }

std::array<double, kBins> power_spectrum(const std::array<double, kFftSize>& x) {
  constexpr std::uint32_t half = kFftSize / 2;
  static const kissfft<double> transform(half, false);
  std::array<std::complex<double>, half> y;
  transform.transform_real(x.data(), y.data());
  std::array<double, kBins> power;
  power[0] = y[0].real() * y[0].real();  // X[0] and X[half] are real and share y[0]
  power[half] = y[0].imag() * y[0].imag();
  for (std::uint32_t k = 1; k < half; ++k) power[k] = y[k].real() * y[k].real() + y[k].imag() * y[k].imag();
  return power;
}

std::vector<float> log_mel(std::span<const float> samples) {
  const Tables& t = tables();
  std::vector<float> result(std::size_t{frame_count(samples.size())} * kMelBands);
  float* out = result.data();
  for (std::size_t first = 0; out != result.data() + result.size(); first += kHopSamples, out += kMelBands) {
    std::array<double, kFftSize> x{};
    const std::size_t count = std::min<std::size_t>(kFrameSamples, samples.size() - first);
    for (std::size_t i = 0; i < count; ++i) x[i] = static_cast<double>(samples[first + i]) * static_cast<double>(t.window[i]);
    const std::array<double, kBins> power = power_spectrum(x);
    for (std::uint32_t b = 0; b < kMelBands; ++b) {
      double energy = 0;
      for (std::uint32_t k = t.begin[b]; k < t.end[b]; ++k) energy += static_cast<double>(t.filter[b][k]) * power[k];
      out[b] = log_fixed(static_cast<float>(energy) + kLogFloor);
    }
  }
  return result;
}

}  // namespace cuatro::nn
