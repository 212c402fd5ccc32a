// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <fmt/format.h>
#include <string>
#include <string_view>

namespace cuatro::nn {

// "a, b, c". Instead of fmt::join: g++ 12 warns about fmt 9's ranges at -O3.
template <class Items>
std::string join(const Items& items, std::string_view separator) {
  std::string text;
  for (const auto& item : items) text += fmt::format("{}{}", text.empty() ? "" : separator, item);
  return text;
}

}  // namespace cuatro::nn
