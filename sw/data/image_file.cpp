// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "data/image_file.h"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>
#include <png.h>

#include "device/input_error.h"

namespace cuatro::nn {
namespace {

constexpr std::uint32_t kMostPixels = 1U << 26;

struct Grey {
  std::uint32_t rows = 0, cols = 0;
  std::vector<std::uint8_t> pixels;
};

Grey decode(const std::filesystem::path& file) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  const auto fail = [&](const std::string& why) {
    png_image_free(&image);
    throw InputError(fmt::format("{}: {}", file.string(), why));
  };
  const auto no_png = [&] { fail(fmt::format("not a PNG file that can be read ({})", image.message)); };
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) fail("no such file");
  if (png_image_begin_read_from_file(&image, file.c_str()) == 0) no_png();
  if (std::uint64_t{image.width} * image.height > kMostPixels) {
    fail(fmt::format("{} × {} pixels are too many", image.width, image.height));
  }
  image.format = PNG_FORMAT_GRAY;
  Grey grey{image.height, image.width, std::vector<std::uint8_t>(PNG_IMAGE_SIZE(image))};
  const png_color white{255, 255, 255};  // behind what is transparent
  if (png_image_finish_read(&image, &white, grey.pixels.data(), 0, nullptr) == 0) no_png();
  return grey;
}

}  // namespace

Images read_png(const std::filesystem::path& file, std::uint32_t rows, std::uint32_t cols) {
  Grey from = decode(file);
  const std::uint64_t sum = std::accumulate(from.pixels.begin(), from.pixels.end(), std::uint64_t{0});
  if (sum > from.pixels.size() * 128) {
    for (std::uint8_t& p : from.pixels) p = static_cast<std::uint8_t>(255 - p);
  }
  // The scale that fits both sides; the picture in the middle.
  const double scale = std::max(static_cast<double>(from.rows) / rows, static_cast<double>(from.cols) / cols);
  const double top = (from.rows - rows * scale) / 2, left = (from.cols - cols * scale) / 2;
  const auto range = [](double begin, double end, std::uint32_t size) {
    const auto first = static_cast<std::uint32_t>(std::clamp(begin, 0.0, static_cast<double>(size)));
    const auto last = static_cast<std::uint32_t>(std::clamp(end, 0.0, static_cast<double>(size)));
    return std::pair(first, begin < static_cast<double>(size) && end > 0 ? std::max(last, std::min(first + 1, size)) : first);
  };
  Images image{1, rows, cols, std::vector<std::uint8_t>(std::size_t{rows} * cols), {0}};
  for (std::uint32_t r = 0; r < rows; ++r) {
    const auto [y0, y1] = range(top + r * scale, top + (r + 1) * scale, from.rows);
    for (std::uint32_t c = 0; c < cols; ++c) {
      const auto [x0, x1] = range(left + c * scale, left + (c + 1) * scale, from.cols);
      std::uint64_t total = 0;
      for (std::uint32_t y = y0; y < y1; ++y) {
        for (std::uint32_t x = x0; x < x1; ++x) total += from.pixels[std::size_t{y} * from.cols + x];
      }
      const std::uint64_t area = std::uint64_t{y1 - y0} * (x1 - x0);
      image.pixels[std::size_t{r} * cols + c] = area == 0 ? 0 : static_cast<std::uint8_t>(total / area);
    }
  }
  return image;
}

}  // namespace cuatro::nn
