// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "catch.h"
#include "device/validate.h"
#include "golden/golden_device.h"

using namespace cuatro;

namespace {

// What a call says when it refuses; "" if it does not.
std::string refusal(const std::function<void()>& call) {
  try {
    call();
  } catch (const DeviceError& error) {
    return error.what();
  }
  return "";
}

// A handle with sizes and no data: the checks look at nothing else.
Tensor tensor(std::uint32_t rows, std::uint32_t cols, TensorKind kind, Format format = Format::int4) {
  return {1, rows, cols, kind, format, std::make_shared<int>(0)};
}

Tensor codes(std::uint32_t rows, std::uint32_t cols, Format format = Format::int4) {
  return tensor(rows, cols, TensorKind::codes, format);
}

Gemm good_gemm(std::uint32_t k = 4) {
  Gemm op;
  op.a = codes(2, k);
  op.b = codes(k, 3, Format::log4);
  return op;
}

Quantize good_quantize() {
  Quantize op;
  op.raw = tensor(2, 3, TensorKind::raw);
  op.out.format = OutFormat::int4;
  return op;
}

std::string gemm_refusal(const std::function<void(Gemm&)>& change, std::uint32_t k = 4) {
  Gemm op = good_gemm(k);
  change(op);
  return refusal([&] { validate_gemm(op, ""); });
}

std::string quantize_refusal(const std::function<void(Quantize&)>& change) {
  Quantize op = good_quantize();
  change(op);
  return refusal([&] { validate_quantize(op, ""); });
}

}  // namespace

TEST_CASE("a good gemm and a good quantize pass and give their sizes") {
  CHECK(validate_gemm(good_gemm(), "") == GemmShape{2, 3, 4});
  CHECK(validate_quantize(good_quantize(), "") == Shape{2, 3});
  Gemm op = good_gemm();
  op.a = codes(4, 2);
  op.a_transposed = true;
  op.b = codes(3, 4, Format::log2);
  op.b_transposed = true;
  op.out.transpose = true;
  op.addend = tensor(3, 2, TensorKind::raw);
  op.mask = tensor(3, 2, TensorKind::mask);
  op.addend_shift = 2;
  CHECK(validate_gemm(op, "") == GemmShape{2, 3, 4});
}

TEST_CASE("the label is named") {
  Gemm op = good_gemm();
  op.out.shift = 40;
  CHECK(refusal([&] { validate_gemm(op, "dW fc1"); }) == "gemm (dW fc1): out.shift = 40 is outside -16..31");
}

TEST_CASE("K is bounded: 34952 for one term, 11650 for two") {
  const auto two = [](Gemm& op) { op.b2 = op.b; };
  CHECK(gemm_refusal([](Gemm&) {}, 34952) == "");
  CHECK(gemm_refusal([](Gemm&) {}, 40000) == "gemm: K = 40000 exceeds 34952 for one term");
  CHECK(gemm_refusal(two, 11650) == "");
  CHECK(gemm_refusal(two, 11651) == "gemm: K = 11651 exceeds 11650 for two terms");
  CHECK(validate_gemm_any_k(good_gemm(40000), "").k == 40000);
}

TEST_CASE("operand shapes and formats are checked") {
  CHECK(gemm_refusal([](Gemm& op) { op.a = {}; }) == "gemm: a = (empty) where a tensor of codes is needed");
  CHECK(gemm_refusal([](Gemm& op) { op.b = tensor(4, 3, TensorKind::raw); }) ==
        "gemm: b = raw where a tensor of codes is needed");
  CHECK(gemm_refusal([](Gemm& op) { op.b_transposed = true; }) == "gemm: K of a = 4 where K of b = 3");
  CHECK(gemm_refusal([](Gemm& op) { op.a.format = Format::log4; }) ==
        "gemm: a.format = log4 where a_format needs int4");
  CHECK(gemm_refusal([](Gemm& op) { op.a_format = AFormat::affine; }) ==
        "gemm: a.format = int4 where a_format needs uint4");
  CHECK(gemm_refusal([](Gemm& op) { op.b.format = Format::uint4; }) ==
        "gemm: b.format = uint4 where int4, log4 or log2 is needed");
  CHECK(gemm_refusal([](Gemm& op) { op.a_format = static_cast<AFormat>(3); }) ==
        "gemm: a_format = 3 is outside 0..2");
}

