// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "cli/train_options.h"
#include "fuzz.h"

using namespace cuatro;

namespace {

std::string settled(fuzz::Input text) {
  const fuzz::InputFile file(text);
  cli::TrainOptions options;
  CLI::App app;
  cli::add_options(app, options);
  app.parse(std::vector<std::string>{file.path(), "--config"});  // CLI11 takes them last first
  cli::complete(app, options);
  (void)cli::identity(options);
  return cli::config_text(options);
}

}  // namespace

// Settings files of `cuatro train`: what is accepted means the same after it was written into a run folder.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::accepts("", [&] {
    const std::string text = settled({data, size});
    fuzz::require(settled({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}) == text, "the same settings");
  });
  return 0;
}
