// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "catch.h"

#include <cstdlib>

#include "device/input_error.h"
#include "idx_files.h"
#include "nn/dataset.h"
#include "nn/idx.h"

using namespace cuatro;
using namespace cuatro::nn;

namespace {

std::string idx_error(const std::filesystem::path& path, unsigned dimensions) {
  return message_of<InputError>([&] { read_idx(path, dimensions); });
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("IDX: plain and gzip files give their sizes and bytes") {
  TempFolder dir;
  const std::vector<std::uint8_t> content{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  write_file(dir / "plain", idx_bytes({3, 2, 2}, content));
  write_gz(dir / "packed.gz", idx_bytes({3, 2, 2}, content));
  for (const char* name : {"plain", "packed.gz"}) {
    const Idx idx = read_idx(dir / name, 3);
    CHECK(idx.sizes == std::vector<std::uint32_t>{3, 2, 2});
    CHECK(idx.bytes == content);
  }
}

TEST_CASE("IDX: every damage is one error that names the file") {
  TempFolder dir;
  const auto good = idx_bytes({4}, {1, 2, 3, 4});
  const auto check = [&](const char* name, std::vector<std::uint8_t> bytes, const char* said) {
    write_file(dir / name, bytes);
    const std::string error = idx_error(dir / name, 1);
    INFO(error);
    CHECK(has(error, (dir / name).string()));
    CHECK(has(error, said));
    CHECK(error.find('\n') == std::string::npos);
  };
  write_file(dir / "good", good);
  CHECK(idx_error(dir / "good", 1).empty());  // the control

  auto bytes = good;
  bytes.pop_back();
  check("short", bytes, "truncated: 3 bytes");
  bytes = good;
  bytes.push_back(0);
  check("long", bytes, "longer than");
  bytes = good;
  bytes[2] = 9;
  check("magic", bytes, "wrong magic 0x00000901, expected 0x00000801");
  check("dimensions", idx_bytes({2, 2}, {1, 2, 3, 4}), "wrong magic 0x00000802");
  check("header", {0, 0, 8, 1, 0}, "truncated in the header");
  check("empty", {}, "truncated");
  check("zero", idx_bytes({0}, {}), "is 0");
  check("lies", idx_bytes({0xffffffff}, {1}), "truncated: 1 bytes");  // must not allocate 4 GB first
  CHECK(has(idx_error(dir / "absent", 1), "cannot be opened"));
}

TEST_CASE("IDX: damaged gzip data is found wherever it is") {
  TempFolder dir;
  std::vector<std::uint8_t> content(5000);
  for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<std::uint8_t>(i * i >> 3);
  write_gz(dir / "good.gz", idx_bytes({5000}, content));
  CHECK(idx_error(dir / "good.gz", 1).empty());
  const auto good = read_file(dir / "good.gz");
  for (const std::size_t cut : {good.size() - 1, good.size() - 8, good.size() / 2, std::size_t{12}}) {
    write_file(dir / "cut.gz", {good.begin(), good.begin() + static_cast<std::ptrdiff_t>(cut)});
    const std::string error = idx_error(dir / "cut.gz", 1);
    INFO(cut << ": " << error);
    CHECK(has(error, "cut.gz"));
    CHECK(has(error, "truncated"));
  }
  int found = 0;
  const std::size_t step = good.size() / 60;
  for (std::size_t at = 10; at < good.size(); at += step) {  // the 10-byte header has fields nobody checks
    auto bad = good;
    bad[at] ^= 0x10;
    write_file(dir / "flip.gz", bad);
    const std::string error = idx_error(dir / "flip.gz", 1);
    INFO(at);
    CHECK(has(error, "flip.gz"));
    ++found;
  }
  CHECK(found >= 60);
  auto bad = good;
  bad[good.size() - 8] ^= 1;  // CRC
  write_file(dir / "crc.gz", bad);
  CHECK(has(idx_error(dir / "crc.gz", 1), "corrupt gzip"));
}

TEST_CASE("data sets: labels in range, counts equal, both files there") {
  TempFolder dir;
  const auto error = [&] { return message_of<InputError>([&] { load_images(dir.path(), Part::train); }); };
  CHECK(has(error(), "train-images-idx3-ubyte: missing"));
  write_images(dir.path(), "train", 20, 4);
  CHECK(error().empty());
  const Images images = load_images(dir.path(), Part::train);
  CHECK(images.count == 20);
  CHECK(images.features() == 16);
  CHECK(images.labels[3] == 21 % 10);

  write_gz(dir / "train-labels-idx1-ubyte.gz", idx_bytes({3}, {1, 2, 3}));
  CHECK(has(error(), "3 labels"));
  write_gz(dir / "train-labels-idx1-ubyte.gz",
           idx_bytes({20}, {0, 1, 2, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
  CHECK(has(error(), "label 10 of image 3"));
  std::filesystem::remove(dir / "train-labels-idx1-ubyte.gz");
  CHECK(has(error(), "train-labels-idx1-ubyte: missing"));
}

TEST_CASE("data sets: CUATRO_DATA comes first, and a missing set gives the command that gets it") {
  TempFolder dir;
  const char* before = std::getenv("CUATRO_DATA");
  const std::string saved = before != nullptr ? before : "";
  ::setenv("CUATRO_DATA", dir.path().c_str(), 1);
  const auto error = [](const char* name) { return message_of<InputError>([&] { (void)find_dataset(name); }); };

  std::filesystem::current_path(dir.path());  // no build/data/mnist here
  CHECK(has(error("mnist"), "scripts/get-data mnist"));
  CHECK(has(error("cifar"), "choose from fashion-mnist, mnist"));
  write_images(dir.path(), "train", 10, 4);
  CHECK(find_dataset("mnist") == dir.path());
  write_images(dir / "mnist", "train", 10, 4);
  CHECK(find_dataset("mnist") == dir / "mnist");
  CHECK(find_dataset("fashion-mnist") == dir.path());

  std::filesystem::current_path("/");
  before != nullptr ? ::setenv("CUATRO_DATA", saved.c_str(), 1) : ::unsetenv("CUATRO_DATA");
}