TEST_CASE("a zero point is 0..15 and for affine operands only") {
  const auto affine = [](int zero_point) {
    return [=](Gemm& op) {
      op.a.format = Format::uint4;
      op.a_format = AFormat::affine;
      op.zero_point = zero_point;
    };
  };
  CHECK(gemm_refusal(affine(15)) == "");
  CHECK(gemm_refusal(affine(16)) == "gemm: zero_point = 16 is outside 0..15");
  CHECK(gemm_refusal(affine(-1)) == "gemm: zero_point = -1 is outside 0..15");
  CHECK(gemm_refusal([](Gemm& op) { op.zero_point = 3; }) == "gemm: zero_point = 3 is outside 0..0");
}

TEST_CASE("the second term has the shape and format of the first") {
  CHECK(gemm_refusal([](Gemm& op) { op.b2 = tensor(4, 3, TensorKind::raw, Format::log4); }) ==
        "gemm: b2 = raw where a tensor of codes is needed");
  CHECK(gemm_refusal([](Gemm& op) { op.b2 = codes(4, 2, Format::log4); }) ==
        "gemm: b2 = 4 x 2 where 4 x 3 is needed");
  CHECK(gemm_refusal([](Gemm& op) { op.b2 = codes(4, 3, Format::log2); }) ==
        "gemm: b2.format = log2 where b.format = log4");
  CHECK(gemm_refusal([](Gemm& op) {
          op.b2 = op.b;
          op.term_shift = 3;
        }) == "gemm: term_shift = 3 is outside 0..2");
  CHECK(gemm_refusal([](Gemm& op) { op.term_shift = 1; }) == "gemm: term_shift = 1 is outside 0..0");
}

TEST_CASE("a bias has N words, an addend the stored shape, and there is one of them at most") {
  const std::vector<std::int32_t> three(3), two(2);
  CHECK(gemm_refusal([&](Gemm& op) { op.bias = three; }) == "");
  CHECK(gemm_refusal([&](Gemm& op) { op.bias = two; }) == "gemm: bias = 2 words where N = 3");
  CHECK(gemm_refusal([&](Gemm& op) {
          op.bias = three;
          op.addend = tensor(2, 3, TensorKind::raw);
        }) == "gemm: addend = 2 x 3 beside a bias: only one of them is possible");
  CHECK(gemm_refusal([&](Gemm& op) { op.addend = tensor(3, 2, TensorKind::raw); }) ==
        "gemm: addend = 3 x 2 where 2 x 3 is needed");
  CHECK(gemm_refusal([&](Gemm& op) { op.addend = codes(2, 3); }) ==
        "gemm: addend = codes where a tensor of raw is needed");
  CHECK(gemm_refusal([&](Gemm& op) { op.addend_shift = 1; }) == "gemm: addend_shift = 1 is outside 0..0");
  CHECK(gemm_refusal([&](Gemm& op) {
          op.bias = three;
          op.addend_shift = 3;
        }) == "gemm: addend_shift = 3 is outside 0..2");
}

TEST_CASE("a mask has the stored shape") {
  CHECK(gemm_refusal([](Gemm& op) {
          op.mask = tensor(2, 3, TensorKind::mask);
          op.out.transpose = true;
        }) == "gemm: mask = 2 x 3 where 3 x 2 is needed");
  CHECK(gemm_refusal([](Gemm& op) { op.mask = codes(2, 3); }) ==
        "gemm: mask = codes where a tensor of mask is needed");
  CHECK(quantize_refusal([](Quantize& op) { op.mask = tensor(3, 2, TensorKind::mask); }) ==
        "quantize: mask = 3 x 2 where 2 x 3 is needed");
}

TEST_CASE("shift is -16..31 and the multiplier 0..255") {
  for (const int shift : {-16, 31})
    CHECK(quantize_refusal([=](Quantize& op) { op.out.shift = shift; }) == "");
  for (const int mult : {0, 255}) CHECK(quantize_refusal([=](Quantize& op) { op.out.mult = mult; }) == "");
  CHECK(quantize_refusal([](Quantize& op) { op.out.shift = -17; }) ==
        "quantize: out.shift = -17 is outside -16..31");
  CHECK(quantize_refusal([](Quantize& op) { op.out.shift = 32; }) ==
        "quantize: out.shift = 32 is outside -16..31");
  CHECK(quantize_refusal([](Quantize& op) { op.out.mult = 256; }) ==
        "quantize: out.mult = 256 is outside 0..255");
  CHECK(quantize_refusal([](Quantize& op) { op.out.mult = -1; }) ==
        "quantize: out.mult = -1 is outside 0..255");
}

