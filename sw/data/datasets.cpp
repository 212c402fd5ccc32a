// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "data/datasets.h"

#include <fmt/format.h>

#include "data/fsdd.h"
#include "data/image_examples.h"
#include "data/log_mel.h"
#include "data/speech_examples.h"
#include "data/text.h"
#include "data/text_examples.h"
#include "device/input_error.h"

namespace cuatro::nn {
namespace {

const std::vector<std::string> kClothes{"T-shirt", "trouser", "pullover", "dress", "coat",
                                        "sandal",  "shirt",   "sneaker",  "bag",   "ankle boot"};

// Where scripts/get-data puts data sets, too. Outside of a source tree nothing is kept.
constexpr const char* kCacheFolder = "build/data";

std::vector<std::string> digits() {
  std::vector<std::string> names;
  for (int d = 0; d < 10; ++d) names.push_back(std::to_string(d));
  return names;
}

DataSet load_image_data(const std::string& name, const DataOptions& options) {
  const std::filesystem::path folder = find_dataset(name);
  auto train = std::make_unique<ImageExamples>(load_images(folder, Part::train));
  std::unique_ptr<ImageExamples> test;
  const Images& a = train->images();
  if (options.with_test) {
    test = std::make_unique<ImageExamples>(load_images(folder, Part::test));
    const Images& b = test->images();
    if (a.rows != b.rows || a.cols != b.cols) {
      throw InputError(fmt::format("{}: training images have {} × {} pixels, test images {} × {}", folder.string(), a.rows,
                                   a.cols, b.rows, b.cols));
    }
  }
  if (options.shift != 0 || options.mirror) train->augment(options.seed, {options.shift, options.mirror});
  return {name, folder.string(), {a.rows, a.cols, 1}, kClasses, false, std::move(train), std::move(test),
          name == "mnist" ? digits() : kClothes, {}};
}

DataSet load_speech_data(const DataOptions& options) {
  const std::filesystem::path folder = find_fsdd();
  DataSet data{"fsdd", folder.string(), {kSpeechFrames, kMelBands}, 10, false, {}, {}, digits(), {}};
  const auto part = [&](Part which, const char* name, std::uint32_t validation) {
    return std::make_unique<SpeechExamples>(load_fsdd(folder, which, fmt::format("{}/fsdd-{}.safetensors", kCacheFolder, name)),
                                            options.seed, validation);
  };
  data.train = part(Part::train, "train", kFsddValidation);
  if (options.with_test) data.test = part(Part::test, "test", 0);
  return data;
}

DataSet load_text_data(const DataOptions& options) {
  const std::filesystem::path file = find_tinyshakespeare();
  const Text text = load_text(file);
  const auto end = text.symbols.begin() + static_cast<std::ptrdiff_t>(text.symbols.size() / 10 * 9);
  const auto part = [&](auto from, auto to) {
    return std::make_unique<TextExamples>(std::vector<std::uint8_t>(from, to), options.context, options.seed);
  };
  DataSet data{"tinyshakespeare", file.string(), {options.context}, static_cast<std::uint32_t>(text.vocabulary.size()),
               true, part(text.symbols.begin(), end), {}, {}, text.vocabulary};
  if (options.with_test) data.test = part(end, text.symbols.end());
  return data;
}

}  // namespace

DataSet load_data(const std::string& name, const DataOptions& options) {
  switch (data_kind(name)) {
    case DataKind::speech: return load_speech_data(options);
    case DataKind::text: return load_text_data(options);
    case DataKind::images: break;
  }
  return load_image_data(name, options);
}

}  // namespace cuatro::nn
