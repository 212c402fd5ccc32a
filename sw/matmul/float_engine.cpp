// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "matmul/float_engine.h"

#include <algorithm>
#include <bit>
#include <fmt/format.h>
#include <memory>
#include <optional>

#include "device/buffer.h"
#include "device/device.h"
#include "device/window_view.h"
#include "nn/sgemm.h"

namespace cuatro::nn {
namespace {

constexpr float kHalfMax = 65504.0F;

// With a window the values are images, and the operand is what unfolding them gives: products read them so.
struct Values {
  std::shared_ptr<const std::vector<float>> data;
  std::optional<Window> window;
};

const Values& values_of(const Operand& operand) { return *static_cast<const Values*>(operand.content.get()); }

Operand make(std::uint32_t rows, std::uint32_t cols, OperandKind kind, std::vector<float> values) {
  return {rows, cols, kind, std::make_shared<const Values>(
                                Values{std::make_shared<const std::vector<float>>(std::move(values)), {}})};
}

// Source coordinate of a padded, dilated one; -1 where a zero stands.
std::int64_t source(std::uint32_t position, std::uint32_t pad, std::uint32_t dilation, std::uint32_t size) {
  const std::int64_t at = std::int64_t{position} - pad;
  if (at < 0 || at % dilation != 0 || at / dilation >= size) return -1;
  return at / dilation;
}

// Pixels that stand side by side both in a line of the image and in a line of a window: where they come from, the
// output column and the place among the taps of a line where they go.
struct Run {
  std::size_t from, count, x, tap;
};

bool continues(const Run& run, const Run& next) {
  return run.x == next.x && run.from + run.count == next.from && run.tap + run.count == next.tap;
}

std::vector<Run> runs_of(const Window& w) {
  std::vector<Run> runs;
  for (std::uint32_t x = 0; x < w.out_width; ++x) {
    for (std::uint32_t kx = 0; kx < w.kernel_w; ++kx) {
      const std::int64_t from = source(x * w.stride + kx, w.pad_w, w.dilation, w.width);
      if (from < 0) continue;
      const Run next{static_cast<std::size_t>(from), 1, x, w.reversed ? w.kernel_w - 1 - kx : kx};
      if (!runs.empty() && continues(runs.back(), next)) {
        ++runs.back().count;
      } else {
        runs.push_back(next);
      }
    }
  }
  return runs;
}

std::vector<float> unfolded(const std::vector<float>& from, const Window& w, std::uint32_t channels) {
  const std::uint32_t row = w.kernel_h * w.kernel_w * channels;
  std::vector<float> to(std::size_t{w.images} * w.out_height * w.out_width * row);
  const std::vector<Run> runs = runs_of(w);
  for (std::uint32_t n = 0; n < w.images; ++n) {
    const float* image = &from[std::size_t{n} * w.height * w.width * channels];
    for (std::uint32_t y = 0; y < w.out_height; ++y) {
      for (std::uint32_t ky = 0; ky < w.kernel_h; ++ky) {
        const std::int64_t sy = source(y * w.stride + ky, w.pad_h, w.dilation, w.height);
        if (sy < 0) continue;
        const float* line = image + static_cast<std::size_t>(sy) * w.width * channels;
        float* out = &to[(std::size_t{n} * w.out_height + y) * w.out_width * row +
                         std::size_t{w.reversed ? w.kernel_h - 1 - ky : ky} * w.kernel_w * channels];
        for (const Run& run : runs) {
          std::copy_n(line + run.from * channels, run.count * channels, out + run.x * row + run.tap * channels);
        }
      }
    }
  }
  return to;
}

// The operand's own values; unfolded ones are put into `made`.
const float* dense(const Operand& operand, std::vector<float>& made) {
  const Values& values = values_of(operand);
  if (!values.window) return values.data->data();
  const Window& w = *values.window;
  made = unfolded(*values.data, w, operand.cols / (w.kernel_h * w.kernel_w));
  return made.data();
}

std::shared_ptr<const std::vector<float>> dense(const Operand& operand) {
  if (!values_of(operand).window) return values_of(operand).data;
  std::vector<float> made;
  dense(operand, made);
  return std::make_shared<const std::vector<float>>(std::move(made));
}

WindowView<float> view_of(const Operand& operand) {
  const Values& values = values_of(operand);
  const std::size_t channels = operand.cols / (values.window->kernel_h * values.window->kernel_w);
  return {*values.window, channels, 0.0F, [&](std::size_t pixel, std::size_t count, float* to) {
            std::copy_n(&(*values.data)[pixel * channels], count * channels, to);
          }};
}

// A right operand as sgemm() takes it.
struct Strided {
  const float* data;
  std::size_t row, col;
};

// Unfolded rows made at a time: as many as stay in the second-level cache.
std::uint32_t rows_at_a_time(std::uint32_t cols) { return std::max(1U, 49152 / cols); }

// C[m × n] += unfolded rows [m × k] · B.
void multiply_rows(WindowView<float>& a, const Strided& b, float* c, std::uint32_t m, std::uint32_t n, std::uint32_t k) {
  const std::uint32_t most = rows_at_a_time(k);
  cuatro::Buffer<float> rows(std::size_t{most} * k + WindowView<float>::kSlack), right(std::size_t{k} * n);
  for (std::uint32_t i = 0; i < k; ++i) {  // once, as every block of rows reads it
    for (std::uint32_t j = 0; j < n; ++j) right[std::size_t{i} * n + j] = b.data[i * b.row + j * b.col];
  }
  for (std::uint32_t first = 0; first < m; first += most) {
    const std::uint32_t count = std::min(most, m - first);
    a.copy_rows(first, count, 0, k, rows.data(), k);
    sgemm(rows.data(), k, 1, right.data(), n, 1, c + std::size_t{first} * n, count, n, k, true);
  }
}

// C[m × n] = (unfolded rows [k × m])ᵀ · B, as the transpose of Bᵀ · rows: the rows are read along.
void multiply_transposed(WindowView<float>& a, const Strided& b, float* c, std::uint32_t m, std::uint32_t n,
                         std::uint32_t k) {
  const std::uint32_t most = rows_at_a_time(m);
  cuatro::Buffer<float> rows(std::size_t{most} * m + WindowView<float>::kSlack), turned(std::size_t{m} * n);
  for (std::uint32_t first = 0; first < k; first += most) {
    const std::uint32_t count = std::min(most, k - first);
    a.copy_rows(first, count, 0, m, rows.data(), m);
    sgemm(b.data + first * b.row, b.col, b.row, rows.data(), m, 1, turned.data(), n, m, count, first > 0);
  }
  for (std::uint32_t i = 0; i < m; ++i) {
    for (std::uint32_t j = 0; j < n; ++j) c[std::size_t{i} * n + j] = turned[std::size_t{j} * m + i];
  }
}

}  // namespace

float through_half(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  const std::uint32_t sign = bits & 0x80000000U;
  const float magnitude = std::bit_cast<float>(bits & 0x7fffffffU);
  // Below 2^-14 half's step is 2^-24: adding and taking away 0.5, whose last bit is 2^-24, rounds to it.
  const float tiny = (magnitude + 0.5F) - 0.5F;
  // Above, the 13 lowest bits go, to nearest even.
  const std::uint32_t m = bits & 0x7fffffffU;
  const float normal = std::bit_cast<float>((m + 0xfffU + ((m >> 13) & 1U)) & ~0x1fffU);
  const float rounded = std::min(magnitude < 0x1p-14F ? tiny : normal, kHalfMax);
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(rounded) | sign);
}

