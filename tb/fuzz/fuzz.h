// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <unistd.h>

#include "device/input_error.h"

// What every fuzz target needs. A target hands its input to one parser and holds it to its header: it takes the input,
// or throws InputError of one line that names the file. Any other exception, and all that the sanitizers see, is a find.
namespace cuatro::fuzz {

using Input = std::span<const std::uint8_t>;

// A property of what was accepted. Tells which one is broken before the fuzzer reports the input.
inline void require(bool holds, std::string_view property) {
  if (holds) return;
  std::fprintf(stderr, "broken: %.*s\n", static_cast<int>(property.size()), property.data());
  std::abort();
}

// The input as a file with a path, in memory only.
class InputFile {
 public:
  explicit InputFile(Input bytes) : fd_(::memfd_create("input", 0)) {
    require(fd_ >= 0 && ::write(fd_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()), "a file in memory");
  }
  ~InputFile() { ::close(fd_); }
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;
  std::filesystem::path path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  int fd_;
};

// Whether `read` accepts its input. `named`: what a refusal must name.
template <class Read>
bool accepts(const std::string& named, Read read) {
  try {
    read();
    return true;
  } catch (const InputError& e) {
    const std::string what = e.what();
    require(what.find('\n') == std::string::npos, "a refusal is one line: " + what);
    require(what.find(named) != std::string::npos, "a refusal names " + named + ": " + what);
    return false;
  }
}

}  // namespace cuatro::fuzz
