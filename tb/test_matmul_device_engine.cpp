// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "catch.h"

#include <cmath>
#include <numeric>
#include <random>

#include "device/input_error.h"
#include "forwarding_device.h"
#include "golden/codes.h"
#include "golden/golden_device.h"
#include "matmul/device_engine.h"
#include "matmul/float_source.h"
#include "matmul/quant_step.h"
#include "sim/rtl_device.h"

using namespace cuatro;
using namespace cuatro::nn;

namespace {

using Kind = OperandKind;

std::vector<float> random_values(std::size_t count, Kind kind, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<float> values(count);
  for (float& v : values) {
    const auto unit = static_cast<float>(random()) / 4294967296.0F - 0.5F;
    v = unit * std::ldexp(1.0F, -static_cast<int>(random() % 6));
    if (kind == Kind::positive) v = std::max(v, 0.0F);
    if (kind == Kind::gradient) v *= std::ldexp(1.0F, -static_cast<int>(random() % 12));
  }
  return values;
}

OperandSite site_of(Kind kind, std::uint32_t stream = 1, std::string name = "fc.x") {
  OperandSite site;
  site.name = std::move(name);
  site.kind = kind;
  site.stream = stream;
  return site;
}

// Values of an operand in units of its step (over 2^term_shift for two terms), decoded from what the device holds.
std::vector<std::int64_t> decoded(Device& device, const Operand& operand, Pass pass) {
  const OperandCodes& c = DeviceEngine::codes(operand);
  const bool odd = c.two_phase && (pass == Pass::weight_gradient) != c.swap_phases;
  const std::vector<std::uint8_t> digit1 = device.read_codes(odd ? c.digit2 : c.digit1);
  std::vector<std::int64_t> values(digit1.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = golden::decode(c.digit1.format, digit1[i]) - c.zero_point;
    if (odd) values[i] *= 2;
  }
  if (c.term_shift > 0) {
    const std::vector<std::uint8_t> digit2 = device.read_codes(c.digit2);
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = (values[i] << c.term_shift) + golden::decode(c.digit2.format, digit2[i]);
    }
  }
  return values;
}

double unit_of(const Operand& operand) {
  const OperandCodes& c = DeviceEngine::codes(operand);
  return std::ldexp(static_cast<double>(c.step), -c.term_shift);
}

// The product by three loops over the decoded integers.
std::vector<float> reference(Device& device, const Product& p) {
  const std::vector<std::int64_t> a = decoded(device, p.a, p.pass), b = decoded(device, p.b, p.pass);
  const std::size_t m = p.a_transposed ? p.a.cols : p.a.rows, k = p.a_transposed ? p.a.rows : p.a.cols;
  const std::size_t n = p.b_transposed ? p.b.rows : p.b.cols;
  const auto step = static_cast<float>(unit_of(p.a) * unit_of(p.b));
  std::vector<float> result;
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      std::int64_t sum = 0;
      for (std::size_t x = 0; x < k; ++x) {
        sum += a[p.a_transposed ? x * m + i : i * k + x] * b[p.b_transposed ? j * k + x : x * n + j];
      }
      result.push_back(static_cast<float>(sum) * step);
    }
  }
  return result;
}

QuantConfig config_of(const QuantNames& names = {}) { return make_quant_config(names); }

QuantNames gradients(const char* format, const char* rounding, int terms) {
  QuantNames names;
  names.recipe.grad_format = format;
  names.recipe.grad_rounding = rounding;
  names.recipe.grad_terms = terms;
  return names;
}

const std::vector<QuantNames>& every_gradient() {
  static const std::vector<QuantNames> all = [] {
    std::vector<QuantNames> list = {gradients("log4", "nearest", 1),    gradients("log4", "stochastic", 1),
                                    gradients("log4", "stochastic", 2), gradients("log4", "tpr", 1),
                                    gradients("log2", "nearest", 1),    gradients("log2", "stochastic", 1),
                                    gradients("log2", "stochastic", 2), gradients("int4", "nearest", 1),
                                    gradients("int4", "stochastic", 1)};
    list.push_back(gradients("log4", "tpr", 1));
    list.back().recipe.tpr_order = "odd-even";
    return list;
  }();
  return all;
}

template <class F>
std::string refusal(F&& f) {
  try {
    f();
  } catch (const std::exception& e) {
    return e.what();
  }
  return "(nothing refused)";
}

}  // namespace

