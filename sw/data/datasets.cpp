// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "data/datasets.h"

#include <fmt/format.h>

#include "data/image_examples.h"
#include "device/input_error.h"
#include "nn/join.h"

namespace cuatro::nn {
namespace {

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
  if (options.shift != 0 || options.mirror) train->augment(options.seed, options.shift, options.mirror);
  return {name, folder.string(), {a.rows, a.cols, 1}, kClasses, false, std::move(train), std::move(test)};
}

}  // namespace

std::vector<std::string> data_names() { return dataset_names(); }

DataKind data_kind(const std::string& name) {
  for (const std::string& known : data_names()) {
    if (known == name) return DataKind::images;
  }
  throw InputError(fmt::format("--data {}: unknown, choose from {}", name, join(data_names(), ", ")));
}

DataSet load_data(const std::string& name, const DataOptions& options) {
  data_kind(name);
  return load_image_data(name, options);
}

}  // namespace cuatro::nn
