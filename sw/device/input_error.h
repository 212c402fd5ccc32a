// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace cuatro {

// A mistake in what the user gave: one line that names the file or the flag and says what
// would be accepted. The command line prints it and exits with a non-zero code.
class InputError : public std::runtime_error {
 public:
  explicit InputError(std::string what) : std::runtime_error(one_line(std::move(what))) {}

 private:
  // Names and values come from files: what would end the line or steer a terminal is shown as '?'.
  static std::string one_line(std::string what) {
    for (char& c : what) {
      if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = '?';
    }
    return what;
  }
};

}  // namespace cuatro
