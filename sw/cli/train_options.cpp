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
#include "device/input_error.h"

namespace cuatro::cli {
namespace {

constexpr const char* kRunConfig = "config.toml";
constexpr int kMostLrShift = 20;  // the schedule adds 4

// May differ when a run is continued: none changes a result.
constexpr std::array kResumable{"--resume", "--engine", "--check", "--save", "--quiet", "--trace"};

// Flags from a TOML file, where the command line left them open.
void read_config(CLI::App& train, const std::string& path) {
  std::ifstream in(path);
  if (!in) throw InputError(fmt::format("{}: cannot be opened", path));
  std::vector<CLI::ConfigItem> items;
  try {
    items = CLI::ConfigTOML().from_config(in);
  } catch (const CLI::Error& e) {
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
    } catch (const CLI::Error&) {
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

}  // namespace

int parse_learning_rate(const std::string& text) {
  const auto bad = [&] {
    return InputError(
        fmt::format("--lr {}: expected a power of two from 2^-{} to 1, such as 2^-4 or 0.0625", text, kMostLrShift));
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
  int exponent = 0;
  if (!(lr > 0) || std::frexp(lr, &exponent) != 0.5) throw bad();
  const int shift = 1 - exponent;
  if (shift < 0 || shift > kMostLrShift) throw bad();
  return shift;
}

nn::TrainPlan TrainOptions::plan(std::uint32_t train_images) const {
  return {train_images,
          static_cast<std::uint32_t>(epochs),
          static_cast<std::uint64_t>(steps),
          static_cast<std::uint32_t>(batch),
          parse_learning_rate(lr),
          static_cast<std::uint64_t>(seed)};
}

void add_options(CLI::App& train, TrainOptions& o) {
  train.add_option("--engine", o.engine, "rtl, golden or fp32 (default: " + default_engine() + ")");
  train.add_option("--model", o.model, "mlp: 784-256-128-10")->capture_default_str();
  train.add_option("--data", o.data, "fashion-mnist or mnist")->capture_default_str();
  train.add_option("--epochs", o.epochs, "passes over the training images")->capture_default_str();
  train.add_option("--steps", o.steps, "stop after so many batches instead; 0 = by epochs")->capture_default_str();
  train.add_option("--batch", o.batch, "images a step")->capture_default_str();
  train.add_option("--lr", o.lr, "learning rate, a power of two; /4 at half and at 80 % of the steps")
      ->capture_default_str();
  train.add_option("--seed", o.seed, "initial weights, order of the images, stochastic rounding")
      ->capture_default_str();
  train.add_option("--recipe", o.preset, "best (LOG2, two terms) or sun2020 (LOG4, two-phase rounding)")
      ->configurable(false);
  train.add_option("--grad-format", o.recipe.grad_format, "4-bit gradients: log4, log2 or int4")->capture_default_str();
  train.add_option("--grad-rounding", o.recipe.grad_rounding, "nearest, tpr (log4) or stochastic (default)");
  train.add_option("--grad-terms", o.recipe.grad_terms,
                   "digits a gradient: 1 or 2 (default 2 for stochastic log4, log2)");
  train.add_option("--tpr-order", o.recipe.tpr_order, "phases of dX and dW: even-odd or odd-even")
      ->capture_default_str();
  train.add_option("--scaling", o.recipe.scaling, "delayed, current or gradscale")->capture_default_str();
  train.add_option("--master-bits", o.recipe.master_bits, "fixed-point weights and momentum: 32 or 16 bits")
      ->capture_default_str();
  train.add_flag("--val", o.val,
                 "train on all but the last 10,000 training images, evaluate on those; the test set stays unread");
  train.add_option("--check", o.check, "compare rtl with golden word by word: sample (default), all or off");
  train.add_option("--save", o.save, "steps between checkpoints; 0 = only at the end")->capture_default_str();
  train.add_option("--config", o.config, "settings from a TOML file; flags win")->configurable(false);
  train.add_option("--resume", o.resume, "continue the run in this folder")->configurable(false);
  train.add_option("--run-dir", o.run_dir, "folder of this run (default: a new one in runs/)")->configurable(false);
  train.add_option("--trace", o.trace, "waveform of the whole run as FST; for few steps")->configurable(false);
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
  settle_recipe(o, o.recipe, format, rounding, terms);

  if (o.engine.empty()) o.engine = default_engine();
  require_engine(o.engine);
  if (o.model != "mlp") throw InputError(fmt::format("--model {}: unknown, choose from mlp", o.model));
  require_range("--epochs", o.epochs, 1, 1'000'000);
  require_range("--steps", o.steps, 0, std::int64_t{1} << 40);
  require_range("--batch", o.batch, 1, 60'000);
  require_range("--save", o.save, 0, std::int64_t{1} << 40);
  require_range("--seed", o.seed, 0, INT64_MAX);
  (void)parse_learning_rate(o.lr);
  (void)nn::make_recipe(o.recipe);
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
  number("seed", o.seed);
  text("grad-format", o.recipe.grad_format);
  if (!o.recipe.grad_rounding.empty()) text("grad-rounding", o.recipe.grad_rounding);
  if (o.recipe.grad_terms != 0) number("grad-terms", o.recipe.grad_terms);
  text("tpr-order", o.recipe.tpr_order);
  text("scaling", o.recipe.scaling);
  number("master-bits", o.recipe.master_bits);
  number("val", o.val);
  text("check", o.check);
  number("save", o.save);
  return out.str();
}

std::map<std::string, std::string> identity(const TrainOptions& o) {
  return {{"data", o.data + (o.val ? " without its validation images" : "")},
          {"seed", std::to_string(o.seed)},
          {"batch", std::to_string(o.batch)},
          {"lr_shift", std::to_string(parse_learning_rate(o.lr))},
          {"epochs", std::to_string(o.epochs)},
          {"steps", std::to_string(o.steps)}};
}

}  // namespace cuatro::cli
