// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "fuzz.h"
#include "nn/safetensors.h"
#include "temp_folder.h"

using namespace cuatro;

// What is accepted is the same after it was saved and loaded again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const TempFolder folder;
  const fuzz::InputFile file({data, size});
  fuzz::accepts(file.path(), [&] {
    nn::SafeTensors content = nn::load_safetensors(file.path());
    nn::save_safetensors(folder / "again", content);
    const nn::SafeTensors again = nn::load_safetensors(folder / "again");
    fuzz::require(content.tensors.size() == again.tensors.size(), "as many tensors");
    for (std::size_t i = 0; i < content.tensors.size(); ++i) {
      const nn::SafeTensor &a = content.tensors[i], &b = again.tensors[i];
      fuzz::require(a.name == b.name && a.dtype == b.dtype && a.shape == b.shape && a.bytes == b.bytes, "the same tensors");
    }
    content.metadata["data_sha256"] = again.metadata.at("data_sha256");
    fuzz::require(content.metadata == again.metadata, "the same metadata");
  });
  return 0;
}
