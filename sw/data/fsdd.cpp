// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "data/fsdd.h"

#include <cstdlib>
#include <fmt/format.h>

#include "data/audio.h"
#include "data/feature_cache.h"
#include "data/log_mel.h"
#include "device/input_error.h"
#include "nn/join.h"

namespace cuatro::nn {
namespace {

constexpr std::string_view kSpeakers[] = {"george", "jackson", "lucas", "nicolas", "theo", "yweweler"};
constexpr std::uint32_t kFirstTrainIndex = 5, kIndices = 50;

}  // namespace

std::vector<std::string> fsdd_names(Part part) {
  const bool train = part == Part::train;
  std::vector<std::string> names;
  for (std::uint32_t index = train ? kFirstTrainIndex : 0; index < (train ? kIndices : kFirstTrainIndex); ++index) {
    for (std::uint32_t digit = 0; digit < kClasses; ++digit) {
      for (const auto speaker : kSpeakers) names.push_back(fmt::format("{}_{}_{}.wav", digit, speaker, index));
    }
  }
  return names;
}

std::filesystem::path find_fsdd() {
  std::vector<std::filesystem::path> folders;
  if (const char* given = std::getenv("CUATRO_DATA"); given != nullptr && *given != '\0') {
    folders.push_back(std::filesystem::path(given) / "fsdd");
    folders.emplace_back(given);
  }
  folders.emplace_back("build/data/fsdd");
  std::vector<std::string> looked;
  for (const auto& folder : folders) {
    std::error_code ignored;
    if (std::filesystem::is_directory(folder / "recordings", ignored)) return folder;
    looked.push_back(folder.string());
  }
  throw InputError(fmt::format("--data fsdd: no folder recordings in {}; get it with `scripts/get-data fsdd`",
                               join(looked, ", ")));
}

Speech load_fsdd(const std::filesystem::path& folder, Part part, const std::filesystem::path& cache) {
  std::vector<std::filesystem::path> sounds;
  for (const std::string& name : fsdd_names(part)) sounds.push_back(folder / "recordings" / name);
  return cached_features(cache, sounds, [&] {
    Speech speech;
    for (const auto& sound : sounds) {
      speech.add(read_audio(sound, kSampleRate), static_cast<std::uint8_t>(sound.filename().string()[0] - '0'));
    }
    return speech;
  });
}

}  // namespace cuatro::nn
