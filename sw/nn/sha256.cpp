// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "nn/sha256.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <bit>
#include <stdexcept>
#include <vector>

namespace cuatro::nn {
namespace {

EVP_MD_CTX* context(const std::shared_ptr<void>& owner) { return static_cast<EVP_MD_CTX*>(owner.get()); }

void require(int ok) {
  if (ok != 1) throw std::runtime_error("SHA-256: OpenSSL refused");
}

}  // namespace

Sha256::Sha256() : context_(EVP_MD_CTX_new(), [](void* c) { EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(c)); }) {
  require(EVP_DigestInit_ex(context(context_), EVP_sha256(), nullptr));
}

void Sha256::update(std::span<const std::uint8_t> bytes) {
  require(EVP_DigestUpdate(context(context_), bytes.data(), bytes.size()));
}

void Sha256::update(std::span<const std::int32_t> words) {
  if constexpr (std::endian::native == std::endian::little) {
    update({reinterpret_cast<const std::uint8_t*>(words.data()), words.size_bytes()});
  } else {
    std::vector<std::uint8_t> bytes;
    bytes.reserve(words.size_bytes());
    for (const std::int32_t word : words) {
      for (int shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<std::uint8_t>(static_cast<std::uint32_t>(word) >> shift));
    }
    update(bytes);
  }
}

std::string Sha256::finish() {
  std::array<std::uint8_t, 32> digest{};
  unsigned size = 0;
  require(EVP_DigestFinal_ex(context(context_), digest.data(), &size));
  std::string text;
  for (const std::uint8_t byte : digest) text += fmt::format("{:02x}", byte);
  return text;
}

}  // namespace cuatro::nn
