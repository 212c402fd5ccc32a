// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <stdexcept>

namespace cuatro {

// A mistake in what the user gave: one line that names the file or the flag and says what
// would be accepted. The command line prints it and exits with a non-zero code.
class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace cuatro
