// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "golden/golden_device.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "device/validate.h"
#include "golden/gemm.h"
#include "golden/unfold.h"
#include "golden/update.h"

namespace cuatro::golden {
namespace {

using Words = Buffer<std::int32_t>;  // storage of raw tensors

// Storage of codes and masks. What unfold() made is kept as the images it was made of until somebody wants to see it:
// a GEMM does not.
struct Bytes {
  Buffer<std::uint8_t> data;
  std::optional<Unfolded> unfolded;
  std::shared_ptr<const Bytes> images;  // with `unfolded`: never themselves so kept
};

const Bytes& storage_of(const Tensor& tensor) { return *static_cast<const Bytes*>(tensor.storage.get()); }

// As they are, one a byte.
std::span<const std::uint8_t> bytes(const Tensor& tensor) {
  if (!tensor) return {};
  auto& storage = *static_cast<Bytes*>(tensor.storage.get());
  if (storage.unfolded) {
    storage.data = unfold_rows(storage.images->data, *storage.unfolded, tensor.rows);
    storage.unfolded.reset();
    storage.images.reset();
  }
  return storage.data;
}

// For a GEMM, which may see images for what they unfold to.
std::span<const std::uint8_t> images_or_bytes(const Tensor& tensor, const Unfolded*& unfolded) {
  const Bytes& storage = storage_of(tensor);
  if (!storage.unfolded) return bytes(tensor);
  unfolded = &*storage.unfolded;
  return storage.images->data;
}

std::span<const std::int32_t> words(const Tensor& tensor) {
  return *static_cast<const Words*>(tensor.storage.get());
}

// Neighbours, in order.
bool is_run(std::span<const std::uint32_t> rows) {
  return std::adjacent_find(rows.begin(), rows.end(), [](auto one, auto next) { return next != one + 1; }) == rows.end();
}

// a = (addend << shift) + acc, modulo 2^32.
void add_shifted(std::int32_t& acc, std::int32_t addend, int shift) {
  acc = static_cast<std::int32_t>((static_cast<std::uint32_t>(addend) << shift) +
                                  static_cast<std::uint32_t>(acc));
}

void add_addend(Words& acc, const Gemm& op, const GemmShape& shape) {
  if (op.addend) {
    const std::span<const std::int32_t> addend = words(op.addend);
    for (std::size_t i = 0; i < acc.size(); ++i) add_shifted(acc[i], addend[i], op.addend_shift);
  } else if (!op.bias.empty()) {
    const std::size_t cols = op.out.transpose ? shape.m : shape.n;
    for (std::size_t row = 0; row < acc.size() / cols; ++row) {
      for (std::size_t col = 0; col < cols; ++col) {
        add_shifted(acc[row * cols + col], op.bias[op.out.transpose ? row : col], op.addend_shift);
      }
    }
  }
}

OutputData quantized_host_words(const Quantize& op, const Shape& shape, std::span<const std::uint8_t> mask) {
  const std::size_t count = std::size_t{shape.rows} * shape.cols;
  switch (op.type) {
    case SourceType::u8:
      return output_stage_fast(std::span(static_cast<const std::uint8_t*>(op.data), count), shape.cols, mask, op.out);
    case SourceType::s16:
      return output_stage_fast(std::span(static_cast<const std::int16_t*>(op.data), count), shape.cols, mask, op.out);
    case SourceType::s32:
      break;
  }
  return output_stage_fast(std::span(static_cast<const std::int32_t*>(op.data), count), shape.cols, mask, op.out);
}

}  // namespace

Result GoldenDevice::gemm(const Gemm& op, std::string_view label) {
  const GemmShape shape = validate_gemm(op, label);
  GemmOperands operands;
  operands.m = shape.m;
  operands.n = shape.n;
  operands.k = shape.k;
  operands.a = images_or_bytes(op.a, operands.a_unfolded);
  operands.a_transposed = op.a_transposed;
  operands.a_format = op.a_format;
  operands.zero_point = op.zero_point;
  if (op.b2 && storage_of(op.b).unfolded != storage_of(op.b2).unfolded) {
    operands.b = bytes(op.b);  // unfolded in two ways
    operands.b2 = bytes(op.b2);
  } else {
    operands.b = images_or_bytes(op.b, operands.b_unfolded);
    if (op.b2) operands.b2 = images_or_bytes(op.b2, operands.b_unfolded);
  }
  operands.b_transposed = op.b_transposed;
  operands.b_format = op.b.format;
  operands.term_shift = op.term_shift;
  operands.transpose_result = op.out.transpose;

  Words acc = gemm_fast(operands);
  add_addend(acc, op, shape);
  const std::uint32_t rows = op.out.transpose ? shape.n : shape.m;
  const std::uint32_t cols = op.out.transpose ? shape.m : shape.n;
  counters_.useful_macs += std::uint64_t{shape.m} * shape.n * shape.k * (op.b2 ? 2 : 1);
  if (op.out.format == OutFormat::update) {
    const UpdateShifts shifts{op.out.shift, op.update.lr_shift, op.update.code_shift};
    return store(update_fast(acc, words(op.update.state), cols, shifts, op.out.key), rows, cols, op.out.format);
  }
  if (op.out.format == OutFormat::raw && !op.mask && !op.out.write_mask) {
    return store(raw_output(std::move(acc)), rows, cols, op.out.format);
  }
  return store(output_stage_fast(acc, cols, bytes(op.mask), op.out), rows, cols, op.out.format);
}

Result GoldenDevice::quantize(const Quantize& op, std::string_view label) {
  const Shape shape = validate_quantize(op, label);
  const std::span<const std::uint8_t> mask = bytes(op.mask);
  if (op.raw) {
    return store(output_stage_fast(words(op.raw), shape.cols, mask, op.out), shape.rows, shape.cols,
                 op.out.format);
  }
  return store(quantized_host_words(op, shape, mask), shape.rows, shape.cols, op.out.format);
}

Tensor GoldenDevice::gather_rows(const Tensor& codes, std::span<const std::uint32_t> rows) {
  validate_gather(codes, rows);
  if (storage_of(codes).unfolded && is_run(rows)) {
    auto storage = std::make_shared<Bytes>(storage_of(codes));
    storage->unfolded->first_row += rows.front();
    return {++last_id_,        static_cast<std::uint32_t>(rows.size()), codes.cols, TensorKind::codes, codes.format,
            std::move(storage)};
  }
  const std::span<const std::uint8_t> from = bytes(codes);
  Buffer<std::uint8_t> gathered;
  gathered.reserve(rows.size() * codes.cols);
  for (const std::uint32_t row : rows) {
    const auto line = from.subspan(std::size_t{row} * codes.cols, codes.cols);
    gathered.insert(gathered.end(), line.begin(), line.end());
  }
  return store_bytes(std::move(gathered), static_cast<std::uint32_t>(rows.size()), codes.cols,
                     TensorKind::codes, codes.format);
}

Tensor GoldenDevice::unfold(const Tensor& codes, const Window& window, std::uint8_t pad_code) {
  const Shape shape = validate_unfold(codes, window, pad_code);
  bytes(codes);  // images are bytes, as said above
  auto storage = std::make_shared<Bytes>();
  storage->unfolded = Unfolded{window, codes.cols, pad_code, 0};
  storage->images = std::static_pointer_cast<const Bytes>(std::static_pointer_cast<Bytes>(codes.storage));
  return {++last_id_, shape.rows, shape.cols, TensorKind::codes, codes.format, std::move(storage)};
}

Tensor GoldenDevice::upload_codes(std::span<const std::uint8_t> codes, std::uint32_t rows, std::uint32_t cols,
                                  Format format) {
  validate_upload_codes(codes, rows, cols, format);
  return store_bytes({codes.begin(), codes.end()}, rows, cols, TensorKind::codes, format);
}

Tensor GoldenDevice::upload_raw(std::span<const std::int32_t> source, std::uint32_t rows,
                                std::uint32_t cols) {
  validate_upload_raw(source, rows, cols);
  return store_words({source.begin(), source.end()}, rows, cols);
}

Tensor GoldenDevice::upload_mask(std::span<const std::uint8_t> bits, std::uint32_t rows, std::uint32_t cols) {
  validate_upload_mask(bits, rows, cols);
  return store_bytes({bits.begin(), bits.end()}, rows, cols, TensorKind::mask, Format::int4);
}

std::vector<std::uint8_t> GoldenDevice::read_codes(const Tensor& tensor) {
  validate_read(tensor, TensorKind::codes, "read_codes");
  const std::span<const std::uint8_t> all = bytes(tensor);
  return {all.begin(), all.end()};
}

std::vector<std::int32_t> GoldenDevice::read_raw(const Tensor& tensor) {
  validate_read(tensor, TensorKind::raw, "read_raw");
  return {words(tensor).begin(), words(tensor).end()};
}

std::vector<std::uint8_t> GoldenDevice::read_mask(const Tensor& tensor) {
  validate_read(tensor, TensorKind::mask, "read_mask");
  const std::span<const std::uint8_t> all = bytes(tensor);
  return {all.begin(), all.end()};
}

void GoldenDevice::view_raw(const Tensor& tensor, const std::function<void(std::span<const std::int32_t>)>& see) {
  validate_read(tensor, TensorKind::raw, "view_raw");
  see(words(tensor));
}

Stats GoldenDevice::stats(const Result& result) {
  if (result.command == 0 || result.command > stats_.size()) {
    throw DeviceError("stats: command = " + std::to_string(result.command) + " is outside 1.." +
                      std::to_string(stats_.size()));
  }
  return stats_[result.command - 1];
}

Tensor GoldenDevice::store_bytes(Buffer<std::uint8_t> source, std::uint32_t rows, std::uint32_t cols,
                                 TensorKind kind, Format format) {
  return {++last_id_, rows, cols, kind, format, std::make_shared<Bytes>(Bytes{std::move(source), {}, {}})};
}

Tensor GoldenDevice::store_words(Buffer<std::int32_t> source, std::uint32_t rows, std::uint32_t cols) {
  return {++last_id_, rows, cols, TensorKind::raw, Format::int4, std::make_shared<Words>(std::move(source))};
}

Result GoldenDevice::store(OutputData data, std::uint32_t rows, std::uint32_t cols, OutFormat format) {
  Result result;
  if (!data.codes.empty()) {
    result.codes = store_bytes(std::move(data.codes), rows, cols, TensorKind::codes, code_format(format));
  }
  if (!data.codes2.empty()) {
    result.codes2 = store_bytes(std::move(data.codes2), rows, cols, TensorKind::codes, code_format(format));
  }
  if (!data.mask.empty())
    result.mask = store_bytes(std::move(data.mask), rows, cols, TensorKind::mask, Format::int4);
  if (!data.raw.empty()) result.raw = store_words(std::move(data.raw), rows, cols);
  stats_.push_back(data.stats);
  result.command = stats_.size();
  ++counters_.commands;
  return result;
}

}  // namespace cuatro::golden