TEST_CASE("every kind times every kind, transposed or not, is the product of the decoded codes, exactly") {
  const Kind kinds[] = {Kind::weight, Kind::positive, Kind::signed_values, Kind::gradient};
  constexpr std::uint32_t m = 7, k = 13, n = 5;
  std::uint32_t seed = 1;
  int products = 0;
  for (QuantNames names : every_gradient()) {
    for (int variant = 0; variant < 7; ++variant) {
      const bool affine = variant < 4 && variant % 2 != 0;
      names.signed_format = affine ? "affine" : "int4";
      names.rescale = variant / 2 != 0 ? "stretch" : "pow2";
      names.activation_terms = variant == 4 || variant == 6 ? 2 : 1;
      names.weight_terms = variant >= 5 ? 2 : 1;
      golden::GoldenDevice device;
      DeviceEngine engine(device, config_of(names), 3);
      engine.begin_step({5, true});
      for (const Kind left : kinds) {
        for (const Kind right : kinds) {
          const bool only_a_left = left == Kind::positive || (left == Kind::signed_values && affine);
          const bool only_a_right = right == Kind::positive || (right == Kind::signed_values && affine);
          if ((left == Kind::gradient && right == Kind::gradient) || (only_a_left && only_a_right)) continue;
          for (int turned = 0; turned < 4; ++turned) {
            for (const Pass pass : {Pass::forward, Pass::input_gradient, Pass::weight_gradient}) {
              OperandSite a = site_of(left, 1), b = site_of(right, 2);
              Product p;
              p.a_transposed = turned % 2 != 0;
              p.b_transposed = turned / 2 != 0;
              p.a = engine.quantize(random_values(m * k, left, seed), p.a_transposed ? k : m, p.a_transposed ? m : k, a);
              p.b = engine.quantize(random_values(k * n, right, seed + 1), p.b_transposed ? n : k,
                                    p.b_transposed ? k : n, b);
              p.pass = pass;
              seed += 2;
              const Array got = engine.multiply(p);
              INFO("kinds " << static_cast<int>(left) << " x " << static_cast<int>(right) << " turned " << turned
                            << " pass " << static_cast<int>(pass) << " " << describe(engine.config()));
              REQUIRE(got.shape == Array::Shape{m, n});
              const std::vector<float> want = reference(device, p);
              REQUIRE(got.data == want);
              REQUIRE(std::any_of(want.begin(), want.end(), [](float v) { return v != 0; }));
              ++products;
            }
          }
        }
      }
    }
  }
  CHECK(products > 4000);
}

TEST_CASE("linear codes are the float's own nearest: power-of-two steps, no double rounding") {
  golden::GoldenDevice device;
  for (const Kind kind : {Kind::weight, Kind::positive, Kind::signed_values}) {
    DeviceEngine engine(device, config_of(), 1);
    std::vector<float> values = random_values(4000, kind, 17);
    // Midpoints and their neighbours: the step will be 2^-x for some x.
    for (std::size_t i = 0; i + 3 < 600; i += 3) {
      const float middle = std::ldexp(static_cast<float>(i % 31) + 0.5F, -8);
      values[i] = std::nextafter(middle, 0.0F);
      values[i + 1] = middle;
      values[i + 2] = std::nextafter(middle, 1.0F);
    }
    OperandSite site = site_of(kind);
    const Operand operand = engine.quantize(values, 40, 100, site);
    const OperandCodes& codes = DeviceEngine::codes(operand);
    int exponent = 0;
    REQUIRE(std::frexp(codes.step, &exponent) == 0.5F);
    const std::vector<std::int64_t> got = decoded(device, operand, Pass::forward);
    const double low = kind == Kind::positive ? 0 : -7, high = kind == Kind::positive ? 15 : 7;
    int inside = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double exact = static_cast<double>(values[i]) / codes.step;
      INFO("element " << i << " = " << exact << " steps");
      REQUIRE(got[i] == static_cast<std::int64_t>(std::clamp(std::nearbyint(exact), low, high)));
      inside += std::abs(exact) < high;
    }
    CHECK(inside > 3000);
  }
}

TEST_CASE("logarithmic codes are the nearest level; two terms halve the error again") {
  golden::GoldenDevice device;
  for (const bool base4 : {true, false}) {
    const int base = base4 ? 4 : 2;
    DeviceEngine engine(device, config_of(gradients(base4 ? "log4" : "log2", "nearest", 1)), 1);
    const std::vector<float> values = random_values(3000, Kind::gradient, 23);
    OperandSite site = site_of(Kind::gradient);
    const Operand operand = engine.quantize(values, 30, 100, site);
    const double step = DeviceEngine::codes(operand).step;
    const std::vector<std::int64_t> got = decoded(device, operand, Pass::input_gradient);
    std::vector<double> levels = {0};
    for (int e = 0; e < 7; ++e) levels.push_back(std::pow(base, e));
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double v = std::abs(static_cast<double>(values[i])) / step;
      REQUIRE(v <= levels.back());  // gradients never clip
      double level = 0;
      for (std::size_t e = 1; e < levels.size(); ++e) {
        // The contract's bound below level 1 is 5/8 in base 4, the midpoint else.
        const double bound = e == 1 ? (base4 ? 0.625 : 0.5) : (levels[e - 1] + levels[e]) / 2;
        if (v > bound) level = levels[e];
      }
      REQUIRE(static_cast<double>(got[i]) == (values[i] < 0 ? -level : level));
    }
  }
}

TEST_CASE("stochastic gradients have the values' mean, and draw other bits in every step and call") {
  golden::GoldenDevice device;
  for (const char* format : {"log4", "log2"}) {
    for (const int terms : {1, 2}) {
      DeviceEngine engine(device, config_of(gradients(format, "stochastic", terms)), 9);
      const std::vector<float> values = random_values(64, Kind::gradient, 31);
      std::vector<double> sums(values.size()), squares(values.size());
      double unit = 0;
      constexpr int steps = 400;
      OperandSite site = site_of(Kind::gradient);
      for (std::uint64_t s = 0; s < steps / 2; ++s) {
        engine.begin_step({s, true});
        for (int call = 0; call < 2; ++call) {
          const Operand operand = engine.quantize(values, 8, 8, site);
          const std::vector<std::int64_t> got = decoded(device, operand, Pass::input_gradient);
          unit = unit_of(operand);
          for (std::size_t i = 0; i < got.size(); ++i) {
            const double v = static_cast<double>(got[i]) * unit;
            sums[i] += v;
            squares[i] += v * v;
          }
        }
      }
      for (std::size_t i = 0; i < values.size(); ++i) {
        const double mean = sums[i] / steps, variance = squares[i] / steps - mean * mean;
        INFO(format << " terms " << terms << " element " << i);
        // Random bytes resolve 1/256 of a level; a value far below level 1 is seen too rarely for its own variance.
        const double rare = std::sqrt(std::abs(values[i]) * unit / steps);
        CHECK(std::abs(mean - values[i]) <= 5 * std::max(std::sqrt(std::max(variance, 0.0) / steps), rare) + unit / 256);
      }
    }
  }
}