TEST_CASE("just the contract's pairs of format and rounding are accepted") {
  // Rows: int4, uint4, log4, log2, raw; update is a gemm's, below. Columns: nearest, floor, stochastic, tpr, two_term.
  constexpr bool allowed[5][5] = {{true, true, true, false, false},
                                  {true, true, true, false, false},
                                  {true, false, true, true, true},
                                  {true, false, true, false, true},
                                  {true, false, false, false, false}};
  for (int format = 0; format < 5; ++format) {
    for (int rounding = 0; rounding < 5; ++rounding) {
      const std::string text = quantize_refusal([=](Quantize& op) {
        op.out.format = static_cast<OutFormat>(format);
        op.out.rounding = static_cast<Rounding>(rounding);
      });
      INFO("format " << format << " rounding " << rounding << ": " << text);
      CHECK(text.empty() == allowed[format][rounding]);
    }
  }
  CHECK(quantize_refusal([](Quantize& op) {
          op.out.format = OutFormat::log2;
          op.out.rounding = Rounding::tpr;
        }) == "quantize: out.rounding = tpr does not exist for out.format = log2");
  CHECK(quantize_refusal([](Quantize& op) { op.out.format = static_cast<OutFormat>(6); }) ==
        "quantize: out.format = 6 is outside 0..5");
  CHECK(quantize_refusal([](Quantize& op) { op.out.rounding = static_cast<Rounding>(5); }) ==
        "quantize: out.rounding = 5 is outside 0..4");
}

TEST_CASE("an update has a state of the stored shape, its own shifts, stochastic rounding, and nothing beside it") {
  const auto with = [](const std::function<void(Gemm&)>& change, std::uint32_t k = 4) {
    return gemm_refusal([&](Gemm& op) {
      op.out.format = OutFormat::update;
      op.out.rounding = Rounding::stochastic;
      op.update = {tensor(2, 3, TensorKind::raw), 3, 9};
      change(op);
    }, k);
  };
  const std::vector<std::int32_t> three(3);
  CHECK(with([](Gemm&) {}) == "");
  CHECK(with([](Gemm& op) { op.b2 = op.b, op.term_shift = 2; }) == "");
  for (const int shift : {-4, 27}) CHECK(with([=](Gemm& op) { op.out.shift = shift; }) == "");
  for (const int shift : {0, 15}) CHECK(with([=](Gemm& op) { op.update.lr_shift = op.update.code_shift = shift; }) == "");
  CHECK(with([](Gemm& op) { op.out.shift = -5; }) == "gemm: out.shift = -5 is outside -4..27");
  CHECK(with([](Gemm& op) { op.out.shift = 28; }) == "gemm: out.shift = 28 is outside -4..27");
  CHECK(with([](Gemm& op) { op.out.mult = 64; }) == "gemm: out.mult = 64 is outside 128..128");
  CHECK(with([](Gemm& op) { op.update.lr_shift = 16; }) == "gemm: update.lr_shift = 16 is outside 0..15");
  CHECK(with([](Gemm& op) { op.update.code_shift = -1; }) == "gemm: update.code_shift = -1 is outside 0..15");
  CHECK(with([](Gemm& op) { op.update.state = {}; }) == "gemm: update.state = (empty) where a tensor of raw is needed");
  CHECK(with([](Gemm& op) { op.update.state = codes(2, 3); }) == "gemm: update.state = codes where a tensor of raw is needed");
  CHECK(with([](Gemm& op) { op.out.transpose = true; }) == "gemm: update.state = 2 x 3 where 3 x 2 is needed");
  CHECK(with([&](Gemm& op) { op.bias = three; }) == "gemm: bias = (set) beside an update, which has none");
  CHECK(with([](Gemm& op) { op.addend = tensor(2, 3, TensorKind::raw); }) ==
        "gemm: addend = (set) beside an update, which has none");
  CHECK(with([](Gemm& op) { op.mask = tensor(2, 3, TensorKind::mask); }) ==
        "gemm: mask = (set) beside an update, which has none");
  CHECK(with([](Gemm& op) { op.out.write_mask = true; }) == "gemm: out.write_mask = (set) beside an update, which has none");
  for (const Rounding other : {Rounding::nearest, Rounding::floor, Rounding::tpr, Rounding::two_term}) {
    CHECK(with([=](Gemm& op) { op.out.rounding = other; }).find("does not exist for out.format = update") != std::string::npos);
  }
  CHECK(with([](Gemm&) {}, 34953) == "gemm: K = 34953 exceeds 34952 for one term");
  CHECK(gemm_refusal([](Gemm& op) { op.update.state = tensor(2, 3, TensorKind::raw); }) ==
        "gemm: update.state = (set) where out.format = raw");
  CHECK(quantize_refusal([](Quantize& op) {
          op.out.format = OutFormat::update;
          op.out.rounding = Rounding::stochastic;
        }) == "quantize: out.format = update where only a gemm can update");
}

