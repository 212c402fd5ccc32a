// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include <array>

#include "data/feature_cache.h"
#include "data/log_mel.h"
#include "fuzz.h"
#include "temp_folder.h"

using namespace cuatro;

// The features kept beside a sound data set: a damaged file is as good as none.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const TempFolder folder;
  static const std::array sounds{folder / "sound.wav"};
  write_file(sounds[0], {'s'});
  write_file(folder / "cache", {data, data + size});
  const nn::Speech speech = nn::cached_features(folder / "cache", sounds, [] {
    nn::Speech made;
    made.add(std::array<float, 300>{}, 7);
    return made;
  });
  fuzz::require(speech.count() == 1 && speech.labels.size() == 1, "an utterance a sound");
  fuzz::require(speech.first[0] == 0 && speech.codes.size() == std::size_t{speech.first[1]} * nn::kMelBands, "its frames");
  return 0;
}
