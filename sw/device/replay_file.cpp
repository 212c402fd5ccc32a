// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include <array>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "device/atomic_file.h"
#include "device/input_error.h"
#include "device/replay.h"

// A replay file is one CBOR map (RFC 8949); enums are the numbers of device.h.
namespace cuatro {
namespace {

using nlohmann::json;
constexpr const char* kFormat = "cuatro replay 3";

// A number that fits its field.
template <class T>
T number_of(const json& j, const char* name, T low = std::numeric_limits<T>::min(), T high = std::numeric_limits<T>::max()) {
  const auto within = [&](auto value) { return std::cmp_greater_equal(value, low) && std::cmp_less_equal(value, high); };
  const bool fits = j.is_number_unsigned() ? within(j.get<std::uint64_t>()) : j.is_number_integer() && within(j.get<std::int64_t>());
  if (!fits) throw InputError(fmt::format("{}: expected a number from {} to {}", name, low, high));
  return j.get<T>();
}

template <class T, class... Bounds>
T number(const json& j, const char* name, Bounds... bounds) {
  return number_of<T>(j.at(name), name, bounds...);
}

template <class T>
std::vector<T> numbers(const json& j, const char* name) {
  if (!j.at(name).is_array()) throw InputError(fmt::format("{}: expected a list of numbers", name));
  std::vector<T> list;
  for (const json& entry : j.at(name)) list.push_back(number_of<T>(entry, name));
  return list;
}

template <class Enum>
Enum choice(const json& j, const char* name, Enum last) {
  return static_cast<Enum>(number<int>(j, name, 0, static_cast<int>(last)));
}

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
  HostTensor t{choice(j, "kind", TensorKind::raw),
               choice(j, "format", Format::log2),
               number<std::uint32_t>(j, "rows"),
               number<std::uint32_t>(j, "cols"),
               {},
               {}};
  if (t.kind == TensorKind::raw) {
    t.words = numbers<std::int32_t>(j, "words");
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
          {"key", o.key},
          {"for_host", o.for_host}};
}

Output to_output(const json& j) {
  return {choice(j, "format", OutFormat::update),
          choice(j, "rounding", Rounding::two_term),
          number<int>(j, "shift"),
          number<int>(j, "mult"),
          j.at("transpose").get<bool>(),
          j.at("write_mask").get<bool>(),
          number<std::uint64_t>(j, "key"),
          j.value("for_host", false)};
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
          {number<std::uint32_t>(j, "absmax"), number<std::uint64_t>(j, "sumabs"), number<std::uint32_t>(j, "saturated")}};
}

json to_json(const Window& w) {
  return {w.images, w.height, w.width,    w.kernel_h,   w.kernel_w, w.stride,
          w.pad_h,  w.pad_w,  w.dilation, w.out_height, w.out_width, w.reversed};
}

Window to_window(const json& list) {
  if (!list.is_array() || list.size() != 12) throw InputError("window: expected 12 values");
  std::array<std::uint32_t, 11> v{};
  for (std::size_t i = 0; i < v.size(); ++i) v[i] = number_of<std::uint32_t>(list[i], "window");
  return {v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9], v[10], list[11].get<bool>()};
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
  op.kind = choice(j, "op", RecordedOp::Kind::unfold);
  op.command = number<std::uint64_t>(j, "command");
  op.label = j.at("label").get<std::string>();
  op.gemm.a_transposed = j.at("a_transposed").get<bool>();
  op.gemm.a_format = choice(j, "a_format", AFormat::affine);
  op.gemm.zero_point = number<int>(j, "zero_point");
  op.gemm.b_transposed = j.at("b_transposed").get<bool>();
  op.gemm.term_shift = number<int>(j, "term_shift");
  op.gemm.addend_shift = number<int>(j, "addend_shift");
  op.gemm.update.lr_shift = number<int>(j, "lr_shift");
  op.gemm.update.code_shift = number<int>(j, "code_shift");
  op.gemm.out = op.quantize.out = to_output(j.at("out"));
  op.quantize.type = choice(j, "source", SourceType::s32);
  op.quantize.rows = number<std::uint32_t>(j, "source_rows");
  op.quantize.cols = number<std::uint32_t>(j, "source_cols");
  op.bias = numbers<std::int32_t>(j, "bias");
  op.data = j.at("data").get_binary();
  op.rows = numbers<std::uint32_t>(j, "rows");
  op.window = to_window(j.at("window"));
  op.pad_code = number<std::uint8_t>(j, "pad_code");
  op.a = to_tensor(j.at("a"));
  op.b = to_tensor(j.at("b"));
  op.b2 = to_tensor(j.at("b2"));
  op.addend = to_tensor(j.at("addend"));
  op.mask = to_tensor(j.at("mask"));
  op.raw = to_tensor(j.at("raw"));
  op.state = to_tensor(j.at("state"));
  const std::size_t element = op.quantize.type == SourceType::u8 ? 1 : op.quantize.type == SourceType::s16 ? 2 : 4;
  const std::uint64_t elements = std::uint64_t{op.quantize.rows} * op.quantize.cols;
  if (op.kind == RecordedOp::Kind::quantize && !op.raw &&
      (op.data.size() % element != 0 || op.data.size() / element != elements)) {
    throw InputError("a source whose size is not rows × cols");
  }
  return op;
}