TEST_CASE("a step repeated gives the same codes; another seed, stream or call others") {
  golden::GoldenDevice device;
  const std::vector<float> values = random_values(512, Kind::gradient, 5);
  const auto codes = [&](std::uint64_t seed, std::uint64_t step, std::uint32_t stream, int calls) {
    DeviceEngine engine(device, config_of(gradients("log4", "stochastic", 1)), seed);
    engine.begin_step({step, true});
    OperandSite site = site_of(Kind::gradient, stream);
    Operand operand;
    for (int i = 0; i < calls; ++i) operand = engine.quantize(values, 16, 32, site);
    return device.read_codes(DeviceEngine::codes(operand).digit1);
  };
  const auto base = codes(1, 2, 3, 1);
  CHECK(codes(1, 2, 3, 1) == base);
  CHECK(codes(2, 2, 3, 1) != base);
  CHECK(codes(1, 3, 3, 1) != base);
  CHECK(codes(1, 2, 4, 1) != base);
  CHECK(codes(1, 2, 3, 2) != base);
}

TEST_CASE("stretched steps: the largest magnitude gets the largest code, and the step is within 1/128 of it") {
  golden::GoldenDevice device;
  QuantNames names = gradients("log4", "nearest", 1);
  names.rescale = "stretch";
  names.weight_clip = "absmax";
  DeviceEngine engine(device, config_of(names), 1);
  for (const Kind kind : {Kind::weight, Kind::positive, Kind::signed_values, Kind::gradient}) {
    const int top = kind == Kind::positive ? 15 : kind == Kind::gradient ? 4096 : 7;
    for (std::uint32_t seed = 0; seed < 50; ++seed) {
      const std::vector<float> values = random_values(300, kind, seed);
      OperandSite site = site_of(kind);
      const Operand operand = engine.quantize(values, 10, 30, site);
      const double step = DeviceEngine::codes(operand).step, absmax = largest_magnitude(values);
      CHECK(step * top >= absmax);
      CHECK(step * top <= absmax * (1 + 1.0 / 128));
      const std::vector<std::int64_t> got = decoded(device, operand, Pass::input_gradient);
      std::int64_t largest = 0;
      for (std::size_t i = 0; i < got.size(); ++i) {
        largest = std::max(largest, std::abs(got[i]));
        if (kind == Kind::gradient) continue;
        REQUIRE(std::abs(static_cast<double>(got[i]) * step - values[i]) <= step * (0.5 + 1.0 / 512));
      }
      CHECK(largest == top);
    }
  }
}

TEST_CASE("two digits: 71 levels, of positive values 68, the largest gets the last, each value its nearest; digit 1 is nearest by itself") {
  golden::GoldenDevice device;
  QuantNames names;
  names.weight_clip = "absmax";
  names.activation_terms = names.weight_terms = 2;
  for (const char* rescale : {"pow2", "stretch"}) {
    names.rescale = rescale;
    DeviceEngine engine(device, config_of(names), 1);
    for (const Kind kind : {Kind::weight, Kind::signed_values, Kind::positive}) {
      const Format format = kind == Kind::positive ? Format::uint4 : Format::int4;
      const double low = kind == Kind::positive ? 0 : -7, high = kind == Kind::positive ? 15 : 7, top = 4 * high + 7;
      for (std::uint32_t seed = 0; seed < 50; ++seed) {
        std::vector<float> values = random_values(300, kind, seed);
        OperandSite site = site_of(kind);
        const Operand operand = engine.quantize(values, 10, 30, site);
        const OperandCodes& codes = DeviceEngine::codes(operand);
        REQUIRE(codes.term_shift == 2);
        const std::vector<std::int64_t> got = decoded(device, operand, Pass::forward);
        const std::vector<std::uint8_t> digit1 = device.read_codes(codes.digit1);
        const double unit = unit_of(operand), absmax = largest_magnitude(values);
        std::int64_t largest = 0;
        for (std::size_t i = 0; i < got.size(); ++i) {
          const double v = static_cast<double>(values[i]) / unit;
          INFO("seed " << seed << " element " << i << " = " << v << " units");
          largest = std::max(largest, std::abs(got[i]));
          // The stretched step is exact to float.
          REQUIRE(std::abs(static_cast<double>(got[i]) - std::clamp(v, -top, top)) <= 0.5 + 1.0 / 256);
          REQUIRE(std::abs(golden::decode(format, digit1[i]) - std::clamp(v / 4, low, high)) <= 0.5 + 1.0 / 256);
        }
        if (rescale == std::string("stretch")) {
          CHECK(static_cast<double>(largest) == top);
          CHECK(unit * top >= absmax);
          CHECK(unit * top <= absmax * (1 + 1.0 / 128));
        }
      }
    }
  }
}

