// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "data/speech.h"

#include <algorithm>
#include <cmath>

#include "data/audio.h"
#include "data/log_mel.h"
#include "nn/random_bits.h"

namespace cuatro::nn {
namespace {

constexpr float kCodesPerUnit = 32.0F;
// Silence has no variance: below this its noise is not blown up.
constexpr double kLeastDeviation = 0.1;

// The draw-th number of an utterance, 0 .. most.
std::uint32_t draw(std::uint64_t key, std::uint32_t utterance, std::uint32_t draw, std::uint32_t most) {
  return static_cast<std::uint32_t>((std::uint64_t{random_bits(key, utterance * 8 + draw)} * (most + 1)) >> 32);
}

}  // namespace

void Speech::add(std::span<const float> samples, std::uint8_t label) {
  const std::vector<float> values = log_mel(samples);
  double sum = 0, squares = 0;
  for (const float v : values) sum += static_cast<double>(v);
  const double mean = sum / static_cast<double>(values.size());
  for (const float v : values) squares += (static_cast<double>(v) - mean) * (static_cast<double>(v) - mean);
  const double deviation = std::max(kLeastDeviation, std::sqrt(squares / static_cast<double>(values.size())));
  const auto offset = static_cast<float>(mean), scale = static_cast<float>(kCodesPerUnit / deviation);
  for (const float v : values) {
    // To nearest, halves up.
    codes.push_back(static_cast<std::int8_t>(std::floor(std::clamp((v - offset) * scale, -127.0F, 127.0F) + 0.5F)));
  }
  first.push_back(static_cast<std::uint32_t>(codes.size() / kMelBands));
  labels.push_back(label);
}

Batch speech_batch(const Speech& speech, std::span<const std::uint32_t> utterances,
                   const std::optional<SpeechJitter>& jitter) {
  Batch batch;
  batch.x = Array({static_cast<std::uint32_t>(utterances.size()), kSpeechFrames, kMelBands});
  float* out = batch.x.data.data();
  for (const std::uint32_t u : utterances) {
    const std::uint32_t frames = speech.frames(u);
    const std::uint32_t taken = std::min(frames, kSpeechFrames), slack = std::max(frames, kSpeechFrames) - taken;
    const std::uint32_t place = jitter ? draw(jitter->key, u, 0, slack) : slack / 2;
    const std::uint32_t from = frames > kSpeechFrames ? place : 0, to = frames > kSpeechFrames ? 0 : place;
    const std::int8_t* code = &speech.codes[(std::size_t{speech.first[u]} + from) * kMelBands];
    for (std::uint32_t i = 0; i < taken * kMelBands; ++i) out[to * kMelBands + i] = code[i] / kCodesPerUnit;
    if (jitter) {
      const std::uint32_t rows = draw(jitter->key, u, 1, std::min(jitter->mask_frames, taken));
      const std::uint32_t row = to + draw(jitter->key, u, 2, taken - rows);
      std::fill_n(out + row * kMelBands, rows * kMelBands, 0.0F);
      const std::uint32_t cols = draw(jitter->key, u, 3, jitter->mask_bands);
      const std::uint32_t col = draw(jitter->key, u, 4, kMelBands - cols);
      for (std::uint32_t t = 0; t < kSpeechFrames; ++t) std::fill_n(out + t * kMelBands + col, cols, 0.0F);
    }
    batch.labels.push_back(speech.labels[u]);
    out += kSpeechFrames * kMelBands;
  }
  return batch;
}

Batch speech_batch(const std::filesystem::path& sound) {
  Speech speech;
  speech.add(read_audio(sound, kSampleRate), 0);
  const std::uint32_t only[] = {0};
  Batch batch = speech_batch(speech, only);
  batch.labels.clear();
  return batch;
}

}  // namespace cuatro::nn
