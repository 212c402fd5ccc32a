// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "matmul/device_engine.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <iterator>
#include <numeric>
#include <utility>

#include "device/gemm_wide.h"
#include "device/input_error.h"
#include "device/validate.h"
#include "golden/random.h"
#include "matmul/float_source.h"
#include "matmul/site_counts.h"
#include "matmul/quant_step.h"
#include "nn/streams.h"

namespace cuatro::nn {
namespace {

// How the values of a site become codes, before their range is known.
struct Target {
  OutFormat format = OutFormat::int4;
  Rounding rounding = Rounding::nearest;
  float top = 7;              // largest code value
  Clip clip;
  ToPowerOfTwo rule = ToPowerOfTwo::down;  // activations clip a little, which measured mildly better
  float headroom = 1;         // over last step's range
  bool affine = false;
  bool delayed = false;
  bool fixed = false;         // the range of the first step, for good
  int digits = 1;
};

// Two digits stand 2^2 apart, the most that the device takes: 4 · digit 1 + digit 2 reaches 35, or 67 where digit 1 is
// UINT4. Digit 2 is INT4.
constexpr int kDigitShift = 2;
constexpr float kSecondDigitTop = 7.0F / 4.0F;

Target target_of(const SiteQuant& quant, OperandKind kind) {
  Target target;
  target.delayed = quant.recipe.scaling == Scaling::delayed && kind != OperandKind::weight;
  target.clip = kind == OperandKind::weight ? quant.weight_clip : quant.activation_clip;
  switch (kind) {
    case OperandKind::weight:
      target.digits = quant.weight_terms;
      break;
    case OperandKind::positive:
      target.format = OutFormat::uint4;
      target.top = 15;
      target.digits = quant.activation_terms;
      break;
    case OperandKind::signed_values:
      target.affine = quant.signed_format == SignedFormat::affine;
      if (target.affine) target.format = OutFormat::uint4;
      if (target.affine) target.top = 15;
      target.digits = quant.activation_terms;
      break;
    case OperandKind::gradient:
      target.format = quant.recipe.grad_format;
      target.rounding = quant.recipe.grad_rounding;
      target.top = static_cast<float>(quant.recipe.grad_top());
      target.clip = {};
      target.rule = ToPowerOfTwo::up;  // gradients never clip: their tail carries the sum
      target.headroom = 2;
      target.fixed = quant.recipe.scaling == Scaling::fixed;
      return target;
  }
  if (target.digits == 2) target.top += kSecondDigitTop;
  if (target.clip.mean_multiple != 0) target.rule = ToPowerOfTwo::nearest;
  return target;
}

// Fraction bits of the integers given to the quantize command, in code steps. 16 bits: ±16 and ±32 steps for INT4
// and UINT4; 32 bits for LOG, eight times its largest level.
int fraction_bits(OutFormat format) {
  return format == OutFormat::int4 ? 11 : format == OutFormat::uint4 ? 10 : 16;
}

[[noreturn]] void refuse_value(std::span<const float> values, const std::string& site) {
  const auto bad = std::find_if(values.begin(), values.end(), [](float v) { return !std::isfinite(v); });
  throw InputError(fmt::format("{}: element {} of {} is {}: training has diverged (try a smaller learning rate)", site,
                               bad - values.begin(), values.size(), *bad));
}

const OperandCodes& codes_of(const Operand& operand) { return DeviceEngine::codes(operand); }

Operand with_codes(const Operand& operand, OperandCodes codes) {
  return {codes.digit1.rows, codes.digit1.cols, operand.kind, std::make_shared<const OperandCodes>(std::move(codes))};
}

}  // namespace

// A product as the device does it. Rows of the raw result are those of the product even where the operands changed
// sides. With a second digit on side A it is two commands: the second adds 4 times the first one's sums.
struct DeviceCommand {
  Gemm gemm;
  Tensor a2;  // the second digit, or empty
  std::uint32_t m = 0, n = 0, k = 0;
  float step = 1;

