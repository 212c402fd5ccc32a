// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <vector>

#include "nets/network.h"

namespace cuatro::nn {

// Log-mel frames of utterances, each normalised to mean 0 and variance 1 over its own frames and bands: loudness
// does not matter, and a single file needs no constants of a training set. Codes are in units of 2^-5, -127 .. 127.
struct Speech {
  std::vector<std::int8_t> codes;        // [all frames × kMelBands]
  std::vector<std::uint32_t> first{0};   // utterance i has the frames first[i] .. first[i + 1] - 1
  std::vector<std::uint8_t> labels;

  std::uint32_t count() const { return static_cast<std::uint32_t>(first.size() - 1); }
  std::uint32_t frames(std::uint32_t utterance) const { return first[utterance + 1] - first[utterance]; }
  // Appends an utterance: mono samples at kSampleRate.
  void add(std::span<const float> samples, std::uint8_t label);
};

inline constexpr std::uint32_t kSpeechFrames = 64;  // of an example: 0.65 s

// Random changes of training examples, a function of `key` (an epoch's) and the utterance's number only: where it
// stands among the kSpeechFrames, and one stretch of frames and one of bands that are silenced (Park et al. 2019,
// "SpecAugment").
struct SpeechJitter {
  std::uint64_t key = 0;
  std::uint32_t mask_frames = 8, mask_bands = 6;  // the longest stretches
};

// Utterances in the middle of kSpeechFrames frames, zeros around them; longer ones lose at both ends alike.
// Batch::x is [N, kSpeechFrames, kMelBands].
Batch speech_batch(const Speech& speech, std::span<const std::uint32_t> utterances,
                   const std::optional<SpeechJitter>& jitter = {});

// One sound file as a batch of one, without a label. Throws InputError.
Batch speech_batch(const std::filesystem::path& sound);

}  // namespace cuatro::nn