TEST_CASE("two digits: clipped is what both together cannot reach, lost what neither holds") {
  golden::GoldenDevice device;
  QuantNames names;
  names.activation_terms = 2;
  names.activation_clip = "3.5";
  names.count_every = 1;
  DeviceEngine engine(device, config_of(names), 1);
  OperandSite x = site_of(Kind::signed_values, 1), w = site_of(Kind::weight, 2);
  // Mean 1, clip 3.5, step 3.5 / 8.75 -> 1/2, its quarter 1/8: 35 units are 4.375.
  const std::vector<float> values = {4.75F, -4.375F, 0.5F, -0.0625F, 0.0625F, 0.0F, 0.125F, 0.125F, 0.5F, 0.5F, 0.5F, 0.5F};
  engine.begin_step({0, true});
  const Operand a = engine.quantize(values, 3, 4, x);
  const Operand b = engine.quantize(std::vector<float>(4, 1.0F), 4, 1, w);
  engine.multiply({a, false, b, false, Pass::forward, "y"});
  REQUIRE(unit_of(a) == 0.125);
  CHECK(x.counts.elements == 12);
  CHECK(x.counts.saturated == 1);
  CHECK(x.counts.underflow == 2);
}

TEST_CASE("affine codes cover the range from smallest to largest, and zero is a code") {
  golden::GoldenDevice device;
  QuantNames names;
  names.signed_format = "affine";
  names.rescale = "stretch";
  DeviceEngine engine(device, config_of(names), 1);
  std::mt19937 random(77);
  for (int run = 0; run < 50; ++run) {
    std::vector<float> values(200);
    const float low = -static_cast<float>(random() % 1000) / 100, high = static_cast<float>(1 + random() % 1000) / 100;
    for (float& v : values) v = low + (high - low) * static_cast<float>(random() % 1001) / 1000;
    values[0] = low;
    values[1] = high;
    values[2] = 0;
    OperandSite site = site_of(Kind::signed_values);
    const Operand operand = engine.quantize(values, 20, 10, site);
    const OperandCodes& codes = DeviceEngine::codes(operand);
    const std::vector<std::int64_t> got = decoded(device, operand, Pass::forward);
    INFO("run " << run << " zero-point " << codes.zero_point);
    CHECK(got[2] == 0);
    for (std::size_t i = 0; i < got.size(); ++i) {
      // The ends may lose half a step to the rounding of the zero-point.
      REQUIRE(std::abs(static_cast<double>(got[i]) * codes.step - values[i]) <= codes.step * 1.01);
    }
  }
}

TEST_CASE("a window over an affine operand is padded with its zero") {
  golden::GoldenDevice device;
  QuantNames names;
  names.signed_format = "affine";
  DeviceEngine engine(device, config_of(names), 1);
  std::vector<float> values = random_values(2 * 3 * 3 * 2, Kind::signed_values, 8);
  for (float& v : values) v += 0.2F;
  OperandSite site = site_of(Kind::signed_values);
  const Operand x = engine.quantize(values, 18, 2, site);
  REQUIRE(DeviceEngine::codes(x).zero_point > 0);
  const Operand patches = engine.unfold(x, {2, 3, 3, 3, 3, 1, 1, 1, 1, 3, 3});
  CHECK(patches.rows == 18);
  CHECK(patches.cols == 18);
  CHECK(patches.kind == Kind::signed_values);
  const std::vector<std::int64_t> whole = decoded(device, x, Pass::forward);
  const std::vector<std::int64_t> got = decoded(device, patches, Pass::forward);
  for (int c = 0; c < 2; ++c) {
    CHECK(got[static_cast<std::size_t>(c)] == 0);                                                  // (-1, -1)
    CHECK(got[static_cast<std::size_t>(4 * 2 + c)] == whole[static_cast<std::size_t>(c)]);         // (0, 0)
    CHECK(got[static_cast<std::size_t>(4 * 18 + 2 * 2 + c)] == whole[static_cast<std::size_t>(2 * 2 + c)]);
  }
}

TEST_CASE("windows and rows of two-term and two-phase gradients move both digits") {
  for (const QuantNames& names : every_gradient()) {
    golden::GoldenDevice device;
    DeviceEngine engine(device, config_of(names), 1);
    OperandSite dy = site_of(Kind::gradient, 1), w = site_of(Kind::weight, 2);
    const Operand g = engine.quantize(random_values(2 * 4 * 4 * 3, Kind::gradient, 8), 32, 3, dy);
    const Operand patches = engine.unfold(g, {2, 4, 4, 2, 2, 1, 1, 1, 2, 8, 8});
    const Operand weight = engine.quantize(random_values(12 * 5, Kind::weight, 9), 12, 5, w);
    for (const Pass pass : {Pass::input_gradient, Pass::weight_gradient}) {
      const Product p{patches, false, weight, false, pass, "dx"};
      REQUIRE(engine.multiply(p).data == reference(device, p));
      const std::vector<std::int64_t> all = decoded(device, g, pass);
      const std::vector<std::int64_t> rows = decoded(device, engine.take_rows(g, 5, 4), pass);
      REQUIRE(rows == std::vector<std::int64_t>(all.begin() + 15, all.begin() + 27));
    }
  }
}

