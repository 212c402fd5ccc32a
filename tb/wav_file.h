// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

// A 16-bit PCM WAV file; samples of several channels stand interleaved.
inline std::vector<std::uint8_t> wav_bytes(const std::vector<std::int16_t>& samples, std::uint32_t rate = 8000,
                                           std::uint32_t channels = 1) {
  std::vector<std::uint8_t> file;
  const auto text = [&](std::string_view s) { file.insert(file.end(), s.begin(), s.end()); };
  const auto number = [&](std::uint32_t v, int bytes) {
    for (int i = 0; i < bytes; ++i) file.push_back(static_cast<std::uint8_t>(v >> (8 * i)));
  };
  const auto size = static_cast<std::uint32_t>(2 * samples.size());
  text("RIFF"), number(36 + size, 4), text("WAVEfmt "), number(16, 4), number(1, 2), number(channels, 2);
  number(rate, 4), number(rate * channels * 2, 4), number(channels * 2, 2), number(16, 2);
  text("data"), number(size, 4);
  for (const std::int16_t s : samples) number(static_cast<std::uint16_t>(s), 2);
  return file;
}
