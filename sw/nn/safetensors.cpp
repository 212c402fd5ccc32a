// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "nn/safetensors.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "device/atomic_file.h"
#include "device/input_error.h"
#include "nn/join.h"
#include "nn/sha256.h"

namespace cuatro::nn {
namespace {

static_assert(std::endian::native == std::endian::little, "tensor data is copied as it lies in memory");

using nlohmann::json;
constexpr std::size_t kPrefix = 8;
constexpr std::uint64_t kWord = 4;  // bytes of I32 and F32, the only types here

std::string digest(std::span<const std::uint8_t> bytes) {
  Sha256 sha;
  sha.update(bytes);
  return sha.finish();
}

template <class T>
void add_tensor(SafeTensors& to, std::string name, const char* dtype, std::vector<std::uint64_t> shape,
                std::span<const T> values) {
  std::vector<std::uint8_t> bytes(values.size_bytes());
  std::memcpy(bytes.data(), values.data(), bytes.size());
  to.tensors.push_back({std::move(name), dtype, std::move(shape), std::move(bytes)});
}

template <class T>
void get_tensor(const SafeTensors& from, std::string_view name, const char* dtype, std::span<const std::uint64_t> shape,
                std::span<T> values) {
  const auto it = std::find_if(from.tensors.begin(), from.tensors.end(), [&](const auto& t) { return t.name == name; });
  if (it == from.tensors.end()) throw InputError(fmt::format("tensor '{}' is missing", name));
  if (it->dtype != dtype)
    throw InputError(fmt::format("tensor '{}': dtype is {}, expected {}", name, it->dtype, dtype));
  if (!std::equal(shape.begin(), shape.end(), it->shape.begin(), it->shape.end()) ||
      it->bytes.size() != values.size_bytes()) {
    throw InputError(fmt::format("tensor '{}': shape is [{}], expected [{}]", name, join(it->shape, ", "),
                                 join(shape, ", ")));
  }
  std::memcpy(values.data(), it->bytes.data(), it->bytes.size());
}

// What a loader checks, with the file's name in every message.
class Loader {
 public:
  explicit Loader(const std::filesystem::path& path) : path_(path.string()) {
    std::ifstream in(path, std::ios::binary);
    if (!in) fail("cannot be opened");
    file_.assign(std::istreambuf_iterator<char>(in), {});
  }

  SafeTensors load() {
    if (file_.size() < kPrefix)
      fail(fmt::format("truncated: {} bytes, a header starts with {}", file_.size(), kPrefix));
    std::uint64_t length = 0;
    std::memcpy(&length, file_.data(), kPrefix);
    if (length > file_.size() - kPrefix) {
      fail(fmt::format("truncated: header length {} in a file of {} bytes", length, file_.size()));
    }
    const json header = json::parse(file_.begin() + kPrefix,
                                    file_.begin() + kPrefix + static_cast<std::ptrdiff_t>(length), nullptr, false);
    if (!header.is_object()) fail("header: not a JSON object");
    data_ = std::span(file_).subspan(kPrefix + length);

    SafeTensors content;
    for (const auto& [name, entry] : header.items()) {
      if (name == "__metadata__") {
        read_metadata(entry, content);
      } else {
        read_tensor(name, entry, content);
      }
    }
    check_cover();
    const auto sha = content.metadata.find("data_sha256");
    if (sha != content.metadata.end() && sha->second != digest(data_))
      fail("__metadata__.data_sha256: does not match the data, the file is damaged");
    return content;
  }

 private:
  struct Range {
    std::uint64_t begin, end;
    std::string name;
  };

  void read_metadata(const json& entry, SafeTensors& content) {
    if (!entry.is_object()) fail("__metadata__: not an object of strings");
    for (const auto& [key, value] : entry.items()) {
      if (!value.is_string()) fail(fmt::format("__metadata__.{}: not a string", key));
      content.metadata[key] = value.get<std::string>();
    }
  }