TEST_CASE("quantize has one source, of at least one element, and does not transpose") {
  const std::int32_t word = 0;
  CHECK(quantize_refusal([](Quantize& op) { op.out.transpose = true; }) ==
        "quantize: out.transpose = true where only a gemm can transpose");
  CHECK(quantize_refusal([&](Quantize& op) { op.data = &word; }) ==
        "quantize: data = (set) beside a raw tensor: only one of them is possible");
  CHECK(quantize_refusal([](Quantize& op) { op.raw = {}; }) ==
        "quantize: data = (null) without a raw tensor: one of them is needed");
  CHECK(quantize_refusal([](Quantize& op) { op.raw = codes(2, 3); }) ==
        "quantize: raw = codes where a tensor of raw is needed");
  CHECK(quantize_refusal([](Quantize& op) { op.rows = op.cols = 2; }) ==
        "quantize: raw = 2 x 3 where 2 x 2 is needed");
  CHECK(quantize_refusal([&](Quantize& op) {
          op.raw = {};
          op.data = &word;
          op.rows = 1;
        }) == "quantize: rows x cols = 1 x 0 is empty");
  CHECK(quantize_refusal([&](Quantize& op) {
          op.raw = {};
          op.data = &word;
          op.rows = op.cols = 1;
          op.type = static_cast<SourceType>(3);
        }) == "quantize: type = 3 is outside 0..2");
}

TEST_CASE("moves check their sizes and values, and an engine refuses with the same words") {
  golden::GoldenDevice device;
  const std::vector<std::uint8_t> four = {0, 1, 2, 16};
  const std::vector<std::int32_t> words(4);
  const Tensor good = device.upload_mask(std::vector<std::uint8_t>{1}, 1, 1);
  const std::vector<std::uint32_t> rows = {0, 1, 2};
  CHECK(refusal([&] { device.upload_codes(four, 2, 2, Format::int4); }) ==
        "upload_codes: codes[3] = 16 is outside 0..15");
  CHECK(refusal([&] { device.upload_codes(four, 2, 3, Format::int4); }) ==
        "upload_codes: codes = 4 elements where rows x cols = 2 x 3");
  CHECK(refusal([&] { device.upload_mask(four, 2, 2); }) == "upload_mask: bits[2] = 2 is outside 0..1");
  CHECK(refusal([&] { device.upload_mask(four, 2, 3); }) ==
        "upload_mask: bits = 4 elements where rows x cols = 2 x 3");
  CHECK(refusal([&] { device.upload_codes(four, 2, 2, static_cast<Format>(4)); }) ==
        "upload_codes: format = 4 is outside 0..3");
  CHECK(refusal([&] { device.gather_rows(good, {}); }) ==
        "gather_rows: codes = mask where a tensor of codes is needed");
  CHECK(refusal([&] { device.upload_raw(words, 0, 4); }) == "upload_raw: rows x cols = 0 x 4 is empty");
  CHECK(refusal([&] { device.read_codes(good); }) ==
        "read_codes: tensor = mask where a tensor of codes is needed");
  CHECK(refusal([&] { device.read_raw({}); }) ==
        "read_raw: tensor = (empty) where a tensor of raw is needed");
  CHECK(refusal([&] { device.gather_rows(codes(2, 2), rows); }) ==
        "gather_rows: rows[2] = 2 where the tensor has 2 rows");
  CHECK(refusal([&] { device.gather_rows(codes(2, 2), {}); }) == "gather_rows: rows = 0 rows is empty");
  CHECK(refusal([&] { device.unfold(codes(2, 2), {}, 16); }) == "unfold: pad_code = 16 is outside 0..15");
  Window window{2, 3, 3, 0, 1, 1, 0, 0, 1, 1, 1};
  CHECK(refusal([&] { device.unfold(codes(18, 2), window, 0); }) == "unfold: kernel_h = 0 is outside 1..65535");
  window.kernel_h = 1;
  CHECK(refusal([&] { device.unfold(codes(17, 2), window, 0); }) ==
        "unfold: images x height x width = 2 x 3 x 3 where the tensor has 17 rows");
  window.out_height = window.out_width = 65535;
  CHECK(refusal([&] { device.unfold(codes(18, 2), window, 0); }) ==
        "unfold: rows x cols = 2*4294836225 x 1*2 where 32 bits must hold each");
  Gemm op = good_gemm();
  op.out.mult = 300;
  CHECK(refusal([&] { device.gemm(op, "y"); }) == "gemm (y): out.mult = 300 is outside 0..255");
  Quantize quantize = good_quantize();
  quantize.out.mult = 300;
  CHECK(refusal([&] { device.quantize(quantize, "w"); }) == "quantize (w): out.mult = 300 is outside 0..255");
  CHECK(device.counters().commands == 0);
}
