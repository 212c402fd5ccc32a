// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include <cstdint>
#include <memory>
#include <numeric>
#include <random>
#include <tuple>
#include <utility>
#include <vector>

#include "catch.h"
#include "golden/gemm.h"
#include "golden/golden_device.h"
#include "golden/output_stage.h"
#include "golden/update.h"

using namespace cuatro;
using namespace cuatro::golden;

namespace {

template <class T>
std::vector<T> random_vector(std::mt19937_64& random, std::size_t count, std::uint64_t mask) {
  std::vector<T> values(count);
  for (auto& value : values) value = static_cast<T>(random() & mask);
  return values;
}

Output random_output(std::mt19937_64& random) {
  constexpr std::pair<OutFormat, Rounding> rules[] = {
      {OutFormat::raw, Rounding::nearest},     {OutFormat::int4, Rounding::nearest},
      {OutFormat::int4, Rounding::stochastic}, {OutFormat::uint4, Rounding::floor},
      {OutFormat::log4, Rounding::tpr},        {OutFormat::log4, Rounding::two_term},
      {OutFormat::log2, Rounding::stochastic}, {OutFormat::log2, Rounding::two_term}};
  Output out;
  std::tie(out.format, out.rounding) = rules[random() % std::size(rules)];
  out.shift = static_cast<int>(random() % 20) - 4;
  out.mult = static_cast<int>(random() % 256);
  out.write_mask = random() % 2 != 0;
  out.key = random();
  return out;
}

// What the device left behind, against what the definition says it should be.
bool holds(GoldenDevice& device, const Result& result, const OutputData& want) {
  const bool codes = result.codes ? device.read_codes(result.codes) == want.codes : want.codes.empty();
  const bool codes2 = result.codes2 ? device.read_codes(result.codes2) == want.codes2 : want.codes2.empty();
  const bool mask = result.mask ? device.read_mask(result.mask) == want.mask : want.mask.empty();
  const bool raw = result.raw ? device.read_raw(result.raw) == want.raw : want.raw.empty();
  return codes && codes2 && mask && raw && device.stats(result) == want.stats;
}

}  // namespace

TEST_CASE("gemm is the plain loop, then the addend, then the plain output stage") {
  constexpr unsigned seed = 20260110;
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  GoldenDevice device;
  for (int run = 0; run < 400; ++run) {
    const std::uint32_t m = 1 + random() % 40, n = 1 + random() % 40, k = 1 + random() % 70;
    constexpr Format b_formats[] = {Format::int4, Format::log4, Format::log2};
    const Format b_format = b_formats[random() % 3];
    Gemm op;
    op.a_format = static_cast<AFormat>(random() % 3);
    op.zero_point = op.a_format == AFormat::affine ? static_cast<int>(random() % 16) : 0;
    op.a_transposed = random() % 2 != 0;
    op.b_transposed = random() % 2 != 0;
    op.out = random_output(random);
    op.out.transpose = random() % 2 != 0;
    const bool two_terms = random() % 2 != 0, masked = random() % 2 != 0;
    op.term_shift = two_terms ? static_cast<int>(random() % 3) : 0;
    const std::uint32_t rows = op.out.transpose ? n : m, cols = op.out.transpose ? m : n;

    const auto a = random_vector<std::uint8_t>(random, std::size_t{m} * k, 15);
    const auto b = random_vector<std::uint8_t>(random, std::size_t{k} * n, 15);
    const auto b2 = random_vector<std::uint8_t>(random, std::size_t{k} * n, 15);
    const auto bias = random_vector<std::int32_t>(random, n, 0xFFFFFFFF);
    const auto addend = random_vector<std::int32_t>(random, std::size_t{m} * n, 0xFFFFFFFF);
    const auto mask = random_vector<std::uint8_t>(random, std::size_t{m} * n, 1);

    GemmOperands plain;
    plain.m = m;
    plain.n = n;
    plain.k = k;
    plain.a = a;
    plain.a_transposed = op.a_transposed;
    plain.a_format = op.a_format;
    plain.zero_point = op.zero_point;
    plain.b = b;
    if (two_terms) plain.b2 = b2;
    plain.b_transposed = op.b_transposed;
    plain.b_format = b_format;
    plain.term_shift = op.term_shift;
    std::vector<std::int32_t> words(std::size_t{m} * n);
    const auto acc = gemm_plain(plain);
    const int addend_kind = static_cast<int>(random() % 3);
    op.addend_shift = addend_kind == 0 ? 0 : static_cast<int>(random() % 3);
    for (std::size_t i = 0; i < m; ++i) {
      for (std::size_t j = 0; j < n; ++j) {
        const std::size_t at = op.out.transpose ? j * m + i : i * n + j;
        const std::int64_t added = addend_kind == 0 ? 0 : addend_kind == 1 ? bias[j] : addend[at];
        words[at] = static_cast<std::int32_t>(
            static_cast<std::uint32_t>(added * (1 << op.addend_shift) + acc[i * n + j]));
      }
    }
    OutputData want = output_stage_plain(words, cols, masked ? mask : std::vector<std::uint8_t>{}, op.out);

    const auto stored = [](bool turned, std::uint32_t r, std::uint32_t c) {
      return turned ? std::pair(c, r) : std::pair(r, c);
    };
    const auto [a_rows, a_cols] = stored(op.a_transposed, m, k);
    const auto [b_rows, b_cols] = stored(op.b_transposed, k, n);
    op.a =
        device.upload_codes(a, a_rows, a_cols, op.a_format == AFormat::int4 ? Format::int4 : Format::uint4);
    op.b = device.upload_codes(b, b_rows, b_cols, b_format);
    if (two_terms) op.b2 = device.upload_codes(b2, b_rows, b_cols, b_format);
    if (addend_kind == 1) op.bias = bias;
    if (addend_kind == 2) op.addend = device.upload_raw(addend, rows, cols);
    if (masked) op.mask = device.upload_mask(mask, rows, cols);
    const Result result = device.gemm(op, "run");
    INFO("run " << run);
    REQUIRE(holds(device, result, want));
    const Tensor& main = op.out.format == OutFormat::raw ? result.raw : result.codes;
    REQUIRE(main.rows == rows);
    REQUIRE(main.cols == cols);
    if (op.out.format != OutFormat::raw) REQUIRE(int(result.codes.format) == int(op.out.format));
  }
}