Operand FloatEngine::quantize(std::span<const float> values, std::uint32_t rows, std::uint32_t cols,
                              OperandSite& site) {
  std::vector<float> copy(values.begin(), values.end());
  if (precision_ == Precision::fp16) {
    const float scale = site.kind == OperandKind::gradient ? loss_scale_ : 1.0F;
    std::uint32_t saturated = 0;
    for (float& v : copy) {
      v *= scale;
      saturated += v > kHalfMax || v < -kHalfMax;
      v = through_half(v);
    }
    if (training_) {
      site.counts.elements += copy.size();
      site.counts.saturated += saturated;
    }
  }
  return make(rows, cols, site.kind, std::move(copy));
}

Operand FloatEngine::unfold(const Operand& operand, const Window& w) {
  const std::uint32_t rows = w.images * w.out_height * w.out_width;
  const std::uint32_t cols = w.kernel_h * w.kernel_w * operand.cols;
  if (!WindowView<float>::pays(w)) return make(rows, cols, operand.kind, unfolded(*dense(operand), w, operand.cols));
  auto content = std::make_shared<Values>(Values{dense(operand), w});
  return {rows, cols, operand.kind, std::move(content)};
}

Operand FloatEngine::take_rows(const Operand& operand, std::uint32_t first, std::uint32_t count) {
  const auto all = dense(operand);
  const auto begin = all->begin() + std::ptrdiff_t{first} * operand.cols;
  return make(count, operand.cols, operand.kind, {begin, begin + std::ptrdiff_t{count} * operand.cols});
}

Array FloatEngine::multiply(const Product& p) {
  const std::uint32_t m = p.a_transposed ? p.a.cols : p.a.rows, k = p.a_transposed ? p.a.rows : p.a.cols;
  const std::uint32_t n = p.b_transposed ? p.b.rows : p.b.cols, k_b = p.b_transposed ? p.b.cols : p.b.rows;
  if (k != k_b) throw DeviceError(fmt::format("{}: {} × {} times {} × {}", p.label, m, k, k_b, n));
  Array result({m, n});
  std::vector<float> made;
  const Strided b{dense(p.b, made), p.b_transposed ? 1 : std::size_t{n}, p.b_transposed ? std::size_t{k} : 1};
  if (values_of(p.a).window) {
    WindowView<float> view = view_of(p.a);
    (p.a_transposed ? multiply_transposed : multiply_rows)(view, b, result.data.data(), m, n, k);
  } else {
    sgemm(values_of(p.a).data->data(), p.a_transposed ? 1 : k, p.a_transposed ? m : 1, b.data, b.row, b.col,
          result.data.data(), m, n, k, true);  // a new array is zeros
  }
  const bool gradient = p.a.kind == OperandKind::gradient || p.b.kind == OperandKind::gradient;
  if (gradient && loss_scale_ != 1.0F) {
    const float scale = 1.0F / loss_scale_;
    for (float& v : result.data) v *= scale;
  }
  return result;
}

std::vector<Array> FloatEngine::multiply(std::span<const Product> products, std::span<const Delivery> later) {
  std::vector<Array> results;
  for (const Product& p : products) results.push_back(multiply(p));
  for (const Delivery& d : later) d.to(multiply(d.product));
  return results;
}

}  // namespace cuatro::nn
