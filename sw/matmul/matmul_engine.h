// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "device/device.h"
#include "layers/array.h"
#include "matmul/operand_site.h"

// Where the matrix products of a net are computed: in 4 bits on a device, or in float on the host. Layers say
// which products they need and never how; the same layers train in FP32, FP16 and 4 bits.
namespace cuatro::nn {

// A matrix made ready for products: quantized once, used in several. Cheap to copy. Row-major rows × cols.
struct Operand {
  std::uint32_t rows = 0, cols = 0;
  OperandKind kind = OperandKind::weight;
  std::shared_ptr<const void> content;  // the engine's own
  explicit operator bool() const { return content != nullptr; }
};

using cuatro::Window;

// Which product of a training step this is: two-phase rounding gives each backward product its own codes.
enum class Pass : std::uint8_t { forward, input_gradient, weight_gradient };

// result[M × N] = A[M × K] · B[K × N]. Either operand may be of any kind, but not both gradients or both
// `positive`. A is stored [M × K], or [K × M] if transposed; B [K × N], or [N × K] if transposed.
struct Product {
  Operand a;
  bool a_transposed = false;
  Operand b;
  bool b_transposed = false;
  Pass pass = Pass::forward;
  std::string label;  // names the product in messages and the report: "conv1 dW"
};

// A product whose result nobody waits for: where it goes in the end.
struct Delivery {
  Product product;
  std::function<void(Array)> to;
};

// What a step is, for engines that draw random bits or keep scales.
struct StepInfo {
  std::uint64_t step = 0;
  bool training = true;  // false: scales and counters stay as they are
};

class MatmulEngine {
 public:
  virtual ~MatmulEngine() = default;
  virtual std::string_view name() const = 0;  // "4-bit", "fp32", "fp16"

  virtual void begin_step(const StepInfo& step) = 0;
  // Set: a layer shall hand this weight over with its columns brought to one range (layers/column_scale.h), the largest
  // |w| of a column or, if not 0, this multiple of its mean |w|.
  virtual std::optional<float> column_clip(const OperandSite&) const { return {}; }
  // `values` row-major rows × cols; they may go after the call.
  virtual Operand quantize(std::span<const float> values, std::uint32_t rows, std::uint32_t cols,
                           OperandSite& site) = 0;
  // Moves, no arithmetic. The operand keeps its kind and scale.
  virtual Operand unfold(const Operand& operand, const Window& window) = 0;
  virtual Operand take_rows(const Operand& operand, std::uint32_t first, std::uint32_t count) = 0;
  // Row-major M × N. Throws DeviceError for shapes that do not fit.
  virtual Array multiply(const Product& product) = 0;
  // Several products whose operands are all there, in one go: the device works on one while another is read. Those of `later` are
  // asked for after them, and delivered by finish() at the latest.
  virtual std::vector<Array> multiply(std::span<const Product> products, std::span<const Delivery> later = {}) = 0;
  virtual void finish() {}
};

}  // namespace cuatro::nn
