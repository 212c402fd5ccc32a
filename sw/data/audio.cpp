// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "data/audio.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <memory>
#include <samplerate.h>
#include <sndfile.h>

#include "device/input_error.h"

namespace cuatro::nn {
namespace {

// 32-bit integers that a writer took for floats; the features of larger ones would overflow.
constexpr float kMostSample = 0x1p31F;
constexpr std::size_t kPiece = 1024;

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& what) {
  throw InputError(fmt::format("{}: {}", path.string(), what));
}

// libsndfile reads a cut WAV file as if it were a short one: its header knows better. Programs that write into a
// pipe leave 0xffffffff there.
void refuse_cut_riff(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::array<unsigned char, 8> head{};
  if (!file.read(reinterpret_cast<char*>(head.data()), head.size()) || std::memcmp(head.data(), "RIFF", 4) != 0) return;
  const std::uint32_t said = head[4] | head[5] << 8 | head[6] << 16 | std::uint32_t{head[7]} << 24;
  const std::uint64_t have = std::filesystem::file_size(path), expected = std::uint64_t{said} + 8;
  // Some writers forget the last chunk's padding byte.
  if (said != 0xffffffffU && have + 1 < expected) {
    fail(path, fmt::format("truncated: {} bytes, its header says {}", have, expected));
  }
}

std::vector<float> resampled(const std::filesystem::path& path, std::vector<float> samples, std::uint32_t from,
                             std::uint32_t to) {
  const double ratio = static_cast<double>(to) / from;
  if (src_is_valid_ratio(ratio) == 0) fail(path, fmt::format("{} Hz cannot be resampled to {} Hz", from, to));
  std::vector<float> result(static_cast<std::size_t>(std::ceil(static_cast<double>(samples.size()) * ratio)));
  SRC_DATA data{};
  data.data_in = samples.data();
  data.input_frames = static_cast<long>(samples.size());
  data.data_out = result.data();
  data.output_frames = static_cast<long>(result.size());
  data.src_ratio = ratio;
  if (const int error = src_simple(&data, SRC_SINC_BEST_QUALITY, 1); error != 0) fail(path, src_strerror(error));
  result.resize(static_cast<std::size_t>(data.output_frames_gen));
  return result;
}

}  // namespace

std::vector<float> read_audio(const std::filesystem::path& path, std::uint32_t rate) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) fail(path, "no such file");
  if (!std::filesystem::is_regular_file(path, ignored)) fail(path, "not a file");
  refuse_cut_riff(path);
  SF_INFO info{};
  const std::unique_ptr<SNDFILE, int (*)(SNDFILE*)> file(sf_open(path.c_str(), SFM_READ, &info), sf_close);
  if (!file) {
    std::string why = sf_strerror(nullptr);
    while (!why.empty() && (why.back() == '\n' || why.back() == '.')) why.pop_back();
    fail(path, fmt::format("not a sound file that can be read, such as WAV ({})", why));
  }
  if (info.frames <= 0) fail(path, "no samples");
  if (info.samplerate < 1 || info.samplerate > static_cast<int>(kMostRate)) {
    fail(path, fmt::format("{} Hz, expected 1 to {}", info.samplerate, kMostRate));
  }
  const auto source_rate = static_cast<std::uint32_t>(info.samplerate);
  if (info.frames > static_cast<sf_count_t>(kMostSeconds) * info.samplerate) {
    fail(path, fmt::format("{} s long, at most {} s are taken", info.frames / info.samplerate, kMostSeconds));
  }
  const auto frames = static_cast<std::size_t>(info.frames), channels = static_cast<std::size_t>(info.channels);
  // In pieces: a header that lies must not make us allocate what it says.
  std::vector<float> piece(kPiece * channels), mono;
  while (mono.size() < frames) {
    const auto want = static_cast<sf_count_t>(std::min(kPiece, frames - mono.size()));
    const sf_count_t got = sf_readf_float(file.get(), piece.data(), want);
    if (got <= 0) fail(path, fmt::format("truncated: {} of {} samples", mono.size(), frames));
    for (std::size_t i = 0; i < static_cast<std::size_t>(got); ++i) {
      float sum = 0;
      for (std::size_t c = 0; c < channels; ++c) sum += piece[i * channels + c];
      const float x = sum / static_cast<float>(channels);
      if (!std::isfinite(x)) fail(path, fmt::format("sample {} is not a number", mono.size()));
      if (std::abs(x) > kMostSample) fail(path, fmt::format("sample {} is {}, full scale is 1", mono.size(), x));
      mono.push_back(x);
    }
  }
  if (source_rate == rate) return mono;
  mono = resampled(path, std::move(mono), source_rate, rate);
  if (mono.empty()) fail(path, fmt::format("no samples at {} Hz", rate));
  return mono;
}

}  // namespace cuatro::nn
