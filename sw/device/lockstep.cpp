// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "device/lockstep.h"

#include <fmt/format.h>
#include <utility>

namespace cuatro {
namespace {

std::vector<std::uint8_t> source_bytes(const Quantize& op) {
  if (op.data == nullptr) return {};
  const std::size_t element = op.type == SourceType::u8 ? 1 : op.type == SourceType::s16 ? 2 : 4;
  const auto* from = static_cast<const std::uint8_t*>(op.data);
  return {from, from + element * op.rows * op.cols};
}

std::optional<HostTensor> content(Device& device, const Tensor& tensor) {
  if (!tensor) return std::nullopt;
  return read_tensor(device, tensor);
}

}  // namespace

const Tensor& LockstepDevice::first(const Tensor& tensor) const {
  return tensor ? static_cast<const Pair*>(tensor.storage.get())->first : tensor;
}

Tensor LockstepDevice::second(const Tensor& tensor) {
  if (!tensor) return {};
  Pair& pair = *static_cast<Pair*>(tensor.storage.get());
  if (!pair.second) pair.second = write_tensor(reference_, read_tensor(device_, pair.first));
  return pair.second;
}

Tensor LockstepDevice::pair(const Tensor& first, const Tensor& second, std::uint64_t command) {
  if (!first) return {};
  Tensor tensor = first;
  tensor.id = ++last_id_;
  tensor.storage = std::make_shared<Pair>(Pair{first, second, command});
  return tensor;
}

Result LockstepDevice::pair(const Result& first, const Result& second) {
  Result result;
  result.codes = pair(first.codes, second.codes, first.command);
  result.codes2 = pair(first.codes2, second.codes2, first.command);
  result.mask = pair(first.mask, second.mask, first.command);
  result.raw = pair(first.raw, second.raw, first.command);
  result.command = ++last_command_;
  return result;
}

Gemm LockstepDevice::on_first(const Gemm& op) const {
  Gemm to = op;
  to.update.state = first(op.update.state);
  for (Tensor Gemm::*t : {&Gemm::a, &Gemm::b, &Gemm::b2, &Gemm::addend, &Gemm::mask}) to.*t = first(op.*t);
  return to;
}

Gemm LockstepDevice::on_second(const Gemm& op) {
  Gemm to = op;
  to.update.state = second(op.update.state);
  for (Tensor Gemm::*t : {&Gemm::a, &Gemm::b, &Gemm::b2, &Gemm::addend, &Gemm::mask}) to.*t = second(op.*t);
  return to;
}

Result LockstepDevice::gemm(const Gemm& op, std::string_view label) {
  const Result ours = device_.gemm(on_first(op), label);
  if (!checking_) return pair(ours, {});
  Pending p;
  p.gemm = on_second(op);
  p.first = ours;
  p.second = reference_.gemm(p.gemm, label);
  p.op.kind = RecordedOp::Kind::gemm;
  p.op.bias.assign(op.bias.begin(), op.bias.end());
  p.gemm.bias = {};
  const Result result = pair(ours, p.second);
  p.op.command = result.command;
  p.op.label = label;
  pending_.push_back(std::move(p));
  return result;
}

Result LockstepDevice::quantize(const Quantize& op, std::string_view label) {
  Quantize to = op;
  to.raw = first(op.raw);
  to.mask = first(op.mask);
  const Result ours = device_.quantize(to, label);
  if (!checking_) return pair(ours, {});
  Pending p;
  p.quantize = op;
  p.quantize.raw = second(op.raw);
  p.quantize.mask = second(op.mask);
  p.first = ours;
  p.second = reference_.quantize(p.quantize, label);
  p.op.kind = RecordedOp::Kind::quantize;
  p.op.data = source_bytes(op);
  p.quantize.data = nullptr;
  const Result result = pair(ours, p.second);
  p.op.command = result.command;
  p.op.label = label;
  pending_.push_back(std::move(p));
  return result;
}

Tensor LockstepDevice::gather_rows(const Tensor& codes, std::span<const std::uint32_t> rows) {
  const Tensor ours = device_.gather_rows(first(codes), rows);
  if (!checking_) return pair(ours, {});
  RecordedOp op;
  op.kind = RecordedOp::Kind::gather;
  op.rows.assign(rows.begin(), rows.end());
  const Tensor from = second(codes);
  return moved(std::move(op), from, ours, reference_.gather_rows(from, rows));
}

Tensor LockstepDevice::unfold(const Tensor& codes, const Window& window, std::uint8_t pad_code) {
  const Tensor ours = device_.unfold(first(codes), window, pad_code);
  if (!checking_) return pair(ours, {});
  RecordedOp op;
  op.kind = RecordedOp::Kind::unfold;
  op.window = window;
  op.pad_code = pad_code;
  const Tensor from = second(codes);
  return moved(std::move(op), from, ours, reference_.unfold(from, window, pad_code));
}

Tensor LockstepDevice::moved(RecordedOp op, const Tensor& from, const Tensor& first, const Tensor& second) {
  Pending p;
  p.op = std::move(op);
  p.op.command = last_command_;  // a move has no number of its own
  p.op.label = name_of(p.op.kind);
  p.moved_from = from;
  p.first.codes = first;
  p.second.codes = second;
  pending_.push_back(std::move(p));
  return pair(first, second);
}

Tensor LockstepDevice::upload_codes(std::span<const std::uint8_t> codes, std::uint32_t rows, std::uint32_t cols,
                                    Format format) {
  return pair(device_.upload_codes(codes, rows, cols, format),
              checking_ ? reference_.upload_codes(codes, rows, cols, format) : Tensor{});
}

Tensor LockstepDevice::upload_raw(std::span<const std::int32_t> words, std::uint32_t rows, std::uint32_t cols) {
  return pair(device_.upload_raw(words, rows, cols), checking_ ? reference_.upload_raw(words, rows, cols) : Tensor{});
}

Tensor LockstepDevice::upload_mask(std::span<const std::uint8_t> bits, std::uint32_t rows, std::uint32_t cols) {
  return pair(device_.upload_mask(bits, rows, cols), checking_ ? reference_.upload_mask(bits, rows, cols) : Tensor{});
}

std::vector<std::uint8_t> LockstepDevice::read_codes(const Tensor& tensor) {
  compare_pending();
  return device_.read_codes(first(tensor));
}

std::vector<std::int32_t> LockstepDevice::read_raw(const Tensor& tensor) {
  compare_pending();
  return device_.read_raw(first(tensor));
}

std::vector<std::uint8_t> LockstepDevice::read_mask(const Tensor& tensor) {
  compare_pending();
  return device_.read_mask(first(tensor));
}

Stats LockstepDevice::stats(const Result& result) {
  compare_pending();
  Result ours;
  for (const Tensor* t : {&result.codes, &result.mask, &result.raw}) {
    if (!*t) continue;
    ours.command = static_cast<const Pair*>(t->storage.get())->command;
    return device_.stats(ours);
  }
  throw DeviceError("stats: a result without tensors");
}

void LockstepDevice::sync() {
  device_.sync();
  compare_pending();
}

Counters LockstepDevice::counters() { return device_.counters(); }

void LockstepDevice::compare_pending() {
  while (!pending_.empty()) {
    const Pending next = std::move(pending_.front());
    pending_.pop_front();
    compare(next);
  }
}

void LockstepDevice::compare(const Pending& p) {
  const bool command = p.op.kind == RecordedOp::Kind::gemm || p.op.kind == RecordedOp::Kind::quantize;
  const Outputs expected = read_outputs(reference_, p.second, command);
  const Outputs got = read_outputs(device_, p.first, command);
  if (const auto difference = first_difference(expected, got)) fail(p, expected, got, *difference);
  commands_compared_ += command;
  words_compared_ += expected.words();
}

void LockstepDevice::fail(const Pending& p, const Outputs& expected, const Outputs& got, const Difference& difference) {
  ++mismatches_;
  Replay replay{p.op, expected, got, std::string(reference_.name()), std::string(device_.name())};
  RecordedOp& op = replay.op;
  const auto take = [&](Tensor& tensor) { return content(reference_, std::exchange(tensor, {})); };
  switch (op.kind) {
    case RecordedOp::Kind::gemm:
      op.gemm = p.gemm;
      op.a = take(op.gemm.a);
      op.b = take(op.gemm.b);
      op.b2 = take(op.gemm.b2);
      op.addend = take(op.gemm.addend);
      op.mask = take(op.gemm.mask);
      op.state = take(op.gemm.update.state);
      break;
    case RecordedOp::Kind::quantize:
      op.quantize = p.quantize;
      op.raw = take(op.quantize.raw);
      op.mask = take(op.quantize.mask);
      break;
    case RecordedOp::Kind::gather:
    case RecordedOp::Kind::unfold:
      op.a = content(reference_, p.moved_from);
      break;
  }
  const std::filesystem::path path = folder_ / fmt::format("mismatch-{}.cbor", op.command);
  save_replay(path, replay);
  throw LockstepMismatch(
      fmt::format("lock-step mismatch in command {} ({} '{}'): {}[{}, {}] is {} on {}, {} on {}; run it again with "
                  "`cuatro replay {}`",
                  op.command, name_of(op.kind), op.label, difference.output, difference.row, difference.col,
                  difference.got, replay.got_from, difference.expected, replay.expected_from, path.string()),
      difference, path);
}

}  // namespace cuatro
