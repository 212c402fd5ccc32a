// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "device/device.h"
#include "matmul/matmul_engine.h"
#include "matmul/quant_config.h"

namespace cuatro::nn {

// What an operand of a DeviceEngine holds. Real value of an element = value of its code · step; of two terms, or two
// digits, (digit 1 · 2^term_shift + digit 2) · step / 2^term_shift; of the odd grid, value · 2 · step.
struct OperandCodes {
  Tensor digit1, digit2;  // digit2: second term or digit, or the codes of the odd grid
  AFormat a_format = AFormat::int4;
  int zero_point = 0;
  int term_shift = 0;       // > 0: two terms
  bool two_phase = false;   // digit2 is the odd grid
  bool swap_phases = false; // the odd grid is for input gradients
  float step = 1;

  // Which side of a device's GEMM the formats allow.
  bool only_a() const { return digit1.format == Format::uint4; }
  bool only_b() const { return digit1.format == Format::log4 || digit1.format == Format::log2; }
  std::uint8_t zero_code() const { return static_cast<std::uint8_t>(zero_point); }
};

// All products in 4 bits on a device: floats become integers by an exact power of two, a quantize command makes
// the codes, GEMMs leave raw sums, and these come back as float(sum) · step of A · step of B.
//
// The random bits of a site are those of stream_key(seed, step, site.stream, 0); a site that is quantized
// several times in a step draws other bits each time. A step may be repeated: same seed, step and values, same
// codes. `positive` operands and affine ones must meet INT4 or LOG ones in a product: the device has no product
// of two UINT4 operands.
//
// A site must live until the next multiply() after its quantize(): its counts are settled there.
class DeviceEngine final : public MatmulEngine {
 public:
  DeviceEngine(Device& device, QuantConfig config, std::uint64_t seed)
      : device_(device), config_(std::move(config)), seed_(seed) {}

  std::string_view name() const override { return "4-bit"; }
  const QuantConfig& config() const { return config_; }
  static const OperandCodes& codes(const Operand& operand) {
    return *static_cast<const OperandCodes*>(operand.content.get());
  }

  void begin_step(const StepInfo& step) override;
  std::optional<float> column_clip(const OperandSite& site) const override {
    const SiteQuant& quant = config_.of(site.name);
    if (quant.weight_scale == WeightScale::tensor) return {};
    return quant.weight_clip.mean_multiple;
  }
  // Throws InputError for a value that is infinite or no number, naming site and element.
  Operand quantize(std::span<const float> values, std::uint32_t rows, std::uint32_t cols, OperandSite& site) override;
  Operand unfold(const Operand& operand, const Window& window) override;
  Operand take_rows(const Operand& operand, std::uint32_t first, std::uint32_t count) override;
  Array multiply(const Product& product) override;
  std::vector<Array> multiply(std::span<const Product> products, std::span<const Delivery> later = {}) override;
  void finish() override;

 private:
  // What a site has seen in the current step.
  struct SiteStep {
    float range_before = 0;  // of the last step; 0 = none
    std::uint64_t draws = 0;
  };
  // Codes whose clipping and zeros are counted once the device has made them.
  struct Pending {
    OperandSite* site;
    Result codes;
    std::uint8_t zero_code;
    std::uint64_t nonzero;  // values
  };

  // A product under way.
  struct Asked;
  Asked ask(const Product& product);
  Array take(const Asked& asked);
  SiteStep& step_of(const OperandSite& site);
  void settle_counts();

  Device& device_;
  QuantConfig config_;
  std::uint64_t seed_;
  StepInfo step_;
  std::unordered_map<std::uint32_t, SiteStep> sites_;  // by stream
  std::vector<Pending> pending_;
  std::vector<std::function<void()>> deliveries_;
  std::vector<std::int16_t> narrow_;  // quantize()'s sources; kept for their memory
  std::vector<std::int32_t> wide_;
  std::vector<float> rest_;
};

}  // namespace cuatro::nn
