// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "catch.h"

#include <filesystem>
#include <fstream>
#include <png.h>

#include "data/image_file.h"
#include "device/input_error.h"
#include "temp_folder.h"

using namespace cuatro;
using namespace cuatro::nn;

namespace {

void write_png(const std::filesystem::path& file, std::uint32_t width, std::uint32_t height, std::uint32_t format,
               const std::vector<std::uint8_t>& pixels) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = width;
  image.height = height;
  image.format = format;
  REQUIRE(png_image_write_to_file(&image, file.c_str(), 0, pixels.data(), 0, nullptr) != 0);
}

}  // namespace

TEST_CASE("a picture of the net's size comes through as it is") {
  TempFolder dir;
  std::vector<std::uint8_t> pixels(28 * 28);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i * 7 % 120);
  write_png(dir / "a.png", 28, 28, PNG_FORMAT_GRAY, pixels);
  const Images image = read_png(dir / "a.png", 28, 28);
  CHECK(image.count == 1);
  CHECK(image.rows == 28);
  CHECK(image.cols == 28);
  CHECK(image.pixels == pixels);
  CHECK(image.labels == std::vector<std::uint8_t>{0});
}

TEST_CASE("a larger picture is averaged, a wide one keeps its shape with background above and below") {
  TempFolder dir;
  // 8 × 4: the left half 100, the right half 20.
  std::vector<std::uint8_t> pixels;
  for (int y = 0; y < 4; ++y) {
    for (int x = 0; x < 8; ++x) pixels.push_back(x < 4 ? 100 : 20);
  }
  write_png(dir / "w.png", 8, 4, PNG_FORMAT_GRAY, pixels);
  CHECK(read_png(dir / "w.png", 4, 4).pixels ==
        std::vector<std::uint8_t>{0, 0, 0, 0, 100, 100, 20, 20, 100, 100, 20, 20, 0, 0, 0, 0});
  // Enlarged: every pixel shows the one it lies in.
  CHECK(read_png(dir / "w.png", 16, 16).pixels[4 * 16] == 100);
  CHECK(read_png(dir / "w.png", 16, 16).pixels[11 * 16 + 15] == 20);
  CHECK(read_png(dir / "w.png", 16, 16).pixels[3 * 16] == 0);
}

TEST_CASE("dark on light is turned, colours become grey, transparent is white and so background") {
  TempFolder dir;
  std::vector<std::uint8_t> light(64, 250);
  light[9] = 0;
  write_png(dir / "l.png", 8, 8, PNG_FORMAT_GRAY, light);
  const Images turned = read_png(dir / "l.png", 8, 8);
  CHECK(turned.pixels[9] == 255);
  CHECK(turned.pixels[0] == 5);
  std::vector<std::uint8_t> clear(64 * 4, 0);  // black, all transparent but one pixel
  clear[9 * 4 + 3] = 255;
  write_png(dir / "c.png", 8, 8, PNG_FORMAT_RGBA, clear);
  const Images image = read_png(dir / "c.png", 8, 8);
  CHECK(image.pixels[9] == 255);
  CHECK(image.pixels[0] == 0);
}

TEST_CASE("what is no picture is refused by name") {
  TempFolder dir;
  std::ofstream(dir / "t.png") << "no picture";
  for (const auto& [name, why] : {std::pair("t.png", "not a PNG file that can be read ("), {"none.png", "no such file"}}) {
    const std::string error = message_of<InputError>([&] { read_png(dir / name, 28, 28); });
    CHECK(error.starts_with((dir / name).string() + ": " + why));
  }
  std::vector<std::uint8_t> pixels(64, 9);
  write_png(dir / "cut.png", 8, 8, PNG_FORMAT_GRAY, pixels);
  std::filesystem::resize_file(dir / "cut.png", std::filesystem::file_size(dir / "cut.png") / 2);
  CHECK_FALSE(message_of<InputError>([&] { read_png(dir / "cut.png", 8, 8); }).empty());
}
