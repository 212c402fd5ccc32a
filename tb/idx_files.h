// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <zlib.h>

#include "temp_folder.h"

// IDX files of made-up images: a data set small enough for a test.
inline std::vector<std::uint8_t> idx_bytes(const std::vector<std::uint32_t>& sizes,
                                           const std::vector<std::uint8_t>& content) {
  std::vector<std::uint8_t> file{0, 0, 8, static_cast<std::uint8_t>(sizes.size())};
  for (const std::uint32_t size : sizes) {
    for (int shift = 24; shift >= 0; shift -= 8) file.push_back(static_cast<std::uint8_t>(size >> shift));
  }
  file.insert(file.end(), content.begin(), content.end());
  return file;
}

inline void write_gz(const std::filesystem::path& path, const std::vector<std::uint8_t>& bytes) {
  gzFile out = gzopen(path.c_str(), "wb");
  gzwrite(out, bytes.data(), static_cast<unsigned>(bytes.size()));
  gzclose(out);
}

// Every label has its own bright rows, with noise: easy to learn, not trivial.
inline void write_images(const std::filesystem::path& folder, const std::string& prefix, std::uint32_t count,
                         std::uint32_t edge) {
  std::vector<std::uint8_t> pixels, labels;
  std::uint32_t noise = 12345;
  for (std::uint32_t i = 0; i < count; ++i) {
    labels.push_back(static_cast<std::uint8_t>((i * 7 + i / 10) % 10));
    for (std::uint32_t p = 0; p < edge * edge; ++p) {
      noise = noise * 1664525 + 1013904223;
      const std::uint32_t level = p / edge * 10 / edge == labels.back() ? 150 : 20;
      pixels.push_back(static_cast<std::uint8_t>(level + (noise >> 26)));
    }
  }
  std::filesystem::create_directories(folder);
  write_file(folder / (prefix + "-images-idx3-ubyte"), idx_bytes({count, edge, edge}, pixels));
  write_gz(folder / (prefix + "-labels-idx1-ubyte.gz"), idx_bytes({count}, labels));
}
