// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "golden/random.h"
#include "nn/init.h"
#include "nn/random_bits.h"
#include "nn/recipe.h"
#include "nn/softmax.h"
#include "nn/streams.h"

// A training step of the integer MLP a second time: int64 and long double loops, one value at a
// time, from numerics.md and sw/golden/README.md. Shares with the trainer only the random
// streams, the initial weights, and the softmax (which has its own test).
namespace reference {

using Real = long double;  // 64 bits of mantissa: every number here is exact
using Matrix = std::vector<std::int64_t>;

struct Codes {
  Matrix one, two;   // decoded digits
  int exponent = 0;  // of digit one
};

struct Layer {
  std::size_t in, out;
  Matrix w, vw, b, vb;
  bool act_known = false, grad_known = false;
  int act = 0, grad = 0;
  int code = 0;   // exponent of the weights' codes; follows a step late with the update on the device
};

inline std::int64_t power(int base, int k) { return k == 0 ? 1 : base * power(base, k - 1); }

// m ≥ 0 to the nearest level, ties towards zero.
inline std::int64_t nearest_level(Real m, int base) {
  std::int64_t level = m > (base == 4 ? 0.625L : 0.5L) ? 1 : 0;
  for (int k = 0; k < 6; ++k) {
    if (m > (base == 4 ? 2.5L : 1.5L) * static_cast<Real>(power(base, k))) level = power(base, k + 1);
  }
  return level;
}

inline std::int64_t stochastic_level(Real m, int base, int byte) {
  const Real u = (2 * byte + 1) / 512.0L;
  if (m >= static_cast<Real>(power(base, 6))) return power(base, 6);
  if (m < 1) return m > u;
  int k = 0;
  while (static_cast<Real>(power(base, k + 1)) <= m) ++k;
  const auto low = static_cast<Real>(power(base, k));
  return m > low * (1 + (base - 1) * u) ? power(base, k + 1) : power(base, k);
}

inline std::int64_t with_sign(std::int64_t level, Real v) { return v < 0 ? -level : level; }

class Net {
 public:
  Net(const std::vector<std::uint32_t>& sizes, const cuatro::nn::Recipe& recipe, std::uint64_t seed)
      : recipe_(recipe), seed_(seed) {
    for (std::size_t l = 0; l + 1 < sizes.size(); ++l) {
      Layer layer{sizes[l], sizes[l + 1], {}, {}, {}, {}};
      for (const std::int32_t w :
           cuatro::nn::initial_weights(seed, static_cast<std::uint32_t>(l), sizes[l], sizes[l + 1])) {
        layer.w.push_back(w >> (24 - recipe.master.weight_frac));
      }
      layer.vw.assign(layer.w.size(), 0);
      layer.b.assign(layer.out, 0);
      layer.vb.assign(layer.out, 0);
      layer.code = weight_exponent(layer.w);
      layers.push_back(layer);
    }
  }

