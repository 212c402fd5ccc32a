// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

namespace cuatro {

// Writes beside the target, syncs and renames: a reader sees the old file or the whole new
// one, whatever happens in between. Throws InputError naming the file; leaves nothing behind.
void write_file_atomically(const std::filesystem::path& path, std::span<const std::uint8_t> bytes);
void write_file_atomically(const std::filesystem::path& path, std::string_view text);

}  // namespace cuatro
