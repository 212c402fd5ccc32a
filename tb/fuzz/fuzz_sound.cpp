// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include <algorithm>
#include <cmath>

#include "data/audio.h"
#include "data/log_mel.h"
#include "data/speech.h"
#include "fuzz.h"

using namespace cuatro;

// Sound files of `cuatro predict` and of FSDD, as far as the net's features.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::InputFile file({data, size});
  fuzz::accepts(file.path(), [&] {
    const std::vector<float> samples = nn::read_audio(file.path(), nn::kSampleRate);
    fuzz::require(!samples.empty() && samples.size() <= std::size_t{nn::kMostSeconds + 1} * nn::kSampleRate, "a bounded length");
    fuzz::require(std::all_of(samples.begin(), samples.end(), [](float x) { return std::isfinite(x); }), "numbers");
    nn::Speech speech;
    speech.add(samples, 0);
    fuzz::require(speech.codes.size() == std::size_t{speech.first.back()} * nn::kMelBands, "whole frames");
  });
  return 0;
}
