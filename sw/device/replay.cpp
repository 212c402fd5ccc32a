// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "device/replay.h"

namespace cuatro {
namespace {

std::optional<HostTensor> read_if(Device& device, const Tensor& tensor) {
  if (!tensor) return std::nullopt;
  return read_tensor(device, tensor);
}

Tensor write_if(Device& device, const std::optional<HostTensor>& tensor) {
  return tensor ? write_tensor(device, *tensor) : Tensor{};
}

std::int64_t element(const HostTensor& t, std::size_t i) { return t.kind == TensorKind::raw ? t.words[i] : t.bytes[i]; }

// Shape and presence differ like elements, under a name of their own.
std::optional<Difference> compare(const char* name, const std::optional<HostTensor>& expected,
                                  const std::optional<HostTensor>& got) {
  if (!expected && !got) return std::nullopt;
  if (!expected || !got) return Difference{std::string(name) + " present", 0, 0, expected.has_value(), got.has_value()};
  if (expected->rows != got->rows) return Difference{std::string(name) + " rows", 0, 0, expected->rows, got->rows};
  if (expected->cols != got->cols) return Difference{std::string(name) + " cols", 0, 0, expected->cols, got->cols};
  if (expected->bytes == got->bytes && expected->words == got->words) return std::nullopt;
  const std::size_t count = std::size_t{expected->rows} * expected->cols;
  for (std::size_t i = 0; i < count; ++i) {
    if (const std::int64_t e = element(*expected, i), g = element(*got, i); e != g) {
      return Difference{name, static_cast<std::uint32_t>(i / expected->cols),
                        static_cast<std::uint32_t>(i % expected->cols), e, g};
    }
  }
  return std::nullopt;
}

std::optional<Difference> compare(const char* name, std::uint64_t expected, std::uint64_t got) {
  if (expected == got) return std::nullopt;
  return Difference{name, 0, 0, static_cast<std::int64_t>(expected), static_cast<std::int64_t>(got)};
}

}  // namespace

std::uint64_t Outputs::words() const {
  std::uint64_t sum = 0;
  for (const auto* t : {&codes, &codes2, &mask, &raw}) sum += *t ? std::uint64_t{(*t)->rows} * (*t)->cols : 0;
  return sum;
}

std::optional<Difference> first_difference(const Outputs& expected, const Outputs& got) {
  if (auto d = compare("codes", expected.codes, got.codes)) return d;
  if (auto d = compare("codes2", expected.codes2, got.codes2)) return d;
  if (auto d = compare("mask", expected.mask, got.mask)) return d;
  if (auto d = compare("raw", expected.raw, got.raw)) return d;
  if (auto d = compare("stats.absmax", expected.stats.absmax, got.stats.absmax)) return d;
  if (auto d = compare("stats.sumabs", expected.stats.sumabs, got.stats.sumabs)) return d;
  return compare("stats.saturated", expected.stats.saturated, got.stats.saturated);
}

HostTensor read_tensor(Device& device, const Tensor& tensor) {
  HostTensor host{tensor.kind, tensor.format, tensor.rows, tensor.cols, {}, {}};
  switch (tensor.kind) {
    case TensorKind::codes:
      host.bytes = device.read_codes(tensor);
      break;
    case TensorKind::mask:
      host.bytes = device.read_mask(tensor);
      break;
    case TensorKind::raw:
      host.words = device.read_raw(tensor);
      break;
  }
  return host;
}

Tensor write_tensor(Device& device, const HostTensor& host) {
  switch (host.kind) {
    case TensorKind::codes:
      return device.upload_codes(host.bytes, host.rows, host.cols, host.format);
    case TensorKind::mask:
      return device.upload_mask(host.bytes, host.rows, host.cols);
    case TensorKind::raw:
      break;
  }
  return device.upload_raw(host.words, host.rows, host.cols);
}

Outputs read_outputs(Device& device, const Result& result, bool with_stats) {
  return {read_if(device, result.codes), read_if(device, result.codes2), read_if(device, result.mask),
          read_if(device, result.raw), with_stats ? device.stats(result) : Stats{}};
}

Outputs execute(Device& device, const RecordedOp& op) {
  const Tensor mask = write_if(device, op.mask);
  switch (op.kind) {
    case RecordedOp::Kind::gemm: {
      Gemm gemm = op.gemm;
      gemm.a = write_if(device, op.a);
      gemm.b = write_if(device, op.b);
      gemm.b2 = write_if(device, op.b2);
      gemm.addend = write_if(device, op.addend);
      gemm.mask = mask;
      gemm.update.state = write_if(device, op.state);
      gemm.bias = op.bias;
      return read_outputs(device, device.gemm(gemm, op.label));
    }
    case RecordedOp::Kind::quantize: {
      Quantize quantize = op.quantize;
      quantize.raw = write_if(device, op.raw);
      quantize.mask = mask;
      quantize.data = op.raw ? nullptr : op.data.data();
      return read_outputs(device, device.quantize(quantize, op.label));
    }
    case RecordedOp::Kind::gather:
    case RecordedOp::Kind::unfold:
      break;
  }
  const Tensor from = write_if(device, op.a);
  Result moved;
  moved.codes = op.kind == RecordedOp::Kind::gather ? device.gather_rows(from, op.rows)
                                                    : device.unfold(from, op.window, op.pad_code);
  return read_outputs(device, moved, false);
}

std::string_view name_of(RecordedOp::Kind kind) {
  constexpr const char* names[] = {"gemm", "quantize", "gather_rows", "unfold"};
  return names[static_cast<std::size_t>(kind)];
}

}  // namespace cuatro
