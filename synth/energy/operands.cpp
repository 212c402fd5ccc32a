// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include <cstdio>
#include <fstream>
#include <map>
#include <stdexcept>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/train_options.h"
#include "golden/golden_device.h"
#include "nn/dataset.h"
#include "nn/mlp.h"
#include "nn/trainer.h"
#include "tb/forwarding_device.h"

// cuatro_operands: trains as `cuatro train` with the same flags would (golden engine), and writes the
// operands of every GEMM of one step: their codes, and the words that were quantized to them. And for the
// output path how results were rounded, with bias and mask, the golden model's results, and the same of every
// quantize command with host words.
//
// A is written row by row (M × K), B column by column (N × K), transpositions resolved: the order in which an
// output-stationary array takes them. Codes are a string of one hexadecimal digit each.
namespace cuatro {
namespace {

using Words = std::vector<std::int32_t>;

// Row-major rows × cols, turned.
template <class T>
std::vector<T> transposed(const std::vector<T>& in, std::uint32_t rows, std::uint32_t cols) {
  std::vector<T> out(in.size());
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < cols; ++c) out[c * rows + r] = in[r * cols + c];
  }
  return out;
}

// While recording it keeps what each code tensor was quantized from.
class Recorder final : public ForwardingDevice {
 public:
  Recorder(Device& device, const nn::Images& images) : ForwardingDevice(device), images_(images) {}
  void record(bool on) { recording_ = on; }
  const nlohmann::json& gemms() const { return gemms_; }
  const nlohmann::json& quantizes() const { return quantizes_; }

  Result gemm(const Gemm& op, std::string_view label) override {
    if (!recording_) return to_.gemm(op, label);
    const Result result = to_.gemm(op, label);
    add(op, result, label);
    if (op.out.format == OutFormat::raw) return result;
    Gemm raw = op;
    raw.out = {OutFormat::raw};
    raw.out.transpose = op.out.transpose;
    Words words = read_raw(to_.gemm(raw, label).raw);
    if (op.out.format == OutFormat::uint4) {  // the quantizer's ReLU
      for (std::int32_t& w : words) w = std::max(w, 0);
    }
    keep(result, words);
    return result;
  }
  Result quantize(const Quantize& op, std::string_view label) override {
    const Result result = to_.quantize(op, label);
    if (!recording_) return result;
    const std::size_t count = std::size_t{op.rows} * op.cols;
    if (op.raw) {
      keep(result, read_raw(op.raw));
    } else if (op.type == SourceType::s16) {
      const auto* data = static_cast<const std::int16_t*>(op.data);
      add(op, Words(data, data + count), result, label);
    } else if (op.type == SourceType::s32) {
      const auto* data = static_cast<const std::int32_t*>(op.data);
      add(op, Words(data, data + count), result, label);
    }
    return result;
  }
  // The trainer gathers nothing but images.
  Tensor gather_rows(const Tensor& codes, std::span<const std::uint32_t> rows) override {
    Tensor result = to_.gather_rows(codes, rows);
    if (recording_) {
      Words& words = sources_[result.id];
      for (const std::uint32_t row : rows) {
        const auto first = images_.pixels.begin() + static_cast<std::ptrdiff_t>(row) * images_.features();
        words.insert(words.end(), first, first + images_.features());
      }
    }
    return result;
  }

 private:
  void keep(const Result& result, const Words& words) {
    sources_[result.codes.id] = words;
    if (result.codes2) sources_[result.codes2.id] = words;
  }

  std::string hex(const Tensor& tensor, bool turn) {
    std::vector<std::uint8_t> codes = read_codes(tensor);
    if (turn) codes = transposed(codes, tensor.rows, tensor.cols);
    std::string text;
    for (const std::uint8_t code : codes) text += "0123456789abcdef"[code & 15];
    return text;
  }
  Words source(const Tensor& tensor, bool turn) const {
    const Words& words = sources_.at(tensor.id);
    return turn ? transposed(words, tensor.rows, tensor.cols) : words;
  }

