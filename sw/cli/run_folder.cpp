// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "cli/run_folder.h"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fstream>
#include <unistd.h>

#include "device/atomic_file.h"
#include "device/input_error.h"

namespace cuatro::cli {
namespace fs = std::filesystem;
namespace {

fs::path fresh_name(const TrainOptions& o) {
  const std::string name = fmt::format("{:%Y%m%d-%H%M%S}-{}-{}-{}-seed{}", fmt::localtime(std::time(nullptr)), o.model,
                                       o.data, o.engine, o.seed);
  fs::path path = fs::path("runs") / name;
  for (int again = 2; fs::exists(path); ++again) path = fs::path("runs") / fmt::format("{}-{}", name, again);
  return path;
}

// The whole lines of steps up to `keep`, header first.
std::string kept_lines(const fs::path& path, const std::string& header, std::uint64_t keep) {
  std::string kept = header + "\n", line;
  std::ifstream in(path);
  if (!in || !std::getline(in, line) || line != header) return kept;
  for (std::uint64_t step = 0; std::getline(in, line) && !in.eof();) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), number);
    if (error != std::errc() || end == line.data() + line.size() || *end != ',' || number != step + 1 || number > keep)
      break;
    kept += line + "\n";
    step = number;
  }
  return kept;
}

}  // namespace

RunFolder RunFolder::open(const TrainOptions& o) {
  if (!o.resume.empty()) return RunFolder(o.resume);
  const bool named = !o.run_dir.empty();
  const fs::path path = named ? fs::path(o.run_dir) : fresh_name(o);
  std::error_code error;
  if (named && fs::exists(path / "config.toml", error)) {
    throw InputError(
        fmt::format("--run-dir {}: already holds a run; continue it with --resume {} or name another folder", o.run_dir,
                    o.run_dir));
  }
  fs::create_directories(path, error);
  if (error) throw InputError(fmt::format("--run-dir {}: cannot be made: {}", path.string(), error.message()));
  write_file_atomically(path / "config.toml", config_text(o));
  return RunFolder(path);
}

MetricsFile::MetricsFile(const fs::path& path, const std::string& header, std::uint64_t keep) : path_(path) {
  const std::string kept = kept_lines(path, header, keep);
  write_file_atomically(path, kept);
  fd_ = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (fd_ < 0) throw InputError(fmt::format("cannot write {}: {}", path.string(), std::strerror(errno)));
  size_ = kept.size();
}

MetricsFile::~MetricsFile() {
  if (fd_ >= 0) ::close(fd_);
}

void MetricsFile::append(const std::string& line) {
  const std::string text = line + "\n";
  if (::write(fd_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    const int error = errno != 0 ? errno : ENOSPC;
    (void)!::ftruncate(fd_, static_cast<off_t>(size_));
    throw InputError(fmt::format("cannot write {}: {}", path_.string(), std::strerror(error)));
  }
  size_ += text.size();
}

}  // namespace cuatro::cli
