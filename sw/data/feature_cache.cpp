// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "data/feature_cache.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include "data/log_mel.h"
#include "device/input_error.h"
#include "nn/dataset.h"
#include "nn/safetensors.h"
#include "nn/sha256.h"

namespace cuatro::nn {
namespace {

// Of audio.cpp, log_mel.cpp and Speech::add: another number whenever the digest in tb/test_nn_speech.cpp changes.
constexpr std::string_view kFrontEnd = "cuatro speech features 1";
constexpr const char* kKey = "made_of";

void update(Sha256& sha, std::string_view text) {
  sha.update({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

// Digest of the front end and of the files; empty if one cannot be read.
std::string key_of(std::span<const std::filesystem::path> sounds) {
  Sha256 sha;
  update(sha, kFrontEnd);
  for (const auto& sound : sounds) {
    std::ifstream in(sound, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    if (!in.is_open() || in.bad()) return {};
    const std::string name = sound.filename().string();
    update(sha, name + '\n' + std::to_string(bytes.size()) + '\n');
    update(sha, bytes);
  }
  return sha.finish();
}

// Bytes as 32-bit words, which is what the container holds, and back; zeros fill the last one.
template <class Byte>
std::vector<std::int32_t> packed(const std::vector<Byte>& bytes) {
  std::vector<std::int32_t> words((bytes.size() + 3) / 4);
  std::memcpy(words.data(), bytes.data(), bytes.size());
  return words;
}

template <class Word>
std::vector<Word> tensor(const SafeTensors& from, std::string_view name, std::size_t count) {
  std::vector<std::int32_t> words((count * sizeof(Word) + 3) / 4);
  const std::uint64_t shape[] = {words.size()};
  from.get(name, shape, std::span(words));
  std::vector<Word> values(count);
  std::memcpy(values.data(), words.data(), count * sizeof(Word));
  return values;
}

// Whether these are ends of utterances in a file that holds so much: what it says is not allocated before.
bool plausible(const std::vector<std::uint32_t>& first, const SafeTensors& file) {
  std::size_t bytes = 0;
  for (const SafeTensor& t : file.tensors) bytes += t.bytes.size();
  return first.front() == 0 && std::is_sorted(first.begin(), first.end()) && std::size_t{first.back()} * kMelBands <= bytes;
}

std::optional<Speech> read(const std::filesystem::path& cache, const std::string& key, std::size_t count) {
  std::error_code ignored;
  if (!std::filesystem::exists(cache, ignored)) return {};
  try {
    const SafeTensors file = load_safetensors(cache);
    const auto made_of = file.metadata.find(kKey);
    if (made_of == file.metadata.end() || made_of->second != key) return {};
    Speech speech;
    speech.first = tensor<std::uint32_t>(file, "first", count + 1);
    if (!plausible(speech.first, file)) return {};
    speech.labels = tensor<std::uint8_t>(file, "labels", count);
    speech.codes = tensor<std::int8_t>(file, "codes", std::size_t{speech.first.back()} * kMelBands);
    const bool classes = std::all_of(speech.labels.begin(), speech.labels.end(), [](std::uint8_t l) { return l < kClasses; });
    return classes ? std::optional(std::move(speech)) : std::nullopt;
  } catch (const InputError&) {  // damaged, which its checksum tells
    return {};
  }
}

void write(const std::filesystem::path& cache, const std::string& key, const Speech& speech) {
  SafeTensors file;
  const auto add = [&](const char* name, const std::vector<std::int32_t>& words) {
    file.add(name, {words.size()}, std::span<const std::int32_t>(words));
  };
  add("first", std::vector<std::int32_t>(speech.first.begin(), speech.first.end()));
  add("labels", packed(speech.labels));
  add("codes", packed(speech.codes));
  file.metadata[kKey] = key;
  try {
    save_safetensors(cache, file);
  } catch (const InputError&) {  // a read-only or full disk: slower, not wrong
  }
}

}  // namespace

Speech cached_features(const std::filesystem::path& cache, std::span<const std::filesystem::path> sounds,
                       const std::function<Speech()>& compute) {
  const std::string key = cache.empty() ? std::string{} : key_of(sounds);
  if (key.empty()) return compute();
  if (std::optional<Speech> found = read(cache, key, sounds.size())) return std::move(*found);
  Speech speech = compute();
  write(cache, key, speech);
  return speech;
}

}  // namespace cuatro::nn