  // Beyond what 32 bits hold. The bounds are for |A| <= 15, two digits reach 35 or 67.
  bool wide() const {
    const std::uint32_t bound = gemm.b2 ? kMaxKTwoTerms : kMaxK;
    return k > (!a2 ? bound : bound * 15 / (gemm.a_format == AFormat::uint4 ? 67 : 35));
  }
  Gemm second() const {
    Gemm low = gemm;
    low.a = a2;
    low.a_format = AFormat::int4;
    return low;
  }
};

namespace {

DeviceCommand command_of(const Product& product) {
  if (!product.a || !product.b) {
    throw DeviceError(fmt::format("multiply ({}): {} = (empty)", product.label, product.a ? "b" : "a"));
  }
  const OperandCodes& left = codes_of(product.a);
  const OperandCodes& right = codes_of(product.b);
  // The product of the transposed matrices, with the result transposed back, puts the right operand on side A. Of
  // two INT4 operands the one with two digits stands on side B, an activation rather than a weight.
  const bool free = !left.only_a() && !left.only_b() && !right.only_a() && !right.only_b();
  const bool swap = left.only_b() || right.only_a() ||
                    (free && left.term_shift > 0 && (right.term_shift == 0 || product.b.kind == OperandKind::weight));
  const OperandCodes& a = swap ? right : left;
  const OperandCodes& b = swap ? left : right;
  if (a.only_b() || b.only_a()) {
    throw DeviceError(fmt::format("multiply ({}): {}: no such product in 4 bits, one operand must be INT4", product.label,
                                  a.only_b() ? "two gradients" : "two operands of positive or affine values"));
  }
  const bool odd = b.two_phase && (product.pass == Pass::weight_gradient) != b.swap_phases;
  DeviceCommand command;
  command.m = product.a_transposed ? product.a.cols : product.a.rows;
  command.k = product.a_transposed ? product.a.rows : product.a.cols;
  command.n = product.b_transposed ? product.b.rows : product.b.cols;
  Gemm& gemm = command.gemm;
  gemm.a = a.digit1;
  if (a.term_shift > 0) command.a2 = a.digit2;
  gemm.a_transposed = swap ? !product.b_transposed : product.a_transposed;
  gemm.a_format = a.a_format;
  gemm.zero_point = a.zero_point;
  gemm.b = odd ? b.digit2 : b.digit1;
  gemm.b_transposed = swap ? !product.a_transposed : product.b_transposed;
  if (b.term_shift > 0) gemm.b2 = b.digit2;
  gemm.term_shift = b.term_shift;
  gemm.out.transpose = swap;
  command.step = std::ldexp(a.step, -a.term_shift) * std::ldexp(b.step, odd ? 1 : -b.term_shift);
  return command;
}

Result issue(Device& device, const DeviceCommand& command, std::string_view label) {
  Gemm last = command.gemm;
  if (command.a2) {
    last = command.second();
    last.addend = device.gemm(command.gemm, label).raw;
    last.addend_shift = kDigitShift;
  }
  last.out.for_host = true;
  return device.gemm(last, label);
}

std::vector<std::int64_t> wide_sums(Device& device, const DeviceCommand& command, std::string_view label) {
  std::vector<std::int64_t> sums = gemm_wide(device, command.gemm, label);
  if (command.a2) {
    const std::vector<std::int64_t> low = gemm_wide(device, command.second(), label);
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] = sums[i] * (1 << kDigitShift) + low[i];
  }
  return sums;
}

// Sums times the command's step, on their way into a vector: a range to make one of without clearing it first.
template <class Word>
struct ScaledIterator {
  using iterator_category = std::random_access_iterator_tag;
  using value_type = float;
  using difference_type = std::ptrdiff_t;
  using pointer = const float*;
  using reference = float;