  // Every tensor of the step by its label; gradients' second digits as "label 2", masks as "label mask".
  std::map<std::string, Matrix> step(const std::vector<std::uint8_t>& pixels, const std::vector<std::uint8_t>& labels,
                                     int lr_shift, std::uint64_t step) {
    std::map<std::string, Matrix> seen;
    const std::size_t batch = labels.size(), count = layers.size();
    std::vector<Codes> x(1), w(count), dy(count);
    std::vector<Matrix> mask(count);
    for (const std::uint8_t p : pixels) x[0].one.push_back(p / 16);
    x[0].exponent = -4;
    Matrix logits;
    int logits_exponent = 0;
    for (std::size_t l = 0; l < count; ++l) {
      if (!on_device()) layers[l].code = weight_exponent(layers[l].w);
      w[l] = weights(layers[l]);
      if (!on_device() || !placed_) seen["W " + name(l)] = w[l].one;
      Layer& layer = layers[l];
      const int exponent = x[l].exponent + w[l].exponent;
      Matrix y(batch * layer.out);
      for (std::size_t i = 0; i < batch; ++i) {
        for (std::size_t o = 0; o < layer.out; ++o) {
          std::int64_t sum =
              std::llrint(std::ldexp(static_cast<Real>(layer.b[o]), -recipe_.master.weight_frac - exponent));
          for (std::size_t k = 0; k < layer.in; ++k) sum += x[l].one[i * layer.in + k] * w[l].one[k * layer.out + o];
          y[i * layer.out + o] = sum;
        }
      }
      if (l + 1 == count) {
        logits = y;
        logits_exponent = exponent;
        seen["logits"] = y;
        continue;
      }
      Codes next;
      std::int64_t top = 0;
      for (const auto v : y) top = std::max(top, v);
      next.exponent = choose(layer.act_known, layer.act, top, exponent,
                             [](Real max) { return static_cast<int>(std::floor(std::log2(max / 15))); });
      for (const auto v : y) {
        next.one.push_back(
            std::clamp<std::int64_t>(std::llrint(std::ldexp(static_cast<Real>(v), exponent - next.exponent)), 0, 15));
        mask[l].push_back(v > 0);
      }
      if (recipe_.scaling != cuatro::nn::Scaling::current && top > 0) {
        layer.act = exponent + static_cast<int>(std::floor(std::log2(static_cast<Real>(top) / 15)));
        layer.act_known = true;
      }
      seen["Y " + name(l)] = next.one;
      seen["Y " + name(l) + " mask"] = mask[l];
      x.push_back(next);
    }

    const std::vector<std::int32_t> z(logits.begin(), logits.end());
    const auto softmax =
        cuatro::nn::softmax_cross_entropy(z, static_cast<std::uint32_t>(layers.back().out), logits_exponent, labels);
    Matrix gradient(softmax.gradient.begin(), softmax.gradient.end());
    {
      Layer& last = layers.back();
      const std::int64_t top = absmax(gradient);
      const bool frozen = recipe_.scaling == cuatro::nn::Scaling::fixed && last.grad_known;
      if (top > 0 && !frozen) {
        last.grad = ceil_fit(static_cast<Real>(top), 0) - 12;
        last.grad_known = true;
      }
      dy[count - 1] = quantize(gradient, batch, last.out, -12, last.grad, count - 1, step);
      record(seen, count - 1, dy[count - 1]);
    }
    for (std::size_t l = count; l-- > 0;) {
      Layer& layer = layers[l];
      const int dx_exponent = consumer(dy[l], true).second, dw_exponent = consumer(dy[l], false).second;
      const Matrix gx = consumer(dy[l], true).first, gw = consumer(dy[l], false).first;
      if (l > 0) {
        Layer& before = layers[l - 1];
        Matrix dx(batch * layer.in);
        for (std::size_t i = 0; i < batch; ++i) {
          for (std::size_t k = 0; k < layer.in; ++k) {
            std::int64_t sum = 0;
            for (std::size_t o = 0; o < layer.out; ++o) sum += w[l].one[k * layer.out + o] * gx[i * layer.out + o];
            dx[i * layer.in + k] = mask[l - 1][i * layer.in + k] != 0 ? sum : 0;
          }
        }
        const int exponent = w[l].exponent + dx_exponent;
        const std::int64_t top = absmax(dx);
        const int x_used =
            choose(before.grad_known, before.grad, top, exponent, [&](Real max) { return ceil_fit(max, 0); });
        dy[l - 1] = quantize(dx, batch, layer.in, exponent, x_used, l - 1, step);
        record(seen, l - 1, dy[l - 1]);
        next_gradient_scale(before, top, exponent, x_used);
      }
      Matrix dw(layer.in * layer.out), db(layer.out);
      for (std::size_t i = 0; i < batch; ++i) {
        for (std::size_t o = 0; o < layer.out; ++o) {
          db[o] += gw[i * layer.out + o];
          for (std::size_t k = 0; k < layer.in; ++k)
            dw[k * layer.out + o] += x[l].one[i * layer.in + k] * gw[i * layer.out + o];
        }
      }
      if (on_device()) {
        const int next = std::clamp(weight_exponent(layer.w), -14, 1);
        device_update(layer, dw, x[l].exponent + dw_exponent, batch, lr_shift,
                      cuatro::golden::stream_key(seed_, step, cuatro::nn::stream_tensor(l, cuatro::nn::TensorRole::weight), 0));
        layer.code = next;
        seen["dW " + name(l)] = weights(layer).one;
        Matrix& state = seen["dW " + name(l) + " raw"];
        for (std::size_t i = 0; i < layer.w.size(); ++i) state.push_back(layer.vw[i] * 65536 + (layer.w[i] & 0xFFFF));
        seen["db " + name(l)] = db;
      } else {
        seen["dW " + name(l)] = dw;
      }
      const auto key = [&](cuatro::nn::TensorRole role) {
        return cuatro::golden::stream_key(seed_, step, cuatro::nn::stream_tensor(l, role), cuatro::nn::kDrawUpdate);
      };
      if (!on_device()) {
        update(layer.w, layer.vw, dw, x[l].exponent + dw_exponent, batch, lr_shift, key(cuatro::nn::TensorRole::weight));
      }
      update(layer.b, layer.vb, db, dw_exponent, batch, lr_shift, key(cuatro::nn::TensorRole::bias));
    }
    if (batch != ones_) seen["ones"] = Matrix(batch, 1);
    if (!on_device()) seen.erase("ones");
    ones_ = batch;
    placed_ = true;
    return seen;
  }