TEST_CASE("K beyond the device's bound is summed in slices") {
  golden::GoldenDevice device;
  DeviceEngine engine(device, config_of(), 1);  // two terms: 11,650
  OperandSite x = site_of(Kind::positive, 1), dy = site_of(Kind::gradient, 2);
  constexpr std::uint32_t k = 40'000;
  const Operand a = engine.quantize(random_values(k * 3, Kind::positive, 1), k, 3, x);
  const Operand b = engine.quantize(random_values(k * 2, Kind::gradient, 2), k, 2, dy);
  const Product products[] = {{a, true, b, false, Pass::weight_gradient, "dw"},
                              {b, true, a, false, Pass::weight_gradient, "dw turned"}};
  const std::vector<Array> got = engine.multiply(products);
  for (std::size_t i = 0; i < 2; ++i) CHECK(got[i].data == reference(device, products[i]));
}

TEST_CASE("two digits on side A: the sums that 32 bits would not hold are made in 64") {
  golden::GoldenDevice device;
  QuantNames names = gradients("log4", "stochastic", 2);
  names.activation_terms = 2;
  DeviceEngine engine(device, config_of(names), 1);
  OperandSite sites[] = {site_of(Kind::signed_values, 1), site_of(Kind::positive, 3)}, dy = site_of(Kind::gradient, 2);
  for (OperandSite& site : sites) {
    for (const std::uint32_t k : {2'600U, 2'610U, 4'990U, 5'000U, 10'000U, 40'000U}) {  // one command's bound is 11,650
      const Operand a = engine.quantize(std::vector<float>(k, 1.0F), k, 1, site);
      const Operand b = engine.quantize(std::vector<float>(k, 1.0F), k, 1, dy);
      const Product p{a, true, b, false, Pass::weight_gradient, "dw"};
      INFO("K " << k);
      CHECK(engine.multiply(p).data == reference(device, p));
    }
  }
}

TEST_CASE("the core gives the products of the golden model: a convolution, forward and backward") {
  std::vector<QuantNames> every{gradients("log4", "stochastic", 2), gradients("log4", "tpr", 1),
                                gradients("log2", "stochastic", 2), gradients("log4", "stochastic", 2)};
  every[0].signed_format = every[1].signed_format = "affine";
  every[2].activation_terms = 2;
  every[3].activation_terms = every[3].weight_terms = 2;
  for (QuantNames names : every) {
    names.rescale = "stretch";
    std::vector<std::vector<float>> results[2];
    golden::GoldenDevice golden;
    const std::unique_ptr<RtlDevice> rtl = make_rtl_device();
    Device* const devices[] = {&golden, rtl.get()};
    for (int d = 0; d < 2; ++d) {
      DeviceEngine engine(*devices[d], config_of(names), 11);
      engine.begin_step({0, true});
      OperandSite x = site_of(Kind::signed_values, 1), w = site_of(Kind::weight, 2), dy = site_of(Kind::gradient, 3);
      const Operand weight = engine.quantize(random_values(27 * 5, Kind::weight, 2), 27, 5, w);
      const Operand turned = engine.quantize(random_values(45 * 3, Kind::weight, 4), 45, 3, w);
      const Operand image = engine.quantize(random_values(2 * 36 * 3, Kind::signed_values, 1), 72, 3, x);
      const Operand patches = engine.unfold(image, {2, 6, 6, 3, 3, 2, 1, 1, 1, 3, 3});
      const Operand gradient = engine.quantize(random_values(18 * 5, Kind::gradient, 3), 18, 5, dy);
      const Operand spread = engine.unfold(gradient, {2, 3, 3, 3, 3, 1, 1, 1, 2, 6, 6});
      const Product products[] = {{patches, false, weight, false, Pass::forward, "y"},
                                  {patches, true, gradient, false, Pass::weight_gradient, "dw"},
                                  {spread, false, turned, false, Pass::input_gradient, "dx"}};
      for (Array& array : engine.multiply(products)) results[d].push_back(std::move(array.data));
      CHECK(x.counts.saturated + x.counts.underflow + dy.counts.underflow > 0);
      results[d].push_back({static_cast<float>(x.counts.saturated), static_cast<float>(x.counts.underflow),
                            static_cast<float>(dy.counts.saturated), static_cast<float>(dy.counts.underflow)});
    }
    CHECK(results[0] == results[1]);
  }
}

TEST_CASE("several products are all asked for before the first is read") {
  struct Watch : ForwardingDevice {
    using ForwardingDevice::ForwardingDevice;
    Result gemm(const Gemm& op, std::string_view label) override {
      order += 'g';
      return to_.gemm(op, label);
    }
    std::vector<std::int32_t> read_raw(const Tensor& t) override {
      order += 'r';
      return to_.read_raw(t);
    }
    std::string order;
  };
  golden::GoldenDevice golden;
  Watch device(golden);
  DeviceEngine engine(device, config_of(), 1);
  OperandSite x = site_of(Kind::positive, 1), w = site_of(Kind::weight, 2);
  const Operand a = engine.quantize(random_values(12, Kind::positive, 1), 4, 3, x);
  const Operand b = engine.quantize(random_values(6, Kind::weight, 2), 3, 2, w);
  const Product products[] = {{a, false, b, false, Pass::forward, "y"}, {b, true, a, true, Pass::forward, "yt"}};
  const std::vector<Array> got = engine.multiply(products);
  CHECK(device.order == "ggrr");
  CHECK(got[0].shape == Array::Shape{4, 2});
  CHECK(got[1].shape == Array::Shape{2, 4});
  for (std::size_t i = 0; i < 4; ++i) CHECK(got[0].data[i * 2 + 1] == got[1].data[4 + i]);
}

