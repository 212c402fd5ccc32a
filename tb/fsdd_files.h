// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cmath>
#include <filesystem>
#include <numbers>
#include <string>
#include <vector>

#include "data/fsdd.h"
#include "data/log_mel.h"
#include "temp_folder.h"
#include "wav_file.h"

// A chirp that starts at `hz`.
inline std::vector<float> sound(std::size_t count, float hz, float peak = 0.3F) {
  std::vector<float> samples(count);
  for (std::size_t i = 0; i < count; ++i) {
    const float t = static_cast<float>(i) / cuatro::nn::kSampleRate;
    samples[i] = peak * std::sin(2 * std::numbers::pi_v<float> * (hz + 800 * t) * t);
  }
  return samples;
}

// Made-up recordings of the right names: a file's sound tells its digit.
inline void write_recordings(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder / "recordings");
  for (const cuatro::nn::Part part : {cuatro::nn::Part::train, cuatro::nn::Part::test}) {
    for (const std::string& name : cuatro::nn::fsdd_names(part)) {
      std::vector<std::int16_t> samples;
      for (const float v : sound(360, 300.0F + 300.0F * static_cast<float>(name[0] - '0'))) {
        samples.push_back(static_cast<std::int16_t>(v * 32767));
      }
      write_file(folder / "recordings" / name, wav_bytes(samples));
    }
  }
}
