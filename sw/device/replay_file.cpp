// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include <array>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "device/atomic_file.h"
#include "device/input_error.h"
#include "device/replay.h"

// A replay file is one CBOR map (RFC 8949); enums are the numbers of device.h.
namespace cuatro {
namespace {

using nlohmann::json;
constexpr const char* kFormat = "cuatro replay 3";

json to_json(const std::optional<HostTensor>& t) {
  if (!t) return nullptr;
  json j{{"kind", static_cast<int>(t->kind)},
         {"format", static_cast<int>(t->format)},
         {"rows", t->rows},
         {"cols", t->cols}};
  if (t->kind == TensorKind::raw) {
    j["words"] = t->words;
  } else {
    j["bytes"] = json::binary(t->bytes);
  }
  return j;
}

std::optional<HostTensor> to_tensor(const json& j) {
  if (j.is_null()) return std::nullopt;
  HostTensor t{static_cast<TensorKind>(j.at("kind").get<int>()),
               static_cast<Format>(j.at("format").get<int>()),
               j.at("rows").get<std::uint32_t>(),
               j.at("cols").get<std::uint32_t>(),
               {},
               {}};
  if (t.kind == TensorKind::raw) {
    t.words = j.at("words").get<std::vector<std::int32_t>>();
  } else {
    t.bytes = j.at("bytes").get_binary();
  }
  if (t.bytes.size() + t.words.size() != std::size_t{t.rows} * t.cols)
    throw InputError("a tensor whose size is not rows × cols");
  return t;
}

json to_json(const Output& o) {
  return {{"format", static_cast<int>(o.format)},
          {"rounding", static_cast<int>(o.rounding)},
          {"shift", o.shift},
          {"mult", o.mult},
          {"transpose", o.transpose},
          {"write_mask", o.write_mask},
          {"key", o.key}};
}

Output to_output(const json& j) {
  return {static_cast<OutFormat>(j.at("format").get<int>()),
          static_cast<Rounding>(j.at("rounding").get<int>()),
          j.at("shift").get<int>(),
          j.at("mult").get<int>(),
          j.at("transpose").get<bool>(),
          j.at("write_mask").get<bool>(),
          j.at("key").get<std::uint64_t>()};
}

json to_json(const Outputs& o) {
  return {{"codes", to_json(o.codes)},     {"codes2", to_json(o.codes2)}, {"mask", to_json(o.mask)},
          {"raw", to_json(o.raw)},         {"absmax", o.stats.absmax},    {"sumabs", o.stats.sumabs},
          {"saturated", o.stats.saturated}};
}

Outputs to_outputs(const json& j) {
  return {to_tensor(j.at("codes")),
          to_tensor(j.at("codes2")),
          to_tensor(j.at("mask")),
          to_tensor(j.at("raw")),
          {j.at("absmax").get<std::uint32_t>(), j.at("sumabs").get<std::uint64_t>(),
           j.at("saturated").get<std::uint32_t>()}};
}

json to_json(const Window& w) {
  return {w.images, w.height, w.width,    w.kernel_h,   w.kernel_w, w.stride,
          w.pad_h,  w.pad_w,  w.dilation, w.out_height, w.out_width, w.reversed};
}

Window to_window(const json& j) {
  const auto v = j.get<std::array<std::uint32_t, 12>>();
  return {v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9], v[10], v[11] != 0};
}

json to_json(const RecordedOp& op) {
  return {{"op", static_cast<int>(op.kind)},
          {"command", op.command},
          {"label", op.label},
          {"a_transposed", op.gemm.a_transposed},
          {"a_format", static_cast<int>(op.gemm.a_format)},
          {"zero_point", op.gemm.zero_point},
          {"b_transposed", op.gemm.b_transposed},
          {"term_shift", op.gemm.term_shift},
          {"addend_shift", op.gemm.addend_shift},
          {"lr_shift", op.gemm.update.lr_shift},
          {"code_shift", op.gemm.update.code_shift},
          {"out", to_json(op.kind == RecordedOp::Kind::gemm ? op.gemm.out : op.quantize.out)},
          {"source", static_cast<int>(op.quantize.type)},
          {"source_rows", op.quantize.rows},
          {"source_cols", op.quantize.cols},
          {"bias", op.bias},
          {"data", json::binary(op.data)},
          {"rows", op.rows},
          {"window", to_json(op.window)},
          {"pad_code", op.pad_code},
          {"a", to_json(op.a)},
          {"b", to_json(op.b)},
          {"b2", to_json(op.b2)},
          {"addend", to_json(op.addend)},
          {"mask", to_json(op.mask)},
          {"raw", to_json(op.raw)},
          {"state", to_json(op.state)}};
}

RecordedOp to_op(const json& j) {
  RecordedOp op;
  op.kind = static_cast<RecordedOp::Kind>(j.at("op").get<int>());
  op.command = j.at("command").get<std::uint64_t>();
  op.label = j.at("label").get<std::string>();
  op.gemm.a_transposed = j.at("a_transposed").get<bool>();
  op.gemm.a_format = static_cast<AFormat>(j.at("a_format").get<int>());
  op.gemm.zero_point = j.at("zero_point").get<int>();
  op.gemm.b_transposed = j.at("b_transposed").get<bool>();
  op.gemm.term_shift = j.at("term_shift").get<int>();
  op.gemm.addend_shift = j.at("addend_shift").get<int>();
  op.gemm.update.lr_shift = j.at("lr_shift").get<int>();
  op.gemm.update.code_shift = j.at("code_shift").get<int>();
  op.gemm.out = op.quantize.out = to_output(j.at("out"));
  op.quantize.type = static_cast<SourceType>(j.at("source").get<int>());
  op.quantize.rows = j.at("source_rows").get<std::uint32_t>();
  op.quantize.cols = j.at("source_cols").get<std::uint32_t>();
  op.bias = j.at("bias").get<std::vector<std::int32_t>>();
  op.data = j.at("data").get_binary();
  op.rows = j.at("rows").get<std::vector<std::uint32_t>>();
  op.window = to_window(j.at("window"));
  op.pad_code = j.at("pad_code").get<std::uint8_t>();
  op.a = to_tensor(j.at("a"));
  op.b = to_tensor(j.at("b"));
  op.b2 = to_tensor(j.at("b2"));
  op.addend = to_tensor(j.at("addend"));
  op.mask = to_tensor(j.at("mask"));
  op.raw = to_tensor(j.at("raw"));
  op.state = to_tensor(j.at("state"));
  const std::size_t element = op.quantize.type == SourceType::u8 ? 1 : op.quantize.type == SourceType::s16 ? 2 : 4;
  if (op.kind == RecordedOp::Kind::quantize && !op.raw &&
      op.data.size() != element * op.quantize.rows * op.quantize.cols) {
    throw InputError("a source whose size is not rows × cols");
  }
  return op;
}

}  // namespace

void save_replay(const std::filesystem::path& path, const Replay& replay) {
  const json j{
      {"format", kFormat},          {"operation", to_json(replay.op)},       {"expected", to_json(replay.expected)},
      {"got", to_json(replay.got)}, {"expected_from", replay.expected_from}, {"got_from", replay.got_from}};
  write_file_atomically(path, json::to_cbor(j));
}

Replay load_replay(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw InputError(fmt::format("{}: cannot be opened", path.string()));
  const std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(in), {}};
  try {
    const json j = json::from_cbor(bytes);
    if (j.at("format") != kFormat) throw InputError(fmt::format("format is not '{}'", kFormat));
    return {to_op(j.at("operation")), to_outputs(j.at("expected")), to_outputs(j.at("got")),
            j.at("expected_from").get<std::string>(), j.at("got_from").get<std::string>()};
  } catch (const json::exception& e) {
    throw InputError(fmt::format("{}: not a whole replay file ({})", path.string(), e.what()));
  } catch (const InputError& e) {
    throw InputError(fmt::format("{}: not a whole replay file ({})", path.string(), e.what()));
  }
}

}  // namespace cuatro
