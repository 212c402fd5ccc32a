// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <array>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// What a training step may ask of the hardware: GEMM, quantize, row gather, unfold, read back.
// Everything 4-bit is made here; the host only ever moves codes or reads them.
//
// A device may run behind its caller: calls return handles at once, and a read (read_*, stats)
// waits for what it reads; what was asked for after that may still be under way. Numeric meaning: sw/golden/README.md.
namespace cuatro {

enum class Format : std::uint8_t { int4 = 0, uint4 = 1, log4 = 2, log2 = 3 };
enum class AFormat : std::uint8_t { int4 = 0, uint4 = 1, affine = 2 };
enum class OutFormat : std::uint8_t { int4 = 0, uint4 = 1, log4 = 2, log2 = 3, raw = 4, update = 5 };
enum class Rounding : std::uint8_t { nearest = 0, floor = 1, stochastic = 2, tpr = 3, two_term = 4 };

// Of the codes that an output leaves; raw has none.
constexpr Format code_format(OutFormat format) {
  return format == OutFormat::update ? Format::int4 : static_cast<Format>(format);
}

// How an accumulator or source word becomes an output element (steps 1 to 5 of the contract).
struct Output {
  OutFormat format = OutFormat::raw;
  Rounding rounding = Rounding::nearest;
  int shift = 0;               // n, -16..31
  int mult = 128;              // 0..255, 128 = 1.0
  bool transpose = false;      // store the GEMM result transposed (gemm only)
  bool write_mask = false;     // also produce the a > 0 mask
  std::uint64_t key = 0;       // stream_key(seed, step, tensor, digit)
  // Of raw: nothing but a read or a quantize command will want it, so that an engine may keep what fits into 16 bits in these.
  // Changes no result; whatever else uses it costs time.
  bool for_host = false;
};

// Statistics of one command's output tensor (step 3 of the contract).
struct Stats {
  std::uint32_t absmax = 0;
  std::uint64_t sumabs = 0;
  std::uint32_t saturated = 0;
  bool operator==(const Stats&) const = default;
};

enum class TensorKind : std::uint8_t { codes, mask, raw };

// A tensor in device memory. Cheap to copy; the storage is freed with its last handle.
// `id` is unique in one device; rows × cols are the logical (stored) sizes.
struct Tensor {
  std::uint64_t id = 0;
  std::uint32_t rows = 0;
  std::uint32_t cols = 0;
  TensorKind kind = TensorKind::codes;
  Format format = Format::int4;       // kind == codes only
  std::shared_ptr<void> storage;      // the engine's own
  explicit operator bool() const { return storage != nullptr; }
};

// What a command leaves behind. codes2 is there for tpr and two_term; mask with write_mask;
// raw instead of codes with OutFormat::raw, beside them (the new state) with OutFormat::update.
// `command` names it for stats().
struct Result {
  Tensor codes, codes2, mask, raw;
  std::uint64_t command = 0;
};

// The optimiser's step on a GEMM's result, with OutFormat::update (the contract's "Weight update"): out.shift is n, -4..27,
// out.rounding stochastic. The codes of the result are INT4 codes of the new weights, its statistics theirs; nothing
// of the old state is overwritten.
struct Update {
  Tensor state;                      // raw {v, w}, in the shape of the stored result
  int lr_shift = 0;                  // s, 0..15: a learning rate of 2^(1-s)
  int code_shift = 0;                // c, 0..15: of the codes
};

// One GEMM: acc[M × N] = A[M × K] · B[K × N].
struct Gemm {
  Tensor a;                          // stored [M × K], or [K × M] with a_transposed
  bool a_transposed = false;
  AFormat a_format = AFormat::int4;  // affine: codes are UINT4, value = code - zero_point
  int zero_point = 0;                // 0..15
  Tensor b;                          // stored [K × N], or [N × K] with b_transposed
  bool b_transposed = false;
  Tensor b2;                         // second term, same shape and format as b; empty = one term
  int term_shift = 0;                // 0..2: acc = ((A·b) << term_shift) + A·b2
  std::span<const std::int32_t> bias;    // N words or empty; copied by the call
  Tensor addend;                     // raw, in the shape of the stored result; or empty. Not with bias
  int addend_shift = 0;              // 0..2
  Tensor mask;                       // mask in the shape of the stored result, or empty
  Update update;                     // OutFormat::update only, which has no bias, addend, mask or write_mask
  Output out;
};

// One quantize command. Its source: host words, row-major rows × cols, copied by the call
// (or a raw tensor in device memory).
enum class SourceType : std::uint8_t { u8 = 0, s16 = 1, s32 = 2 };
struct Quantize {
  SourceType type = SourceType::s32;
  const void* data = nullptr;        // rows · cols elements of `type`, row-major; or null with `raw`
  Tensor raw;                        // a raw tensor instead of data
  std::uint32_t rows = 0, cols = 0;  // of data
  Tensor mask;                       // applied first, same shape; or empty
  Output out;                        // transpose must be false
};

// A two-dimensional window over [N, H, W, C] (rows = N·H·W, cols = C): row (n, y, x) of the result holds the
// kernel_h · kernel_w · C values under the window at output position (y, x), in (ky, kx, c) order, zero outside.
// Position (y, x, ky, kx) reads row y·stride + ky - pad_h of an image whose rows and columns stand `dilation`
// apart, zeros between them (1 = as it is; s for the input gradient of a convolution with stride s).
struct Window {
  std::uint32_t images = 0, height = 0, width = 0;   // of the source
  std::uint32_t kernel_h = 1, kernel_w = 1;
  std::uint32_t stride = 1;
  std::uint32_t pad_h = 0, pad_w = 0;                // zeros before the first row and column
  std::uint32_t dilation = 1;
  std::uint32_t out_height = 0, out_width = 0;
  bool reversed = false;                             // taps in a row last (ky, kx) first
  bool operator==(const Window&) const = default;
};

// Totals since construction; zero for engines without a clock.
struct Counters {
  std::uint64_t commands = 0;
  std::uint64_t useful_macs = 0;     // M·N·K a term, of what was asked for
  std::uint64_t cycles = 0;          // first load to last unload of every run of the queue, summed
  std::uint64_t mac_cycles = 0;      // cycles in which the array accumulated
  std::uint64_t drain_stall_cycles = 0;
  std::uint64_t busy_cycles = 0;
  std::uint64_t load_cycles = 0;     // beats into the scratchpads
  std::uint64_t store_cycles = 0;    // beats out of them
};

// The cycles of one label's GEMMs. A cycle belongs to the GEMM command that is answered next, so that waits for its
// operands and for the quantize commands before it are its own; after the last one of a queue it is nobody's.
struct LabelCycles {
  std::string label;
  std::uint64_t commands = 0;
  std::uint64_t useful_macs = 0;
  std::uint64_t cycles = 0;
};

// A command the device refused, or a call with impossible arguments: names field and value.
class DeviceError : public std::exception {
 public:
  explicit DeviceError(std::string what) : what_(std::move(what)) {}
  const char* what() const noexcept override { return what_.c_str(); }
 private:
  std::string what_;
};

class Device {
 public:
  virtual ~Device() = default;
  virtual std::string_view name() const = 0;   // "rtl", "golden", …