  std::vector<Layer> layers;

 private:
  static std::string name(std::size_t l) { return "fc" + std::to_string(l + 1); }
  static std::int64_t absmax(const Matrix& m) {
    std::int64_t top = 0;
    for (const auto v : m) top = std::max(top, std::abs(v));
    return top;
  }
  int base() const { return recipe_.grad_format == cuatro::OutFormat::log4 ? 4 : 2; }
  bool log() const { return recipe_.grad_format != cuatro::OutFormat::int4; }
  int ceil_fit(Real max, int headroom) const {
    return static_cast<int>(std::ceil(std::log2(max / (log() ? static_cast<Real>(power(base(), 6)) : 7.0L)))) +
           headroom;
  }

  int choose(bool& known, int& scale, std::int64_t top, int exponent, const std::function<int(Real)>& rule) const {
    if (recipe_.scaling == cuatro::nn::Scaling::current || !known) {
      if (top > 0) {
        scale = exponent + rule(static_cast<Real>(top));
        known = true;
      }
    }
    return scale;
  }

  void next_gradient_scale(Layer& layer, std::int64_t top, int exponent, int used) const {
    const cuatro::nn::Scaling scaling = recipe_.scaling;
    if (top == 0 || scaling == cuatro::nn::Scaling::current || scaling == cuatro::nn::Scaling::fixed) return;
    if (recipe_.scaling == cuatro::nn::Scaling::gradscale) {
      const Real max = std::ldexp(static_cast<Real>(top), exponent - used),
                 limit = log() ? static_cast<Real>(power(base(), 6)) : 7.0L;
      layer.grad = used + (max > limit ? 1 : max <= limit / 2 ? -1 : 0);
    } else {
      layer.grad = exponent + ceil_fit(static_cast<Real>(top), 1);
    }
    layer.grad_known = true;
  }

  bool on_device() const { return recipe_.update == cuatro::nn::UpdateOn::device; }

  int weight_exponent(const Matrix& w) const {
    Real sum = 0;
    for (const auto v : w) sum += std::fabs(static_cast<Real>(v));
    const Real mean = std::ldexp(sum, -recipe_.master.weight_frac) / static_cast<Real>(w.size());
    return static_cast<int>(std::round(std::log2(3.2L * mean / 7)));
  }

  Codes weights(const Layer& layer) const {
    Codes codes;
    codes.exponent = layer.code;
    for (const auto v : layer.w) {
      codes.one.push_back(std::clamp<std::int64_t>(
          std::llrint(std::ldexp(static_cast<Real>(v), -recipe_.master.weight_frac - codes.exponent)), -7, 7));
    }
    return codes;
  }

