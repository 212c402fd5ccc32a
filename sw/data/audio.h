// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace cuatro::nn {

inline constexpr std::uint32_t kMostSeconds = 60;  // of a sound file: these nets hear single words
inline constexpr std::uint32_t kMostRate = 192'000;

// The samples of a sound file at `rate` Hz, mono (the mean of its channels), full scale ±1. WAV and whatever
// else libsndfile reads; other rates are resampled (libsamplerate, best sinc). Samples of a 16-bit file that
// has the right rate are exact. Throws InputError naming the file: missing, not a sound file, truncated, without
// samples, longer than kMostSeconds, faster than kMostRate, values that are no numbers or far beyond full scale.
std::vector<float> read_audio(const std::filesystem::path& path, std::uint32_t rate);

}  // namespace cuatro::nn
