// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <filesystem>
#include <functional>
#include <span>

#include "data/speech.h"

// Features of sound files on disk, so that a second run neither decodes nor transforms them again.
namespace cuatro::nn {

// What `compute` makes of `sounds`, or what it made of files with the same bytes and names before and left in `cache`, a
// safetensors file. A cache of other files or of another front end, and a broken one, are computed and written anew; where
// nothing can be written there is none. `cache` empty: always computed.
Speech cached_features(const std::filesystem::path& cache, std::span<const std::filesystem::path> sounds,
                       const std::function<Speech()>& compute);

}  // namespace cuatro::nn
