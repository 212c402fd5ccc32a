// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace cuatro::nn {

// SHA-256 (OpenSSL's). Digests of weights: equal on any engine, machine and compiler.
class Sha256 {
 public:
  Sha256();
  void update(std::span<const std::uint8_t> bytes);
  // 32-bit words, as little-endian bytes whatever the machine.
  void update(std::span<const std::int32_t> words);
  // 64 hexadecimal digits; the object is done with.
  std::string finish();

 private:
  std::shared_ptr<void> context_;
};

}  // namespace cuatro::nn