TEST_CASE("delayed scaling uses the last step's range, twice it for gradients; evaluation leaves a site as it is") {
  golden::GoldenDevice device;
  QuantNames names = gradients("log4", "nearest", 1);
  names.recipe.scaling = "delayed";
  DeviceEngine engine(device, config_of(names), 1);
  OperandSite x = site_of(Kind::positive, 1), dy = site_of(Kind::gradient, 2);
  const auto step_of = [&](OperandSite& site, float value) {
    return DeviceEngine::codes(engine.quantize(std::vector<float>{value, 0}, 1, 2, site)).step;
  };
  engine.begin_step({0, true});
  CHECK(step_of(x, 15.0F) == 1.0F);  // no history: this tensor's
  CHECK(step_of(x, 60.0F) == 4.0F);
  CHECK(step_of(dy, 4096.0F) == 1.0F);
  CHECK(x.last_absmax == 60.0F);  // the largest of the step
  engine.begin_step({1, true});
  CHECK(step_of(x, 15.0F) == 4.0F);
  CHECK(step_of(x, 1.0F) == 4.0F);
  CHECK(step_of(dy, 1.0F) == 2.0F);
  CHECK(x.last_absmax == 15.0F);
  CHECK(dy.last_absmax == 1.0F);
  engine.begin_step({2, false});
  CHECK(step_of(x, 1000.0F) == 1.0F);
  CHECK(x.last_absmax == 15.0F);
  engine.begin_step({2, true});
  CHECK(step_of(x, 0.0F) == 1.0F);
  CHECK(x.last_absmax == 15.0F);  // zeros say nothing
}

TEST_CASE("fixed scaling: gradients keep the first step's range and clip beyond it, all else follows its own") {
  golden::GoldenDevice device;
  QuantNames names = gradients("log4", "nearest", 1);
  names.recipe.scaling = "fixed";
  DeviceEngine engine(device, config_of(names), 1);
  OperandSite x = site_of(Kind::positive, 1), dy = site_of(Kind::gradient, 2);
  const auto step_of = [&](OperandSite& site, float value) {
    return DeviceEngine::codes(engine.quantize(std::vector<float>{value, 0}, 1, 2, site)).step;
  };
  engine.begin_step({0, true});
  CHECK(step_of(dy, 0.0F) == 1.0F);
  engine.begin_step({1, true});
  CHECK(step_of(dy, 4096.0F) == 1.0F);  // the first that is not zero
  CHECK(step_of(x, 15.0F) == 1.0F);
  for (std::uint64_t step = 2; step < 5; ++step) {
    engine.begin_step({step, true});
    CHECK(step_of(dy, step == 3 ? 64.0F : 1e6F) == 1.0F);
    CHECK(step_of(x, 60.0F) == 4.0F);
  }
  CHECK(dy.last_absmax == 4096.0F);
  CHECK(x.last_absmax == 60.0F);
}

TEST_CASE("counts: elements, clipped codes, values lost to zero, exponents") {
  golden::GoldenDevice device;
  QuantNames names = gradients("log2", "nearest", 1);
  names.weight_clip = "2";
  names.count_every = 2;
  DeviceEngine engine(device, config_of(names), 1);
  OperandSite w = site_of(Kind::weight, 1), dy = site_of(Kind::gradient, 2);
  // Mean 1, clip 2, step 2/7 -> 1/4: 3.5 is 14 steps, 0.1 and -0.1 are 0.4.
  const std::vector<float> weights = {0.1F, -0.1F, 0, 3.5F, 0.3F, 2.0F, 1.5F, -0.5F};
  const std::vector<float> gradient = {64, 1, 0.25F, 0, 0, 0.125F, 2, 4};
  for (std::uint64_t step = 0; step < 4; ++step) {
    engine.begin_step({step, step != 2});
    const Operand a = engine.quantize(weights, 2, 4, w);
    const Operand b = engine.quantize(gradient, 4, 2, dy);
    engine.multiply({a, false, b, false, Pass::input_gradient, "p"});
  }
  // Of steps 0 and 2 only 0 trains.
  CHECK(w.counts.elements == 8);
  CHECK(w.counts.saturated == 2);
  CHECK(w.counts.underflow == 2);
  CHECK(dy.counts.elements == 8);
  CHECK(dy.counts.saturated == 0);
  CHECK(dy.counts.underflow == 2);
  const auto& bins = dy.counts.exponents;
  CHECK(bins[24 + 6] == 1);
  CHECK(bins[24] == 1);
  CHECK(bins[24 - 2] == 1);
  CHECK(bins[24 - 3] == 1);
  CHECK(std::accumulate(bins.begin(), bins.end(), std::uint64_t{0}) == 6);
}

TEST_CASE("tensors of zeros, and of the smallest and largest floats") {
  golden::GoldenDevice device;
  for (const QuantNames& names : every_gradient()) {
    DeviceEngine engine(device, config_of(names), 1);
    for (const Kind kind : {Kind::weight, Kind::positive, Kind::signed_values, Kind::gradient}) {
      for (const float value : {0.0F, 1e-45F, 1e-38F, 1e-20F, 1e20F, 3.4e38F}) {
        OperandSite site = site_of(kind);
        const Operand operand = engine.quantize(std::vector<float>(6, value), 2, 3, site);
        const std::vector<std::int64_t> got = decoded(device, operand, Pass::input_gradient);
        INFO("kind " << static_cast<int>(kind) << " value " << value << " " << describe(engine.config()));
        if (value >= 1e-20F && value <= 1e20F) CHECK(got[0] > 0);
        if (value < 1e-37F) CHECK(got[0] == 0);
        if (value > 1e38F) CHECK(got[0] > 0);
      }
    }
  }
}

