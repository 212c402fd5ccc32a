// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "matmul/quant_config.h"

#include <charconv>
#include <fmt/format.h>
#include <fnmatch.h>

#include "device/input_error.h"

namespace cuatro::nn {
namespace {

template <class Number>
Number parse_number(std::string_view text, const std::string& complaint) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) throw InputError(complaint);
  return number;
}

Clip parse_clip(std::string_view flag, const std::string& text) {
  if (text == "absmax") return {};
  const std::string complaint = fmt::format("--{} {}: choose absmax, or a multiple of the mean magnitude in 0.1..1000",
                                            flag, text);
  const float multiple = parse_number<float>(text, complaint);
  if (!(multiple >= 0.1F && multiple <= 1000.0F)) throw InputError(complaint);
  return {multiple};
}

template <class Choice>
Choice parse_choice(std::string_view flag, const std::string& text, const char* first, const char* second) {
  if (text == first) return static_cast<Choice>(0);
  if (text == second) return static_cast<Choice>(1);
  throw InputError(fmt::format("--{} {}: unknown, choose from {}, {}", flag, text, first, second));
}

int require_terms(std::string_view flag, int terms) {
  if (terms != 1 && terms != 2) throw InputError(fmt::format("--{} {}: choose 1 or 2", flag, terms));
  return terms;
}

SiteQuant make_site_quant(const QuantNames& names) {
  SiteQuant quant;
  quant.recipe = make_recipe(names.recipe);
  if (quant.recipe.scaling == Scaling::gradscale) {
    throw InputError("--scaling gradscale: for the integer mlp only, choose from current, delayed, fixed");
  }
  quant.rescale = parse_choice<Rescale>("rescale", names.rescale, "pow2", "stretch");
  quant.weight_clip = parse_clip("weight-clip", names.weight_clip);
  quant.activation_clip = parse_clip("activation-clip", names.activation_clip);
  quant.signed_format = parse_choice<SignedFormat>("signed-format", names.signed_format, "int4", "affine");
  quant.weight_scale = parse_choice<WeightScale>("weight-scale", names.weight_scale, "tensor", "column");
  quant.activation_terms = require_terms("activation-terms", names.activation_terms);
  quant.weight_terms = require_terms("weight-terms", names.weight_terms);
  if (quant.signed_format == SignedFormat::affine && quant.activation_terms == 2) {
    throw InputError("--activation-terms 2: digits are INT4, so it needs --signed-format int4");
  }
  if (quant.signed_format == SignedFormat::affine && quant.recipe.scaling == Scaling::delayed) {
    throw InputError("--signed-format affine: needs --scaling current, as it follows both ends of the range");
  }
  return quant;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

// One "key=value" of an override.
void assign(QuantNames& names, std::string_view key, const std::string& value, const std::string& where) {
  const std::pair<std::string_view, std::string*> texts[] = {
      {"grad-format", &names.recipe.grad_format}, {"grad-rounding", &names.recipe.grad_rounding},
      {"tpr-order", &names.recipe.tpr_order},     {"scaling", &names.recipe.scaling},
      {"rescale", &names.rescale},                {"weight-clip", &names.weight_clip},
      {"activation-clip", &names.activation_clip}, {"signed-format", &names.signed_format},
      {"weight-scale", &names.weight_scale}};
  const std::pair<std::string_view, int*> numbers[] = {{"grad-terms", &names.recipe.grad_terms},
                                                       {"activation-terms", &names.activation_terms},
                                                       {"weight-terms", &names.weight_terms}};
  std::string known;
  for (const auto& [name, number] : numbers) {
    if (name == key) {
      *number = parse_number<int>(value, fmt::format("{}: {}={}: choose 1 or 2", where, key, value));
      return;
    }
    known.append(known.empty() ? "" : ", ").append(name);
  }
  for (const auto& [name, text] : texts) {
    if (name == key) {
      *text = value;
      return;
    }
    known.append(", ").append(name);
  }
  throw InputError(fmt::format("{}: {}: unknown, choose from {}", where, key, known));
}

std::pair<std::string, SiteQuant> parse_override(const QuantNames& base, const std::string& text) {
  const std::string where = fmt::format("--quant-override '{}'", text);
  const std::size_t colon = text.find(':');
  const std::string pattern(trimmed(std::string_view(text).substr(0, colon)));
  if (colon == std::string::npos || pattern.empty()) {
    throw InputError(where + ": not of the form 'pattern: key=value, key=value'");
  }
  QuantNames names = base;
  for (std::size_t start = colon + 1; start <= text.size();) {
    const std::size_t end = std::min(text.find(',', start), text.size());
    const std::string_view item = trimmed(std::string_view(text).substr(start, end - start));
    const std::size_t equals = item.find('=');
    if (equals == std::string_view::npos) throw InputError(fmt::format("{}: '{}' is not key=value", where, item));
    assign(names, trimmed(item.substr(0, equals)), std::string(trimmed(item.substr(equals + 1))), where);
    start = end + 1;
  }
  try {
    return {pattern, make_site_quant(names)};
  } catch (const InputError& e) {
    throw InputError(fmt::format("{}: {}", where, e.what()));
  }
}

std::string describe(const Clip& clip) {
  return clip.mean_multiple == 0 ? "absmax" : fmt::format("{} mean", clip.mean_multiple);
}

std::string describe(const SiteQuant& quant) {
  return fmt::format("{}, {} steps, weight clip {} terms {} scale {}, activation clip {} terms {}, signed {}",
                     describe(quant.recipe), quant.rescale == Rescale::pow2 ? "pow2" : "stretched",
                     describe(quant.weight_clip), quant.weight_terms,
                     quant.weight_scale == WeightScale::tensor ? "tensor" : "column", describe(quant.activation_clip),
                     quant.activation_terms, quant.signed_format == SignedFormat::int4 ? "int4" : "affine");
}

}  // namespace

const SiteQuant& QuantConfig::of(const std::string& site_name) const {
  for (const auto& [pattern, quant] : overrides) {
    if (fnmatch(pattern.c_str(), site_name.c_str(), 0) == 0) return quant;
  }
  return base;
}

QuantConfig make_quant_config(const QuantNames& names) {
  QuantConfig config;
  config.base = make_site_quant(names);
  for (const std::string& text : names.overrides) config.overrides.push_back(parse_override(names, text));
  config.count_every = names.count_every;
  return config;
}

std::string describe(const QuantConfig& config) {
  std::string text = describe(config.base);
  for (const auto& [pattern, quant] : config.overrides) text += fmt::format("; {}: {}", pattern, describe(quant));
  return text;
}

}  // namespace cuatro::nn