  // `label` names the tensor in error and lock-step messages ("dW fc1").
  virtual Result gemm(const Gemm& op, std::string_view label) = 0;
  virtual Result quantize(const Quantize& op, std::string_view label) = 0;
  // Codes of the named rows, in that order: a move, no arithmetic (a DMA's gather).
  virtual Tensor gather_rows(const Tensor& codes, std::span<const std::uint32_t> rows) = 0;
  // The codes under a window, a move too: a DMA with strides, which fills with `pad_code` (0..15) what lies
  // outside of the images or between dilated rows. The code of zero: 0, or an affine tensor's zero-point.
  virtual Tensor unfold(const Tensor& codes, const Window& window, std::uint8_t pad_code) = 0;
  // Codes into device memory as they are (tests, replay): row-major, one code (0..15) a byte.
  virtual Tensor upload_codes(std::span<const std::uint8_t> codes, std::uint32_t rows,
                              std::uint32_t cols, Format format) = 0;
  virtual Tensor upload_raw(std::span<const std::int32_t> words, std::uint32_t rows, std::uint32_t cols) = 0;
  virtual Tensor upload_mask(std::span<const std::uint8_t> bits, std::uint32_t rows, std::uint32_t cols) = 0;

  // Row-major copies; wait for the tensor.
  virtual std::vector<std::uint8_t> read_codes(const Tensor&) = 0;   // one code (0..15) a byte
  virtual std::vector<std::int32_t> read_raw(const Tensor&) = 0;
  // The same words, seen in place where the engine has them so: valid in `see`.
  virtual void view_raw(const Tensor& tensor, const std::function<void(std::span<const std::int32_t>)>& see) {
    see(read_raw(tensor));
  }
  virtual std::vector<std::uint8_t> read_mask(const Tensor&) = 0;    // 0 or 1
  virtual Stats stats(const Result&) = 0;
  virtual void sync() = 0;
  virtual Counters counters() = 0;    // up to now; of everything asked for after a sync
  // The same by label, in the labels' order; empty for engines without a clock.
  virtual std::vector<LabelCycles> cycles_by_label() { return {}; }
};

}  // namespace cuatro
