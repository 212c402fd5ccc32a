// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "nn/dataset.h"

#include <array>
#include <cstdlib>
#include <fmt/format.h>

#include "device/input_error.h"
#include "nn/idx.h"
#include "nn/join.h"

namespace cuatro::nn {
namespace {

struct Known {
  std::string_view name, folder, command;
};

constexpr std::array<Known, 2> kKnown{{
    {"fashion-mnist", "/usr/share/datasets/fashion-mnist", "make setup"},
    {"mnist", "build/data/mnist", "scripts/get-data mnist"},
}};

constexpr std::string_view kImages[] = {"train-images-idx3-ubyte", "t10k-images-idx3-ubyte"};
constexpr std::string_view kLabels[] = {"train-labels-idx1-ubyte", "t10k-labels-idx1-ubyte"};

// The file itself or its .gz; empty if neither is there.
std::filesystem::path either(const std::filesystem::path& folder, std::string_view name) {
  for (const char* ending : {"", ".gz"}) {
    std::error_code ignored;
    auto path = folder / (std::string(name) + ending);
    if (std::filesystem::is_regular_file(path, ignored)) return path;
  }
  return {};
}

std::filesystem::path require(const std::filesystem::path& folder, std::string_view name) {
  auto path = either(folder, name);
  if (path.empty()) {
    throw InputError(fmt::format("{}: missing, expected {} or {}.gz", (folder / name).string(), name, name));
  }
  return path;
}

}  // namespace

std::vector<std::string> dataset_names() {
  std::vector<std::string> names;
  for (const Known& known : kKnown) names.emplace_back(known.name);
  return names;
}

std::filesystem::path find_dataset(std::string_view name) {
  for (const Known& known : kKnown) {
    if (known.name != name) continue;
    std::vector<std::filesystem::path> folders;
    if (const char* given = std::getenv("CUATRO_DATA"); given != nullptr && *given != '\0') {
      folders.push_back(std::filesystem::path(given) / name);
      folders.emplace_back(given);
    }
    folders.emplace_back(known.folder);
    std::vector<std::string> looked;
    for (const auto& folder : folders) {
      if (!either(folder, kImages[0]).empty()) return folder;
      looked.push_back(folder.string());
    }
    throw InputError(fmt::format("--data {}: not found in {}; get it with `{}`, or set CUATRO_DATA to its folder", name,
                                 join(looked, ", "), known.command));
  }
  throw InputError(fmt::format("--data {}: unknown, choose from {}", name, join(dataset_names(), ", ")));
}

Images load_images(const std::filesystem::path& folder, Part part) {
  const int p = part == Part::train ? 0 : 1;
  const auto image_path = require(folder, kImages[p]);
  const auto label_path = require(folder, kLabels[p]);
  Idx pixels = read_idx(image_path, 3);
  Idx labels = read_idx(label_path, 1);
  if (pixels.sizes[0] != labels.sizes[0]) {
    throw InputError(fmt::format("{}: {} labels, but {} has {} images", label_path.string(), labels.sizes[0],
                                 image_path.string(), pixels.sizes[0]));
  }
  for (std::size_t i = 0; i < labels.bytes.size(); ++i) {
    if (labels.bytes[i] >= kClasses) {
      throw InputError(fmt::format("{}: label {} of image {} is out of range, expected 0..{}", label_path.string(),
                                   labels.bytes[i], i, kClasses - 1));
    }
  }
  return {pixels.sizes[0], pixels.sizes[1], pixels.sizes[2], std::move(pixels.bytes), std::move(labels.bytes)};
}

}  // namespace cuatro::nn
