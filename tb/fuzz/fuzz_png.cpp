// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "data/image_file.h"
#include "fuzz.h"

using namespace cuatro;

// Pictures of `cuatro predict`, fitted into a square and into a strip.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::InputFile file({data, size});
  for (const std::uint32_t rows : {28U, 3U}) {
    fuzz::accepts(file.path(), [&] {
      const nn::Images image = nn::read_png(file.path(), rows, 28);
      fuzz::require(image.count == 1 && image.pixels.size() == std::size_t{rows} * 28, "one picture of the size asked for");
    });
  }
  return 0;
}