  void read_tensor(const std::string& name, const json& entry, SafeTensors& content) {
    const auto bad = [&](const char* field, const char* expected) {
      fail(fmt::format("tensor '{}': {}: expected {}", name, field, expected));
    };
    if (!entry.is_object()) bad("entry", "an object");
    const json dtype = entry.value("dtype", json()), shape = entry.value("shape", json());
    const json offsets = entry.value("data_offsets", json());
    if (dtype != "I32" && dtype != "F32") bad("dtype", "I32 or F32");
    const auto sizes = [](const json& list) {
      return list.is_array() &&
             std::all_of(list.begin(), list.end(), [](const json& v) { return v.is_number_unsigned(); });
    };
    if (!sizes(shape)) bad("shape", "an array of sizes");
    if (!sizes(offsets) || offsets.size() != 2) bad("data_offsets", "two byte offsets");
    SafeTensor tensor{name, dtype.get<std::string>(), shape.get<std::vector<std::uint64_t>>(), {}};
    const auto begin = offsets[0].get<std::uint64_t>(), end = offsets[1].get<std::uint64_t>();
    if (begin > end || end > data_.size()) bad("data_offsets", "a range inside the file (is it truncated?)");
    std::uint64_t elements = 1;
    for (const std::uint64_t size : tensor.shape) {
      if (size != 0 && elements > data_.size() / size) bad("shape", "no more elements than the file holds");
      elements *= size;
    }
    if (elements * kWord != end - begin) bad("shape", "4 bytes an element between the data_offsets");
    const auto bytes = data_.subspan(begin, end - begin);
    tensor.bytes.assign(bytes.begin(), bytes.end());
    ranges_.push_back({begin, end, name});
    content.tensors.push_back(std::move(tensor));
  }

  // The format forbids holes and overlaps.
  void check_cover() {
    std::sort(ranges_.begin(), ranges_.end(), [](const Range& a, const Range& b) { return a.begin < b.begin; });
    std::uint64_t at = 0;
    for (const Range& range : ranges_) {
      if (range.begin != at)
        fail(fmt::format("tensor '{}': data_offsets: a hole or an overlap at byte {}", range.name, at));
      at = range.end;
    }
    if (at != data_.size()) fail(fmt::format("{} bytes of data, the tensors cover {}", data_.size(), at));
  }

  [[noreturn]] void fail(const std::string& what) const { throw InputError(fmt::format("{}: {}", path_, what)); }

  std::string path_;
  std::vector<std::uint8_t> file_;
  std::span<const std::uint8_t> data_;
  std::vector<Range> ranges_;
};

}  // namespace

void SafeTensors::add(std::string name, std::vector<std::uint64_t> shape, std::span<const std::int32_t> values) {
  add_tensor(*this, std::move(name), "I32", std::move(shape), values);
}
void SafeTensors::add(std::string name, std::vector<std::uint64_t> shape, std::span<const float> values) {
  add_tensor(*this, std::move(name), "F32", std::move(shape), values);
}
void SafeTensors::get(std::string_view name, std::span<const std::uint64_t> shape,
                      std::span<std::int32_t> values) const {
  get_tensor(*this, name, "I32", shape, values);
}
void SafeTensors::get(std::string_view name, std::span<const std::uint64_t> shape, std::span<float> values) const {
  get_tensor(*this, name, "F32", shape, values);
}

void save_safetensors(const std::filesystem::path& path, const SafeTensors& content) {
  std::vector<std::uint8_t> data;
  json header = json::object();
  for (const SafeTensor& tensor : content.tensors) {
    const std::uint64_t begin = data.size();
    data.insert(data.end(), tensor.bytes.begin(), tensor.bytes.end());
    header[tensor.name] = {{"dtype", tensor.dtype}, {"shape", tensor.shape}, {"data_offsets", {begin, data.size()}}};
  }
  header["__metadata__"] = content.metadata;
  header["__metadata__"]["data_sha256"] = digest(data);
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');  // data aligned to 8 bytes, as the format advises
  std::vector<std::uint8_t> file(kPrefix + text.size());
  const std::uint64_t length = text.size();
  std::memcpy(file.data(), &length, kPrefix);
  std::memcpy(file.data() + kPrefix, text.data(), text.size());
  file.insert(file.end(), data.begin(), data.end());
  write_file_atomically(path, file);
}

SafeTensors load_safetensors(const std::filesystem::path& path) { return Loader(path).load(); }

}  // namespace cuatro::nn