// Rows and columns of what the operation leaves; none if an operand is missing, which the device says better.
std::optional<std::pair<std::uint64_t, std::uint64_t>> result_shape(const RecordedOp& op) {
  switch (op.kind) {
    case RecordedOp::Kind::gemm: {
      if (!op.a || !op.b) return std::nullopt;
      const std::uint64_t m = op.gemm.a_transposed ? op.a->cols : op.a->rows, n = op.gemm.b_transposed ? op.b->rows : op.b->cols;
      return op.gemm.out.transpose ? std::pair(n, m) : std::pair(m, n);
    }
    case RecordedOp::Kind::quantize:
      if (op.raw) return std::pair<std::uint64_t, std::uint64_t>(op.raw->rows, op.raw->cols);
      return std::pair<std::uint64_t, std::uint64_t>(op.quantize.rows, op.quantize.cols);
    case RecordedOp::Kind::gather:
      if (!op.a) return std::nullopt;
      return std::pair<std::uint64_t, std::uint64_t>(op.rows.size(), op.a->cols);
    case RecordedOp::Kind::unfold:
      break;
  }
  if (!op.a) return std::nullopt;
  const Window& w = op.window;
  constexpr std::uint32_t most = 65'535;  // no device takes more, and no product wraps
  for (const std::uint32_t size : {w.out_height, w.out_width, w.kernel_h, w.kernel_w}) {
    if (size > most) throw InputError(fmt::format("window: {}, expected at most {}", size, most));
  }
  return std::pair(std::uint64_t{w.images} * w.out_height * w.out_width, std::uint64_t{w.kernel_h} * w.kernel_w * op.a->cols);
}

// The recorded result has the operation's shape: a small file must not ask for a large one.
void check_result(const RecordedOp& op, const Outputs& recorded) {
  const auto shape = result_shape(op);
  const std::optional<HostTensor>& result = recorded.codes ? recorded.codes : recorded.raw;
  if (shape && (!result || *shape != std::pair<std::uint64_t, std::uint64_t>(result->rows, result->cols))) {
    throw InputError(fmt::format("the expected result is not {} × {}, as the operation's", shape->first, shape->second));
  }
}

// json::from_cbor calls itself for arrays, maps and strings in pieces, as deep as a file says. Replay files are flat and
// give every length. What else is wrong with the bytes is from_cbor's to say.
void check_nesting(std::span<const std::uint8_t> bytes) {
  constexpr std::size_t deepest = 8;
  std::vector<std::uint64_t> left;  // items to come of the arrays and maps around
  do {
    if (bytes.empty()) return;
    const unsigned type = bytes[0] >> 5, info = bytes[0] & 31;
    const std::size_t more = info < 24 ? 0 : std::size_t{1} << (info - 24);  // bytes of the number
    if (info > 27) throw InputError("an item without a length");
    if (bytes.size() < 1 + more) return;
    std::uint64_t number = more == 0 ? info : 0;
    for (const std::uint8_t byte : bytes.subspan(1, more)) number = number << 8 | byte;
    bytes = bytes.subspan(1 + more);
    const bool string = type == 2 || type == 3, array = type == 4, map = type == 5;
    if ((string || array || map) && number > bytes.size()) return;
    if (string) bytes = bytes.subspan(number);
    if (!left.empty()) --left.back();
    if (array || map) left.push_back(map ? 2 * number : number);
    if (left.size() > deepest) throw InputError(fmt::format("nested more than {} deep", deepest));
    while (!left.empty() && left.back() == 0) left.pop_back();
  } while (!left.empty());
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
    check_nesting(bytes);
    const json j = json::from_cbor(bytes);
    if (j.at("format") != kFormat) throw InputError(fmt::format("format is not '{}'", kFormat));
    Replay replay{to_op(j.at("operation")), to_outputs(j.at("expected")), to_outputs(j.at("got")),
                  j.at("expected_from").get<std::string>(), j.at("got_from").get<std::string>()};
    check_result(replay.op, replay.expected);
    return replay;
  } catch (const json::exception& e) {
    throw InputError(fmt::format("{}: not a whole replay file ({})", path.string(), e.what()));
  } catch (const InputError& e) {
    throw InputError(fmt::format("{}: not a whole replay file ({})", path.string(), e.what()));
  }
}

}  // namespace cuatro
