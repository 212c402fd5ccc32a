// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

#include "sim/power_up.h"

// What every bench of a Verilated module needs: a clock, a reset, bits of ports of any width, and
// random numbers whose seed is printed.
namespace cuatro::tb {

// ---- ports: Verilator gives an integer up to 64 bits, above that an array of 32-bit words

// Bits lsb + width - 1 .. lsb of `port`, width at most 64.
template <class Port>
std::uint64_t get_bits(const Port& port, unsigned lsb, unsigned width) {
  const std::uint64_t mask = width == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1;
  if constexpr (std::is_integral_v<Port>) {
    return (static_cast<std::uint64_t>(port) >> lsb) & mask;
  } else {
    std::uint64_t value = 0;
    for (unsigned done = 0; done < width;) {
      const unsigned bit = lsb + done, offset = bit % 32;
      value |= (std::uint64_t{port[bit / 32]} >> offset) << done;
      done += 32 - offset;
    }
    return value & mask;
  }
}

// Sets those bits and leaves the others. `value` may have more bits than `width`.
template <class Port>
void set_bits(Port& port, unsigned lsb, unsigned width, std::uint64_t value) {
  const std::uint64_t mask = width == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1;
  value &= mask;
  if constexpr (std::is_integral_v<Port>) {
    port = static_cast<Port>((static_cast<std::uint64_t>(port) & ~(mask << lsb)) | (value << lsb));
  } else {
    for (unsigned done = 0; done < width;) {
      const unsigned bit = lsb + done, offset = bit % 32;
      const std::uint32_t word_mask = static_cast<std::uint32_t>(mask >> done) << offset;
      const std::uint32_t word_value = static_cast<std::uint32_t>(value >> done) << offset;
      port[bit / 32] = (port[bit / 32] & ~word_mask) | word_value;
      done += 32 - offset;
    }
  }
}

// Element i of a port that is a row of `width`-bit elements.
template <class Port>
std::uint64_t get_lane(const Port& port, unsigned i, unsigned width) {
  return get_bits(port, i * width, width);
}
template <class Port>
void set_lane(Port& port, unsigned i, unsigned width, std::uint64_t value) {
  set_bits(port, i * width, width, value);
}

// All `count` elements.
template <class Port>
std::vector<std::uint64_t> get_lanes(const Port& port, unsigned count, unsigned width) {
  std::vector<std::uint64_t> lanes(count);
  for (unsigned i = 0; i < count; ++i) lanes[i] = get_lane(port, i, width);
  return lanes;
}

// ---- the device under test

// A model with clk_i and, for reset(), rst_ni. Set inputs through ->, then cycle(): one rising
// edge, after which the outputs are those of the new cycle.
template <class Model>
class Dut {
 public:
  Dut() : context_(std::make_unique<sim::PowerUpContext>()), model_(std::make_unique<Model>(context_.get(), "")) {
    model_->clk_i = 0;
    model_->eval();
  }
  ~Dut() { model_->final(); }
  Dut(const Dut&) = delete;
  Dut& operator=(const Dut&) = delete;

  Model* operator->() { return model_.get(); }
  Model& operator*() { return *model_; }

  void cycle(int count = 1) {
    for (int i = 0; i < count; ++i) {
      model_->clk_i = 1;
      model_->eval();
      context_->timeInc(1);
      model_->clk_i = 0;
      model_->eval();
      context_->timeInc(1);
      ++cycles_;
    }
  }
  void reset(int cycles = 2) {
    model_->rst_ni = 0;
    cycle(cycles);
    model_->rst_ni = 1;
  }
  std::uint64_t cycles() const { return cycles_; }

 private:
  std::unique_ptr<sim::PowerUpContext> context_;
  std::unique_ptr<Model> model_;
  std::uint64_t cycles_ = 0;
};

// ---- stimuli

// CUATRO_SEED repeats a run; every bench prints the seed it used.
inline std::uint64_t seed() {
  static const std::uint64_t value = [] {
    const char* text = std::getenv("CUATRO_SEED");
    const std::uint64_t chosen = text != nullptr ? std::strtoull(text, nullptr, 0) : 1;
    std::cout << "seed " << chosen << " (CUATRO_SEED)" << std::endl;
    return chosen;
  }();
  return value;
}

// How often a bench of the core or the block does something random: a quarter of it with CUATRO_LESS, where counters make it slow
// (`make coverage`), where it runs once a mutant, and where it runs again on other power-up contents.
inline unsigned repetitions(unsigned times) {
  static const bool less = std::getenv("CUATRO_LESS") != nullptr;
  return less ? (times + 3) / 4 : times;
}

// A test case's own stream: the same seed gives the same numbers whatever other cases run.
class Random {
 public:
  explicit Random(const std::string& stream)
      : engine_(seed() ^ (std::hash<std::string>{}(stream) * 0x9E3779B97F4A7C15u)) {}
  std::uint64_t bits(unsigned width = 64) {
    return width == 0 ? 0 : engine_() >> (64 - width);
  }
  // 0 .. bound - 1.
  std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }
  int between(int low, int high) {
    return low + static_cast<int>(below(static_cast<std::uint64_t>(high - low) + 1));
  }
  bool chance(unsigned percent) { return below(100) < percent; }
  // Every magnitude equally likely, either sign: the distribution that finds width errors.
  std::int32_t word() {
    const auto magnitude = static_cast<std::int32_t>(bits(static_cast<unsigned>(below(32))));
    return chance(50) ? -magnitude : magnitude;
  }

 private:
  std::mt19937_64 engine_;
};

// 0, and ±(2^k - 1), ±2^k, ±(2^k + 1) as 32-bit words, -2^31 and 2^31 - 1 among them.
inline std::vector<std::int32_t> corner_words() {
  std::vector<std::int32_t> words{0};
  for (int k = 0; k < 32; ++k) {
    for (std::int64_t near = -1; near <= 1; ++near) {
      const auto word = static_cast<std::uint32_t>((std::int64_t{1} << k) + near);
      words.push_back(static_cast<std::int32_t>(word));
      words.push_back(static_cast<std::int32_t>(0u - word));
    }
  }
  return words;
}

}  // namespace cuatro::tb