TEST_CASE("what cannot be done is refused in one line that names it") {
  golden::GoldenDevice device;
  DeviceEngine engine(device, config_of(), 1);
  OperandSite x = site_of(Kind::positive, 1, "conv1.x"), dy = site_of(Kind::gradient, 2, "conv1.dy");
  const std::vector<float> nan = {1, 2, std::nanf(""), 4}, inf = {1, -INFINITY, 0, 4};
  CHECK(refusal([&] { engine.quantize(nan, 2, 2, dy); }) ==
        "conv1.dy: element 2 of 4 is nan: training has diverged (try a smaller learning rate)");
  CHECK(refusal([&] { engine.quantize(inf, 2, 2, x); }) ==
        "conv1.x: element 1 of 4 is -inf: training has diverged (try a smaller learning rate)");
  CHECK(refusal([&] { engine.quantize(nan, 2, 3, x); }) ==
        "quantize (conv1.x): 4 values where rows x cols = 2 x 3");
  const Operand a = engine.quantize(std::vector<float>{1, 2}, 1, 2, x);
  const Operand g = engine.quantize(std::vector<float>{1, 2}, 1, 2, dy);
  CHECK(refusal([&] { engine.multiply({a, false, a, true, Pass::forward, "qk"}); }) ==
        "multiply (qk): two operands of positive or affine values: no such product in 4 bits, one operand must be INT4");
  CHECK(refusal([&] { engine.multiply({g, false, g, true, Pass::forward, "gg"}); }) ==
        "multiply (gg): two gradients: no such product in 4 bits, one operand must be INT4");
  CHECK(refusal([&] { engine.multiply({g, false, {}, true, Pass::forward, "g"}); }) == "multiply (g): b = (empty)");
  CHECK(refusal([&] { engine.multiply({a, false, g, false, Pass::forward, "dw"}); }) ==
        "gemm (dw): K of a = 2 where K of b = 1");
}

TEST_CASE("settings: unknown values and impossible combinations name the flag") {
  const auto refused = [](auto&& change) {
    QuantNames names;
    change(names);
    return refusal([&] { make_quant_config(names); });
  };
  CHECK(refused([](QuantNames& n) { n.rescale = "pow3"; }) == "--rescale pow3: unknown, choose from pow2, stretch");
  CHECK(refused([](QuantNames& n) { n.signed_format = "x"; }) == "--signed-format x: unknown, choose from int4, affine");
  CHECK(refused([](QuantNames& n) { n.weight_scale = "row"; }) == "--weight-scale row: unknown, choose from tensor, column");
  CHECK(refused([](QuantNames& n) { n.weight_clip = "-1"; }) ==
        "--weight-clip -1: choose absmax, or a multiple of the mean magnitude in 0.1..1000");
  CHECK(refused([](QuantNames& n) { n.activation_clip = "3x"; }) ==
        "--activation-clip 3x: choose absmax, or a multiple of the mean magnitude in 0.1..1000");
  CHECK(refused([](QuantNames& n) { n.recipe.scaling = "gradscale"; }) ==
        "--scaling gradscale: for the integer mlp only, choose from current, delayed, fixed");
  CHECK(refused([](QuantNames& n) { n.recipe.scaling = "delayed", n.signed_format = "affine"; }) ==
        "--signed-format affine: needs --scaling current, as it follows both ends of the range");
  CHECK(refused([](QuantNames& n) { n.activation_terms = 3; }) == "--activation-terms 3: choose 1 or 2");
  CHECK(refused([](QuantNames& n) { n.weight_terms = 0; }) == "--weight-terms 0: choose 1 or 2");
  CHECK(refused([](QuantNames& n) { n.activation_terms = 2, n.signed_format = "affine"; }) ==
        "--activation-terms 2: digits are INT4, so it needs --signed-format int4");
  CHECK(refused([](QuantNames& n) { n.overrides = {"fc2"}; }) ==
        "--quant-override 'fc2': not of the form 'pattern: key=value, key=value'");
  CHECK(refused([](QuantNames& n) { n.overrides = {"fc2: x"}; }) == "--quant-override 'fc2: x': 'x' is not key=value");
  CHECK(refused([](QuantNames& n) { n.overrides = {"fc2: grad-terms=two"}; }) ==
        "--quant-override 'fc2: grad-terms=two': grad-terms=two: choose 1 or 2");
  CHECK(refused([](QuantNames& n) { n.overrides = {"fc2: grad-format=log8"}; }) ==
        "--quant-override 'fc2: grad-format=log8': --grad-format log8: unknown, choose from log4, log2, int4");
  CHECK(refused([](QuantNames& n) { n.overrides = {"fc2: rounding=x"}; })
            .starts_with("--quant-override 'fc2: rounding=x': rounding: unknown, choose from grad-terms, activation-terms, weight-terms, grad-format"));
}