  // How results leave, and what the golden model made of them: as they are stored, one hexadecimal digit a code
  // or mask bit.
  nlohmann::json output(const Output& out, const Result& result) {
    nlohmann::json o{{"format", static_cast<int>(out.format)},
                     {"rounding", static_cast<int>(out.rounding)},
                     {"shift", out.shift},
                     {"mult", out.mult},
                     {"transpose", out.transpose},
                     {"key", out.key}};
    if (result.codes) o["codes"] = hex(result.codes, false);
    if (result.codes2) o["codes2"] = hex(result.codes2, false);
    if (result.mask) o["mask"] = bits(result.mask);
    if (result.raw) o["raw"] = read_raw(result.raw);
    return o;
  }
  std::string bits(const Tensor& mask) {
    std::string text;
    for (const std::uint8_t bit : read_mask(mask)) text += bit != 0 ? '1' : '0';
    return text;
  }

  void add(const Quantize& op, const Words& words, const Result& result, std::string_view label) {
    keep(result, words);
    quantizes_.push_back({{"label", label},
                          {"rows", op.rows},
                          {"cols", op.cols},
                          {"type", static_cast<int>(op.type)},
                          {"words", words},
                          {"out", output(op.out, result)}});
  }

  void add(const Gemm& op, const Result& result, std::string_view label) {
    const std::uint32_t m = op.a_transposed ? op.a.cols : op.a.rows,
                        k = op.a_transposed ? op.a.rows : op.a.cols;
    const std::uint32_t n = op.b_transposed ? op.b.rows : op.b.cols;
    nlohmann::json g{{"label", label},
                     {"m", m},
                     {"n", n},
                     {"k", k},
                     {"a_format", static_cast<int>(op.a_format)},
                     {"b_format", static_cast<int>(op.b.format)},
                     {"zero_point", op.zero_point},
                     {"term_shift", op.term_shift},
                     {"a", hex(op.a, op.a_transposed)},
                     {"b", hex(op.b, !op.b_transposed)},
                     {"a_source", source(op.a, op.a_transposed)},
                     {"b_source", source(op.b, !op.b_transposed)},
                     {"out", output(op.out, result)}};
    if (op.b2) g["b2"] = hex(op.b2, !op.b_transposed);
    if (!op.bias.empty()) g["bias"] = op.bias;
    if (op.mask) g["mask"] = bits(op.mask);
    gemms_.push_back(std::move(g));
  }

  const nn::Images& images_;
  bool recording_ = false;
  std::map<std::uint64_t, Words> sources_;  // by tensor id
  nlohmann::json gemms_ = nlohmann::json::array(), quantizes_ = nlohmann::json::array();
};

void write(const cli::TrainOptions& options, std::uint64_t step, const std::string& path) {
  const nn::Images images = nn::load_images(nn::find_dataset(options.data), nn::Part::train);
  const nn::TrainPlan plan = options.plan(images.count);
  const nn::Recipe recipe = nn::make_recipe(options.quant.recipe);
  if (step >= plan.total_steps()) {
    throw std::runtime_error(fmt::format("--step {}: the recipe has {} steps", step, plan.total_steps()));
  }
  golden::GoldenDevice golden;
  Recorder device(golden, images);
  nn::IntegerMlp model(device, {nn::mlp_sizes(images.features()), recipe, plan.seed});
  model.use(nn::Part::train, images);
  nn::Trainer trainer(model, plan);
  while (trainer.next_step() < step) trainer.run_step();
  device.record(true);
  const nn::StepRecord record = trainer.run_step();
  const nlohmann::json out{
      {"recipe", nn::describe(recipe)}, {"data", options.data}, {"seed", plan.seed},      {"step", step},
      {"batch", record.batch},          {"loss", record.loss},  {"gemms", device.gemms()},
      {"quantizes", device.quantizes()}};
  std::ofstream file(path);
  file << out.dump() << '\n';
  if (!file.flush()) throw std::runtime_error(fmt::format("{}: cannot be written", path));
}

}  // namespace
}  // namespace cuatro

int main(int argc, char** argv) {
  CLI::App app{"operands and results of every GEMM of one training step, as JSON"};
  cuatro::cli::TrainOptions options;
  std::uint64_t step = 400;
  std::string path;
  cuatro::cli::add_options(app, options);
  app.add_option("--at-step", step, "the step whose operands are written, counted from 0")
      ->capture_default_str();
  app.add_option("--output", path, "JSON file")->required();
  try {
    app.parse(argc, argv);
    cuatro::cli::complete(app, options);
    cuatro::write(options, step, path);
  } catch (const CLI::ParseError& e) {
    return app.exit(e);
  } catch (const std::exception& e) {
    fmt::print(stderr, "cuatro_operands: {}\n", e.what());
    return 1;
  }
  return 0;
}
