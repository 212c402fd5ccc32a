// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "fuzz.h"
#include "nn/idx.h"

using namespace cuatro;

// IDX files, plain or gzip as the input begins: labels and images.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::InputFile file({data, size});
  for (const unsigned dimensions : {1U, 3U}) {
    fuzz::accepts(file.path(), [&] {
      const nn::Idx idx = nn::read_idx(file.path(), dimensions);
      std::uint64_t elements = 1;
      for (const std::uint32_t n : idx.sizes) elements *= n;
      fuzz::require(idx.sizes.size() == dimensions && idx.bytes.size() == elements, "as many bytes as the sizes say");
    });
  }
  return 0;
}