  const Word* at;
  float step;
  float operator*() const { return static_cast<float>(*at) * step; }
  ScaledIterator& operator++() {
    ++at;
    return *this;
  }
  difference_type operator-(const ScaledIterator& other) const { return at - other.at; }
  bool operator==(const ScaledIterator& other) const { return at == other.at; }
};

template <class Word>
Array scaled(std::span<const Word> sums, const DeviceCommand& command) {
  using Iterator = ScaledIterator<Word>;
  return {{command.m, command.n},
          {Iterator{sums.data(), command.step}, Iterator{sums.data() + sums.size(), command.step}}};
}

}  // namespace

void DeviceEngine::begin_step(const StepInfo& step) {
  deliveries_.clear();  // of a step that failed
  step_ = step;
  pending_.clear();
  sites_.clear();
}

DeviceEngine::SiteStep& DeviceEngine::step_of(const OperandSite& site) {
  return sites_.try_emplace(site.stream, SiteStep{site.last_absmax, 0}).first->second;
}

Operand DeviceEngine::quantize(std::span<const float> values, std::uint32_t rows, std::uint32_t cols,
                               OperandSite& site) {
  if (values.empty() || values.size() != std::size_t{rows} * cols) {
    throw DeviceError(fmt::format("quantize ({}): {} values where rows x cols = {} x {}", site.name, values.size(), rows,
                                  cols));
  }
  const SiteQuant& quant = config_.of(site.name);
  const Target target = target_of(quant, site.kind);
  SiteStep& seen = step_of(site);

  // The range that the codes shall cover.
  const float absmax = largest_magnitude(values);
  if (!std::isfinite(absmax)) refuse_value(values, site.name);
  float range = absmax;
  if (target.clip.mean_multiple != 0) range = std::min(absmax, target.clip.mean_multiple * mean_magnitude(values));
  Extremes ends{-range, range};
  if (target.affine) {
    const Extremes all = extremes(values);
    ends = {std::max(all.low, -range), std::min(all.high, range)};
  }
  const bool history = seen.range_before > 0;
  if (step_.training && range > 0 && !(target.fixed && history)) {
    site.last_absmax = seen.draws == 0 ? range : std::max(site.last_absmax, range);
  }
  if (target.delayed && history) range = target.headroom * seen.range_before;
  if (target.fixed && history) range = seen.range_before;

  const float width = target.affine ? ends.high - ends.low : range;
  const QuantStep step = width > 0 ? choose_step(width / target.top, quant.rescale, target.rule) : QuantStep{};
  OperandCodes codes;
  codes.step = step.size;
  if (target.affine && width > 0) codes.zero_point = static_cast<int>(-ends.low / width * 15.0F + 0.5F);
  codes.a_format = target.affine                         ? AFormat::affine
                   : target.format == OutFormat::uint4 ? AFormat::uint4
                                                         : AFormat::int4;
  codes.two_phase = target.rounding == Rounding::tpr;
  codes.swap_phases = quant.recipe.tpr_swap;
  if (site.kind == OperandKind::gradient) codes.term_shift = quant.recipe.term_shift();

  // v = a · mult/128 · 2^-shift = x / step + zero-point.
  Quantize op;
  op.rows = rows;
  op.cols = cols;
  op.out.format = target.format;
  op.out.rounding = target.rounding;
  op.out.shift = fraction_bits(target.format);
  op.out.mult = step.mult;
  const std::uint64_t key = golden::stream_key(seed_, step_.step, site.stream, kDrawDevice);
  op.out.key = seen.draws == 0 ? key : golden::splitmix64(key + seen.draws);
  ++seen.draws;
  const int exponent = op.out.shift - step.exponent;
  const float offset = std::ldexp(static_cast<float>(codes.zero_point) * 128.0F / static_cast<float>(step.mult),
                                  op.out.shift);
  const bool wide = target.format == OutFormat::log4 || target.format == OutFormat::log2;
  if (wide) {
    if (wide_.size() < values.size()) wide_.resize(values.size());
    to_odd_s32(values, exponent, offset, wide_.data());
    op.data = wide_.data();
  } else {
    if (narrow_.size() < values.size()) narrow_.resize(values.size());
    to_odd_s16(values, exponent, offset, narrow_.data());
    op.type = SourceType::s16;
    op.data = narrow_.data();
  }
  Result result = device_.quantize(op, site.name);
  if (target.digits == 2) {
    rest_.resize(values.size());
    const DigitRange digit{target.format == OutFormat::uint4 ? 0 : -7, target.format == OutFormat::uint4 ? 15 : 7};
    digit_remainders(values, narrow_.data(), op.out.shift, step.mult, step.size, digit, rest_.data());
    to_odd_s16(rest_, exponent + kDigitShift, 0, narrow_.data());
    op.out.format = OutFormat::int4;
    op.out.key = golden::splitmix64(op.out.key);
    const Tensor digit1 = result.codes;
    result = device_.quantize(op, site.name);  // what clips is clipped here
    result.codes2 = std::exchange(result.codes, digit1);
    codes.term_shift = kDigitShift;
  }
  codes.digit1 = result.codes;
  codes.digit2 = result.codes2;

  if (step_.training && config_.count_every != 0 && step_.step % config_.count_every == 0) {
    const std::uint64_t nonzero = count_exponents(values, 1.0F / step.size, site.counts.exponents);
    pending_.push_back({&site, std::move(result), codes.zero_code(), nonzero});
  }
  return {rows, cols, site.kind, std::make_shared<const OperandCodes>(std::move(codes))};
}

