// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "data/log_mel.h"

#include <algorithm>
#include <numbers>
#include <utility>

#include "layers/float_math.h"

namespace cuatro::nn {
namespace {

struct Point {
  double re, im;
};

// e^(2πi·k/n), k = 0 .. n-1, for n >= 64: the first step by its series, the others by turning. Within 1e-13.
std::vector<Point> unit_circle(std::uint32_t n) {
  const double angle = 2.0 * std::numbers::pi / n, s = angle * angle;
  const Point step{1.0 - s / 2 * (1.0 - s / 12 * (1.0 - s / 30 * (1.0 - s / 56 * (1.0 - s / 90)))),
                   angle * (1.0 - s / 6 * (1.0 - s / 20 * (1.0 - s / 42 * (1.0 - s / 72))))};
  std::vector<Point> points{{1.0, 0.0}};
  while (points.size() < n) {
    const Point p = points.back();
    points.push_back({p.re * step.re - p.im * step.im, p.re * step.im + p.im * step.re});
  }
  return points;
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
  FftSamples twiddle_re, twiddle_im;                       // [half + k]: e^(-πi·k/half) for half = 1, 2, 4 .. 128
  std::array<std::array<float, kBins>, kMelBands> filter;  // triangles of height 1
  std::array<std::uint32_t, kMelBands> begin, end;         // bins begin .. end-1 of a filter are not zero

  Tables() {
    const auto slow = unit_circle(kFrameSamples), fast = unit_circle(kFftSize);
    for (std::size_t i = 0; i < window.size(); ++i) window[i] = static_cast<float>(0.5 - 0.5 * slow[i].re);
    for (std::uint32_t half = 1; half < kFftSize; half *= 2) {
      for (std::uint32_t k = 0; k < half; ++k) {
        const Point p = fast[k * (kFftSize / 2 / half)];
        twiddle_re[half + k] = static_cast<float>(p.re), twiddle_im[half + k] = static_cast<float>(-p.im);
      }
    }
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

void fft(FftSamples& re, FftSamples& im) {
  const Tables& t = tables();
  for (std::uint32_t i = 1, j = 0; i < kFftSize; ++i) {  // j counts with its bits reversed
    std::uint32_t bit = kFftSize / 2;
    for (; (j & bit) != 0; bit /= 2) j ^= bit;
    j ^= bit;
    if (i < j) std::swap(re[i], re[j]), std::swap(im[i], im[j]);
  }
  for (std::uint32_t half = 1; half < kFftSize; half *= 2) {
    const float *w_re = &t.twiddle_re[half], *w_im = &t.twiddle_im[half];
    for (std::uint32_t block = 0; block < kFftSize; block += 2 * half) {
      float *a_re = &re[block], *a_im = &im[block], *b_re = a_re + half, *b_im = a_im + half;
      for (std::uint32_t k = 0; k < half; ++k) {
        const float turned_re = w_re[k] * b_re[k] - w_im[k] * b_im[k];
        const float turned_im = w_re[k] * b_im[k] + w_im[k] * b_re[k];
        b_re[k] = a_re[k] - turned_re, b_im[k] = a_im[k] - turned_im;
        a_re[k] += turned_re, a_im[k] += turned_im;
      }
    }
  }
}

std::vector<float> log_mel(std::span<const float> samples) {
  const Tables& t = tables();
  std::vector<float> result(std::size_t{frame_count(samples.size())} * kMelBands);
  float* out = result.data();
  for (std::size_t first = 0; out != result.data() + result.size(); first += kHopSamples, out += kMelBands) {
    FftSamples re{}, im{};
    const std::size_t count = std::min<std::size_t>(kFrameSamples, samples.size() - first);
    for (std::size_t i = 0; i < count; ++i) re[i] = samples[first + i] * t.window[i];
    fft(re, im);
    std::array<float, kBins> power;
    for (std::uint32_t k = 0; k < kBins; ++k) power[k] = re[k] * re[k] + im[k] * im[k];
    for (std::uint32_t b = 0; b < kMelBands; ++b) {
      float energy = 0;
      for (std::uint32_t k = t.begin[b]; k < t.end[b]; ++k) energy += t.filter[b][k] * power[k];
      out[b] = log_fixed(energy + kLogFloor);
    }
  }
  return result;
}

}  // namespace cuatro::nn
