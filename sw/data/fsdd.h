// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "data/speech.h"
#include "nn/dataset.h"

// Free Spoken Digit Dataset (Jackson et al.; CC BY-SA 4.0): 6 speakers say the digits 0 .. 9 fifty times each,
// recordings/{digit}_{speaker}_{index}.wav. By its authors' split the indices 0 .. 4 are the test part.
namespace cuatro::nn {

inline constexpr std::uint32_t kFsddTrain = 2700, kFsddTest = 300;
// Hyper-parameters are chosen on the last training utterances, the indices 45 .. 49 of every digit and speaker.
inline constexpr std::uint32_t kFsddValidation = 300;

// Names of a part's files in the order of load_fsdd: by index, then digit, then speaker.
std::vector<std::string> fsdd_names(Part part);

// The folder that holds recordings/: $CUATRO_DATA/fsdd, $CUATRO_DATA or build/data/fsdd. Throws InputError with the
// command that gets the data.
std::filesystem::path find_fsdd();

// Features come from `cache` (data/feature_cache.h) where it holds those of these files. Throws InputError naming the
// file that is missing or broken.
Speech load_fsdd(const std::filesystem::path& folder, Part part, const std::filesystem::path& cache = {});

}  // namespace cuatro::nn
