// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "catch.h"

#include <cstring>
#include <functional>
#include <nlohmann/json.hpp>

#include "device/atomic_file.h"
#include "device/input_error.h"
#include "nn/safetensors.h"
#include "nn/sha256.h"
#include "temp_folder.h"

using namespace cuatro;
using namespace cuatro::nn;
using nlohmann::json;

namespace {

std::string sha256(const std::string& text) {
  Sha256 sha;
  sha.update(std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
  return sha.finish();
}

SafeTensors example() {
  SafeTensors t;
  t.metadata["step"] = "12";
  t.add("a", {2, 3}, std::span<const std::int32_t>(std::vector<std::int32_t>{1, -2, 3, INT32_MIN, INT32_MAX, 0}));
  t.add("b", {2}, std::span<const float>(std::vector<float>{0.5F, -3.25F}));
  return t;
}

std::vector<std::uint8_t> file_of(const json& header, std::size_t data) {
  const std::string text = header.dump();
  std::vector<std::uint8_t> file(8 + text.size() + data, 7);
  const std::uint64_t length = text.size();
  std::memcpy(file.data(), &length, 8);
  std::memcpy(file.data() + 8, text.data(), text.size());
  return file;
}

}  // namespace

TEST_CASE("SHA-256: the vectors of FIPS 180-4, and any cutting into pieces") {
  CHECK(sha256("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(sha256(std::string(1'000'000, 'a')) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  for (std::size_t length = 0; length < 200; ++length) {
    const std::string text(length, 'x');
    Sha256 pieces;
    for (const char& c : text) pieces.update(std::span(reinterpret_cast<const std::uint8_t*>(&c), 1));
    CHECK(pieces.finish() == sha256(text));
  }
  Sha256 words, bytes;
  words.update(std::span<const std::int32_t>(std::vector<std::int32_t>{0x04030201, -1}));
  bytes.update(std::span<const std::uint8_t>(std::vector<std::uint8_t>{1, 2, 3, 4, 255, 255, 255, 255}));
  CHECK(words.finish() == bytes.finish());
}

TEST_CASE("a file comes back as it was saved") {
  TempFolder dir;
  save_safetensors(dir / "t", example());
  const SafeTensors back = load_safetensors(dir / "t");
  CHECK(back.metadata.at("step") == "12");
  std::vector<std::int32_t> a(6);
  std::vector<float> b(2);
  const std::uint64_t a_shape[] = {2, 3}, b_shape[] = {2};
  back.get("a", a_shape, std::span(a));
  back.get("b", b_shape, std::span(b));
  CHECK(a == std::vector<std::int32_t>{1, -2, 3, INT32_MIN, INT32_MAX, 0});
  CHECK(b == std::vector<float>{0.5F, -3.25F});
  CHECK_FALSE(std::filesystem::exists(dir / "t.tmp"));
}

TEST_CASE("the layout is safetensors': length, JSON header, contiguous data") {
  TempFolder dir;
  save_safetensors(dir / "t", example());
  const auto file = read_file(dir / "t");
  std::uint64_t length = 0;
  std::memcpy(&length, file.data(), 8);
  CHECK(length % 8 == 0);
  const json header = json::parse(file.begin() + 8, file.begin() + 8 + static_cast<std::ptrdiff_t>(length));
  CHECK(header["a"] == json{{"dtype", "I32"}, {"shape", {2, 3}}, {"data_offsets", {0, 24}}});
  CHECK(header["b"] == json{{"dtype", "F32"}, {"shape", {2}}, {"data_offsets", {24, 32}}});
  CHECK(file.size() == 8 + length + 32);
}

TEST_CASE("asking for what is not there names the tensor") {
  const SafeTensors t = example();
  std::vector<std::int32_t> a(6);
  std::vector<float> f(6);
  const auto error = [&](const char* name, std::vector<std::uint64_t> shape) {
    return message_of<InputError>([&] { t.get(name, shape, std::span(a)); });
  };
  CHECK(error("a", {2, 3}).empty());
  CHECK(error("c", {2, 3}) == "tensor 'c' is missing");
  CHECK(error("a", {3, 2}) == "tensor 'a': shape is [2, 3], expected [3, 2]");
  CHECK(error("b", {2}).find("dtype is F32") != std::string::npos);
  CHECK_FALSE(message_of<InputError>([&] { t.get("a", std::vector<std::uint64_t>{2, 3}, std::span(f)); }).empty());
}

TEST_CASE("any truncation and any flipped bit is refused, naming the file") {
  TempFolder dir;
  save_safetensors(dir / "good", example());
  const auto good = read_file(dir / "good");
  CHECK(message_of<InputError>([&] { load_safetensors(dir / "good"); }).empty());
  const auto refused = [&](const std::vector<std::uint8_t>& bytes) {
    write_file(dir / "bad", bytes);
    const std::string error = message_of<InputError>([&] { load_safetensors(dir / "bad"); });
    return error.find((dir / "bad").string()) != std::string::npos && error.find('\n') == std::string::npos;
  };
  for (std::size_t cut = 0; cut < good.size(); ++cut) {
    INFO(cut);
    CHECK(refused({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(cut)}));
  }
  std::size_t accepted = 0;
  for (std::size_t at = 0; at < good.size(); ++at) {
    auto bad = good;
    bad[at] ^= 1;
    accepted += !refused(bad);
  }
  // A flip may turn one readable header into another (a letter of a name, a metadata value, a space): the
  // checkpoint's checks of names and values are for those. Data and offsets are never accepted.
  const std::uint64_t letters = 1 + 1 + std::strlen("step12__metadata__data_sha256");
  CHECK(accepted <= letters);
  for (std::size_t at = good.size() - 32; at < good.size(); ++at) {
    auto bad = good;
    bad[at] ^= 0x80;
    CHECK(refused(bad));
  }
  CHECK(message_of<InputError>([&] { load_safetensors(dir / "none"); }).find("cannot be opened") != std::string::npos);
}

TEST_CASE("inconsistent headers are refused, naming tensor and field") {
  TempFolder dir;
  const json good{{"a", {{"dtype", "I32"}, {"shape", {2}}, {"data_offsets", {0, 8}}}}};
  const auto error = [&](const json& header, std::size_t data) {
    write_file(dir / "t", file_of(header, data));
    return message_of<InputError>([&] { load_safetensors(dir / "t"); });
  };
  CHECK(error(good, 8).empty());
  const auto with = [&](const char* field, json value) {
    json header = good;
    header["a"][field] = std::move(value);
    return error(header, 8);
  };
  const auto names = [](const std::string& text, const char* field) {
    return text.find("'a'") != std::string::npos && text.find(field) != std::string::npos;
  };
  CHECK(names(with("dtype", "F64"), "dtype"));
  CHECK(names(with("dtype", 3), "dtype"));
  CHECK(names(with("shape", {3}), "shape"));
  CHECK(names(with("shape", {-2}), "shape"));
  CHECK(names(with("shape", {std::uint64_t{1} << 62, 4}), "shape"));  // the product wraps to 0
  CHECK(names(with("shape", "2"), "shape"));
  CHECK(names(with("data_offsets", {0, 16}), "data_offsets"));
  CHECK(names(with("data_offsets", {8, 0}), "data_offsets"));
  CHECK(names(with("data_offsets", {0}), "data_offsets"));
  CHECK_FALSE(error(good, 12).empty());
  const json lines{{"a\nb\x1b[2J", {{"dtype", "F64"}, {"shape", {2}}, {"data_offsets", {0, 8}}}}};
  CHECK(error(lines, 8).find("'a?b?[2J'") != std::string::npos);  // one line, and no terminal's command
  json overlap = good;
  overlap["b"] = overlap["a"];
  CHECK(error(overlap, 8).find("overlap") != std::string::npos);
  CHECK_FALSE(error(json::array(), 0).empty());
  json metadata = good;
  metadata["__metadata__"] = {{"step", 3}};
  CHECK(error(metadata, 8).find("__metadata__.step") != std::string::npos);
}

TEST_CASE("a failed write leaves the old file and nothing else") {
  TempFolder dir;
  write_file_atomically(dir / "f", std::string_view("old"));
  std::filesystem::create_directory(dir / "f.tmp");  // the file beside cannot be opened
  const std::string error = message_of<InputError>([&] { write_file_atomically(dir / "f", std::string_view("new")); });
  CHECK(error.find((dir / "f").string()) != std::string::npos);
  CHECK(read_file(dir / "f") == std::vector<std::uint8_t>{'o', 'l', 'd'});
  CHECK_FALSE(message_of<InputError>([&] { write_file_atomically(dir / "no" / "f", std::string_view("x")); }).empty());
}