TEST_CASE("overrides: the first pattern that matches a site's name, on top of the rest") {
  QuantNames names = gradients("log4", "stochastic", 1);
  names.overrides = {"fc2.*: grad-format=log2, grad-terms=2,rescale=stretch", "*.dy : weight-clip=absmax"};
  const QuantConfig config = config_of(names);
  CHECK(config.of("fc1.x").recipe.grad_format == OutFormat::log4);
  CHECK_FALSE(config.of("fc1.x").recipe.two_terms());
  CHECK(config.of("fc2.dy").recipe.grad_format == OutFormat::log2);
  CHECK(config.of("fc2.dy").recipe.two_terms());
  CHECK(config.of("fc2.dy").rescale == Rescale::stretch);
  CHECK(config.of("fc2.dy").weight_clip.mean_multiple == 3.2F);
  CHECK(config.of("fc1.dy").weight_clip.mean_multiple == 0);
  CHECK(config.of("fc1.dy").recipe.grad_format == OutFormat::log4);
  CHECK(describe(config) != describe(config_of(gradients("log4", "stochastic", 1))));
}

TEST_CASE("steps: powers of two as the rule says, at and around them") {
  using Rule = ToPowerOfTwo;
  const auto exponent = [](float ideal, Rule rule) { return choose_step(ideal, Rescale::pow2, rule).exponent; };
  for (int e = -90; e <= 90; ++e) {
    const float power = std::ldexp(1.0F, e), above = std::nextafter(power, INFINITY), root = std::ldexp(1.4142135F, e);
    for (const Rule rule : {Rule::down, Rule::nearest, Rule::up}) CHECK(exponent(power, rule) == e);
    CHECK(exponent(above, Rule::down) == e);
    CHECK(exponent(above, Rule::up) == e + 1);
    CHECK(exponent(root, Rule::nearest) == e);
    CHECK(exponent(std::nextafter(root, INFINITY), Rule::nearest) == e + 1);
    const QuantStep stretched = choose_step(root, Rescale::stretch, Rule::down);
    CHECK(stretched.size >= root);
    CHECK(stretched.size < root * (1 + 1.0F / 128));
    CHECK(stretched.size == std::ldexp(128.0F / static_cast<float>(stretched.mult), stretched.exponent));
  }
  CHECK(exponent(1e-45F, Rule::up) == -100);
  CHECK(exponent(3e38F, Rule::up) == 100);
}

TEST_CASE("what 4-bit digits leave over is the value minus the device's own code") {
  golden::GoldenDevice device;
  std::vector<float> values;
  for (int i = -9000; i <= 9000; ++i) values.push_back(static_cast<float>(i) / 1024.0F);  // halves between codes included
  std::vector<std::int16_t> source(values.size());
  for (const OutFormat format : {OutFormat::int4, OutFormat::uint4}) {
    const DigitRange range = format == OutFormat::int4 ? DigitRange{-7, 7} : DigitRange{0, 15};
    const int shift = format == OutFormat::int4 ? 11 : 10;
    to_odd_s16(values, shift, 0, source.data());
    for (const int mult : {128, 129, 200, 255}) {
      Quantize op;
      op.type = SourceType::s16;
      op.data = source.data();
      op.rows = 1;
      op.cols = static_cast<std::uint32_t>(values.size());
      op.out.format = format;
      op.out.shift = shift;
      op.out.mult = mult;
      const std::vector<std::uint8_t> codes = device.read_codes(device.quantize(op, "x").codes);
      const float step = 128.0F / static_cast<float>(mult);
      std::vector<float> rest(values.size());
      digit_remainders(values, source.data(), op.out.shift, mult, step, range, rest.data());
      for (std::size_t i = 0; i < values.size(); ++i) {
        const int code = golden::decode(static_cast<Format>(format), codes[i]);
        REQUIRE(rest[i] == values[i] - static_cast<float>(code) * step);
      }
    }
  }
}

TEST_CASE("rounding to odd keeps integers and makes the odd neighbour of all else") {
  const std::vector<float> values = {0, 1, 2, -3, 0.25F, -0.25F, 1.5F, -1.5F, 2.5F, -2.5F, 3.999F, -3.999F, 1e9F, -1e9F, 1e30F};
  std::vector<std::int16_t> narrow(values.size());
  std::vector<std::int32_t> wide(values.size());
  to_odd_s16(values, 0, 0, narrow.data());
  to_odd_s32(values, 0, 0, wide.data());
  const std::vector<std::int32_t> want = {0, 1, 2, -3, 1, -1, 1, -1, 3, -3, 3, -3, 1'000'000'000, -1'000'000'000,
                                          2'147'483'520};
  CHECK(wide == want);
  for (std::size_t i = 0; i < want.size(); ++i) CHECK(narrow[i] == std::clamp(want[i], -32767, 32767));
  to_odd_s16(values, 3, 5, narrow.data());
  CHECK(narrow[4] == 7);
  CHECK(narrow[5] == 3);
}

TEST_CASE("range, mean and exponents of floats are those of plain loops, at any length") {
  for (const std::size_t count : {1U, 15U, 16U, 17U, 4095U, 4096U, 9000U}) {
    const std::vector<float> values = random_values(count, Kind::signed_values, static_cast<std::uint32_t>(count));
    float low = 0, high = 0;
    double sum = 0;
    for (const float v : values) {
      low = std::min(low, v);
      high = std::max(high, v);
      sum += std::abs(v);
    }
    CHECK(largest_magnitude(values) == std::max(-low, high));
    CHECK(extremes(values).low == low);
    CHECK(extremes(values).high == high);
    CHECK(std::abs(mean_magnitude(values) - sum / static_cast<double>(count)) <= 1e-5 * sum / static_cast<double>(count));
  }
}