TEST_CASE("an update is the plain loop, then the plain update of its state, which stays as it is") {
  constexpr unsigned seed = 20261127;
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  GoldenDevice device;
  for (int run = 0; run < 200; ++run) {
    const std::uint32_t m = 1 + random() % 40, n = 1 + random() % 40, k = 1 + random() % 70;
    const bool two_terms = random() % 2 != 0;
    GemmOperands plain;
    plain.m = m;
    plain.n = n;
    plain.k = k;
    const auto a = random_vector<std::uint8_t>(random, std::size_t{m} * k, 15);
    const auto b = random_vector<std::uint8_t>(random, std::size_t{k} * n, 15);
    const auto b2 = random_vector<std::uint8_t>(random, std::size_t{k} * n, 15);
    const auto state = random_vector<std::int32_t>(random, std::size_t{m} * n, 0x7FFF'7FFF);
    plain.a = a;
    plain.a_format = AFormat::uint4;
    plain.b = b;
    if (two_terms) plain.b2 = b2;
    plain.b_format = Format::log2;
    plain.transpose_result = random() % 2 != 0;

    Gemm op;
    op.out.format = OutFormat::update;
    op.out.rounding = Rounding::stochastic;
    op.out.shift = static_cast<int>(random() % 32) - 4;
    op.out.key = random();
    op.out.transpose = plain.transpose_result;
    const std::uint32_t rows = op.out.transpose ? n : m, cols = op.out.transpose ? m : n;
    op.a_format = AFormat::uint4;
    op.a = device.upload_codes(a, m, k, Format::uint4);
    op.b = device.upload_codes(b, k, n, Format::log2);
    if (two_terms) op.b2 = device.upload_codes(b2, k, n, Format::log2);
    op.update = {device.upload_raw(state, rows, cols), static_cast<int>(random() % 16), static_cast<int>(random() % 16)};
    const Result result = device.gemm(op, "run");
    INFO("run " << run);
    REQUIRE(holds(device, result, update_plain(gemm_plain(plain), state, cols,
                                               {op.out.shift, op.update.lr_shift, op.update.code_shift}, op.out.key)));
    REQUIRE(result.codes.format == Format::int4);
    REQUIRE(device.read_raw(op.update.state) == state);
  }
}

TEST_CASE("quantize takes host words of 8, 16 and 32 bits and raw tensors") {
  constexpr unsigned seed = 20260111;
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  GoldenDevice device;
  for (int run = 0; run < 200; ++run) {
    Quantize op;
    op.rows = 1 + random() % 50;
    op.cols = 1 + random() % 50;
    op.out = random_output(random);
    const std::size_t count = std::size_t{op.rows} * op.cols;
    const auto bytes = random_vector<std::uint8_t>(random, count, 0xFF);
    const auto halves = random_vector<std::int16_t>(random, count, 0xFFFF);
    const auto words = random_vector<std::int32_t>(random, count, 0xFFFFFFFF);
    const auto mask = random_vector<std::uint8_t>(random, count, 1);
    std::vector<std::int32_t> source = words;
    const int kind = run % 4;
    if (kind == 0) {
      op.type = SourceType::u8;
      op.data = bytes.data();
      source.assign(bytes.begin(), bytes.end());
    } else if (kind == 1) {
      op.type = SourceType::s16;
      op.data = halves.data();
      source.assign(halves.begin(), halves.end());
    } else if (kind == 2) {
      op.data = words.data();
    } else {
      op.raw = device.upload_raw(words, op.rows, op.cols);
    }
    const bool masked = random() % 2 != 0;
    if (masked) op.mask = device.upload_mask(mask, op.rows, op.cols);
    const OutputData want =
        output_stage_plain(source, op.cols, masked ? mask : std::vector<std::uint8_t>{}, op.out);
    INFO("run " << run);
    REQUIRE(holds(device, device.quantize(op, "run"), want));
  }
}

TEST_CASE("gather_rows returns the named rows in that order, repeats included") {
  GoldenDevice device;
  const std::vector<std::uint8_t> codes = {0, 1, 2, 3, 4, 5, 6, 7, 8};
  const Tensor tensor = device.upload_codes(codes, 3, 3, Format::log2);
  const std::vector<std::uint32_t> rows = {2, 0, 1, 2};
  const Tensor gathered = device.gather_rows(tensor, rows);
  CHECK(gathered.rows == 4);
  CHECK(gathered.cols == 3);
  CHECK(gathered.format == Format::log2);
  CHECK(device.read_codes(gathered) == std::vector<std::uint8_t>{6, 7, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8});
}

TEST_CASE("unfold is the plain loop over window positions, for any stride, padding, dilation and order of taps") {
  GoldenDevice device;
  std::mt19937 random(91);
  const auto pick = [&](std::uint32_t low, std::uint32_t high) {
    return low + static_cast<std::uint32_t>(random() % (high - low + 1));
  };
  for (int run = 0; run < 200; ++run) {
    Window w{pick(1, 3), pick(1, 7), pick(1, 7), pick(1, 5), pick(1, 5), pick(1, 3),
             pick(0, 4), pick(0, 4), pick(1, 3), pick(1, 8), pick(1, 8), pick(0, 1) != 0};
    const std::uint32_t channels = pick(1, 5);
    const auto pad = static_cast<std::uint8_t>(pick(0, 15));
    std::vector<std::uint8_t> codes(std::size_t{w.images} * w.height * w.width * channels);
    for (auto& code : codes) code = static_cast<std::uint8_t>(random() % 16);
    std::vector<std::uint8_t> want;
    for (std::uint32_t n = 0; n < w.images; ++n)
      for (std::uint32_t y = 0; y < w.out_height; ++y)
        for (std::uint32_t x = 0; x < w.out_width; ++x)
          for (std::uint32_t tap = 0; tap < w.kernel_h * w.kernel_w; ++tap)
            for (std::uint32_t c = 0; c < channels; ++c) {
                const std::uint32_t k = w.reversed ? w.kernel_h * w.kernel_w - 1 - tap : tap;
                const std::uint32_t ky = k / w.kernel_w, kx = k % w.kernel_w;
                const int v = static_cast<int>(y * w.stride + ky) - static_cast<int>(w.pad_h);
                const int h = static_cast<int>(x * w.stride + kx) - static_cast<int>(w.pad_w);
                const int d = static_cast<int>(w.dilation);
                const bool hit = v >= 0 && h >= 0 && v % d == 0 && h % d == 0 &&
                                 v / d < static_cast<int>(w.height) && h / d < static_cast<int>(w.width);
                const int pixel = (static_cast<int>(n * w.height) + v / d) * static_cast<int>(w.width) + h / d;
                want.push_back(hit ? codes[static_cast<std::size_t>(pixel) * channels + c] : pad);
              }
    const Tensor from = device.upload_codes(codes, w.images * w.height * w.width, channels, Format::uint4);
    const Tensor got = device.unfold(from, w, pad);
    INFO("run " << run);
    REQUIRE(got.rows == w.images * w.out_height * w.out_width);
    REQUIRE(got.cols == w.kernel_h * w.kernel_w * channels);
    REQUIRE(got.format == Format::uint4);
    // Some rows of it, in order and not, before and after somebody has seen them all.
    const std::uint32_t first = pick(0, got.rows - 1), count = pick(1, got.rows - first);
    std::vector<std::uint32_t> rows(count);
    std::iota(rows.begin(), rows.end(), first);
    const auto at = want.begin() + static_cast<std::ptrdiff_t>(std::size_t{first} * got.cols);
    const std::vector<std::uint8_t> part(at, at + static_cast<std::ptrdiff_t>(std::size_t{count} * got.cols));
    const Tensor early = device.gather_rows(got, rows);
    REQUIRE(device.read_codes(early) == part);
    const std::vector<std::uint32_t> last = {got.rows - 1, 0};
    REQUIRE(device.read_codes(device.gather_rows(device.unfold(from, w, pad), last)).size() == 2 * got.cols);
    REQUIRE(device.read_codes(got) == want);
    REQUIRE(device.read_codes(device.gather_rows(got, rows)) == part);
  }
}

TEST_CASE("what is uploaded is what is read") {
  GoldenDevice device;
  const std::vector<std::uint8_t> codes = {15, 0, 7, 8}, bits = {1, 0, 0, 1};
  const std::vector<std::int32_t> words = {INT32_MIN, -1, 0, INT32_MAX};
  const Tensor a = device.upload_codes(codes, 2, 2, Format::uint4);
  const Tensor b = device.upload_mask(bits, 1, 4);
  const Tensor c = device.upload_raw(words, 4, 1);
  CHECK(device.read_codes(a) == codes);
  CHECK(device.read_mask(b) == bits);
  CHECK(device.read_raw(c) == words);
  CHECK(a.id != b.id);
  CHECK(b.id != c.id);
  CHECK(c.kind == TensorKind::raw);
}

TEST_CASE("the storage of a tensor is freed with its last handle, and outlives the others") {
  GoldenDevice device;
  const std::vector<std::uint8_t> codes(4);
  Tensor tensor = device.upload_codes(codes, 2, 2, Format::int4);
  const std::weak_ptr<void> storage = tensor.storage;
  Tensor copy = tensor;
  tensor = {};
  CHECK(!storage.expired());
  copy = {};
  CHECK(storage.expired());
}

TEST_CASE("counters hold commands and useful multiplications, two terms twice") {
  GoldenDevice device;
  const std::vector<std::uint8_t> codes(12);
  Gemm op;
  op.a = device.upload_codes(codes, 3, 4, Format::int4);
  op.b = device.upload_codes(codes, 4, 3, Format::log4);
  const Result first = device.gemm(op, "one term");
  op.b2 = op.b;
  const Result second = device.gemm(op, "two terms");
  Quantize quantize;
  quantize.raw = first.raw;
  quantize.out.format = OutFormat::int4;
  device.quantize(quantize, "quantize");
  CHECK(device.counters().commands == 3);
  CHECK(device.counters().useful_macs == 36 + 72);
  CHECK(device.counters().cycles == 0);
  CHECK(first.command != second.command);
  CHECK(device.name() == "golden");
}

TEST_CASE("statistics belong to a command, and an unknown command has none") {
  GoldenDevice device;
  const std::vector<std::int32_t> words = {100, -7};
  Quantize op;
  op.data = words.data();
  op.rows = 1;
  op.cols = 2;
  op.out.format = OutFormat::int4;
  const Result first = device.quantize(op, "clips");
  op.out.shift = 5;
  const Result second = device.quantize(op, "fits");
  CHECK(device.stats(first) == Stats{100, 107, 1});
  CHECK(device.stats(second) == Stats{100, 107, 0});
  CHECK_THROWS_AS(device.stats(Result{}), DeviceError);
}