Operand DeviceEngine::unfold(const Operand& operand, const Window& window) {
  OperandCodes codes = codes_of(operand);
  codes.digit1 = device_.unfold(codes.digit1, window, codes.zero_code());
  if (codes.digit2) codes.digit2 = device_.unfold(codes.digit2, window, codes.zero_code());
  return with_codes(operand, std::move(codes));
}

Operand DeviceEngine::take_rows(const Operand& operand, std::uint32_t first, std::uint32_t count) {
  OperandCodes codes = codes_of(operand);
  std::vector<std::uint32_t> rows(count);
  std::iota(rows.begin(), rows.end(), first);
  codes.digit1 = device_.gather_rows(codes.digit1, rows);
  if (codes.digit2) codes.digit2 = device_.gather_rows(codes.digit2, rows);
  return with_codes(operand, std::move(codes));
}

struct DeviceEngine::Asked {
  DeviceCommand command;
  Result result;
  std::string label;
};

// A K beyond the device's bound is read slice by slice, when it is wanted.
DeviceEngine::Asked DeviceEngine::ask(const Product& product) {
  Asked asked{command_of(product), {}, product.label};
  if (!asked.command.wide()) asked.result = issue(device_, asked.command, asked.label);
  return asked;
}

Array DeviceEngine::take(const Asked& asked) {
  if (asked.command.wide()) {
    const std::vector<std::int64_t> sums = wide_sums(device_, asked.command, asked.label);
    return scaled(std::span(sums), asked.command);
  }
  Array array;
  device_.view_raw(asked.result.raw, [&](std::span<const std::int32_t> sums) { array = scaled(sums, asked.command); });
  return array;
}

Array DeviceEngine::multiply(const Product& product) { return std::move(multiply(std::span(&product, 1), {}).front()); }

std::vector<Array> DeviceEngine::multiply(std::span<const Product> products, std::span<const Delivery> later) {
  // Everything is asked for before anything is read.
  std::vector<Asked> all;
  all.reserve(products.size());
  for (const Product& product : products) all.push_back(ask(product));
  for (const Delivery& d : later) deliveries_.push_back([this, to = d.to, asked = ask(d.product)] { to(take(asked)); });
  std::vector<Array> arrays;
  arrays.reserve(products.size());
  for (Asked& asked : all) {
    arrays.push_back(take(asked));
    asked = {};
  }
  if (!products.empty()) settle_counts();
  return arrays;
}

void DeviceEngine::finish() {
  for (const auto& deliver : std::exchange(deliveries_, {})) deliver();
  settle_counts();
}

void DeviceEngine::settle_counts() {
  for (const Pending& p : pending_) count_codes(device_, p.codes, p.zero_code, p.nonzero, p.site->counts);
  pending_.clear();
}

}  // namespace cuatro::nn