  Codes quantize(const Matrix& a, std::size_t rows, std::size_t cols, int from, int to, std::size_t layer,
                 std::uint64_t step) const {
    using cuatro::Rounding;
    const std::uint64_t key =
        cuatro::golden::stream_key(seed_, step, cuatro::nn::stream_tensor(layer, cuatro::nn::TensorRole::gradient), 0);
    Codes q;
    q.exponent = to;
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t c = 0; c < cols; ++c) {
        const Real v = std::ldexp(static_cast<Real>(a[r * cols + c]), from - to), m = std::fabs(v);
        const int byte = cuatro::golden::random_byte(key, static_cast<std::uint32_t>(r), static_cast<std::uint32_t>(c));
        const Rounding rounding = recipe_.grad_rounding;
        if (!log()) {
          const Real t = rounding == Rounding::nearest ? std::nearbyint(v) : std::floor(v + (2 * byte + 1) / 512.0L);
          q.one.push_back(static_cast<std::int64_t>(std::clamp(t, -7.0L, 7.0L)));
        } else if (rounding == Rounding::stochastic) {
          q.one.push_back(with_sign(stochastic_level(m, base(), byte), v));
        } else {
          q.one.push_back(with_sign(nearest_level(m, base()), v));
          if (rounding == Rounding::tpr) q.two.push_back(with_sign(nearest_level(m / 2, base()), v));
          if (rounding == Rounding::two_term) {
            const Real rest = (v - static_cast<Real>(q.one.back())) * (base() == 4 ? 2 : 4);
            q.two.push_back(with_sign(stochastic_level(std::fabs(rest), base(), byte), rest));
          }
        }
      }
    }
    return q;
  }

  // What dX (or dW) multiplies with: integer values and their exponent.
  std::pair<Matrix, int> consumer(const Codes& q, bool dx) const {
    if (recipe_.grad_rounding == cuatro::Rounding::tpr) {
      const bool odd = dx == recipe_.tpr_swap;
      return odd ? std::pair{q.two, q.exponent + 1} : std::pair{q.one, q.exponent};
    }
    if (recipe_.grad_rounding != cuatro::Rounding::two_term) return {q.one, q.exponent};
    const int shift = base() == 4 ? 1 : 2;
    Matrix both(q.one.size());
    for (std::size_t i = 0; i < both.size(); ++i) both[i] = q.one[i] * (1 << shift) + q.two[i];
    return {both, q.exponent - shift};
  }

  static void record(std::map<std::string, Matrix>& seen, std::size_t l, const Codes& q) {
    seen["dY " + name(l)] = q.one;
    if (!q.two.empty()) seen["dY " + name(l) + " 2"] = q.two;
  }

  // The contract's "Weight update": units of g and v 2^-15, of w 2^-14.
  static void device_update(Layer& layer, const Matrix& dw, int exponent, std::size_t batch, int lr_shift, std::uint64_t key) {
    const int bits = static_cast<int>(std::ceil(std::log2(static_cast<Real>(batch))));
    const int n = std::clamp(bits - 15 - exponent, -4, 27);
    const auto cut = [](Real x) { return std::clamp(std::floor(x), -32767.0L, 32767.0L); };
    for (std::size_t i = 0; i < dw.size(); ++i) {
      const auto r = cuatro::golden::random_bytes(key, static_cast<std::uint32_t>(i / layer.out), static_cast<std::uint32_t>(i % layer.out));
      const auto u = [](int byte) { return (2 * byte + 1) / 512.0L; };
      const auto v = static_cast<Real>(layer.vw[i]);
      const Real g = cut(std::ldexp(static_cast<Real>(dw[i]), -n) + u(r.r0)), next = cut(v - std::floor(v / 8 + u(r.r1)) + g);
      layer.vw[i] = static_cast<std::int64_t>(next);
      layer.w[i] = static_cast<std::int64_t>(
          cut(static_cast<Real>(layer.w[i]) - std::floor(std::ldexp(next, -(lr_shift + 1)) + u(r.r2))));
    }
  }

  void update(Matrix& w, Matrix& v, const Matrix& acc, int exponent, std::size_t batch, int lr_shift,
              std::uint64_t key) const {
    const auto& f = recipe_.master;
    const bool whole = (batch & (batch - 1)) == 0;
    const int bits = static_cast<int>(std::ceil(std::log2(static_cast<Real>(batch))));
    const Real reciprocal =
        whole ? std::ldexp(1.0L, -bits)
              : std::ldexp(std::round(std::ldexp(1.0L, 15 + bits) / static_cast<Real>(batch)), -15 - bits);
    for (std::size_t i = 0; i < w.size(); ++i) {
      const std::uint32_t r = cuatro::nn::random_bits(key, static_cast<std::uint32_t>(i));
      const auto u = [&](int shift) { return (2 * (r >> shift & 255) + 1) / 512.0L; };
      const Real g = std::floor(std::ldexp(static_cast<Real>(acc[i]) * reciprocal, exponent + f.momentum_frac) + u(0));
      v[i] = std::clamp<std::int64_t>(v[i] - static_cast<std::int64_t>(std::floor(static_cast<Real>(v[i]) / 8 + u(8))) +
                                          static_cast<std::int64_t>(g),
                                      -f.momentum_max, f.momentum_max);
      const Real move = std::ldexp(static_cast<Real>(v[i]), f.weight_frac - f.momentum_frac - lr_shift);
      w[i] = std::clamp<std::int64_t>(w[i] - static_cast<std::int64_t>(std::floor(move + u(16))), -f.weight_max,
                                      f.weight_max);
    }
  }

  cuatro::nn::Recipe recipe_;
  std::uint64_t seed_;
  std::size_t ones_ = 0;
  bool placed_ = false;
};

}  // namespace reference
