// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "cli/train_options.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <sstream>

#include "cli/engines.h"
#include "cli/models.h"
#include "device/input_error.h"

namespace cuatro::cli {
namespace {

constexpr const char* kRunConfig = "config.toml";

// May differ when a run is continued: none changes a result.
constexpr std::array kResumable{"--resume", "--engine", "--check", "--save", "--quiet", "--trace", "--mem-latency", "--mem-gbps"};

// Flags from a TOML file, where the command line left them open.
void read_config(CLI::App& train, const std::string& path) {
  std::ifstream in(path);
  if (!in) throw InputError(fmt::format("{}: cannot be opened", path));
  std::vector<CLI::ConfigItem> items;
  try {
    items = CLI::ConfigTOML().from_config(in);
  } catch (const std::exception& e) {  // CLI11's own, and the library's of what its reader does not expect
    throw InputError(fmt::format("{}: {}", path, e.what()));
  }
  for (const CLI::ConfigItem& item : items) {
    CLI::Option* option = item.parents.empty() ? train.get_option_no_throw("--" + item.name) : nullptr;
    if (option == nullptr || !option->get_configurable())
      throw InputError(fmt::format("{}: unknown setting '{}'", path, item.fullname()));
    if (option->count() > 0) continue;
    try {
      for (const std::string& input : item.inputs) option->add_result(input);
      option->run_callback();
    } catch (const std::exception&) {
      throw InputError(fmt::format("{}: {}: bad value '{}'", path, item.name, CLI::detail::join(item.inputs, " ")));
    }
  }
}

// --recipe, and what a --grad-* flag on the command line means for the settings of a file that
// depend on it: they are chosen afresh instead of clashing.
void settle_recipe(const TrainOptions& options, nn::RecipeNames& names, bool format, bool rounding, bool terms) {
  if (!options.preset.empty()) {
    if (options.preset != "sun2020" && options.preset != "best") {
      throw InputError(fmt::format("--recipe {}: unknown, choose from best, sun2020", options.preset));
    }
    const bool sun = options.preset == "sun2020";
    if (!format) names.grad_format = sun ? "log4" : nn::RecipeNames{}.grad_format;
    if (!rounding) names.grad_rounding = sun ? "tpr" : "";
    if (!terms) names.grad_terms = 0;
    return;
  }
  if (format && !rounding) names.grad_rounding.clear();
  if ((format || rounding) && !terms) names.grad_terms = 0;
}

void require_range(const char* flag, std::int64_t value, std::int64_t low, std::int64_t high) {
  if (value < low || value > high) throw InputError(fmt::format("{} {}: expected {}..{}", flag, value, low, high));
}

void require_fraction(const char* flag, double value, double high) {
  if (!(value >= 0 && value <= high)) throw InputError(fmt::format("{} {}: expected 0 to {}", flag, value, high));
}

// The integer perceptron: an update that shifts, and quantization at the drain.
void require_integer_mlp(const TrainOptions& o) {
  int exponent = 0;
  if (std::frexp(parse_learning_rate(o.lr), &exponent) != 0.5) {
    throw InputError(fmt::format("--lr {}: mlp on a device needs a power of two, such as 2^-4", o.lr));
  }
  const TrainOptions usual;
  if (o.schedule != usual.schedule || o.warmup != 0 || o.optimizer != usual.optimizer || o.momentum != usual.momentum ||
      o.weight_decay != 0 || o.clip_norm != 0) {
    throw InputError("--model mlp: on a device the optimiser is SGD with momentum 7/8 and --schedule step, without decay");
  }
  const nn::QuantNames &q = o.quant, &plain = usual.quant;
  if (q.rescale != plain.rescale || q.weight_clip != plain.weight_clip || q.activation_clip != plain.activation_clip ||
      q.signed_format != plain.signed_format || q.weight_scale != plain.weight_scale || q.activation_terms != 1 || q.weight_terms != 1 || !q.overrides.empty()) {
    throw InputError("--model mlp: on a device takes the --grad-* flags, --tpr-order, --scaling, --master-bits and --update only");
  }
}

}  // namespace

double parse_learning_rate(const std::string& text) {
  const auto bad = [&] {
    return InputError(fmt::format("--lr {}: expected a number from 2^-20 to 1, such as 2^-4, 1/16 or 0.0625", text));
  };
  const auto number = [&](std::string_view part) {
    double value = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    if (error != std::errc() || end != part.data() + part.size()) throw bad();
    return value;
  };
  double lr = 0;
  if (text.starts_with("2^")) {
    lr = std::exp2(number(std::string_view(text).substr(2)));
  } else if (const auto slash = text.find('/'); slash != std::string::npos) {
    lr = number(std::string_view(text).substr(0, slash)) / number(std::string_view(text).substr(slash + 1));
  } else {
    lr = number(text);
  }
  if (!(lr >= 0x1p-20 && lr <= 1)) throw bad();
  return lr;
}

nn::TrainPlan TrainOptions::plan(std::uint32_t train_examples) const {
  return {train_examples,
          static_cast<std::uint32_t>(epochs),
          static_cast<std::uint64_t>(steps),
          static_cast<std::uint32_t>(batch),
          parse_learning_rate(lr),
          static_cast<std::uint64_t>(seed),
          schedule == "linear" ? nn::Schedule::linear : nn::Schedule::step,
          static_cast<std::uint64_t>(warmup)};
}

nn::DataOptions TrainOptions::data_options() const {
  nn::DataOptions data;
  data.seed = static_cast<std::uint64_t>(seed);
  data.context = static_cast<std::uint32_t>(context);
  data.shift = static_cast<std::uint32_t>(shift);
  data.mirror = mirror;
  return data;
}

void add_options(CLI::App& train, TrainOptions& o) {
  train.add_option("--engine", o.engine, "rtl, golden, fp32 or fp16 (default: " + default_engine() + ")");
  train.add_option("--model", o.model, "which net: `cuatro info` lists them")->capture_default_str();
  train.add_option("--data", o.data, "which data set: `cuatro info` lists them")->capture_default_str();
  train.add_option("--epochs", o.epochs, "passes over the training part")->capture_default_str();
  train.add_option("--steps", o.steps, "stop after so many batches instead; 0 = by epochs")->capture_default_str();
  train.add_option("--batch", o.batch, "examples a step")->capture_default_str();
  train.add_option("--lr", o.lr, "learning rate, such as 2^-4; mlp on a device needs a power of two")->capture_default_str();
  train.add_option("--schedule", o.schedule, "step: lr / 4 at half and at 80 % of the steps; linear: down to 0")
      ->capture_default_str();
  train.add_option("--warmup", o.warmup, "steps in which lr rises from 0")->capture_default_str();
  train.add_option("--optimizer", o.optimizer, "sgd or adamw")->capture_default_str();
  train.add_option("--momentum", o.momentum, "of sgd")->capture_default_str();
  train.add_option("--weight-decay", o.weight_decay, "of matrices")->capture_default_str();
  train.add_option("--clip-norm", o.clip_norm, "largest L2 norm of all gradients; 0 = any")->capture_default_str();
  train.add_option("--shift", o.shift, "augmentation: pixels that a training image moves at most")->capture_default_str();
  train.add_flag("--mirror", o.mirror, "augmentation: mirror every other training image");
  train.add_option("--width", o.width, "lstm: units a layer; transformer: d")->capture_default_str();
  train.add_option("--depth", o.depth, "lstm, transformer: layers")->capture_default_str();
  train.add_option("--heads", o.heads, "transformer: attention heads")->capture_default_str();
  train.add_option("--context", o.context, "transformer: characters a window")->capture_default_str();
  train.add_option("--seed", o.seed, "initial weights, order of the examples, stochastic rounding")
      ->capture_default_str();
  train.add_option("--recipe", o.preset, "best (LOG2, two terms) or sun2020 (LOG4, two-phase rounding)")
      ->configurable(false);
  train.add_option("--grad-format", o.quant.recipe.grad_format, "4-bit gradients: log4, log2 or int4")->capture_default_str();
  train.add_option("--grad-rounding", o.quant.recipe.grad_rounding, "nearest, tpr (log4) or stochastic (default)");
  train.add_option("--grad-terms", o.quant.recipe.grad_terms,
                   "digits a gradient: 1 or 2 (default 2 for stochastic log4, log2)");
  train.add_option("--tpr-order", o.quant.recipe.tpr_order, "phases of dX and dW: even-odd or odd-even")
      ->capture_default_str();
  train.add_option("--scaling", o.quant.recipe.scaling,
                   "delayed (default of mlp), current (of the others), fixed (gradients keep the first step's scale) or gradscale (mlp only)");
  train.add_option("--rescale", o.quant.rescale, "not mlp: steps of a pow2, or stretch: to the whole range")
      ->capture_default_str();
  train.add_option("--weight-clip", o.quant.weight_clip, "not mlp: absmax, or a multiple of mean |w|")
      ->capture_default_str();
  train.add_option("--activation-clip", o.quant.activation_clip, "not mlp: absmax, or a multiple of mean |x|")
      ->capture_default_str();
  train.add_option("--signed-format", o.quant.signed_format, "not mlp: int4, or affine: UINT4 with a zero-point")
      ->capture_default_str();
  train.add_option("--weight-scale", o.quant.weight_scale, "weights of linear layers: one scale a tensor, or a column")
      ->capture_default_str();
  train.add_option("--activation-terms", o.quant.activation_terms, "not mlp: digits of an activation, 1 or 2")
      ->capture_default_str();
  train.add_option("--weight-terms", o.quant.weight_terms, "not mlp: digits of a weight, 1 or 2")
      ->capture_default_str();
  train.add_option("--override", o.quant.overrides, "not mlp: other settings at some sites, 'fc2.*: grad-terms=2'");
  train.add_option("--master-bits", o.quant.recipe.master_bits, "fixed-point weights and momentum: 32 or 16 bits")
      ->capture_default_str();
  train.add_option("--update", o.quant.recipe.update, "mlp: the weights' update on the host, or on the device (16-bit masters)")
      ->capture_default_str();
  train.add_flag("--val", o.val,
                 "hold out the last training examples and evaluate on those; the test set stays unread");
  train.add_option("--check", o.check, "compare rtl with golden word by word: sample (default), all or off");
  train.add_option("--save", o.save, "steps between checkpoints; 0 = only at the end")->capture_default_str();
  train.add_option("--config", o.config, "settings from a TOML file; flags win")->configurable(false);
  train.add_option("--resume", o.resume, "continue the run in this folder")->configurable(false);
  train.add_option("--run-dir", o.run_dir, "folder of this run (default: a new one in runs/)")->configurable(false);
  train.add_option("--trace", o.trace, "waveform of the whole run as FST; for few steps")->configurable(false);
  add_memory_options(train, o.memory);
  train.add_flag("--quiet", o.quiet, "no progress, a one-line result")->configurable(false);
}

void complete(CLI::App& train, TrainOptions& o) {
  const auto given = [&](const char* flag) { return train.count(flag) > 0; };
  const bool format = given("--grad-format"), rounding = given("--grad-rounding"), terms = given("--grad-terms");
  const bool check_given = given("--check");
  if (!o.resume.empty()) {
    for (const CLI::Option* option : train.parse_order()) {
      const std::string flag = option->get_name();
      if (std::none_of(kResumable.begin(), kResumable.end(), [&](const char* ok) { return flag == ok; })) {
        throw InputError(fmt::format("{}: cannot be changed when continuing with --resume", flag));
      }
    }
    read_config(train, (std::filesystem::path(o.resume) / kRunConfig).string());
    o.run_dir = o.resume;
  } else if (!o.config.empty()) {
    read_config(train, o.config);
  }
  settle_recipe(o, o.quant.recipe, format, rounding, terms);

  if (o.engine.empty()) o.engine = default_engine();
  require_engine(o.engine);
  require_model(o.model, o.data);
  if (o.schedule != "step" && o.schedule != "linear") {
    throw InputError(fmt::format("--schedule {}: unknown, choose from step, linear", o.schedule));
  }
  if (o.optimizer != "sgd" && o.optimizer != "adamw") {
    throw InputError(fmt::format("--optimizer {}: unknown, choose from sgd, adamw", o.optimizer));
  }
  require_range("--warmup", o.warmup, 0, std::int64_t{1} << 40);
  require_range("--shift", o.shift, 0, 8);
  require_range("--width", o.width, 4, 4096);
  require_range("--depth", o.depth, 1, 64);
  require_range("--heads", o.heads, 1, 64);
  if (o.model == "transformer" && o.width % o.heads != 0) {
    throw InputError(fmt::format("--heads {}: --width {} is no multiple of it", o.heads, o.width));
  }
  require_range("--context", o.context, 2, 4096);
  require_fraction("--momentum", o.momentum, 0.9999);
  require_fraction("--weight-decay", o.weight_decay, 1);
  require_fraction("--clip-norm", o.clip_norm, 1e6);
  require_range("--epochs", o.epochs, 1, 1'000'000);
  require_range("--steps", o.steps, 0, std::int64_t{1} << 40);
  require_range("--batch", o.batch, 1, 60'000);
  require_range("--save", o.save, 0, std::int64_t{1} << 40);
  require_range("--seed", o.seed, 0, INT64_MAX);
  (void)parse_learning_rate(o.lr);
  const bool integer = o.model == "mlp" && !is_float(o.engine);
  if (o.quant.recipe.scaling.empty()) o.quant.recipe.scaling = integer ? "delayed" : "current";
  if (integer) {
    require_integer_mlp(o);
    (void)nn::make_recipe(o.quant.recipe);
  } else {
    if (o.quant.recipe.update != "host") {
      throw InputError(fmt::format("--update {}: needs --model mlp on a device", o.quant.recipe.update));
    }
    (void)nn::make_quant_config(o.quant);
  }
  if (o.check.empty()) o.check = "sample";
  if (o.check != "sample" && o.check != "all" && o.check != "off") {
    throw InputError(fmt::format("--check {}: unknown, choose from sample, all, off", o.check));
  }
  if (o.engine != "rtl") {
    if (check_given && o.check != "off")
      throw InputError(fmt::format("--check {}: needs --engine rtl, not {}", o.check, o.engine));
    o.check = "off";
  }
  if (!o.trace.empty() && o.engine != "rtl") throw InputError("--trace: needs --engine rtl");
}

std::string config_text(const TrainOptions& o) {
  std::ostringstream out;
  out << "# Train again: cuatro train --config config.toml\n";
  const auto text = [&](const char* key, const std::string& value) { out << fmt::format("{} = \"{}\"\n", key, value); };
  const auto number = [&](const char* key, auto value) { out << fmt::format("{} = {}\n", key, value); };
  text("engine", o.engine);
  text("model", o.model);
  text("data", o.data);
  number("epochs", o.epochs);
  number("steps", o.steps);
  number("batch", o.batch);
  text("lr", o.lr);
  text("schedule", o.schedule);
  number("warmup", o.warmup);
  text("optimizer", o.optimizer);
  number("momentum", o.momentum);
  number("weight-decay", o.weight_decay);
  number("clip-norm", o.clip_norm);
  number("shift", o.shift);
  number("mirror", o.mirror);
  number("width", o.width);
  number("depth", o.depth);
  number("heads", o.heads);
  number("context", o.context);
  number("seed", o.seed);
  text("grad-format", o.quant.recipe.grad_format);
  if (!o.quant.recipe.grad_rounding.empty()) text("grad-rounding", o.quant.recipe.grad_rounding);
  if (o.quant.recipe.grad_terms != 0) number("grad-terms", o.quant.recipe.grad_terms);
  text("tpr-order", o.quant.recipe.tpr_order);
  text("scaling", o.quant.recipe.scaling);
  number("master-bits", o.quant.recipe.master_bits);
  text("update", o.quant.recipe.update);
  text("rescale", o.quant.rescale);
  text("weight-clip", o.quant.weight_clip);
  text("activation-clip", o.quant.activation_clip);
  text("signed-format", o.quant.signed_format);
  text("weight-scale", o.quant.weight_scale);
  number("activation-terms", o.quant.activation_terms);
  number("weight-terms", o.quant.weight_terms);
  if (!o.quant.overrides.empty()) {
    std::string list;
    for (const std::string& o_text : o.quant.overrides) list += fmt::format("{}\"{}\"", list.empty() ? "" : ", ", o_text);
    out << fmt::format("override = [{}]\n", list);
  }
  number("val", o.val);
  text("check", o.check);
  number("save", o.save);
  return out.str();
}

std::map<std::string, std::string> identity(const TrainOptions& o) {
  return {{"data", o.data + (o.val ? " without its validation images" : "")},
          {"seed", std::to_string(o.seed)},
          {"batch", std::to_string(o.batch)},
          {"training", fmt::format("lr {} {} warmup {}, {} {} {} {}, shift {} mirror {}", parse_learning_rate(o.lr), o.schedule,
                                   o.warmup, o.optimizer, o.momentum, o.weight_decay, o.clip_norm, o.shift, o.mirror)},
          {"epochs", std::to_string(o.epochs)},
          {"steps", std::to_string(o.steps)}};
}

}  // namespace cuatro::cli
