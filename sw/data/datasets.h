// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/examples.h"

namespace cuatro::nn {

// What a net may choose about its data.
struct DataOptions {
  std::uint64_t seed = 1;
  std::uint32_t context = 64;  // characters a window of text
  std::uint32_t shift = 0;     // augmentation: pixels an image moves at most
  bool mirror = false;
  bool with_test = true;       // false leaves the test part unread, and DataSet::test empty
};

enum class DataKind { images, speech, text };

// The names that load_data knows, and of which kind they are. Throws InputError for an unknown name.
std::vector<std::string> data_names();
DataKind data_kind(const std::string& name);

// The whole data set. Throws InputError, which names the command that gets a missing one.
DataSet load_data(const std::string& name, const DataOptions& options);

}  // namespace cuatro::nn
